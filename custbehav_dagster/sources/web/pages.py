"""Configured web pages to rows of raw.web_content; without any, this project's labelled sample."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.contract.raw import WEB_CONTENT
from custbehav_dagster.sources.contract_rows import conform_frame, write_csv
from custbehav_dagster.sources.result import Fetched, SourceFailure
from custbehav_dagster.sources.web.fetch import Answer, Fetcher, PageFailure, Request, normalized, shown
from custbehav_dagster.sources.web.robots import MAX_ROBOTS_BYTES, Robots, site_of

if TYPE_CHECKING:
    import pandas as pd

    from custbehav_dagster.settings import Settings
    from custbehav_dagster.sources.web.extract import Page

Row = dict[str, Any]

SAMPLE = Path(__file__).parents[1] / "samples" / "web_content.json"
PAGE_TYPES = ("text/html", "application/xhtml+xml")


def read_pages(settings: Settings, *, now: datetime | None = None) -> Fetched:
    """Read the pages of `web_urls`: one row per page, product and review, in the shape of raw.web_content.

    `now` (with a time zone) is written as `fetched_at`; without it that column
    is empty. A page that fails is a sentence in `problems`.

    Raises:
        SourceFailure: no page at all could be read.
    """
    if not settings.web_urls:
        return Fetched(_frame(_sample_rows()), provenance="sample", is_sample=True)
    _check_user_agent(settings.web_user_agent)
    return PageReader(settings).read(now)


def write_pages(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """Write the rows to `web_content.csv` in `folder` (UTF-8), replaced whole; same rows, same bytes."""
    return [write_csv(rows, WEB_CONTENT, folder / "web_content.csv")]


class PageReader:
    """Reads pages one after the other, each with the leave and at the pace of its site."""

    def __init__(
        self, settings: Settings, *, allow_loopback: bool = False, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._fetcher = Fetcher(settings, allow_loopback=allow_loopback)
        self._robots = Robots(settings.web_user_agent, self._get_robots)
        self._pause = pause
        self._last_request: dict[str, float] = {}

    def read(self, now: datetime | None) -> Fetched:
        """Rows of every configured page that can be read.

        Raises:
            SourceFailure: none could be.
        """
        fetched_at = now.astimezone(UTC).isoformat(timespec="seconds") if now else None
        rows: list[Row] = []
        problems: list[str] = []
        read_as: dict[str, str] = {}
        for url in dict.fromkeys(self._settings.web_urls):
            try:
                answer = self._get_page(url)
            except PageFailure as failure:
                problems.append(_sentence(url, failure))
                continue
            if (first := read_as.setdefault(answer.url, url)) != url:
                problems.append(f"{shown(url)} is the same page as {shown(first)}, so it was taken once.")
                continue
            page = _extracted(answer)
            problems += [f"{shown(url)} {problem}." for problem in page.problems]
            rows += _page_rows(url, page, fetched_at, answer.url)
        if not rows:
            raise SourceFailure(_none_read(len(set(self._settings.web_urls)), problems))
        return Fetched(_frame(rows), provenance="web pages", problems=problems)

    def _get_page(self, url: str) -> Answer:
        settings = self._settings
        request = Request(settings.web_timeout_seconds, settings.web_max_bytes, PAGE_TYPES)
        answer = self._fetcher.get(url, request, before=self._take_turn)
        if not 200 <= answer.status < 300:
            raise _bad_status(answer)
        return answer

    def _get_robots(self, url: str) -> Answer:
        request = Request(self._settings.web_timeout_seconds, MAX_ROBOTS_BYTES, cut=True)
        return self._fetcher.get(url, request)

    def _take_turn(self, url: str) -> None:
        """Ask the site's leave for `url` and wait as long as it wants between two requests."""
        self._robots.check(url)
        site = site_of(url)
        if site in self._last_request:
            waited = time.monotonic() - self._last_request[site]
            if (wait := self._robots.delay_seconds(url) - waited) > 0:
                self._pause(wait)
        self._last_request[site] = time.monotonic()


def _extracted(answer: Answer) -> Page:
    from custbehav_dagster.sources.web.extract import extract_page

    return extract_page(answer.body, answer.charset)


def _bad_status(answer: Answer) -> PageFailure:
    is_passing = answer.status >= 500 or answer.status in (408, 425, 429)
    advice = "try again later" if is_passing else "check the address"
    return PageFailure(shown(answer.url), f"answered {answer.status}", advice)


def _sentence(asked: str, failure: PageFailure) -> str:
    if failure.url == _shown_normalized(asked):
        return f"{shown(asked)} {failure.reason}, so it was left out; {failure.advice}."
    return f"{shown(asked)} was left out because {failure.url} {failure.reason}; {failure.advice}."


def _shown_normalized(url: str) -> str:
    try:
        return shown(normalized(url))
    except PageFailure as failure:
        return failure.url


def _none_read(count: int, problems: list[str]) -> str:
    if count == 1:
        return f"The page in CUSTBEHAV_WEB_URLS could not be read: {problems[0]}"
    return f"None of the {count} pages in CUSTBEHAV_WEB_URLS could be read; the first of them: {problems[0]}"


def _check_user_agent(name: str) -> None:
    if not (name.isascii() and name.isprintable() and name == name.strip()):
        raise SourceFailure("CUSTBEHAV_WEB_USER_AGENT may hold only plain letters, digits, spaces and signs.")


def _page_rows(url: str, page: Page, fetched_at: str | None, provenance: str) -> Iterator[Row]:
    """The row of the page itself, then one per product and review it declares."""
    common = {"url": url, "fetched_at": fetched_at, "is_synthetic": False, "provenance": provenance}
    if page.title or page.text or page.items:
        yield {
            **common,
            "content_id": content_id(url, "page", "", 0),
            "item_type": "page",
            "title": page.title,
            "text": page.text,
            "published_at": page.published_at,
        }
    met: Counter[tuple[str, str]] = Counter()
    for item in page.items:
        words = f"{item.title or ''}\n{item.text or ''}" if item.item_type == "review" else item.title or ""
        ordinal = met[item.item_type, words]
        met[item.item_type, words] += 1
        yield {
            **common,
            "content_id": content_id(url, item.item_type, words, ordinal),
            "item_type": item.item_type,
            "title": item.title,
            "text": item.text,
            "price": item.price,
            "currency": item.currency,
            "rating": item.rating,
            "published_at": item.published_at,
        }


def content_id(url: str, item_type: str, words: str, ordinal: int) -> str:
    """16 hexadecimal digits, the same for the same item of the same address in every run.

    Made of the item's words and not of its place on the page, where new reviews
    push the old ones down; `ordinal` counts items with the same words.
    """
    return hashlib.sha256("\x00".join((url, item_type, words, str(ordinal))).encode()).hexdigest()[:16]


def _sample_rows() -> list[Row]:
    records = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return [
        {
            **record,
            "content_id": content_id(record["url"], record["item_type"], record["title"], 0),
            "is_synthetic": True,
            "provenance": "sample",
        }
        for record in records
    ]


def _frame(rows: list[Row]) -> pd.DataFrame:
    import pandas as pd

    return conform_frame(pd.DataFrame(rows, columns=WEB_CONTENT.column_names), WEB_CONTENT)
