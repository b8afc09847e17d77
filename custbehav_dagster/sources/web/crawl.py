"""One refresh of the web: which addresses are asked, and what becomes of what was read earlier.

How one address is asked is in `visits`, what a page says in `extract`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from custbehav_dagster.contract.raw import WEB_READS
from custbehav_dagster.sources.contract_rows import conform_frame, plain_rows
from custbehav_dagster.sources.pace import Pace, Progress
from custbehav_dagster.sources.result import Earlier, Fetched, SourceFailure
from custbehav_dagster.sources.web.fetch import Answer, PageFailure, normalized, shown
from custbehav_dagster.sources.web.links import site_of
from custbehav_dagster.sources.web.rows import Row, content_frame, page_rows
from custbehav_dagster.sources.web.visits import OutOfTimeError, Visitor

if TYPE_CHECKING:
    import pandas as pd

    from custbehav_dagster.settings import Settings

NAMED, MAPPED, LINKED = "setting", "site map", "link"


@dataclass(frozen=True)
class Stop:
    """One address to ask, and how it was come by."""

    url: str
    found_by: str


class Crawl:
    """Reads pages one after the other: the named ones, those known, those mapped, those linked to."""

    def __init__(
        self,
        settings: Settings,
        now: datetime,
        earlier: Earlier,
        pace: Pace,
        tell: Callable[[str], None],
        *,
        allow_loopback: bool = False,
    ) -> None:
        self._named = list(dict.fromkeys(settings.web_urls))
        self._most = max(settings.web_max_pages, len(self._named))
        self._now = now.astimezone(UTC).isoformat(timespec="seconds")
        self._visitor = Visitor(settings, pace, allow_loopback=allow_loopback)
        self._progress = Progress(tell, "Web")
        self._known: dict[str, Row] = {read["url"]: read for read in plain_rows(earlier.reads)}
        self._earlier: dict[str, list[Row]] = {}
        for row in plain_rows(earlier.rows):
            self._earlier.setdefault(row["url"], []).append(row)
        self._queue: deque[Stop] = deque()
        self._met: set[str] = set()
        self._asked = 0
        self._answered = self._unchanged = 0
        self._rows: dict[str, list[Row]] = {}
        self._reads: dict[str, Row] = {}
        self._taken_as: dict[str, str] = {}
        self._problems: list[str] = []
        self._left_out: Counter[str] = Counter()
        self._first_left_out: dict[str, str] = {}
        self._gone = 0

    def read(self) -> Fetched:
        """Rows of every page that can be read, with those of earlier that stay.

        Raises:
            SourceFailure: no page answered and no row was there before.
        """
        self._plan()
        try:
            while self._queue and self._asked < self._most:
                self._visit(self._queue.popleft())
        except OutOfTimeError:
            self._stop_early()
        self._progress.end()
        self._tell_left_out()
        rows = [row for of_page in self._rows.values() for row in of_page]
        reads = _reads_frame(self._reads.values())
        if not rows and not self._earlier:
            raise SourceFailure(self._none_read(), reads)
        if self._answered == 0:
            problems = [self._none_read(), f"{len(rows):,} rows of earlier reads were kept."]
            return Fetched(content_frame(rows), "earlier reads", problems=problems, reads=reads, failed=True)
        return Fetched(
            content_frame(rows), "web pages", problems=self._problems, notes=self._notes(), reads=reads
        )

    def _plan(self) -> None:
        """Queue the named pages, then those of the same sites that were read before or are mapped."""
        sites: dict[str, str] = {}
        for url in self._named:
            self._met.add(_as_sent(url))
            self._queue.append(Stop(url, NAMED))
            sites.setdefault(site_of(_as_sent(url)), _as_sent(url))
        if self._most > len(self._named):
            for url, read in self._known.items():
                if read["found_by"] != NAMED and read["read_at"] and site_of(url) in sites:
                    self._meet(url, read["found_by"])
            try:
                for start in sites.values():
                    for url in self._visitor.sitemap_pages(start):
                        self._meet(url, MAPPED)
            except OutOfTimeError:
                pass
        self._progress.expect(min(len(self._queue), self._most))

    def _meet(self, url: str, found_by: str) -> None:
        if url not in self._met:
            self._met.add(url)
            self._queue.append(Stop(url, found_by))

    def _visit(self, stop: Stop) -> None:
        known = self._known.get(stop.url, {})
        has_rows = stop.url in self._earlier or known.get("items") == 0
        marks = {name: (known.get(name) or "") if has_rows else "" for name in ("etag", "last_modified")}
        is_found = stop.found_by != NAMED
        try:
            answer = self._visitor.get_page(stop.url, **marks, stay=is_found)
        except OutOfTimeError:
            self._queue.appendleft(stop)
            raise
        except PageFailure as failure:
            # A site that closes a page has not been asked for it: that takes no place from another.
            self._asked += failure.kind != "closed" or not is_found
            self._fail(stop, failure)
            return
        self._asked += 1
        self._answered += 1
        self._progress.step()
        if answer.status == 304:
            self._keep_unchanged(stop, answer)
        else:
            self._take(stop, answer)

    def _keep_unchanged(self, stop: Stop, answer: Answer) -> None:
        known = self._known[stop.url]
        self._unchanged += 1
        answered_as = known.get("answered_as") or answer.url
        self._taken_as.setdefault(answered_as, stop.url)
        self._met.add(answered_as)
        self._rows[stop.url] = self._earlier.get(stop.url, [])
        self._reads[stop.url] = {**known, "asked_at": self._now, "read_at": self._now, "note": ""}
        self._follow((known.get("links") or "").splitlines())

    def _take(self, stop: Stop, answer: Answer) -> None:
        if (first := self._taken_as.setdefault(answer.url, stop.url)) != stop.url:
            if stop.found_by == NAMED:
                self._problems.append(
                    f"{shown(stop.url)} is the same page as {shown(first)}, so it was taken once."
                )
            return
        # Found again by a link, it would be asked for a second time.
        self._met.add(answer.url)
        page = _extracted(answer)
        rows = list(page_rows(stop.url, page, self._now, answer.url))
        if stop.found_by == NAMED:
            self._problems += [f"{shown(stop.url)} {problem}." for problem in page.problems]
        elif page.is_unlisted:
            rows = []
        self._rows[stop.url] = rows
        self._reads[stop.url] = {
            "url": stop.url,
            "found_by": stop.found_by,
            "asked_at": self._now,
            "read_at": self._now,
            "changed_at": self._now,
            "answered_as": answer.url,
            "etag": answer.etag,
            "last_modified": answer.last_modified,
            "links": "\n".join(page.links),
            "items": len(rows),
            "note": " ".join(f"It {problem}." for problem in page.problems),
        }
        self._follow(page.links)

    def _follow(self, links: list[str]) -> None:
        if self._most > len(self._named):
            before = len(self._queue)
            for url in links:
                self._meet(url, LINKED)
            room = self._most - self._asked - before
            self._progress.expect(max(0, min(len(self._queue) - before, room)))

    def _fail(self, stop: Stop, failure: PageFailure) -> None:
        """Keep what was read earlier, unless the page is gone or closed; tell why."""
        kept = self._earlier.get(stop.url, [])
        if kept and failure.kind in ("gone", "closed"):
            self._gone += 1
            kept = []
        if kept:
            self._rows[stop.url] = kept
        if stop.found_by == NAMED:
            self._problems.append(_sentence(stop.url, failure, bool(kept)))
        elif not (failure.kind == "closed" or (failure.kind == "gone" and stop.url in self._known)):
            self._left_out[failure.reason] += 1
            self._first_left_out.setdefault(failure.reason, failure.url)
        if stop.found_by == NAMED or kept:
            known = self._known.get(stop.url) if kept else None
            self._reads[stop.url] = {
                **(known or {"url": stop.url, "found_by": stop.found_by, "items": 0}),
                "asked_at": self._now,
                "note": f"It {failure.reason}." if failure.url == _shown_as_sent(stop.url) else f"{failure}.",
            }

    def _stop_early(self) -> None:
        """Keep what was read earlier of the pages there was no time for."""
        self._problems.append(
            f"There was no time for {len(self._queue):,} pages; they are asked next time, or sooner with a "
            "higher CUSTBEHAV_WEB_TOTAL_SECONDS."
        )
        for stop in self._queue:
            if stop.url in self._earlier:
                self._rows[stop.url] = self._earlier[stop.url]
            if stop.url in self._known:
                self._reads[stop.url] = self._known[stop.url]

    def _tell_left_out(self) -> None:
        for reason, count in self._left_out.most_common():
            pages = "page that was found" if count == 1 else "pages that were found"
            first = self._first_left_out[reason]
            self._problems.append(
                f"{count:,} {pages} could not be read; the first of them: {first} {reason}."
            )

    def _notes(self) -> list[str]:
        notes = [f"{self._answered:,} pages answered, {self._unchanged:,} of them as they were before."]
        if self._gone:
            what = "page that is" if self._gone == 1 else "pages that are"
            notes.append(f"{self._gone:,} {what} gone or closed by the site was deleted here too.")
        return notes if self._most > len(self._named) or self._gone else []

    def _none_read(self) -> str:
        first = self._problems[0] if self._problems else "there was no time for it."
        if len(self._named) == 1:
            return f"The page in CUSTBEHAV_WEB_URLS could not be read: {first}"
        none = f"None of the {len(self._named)} pages in CUSTBEHAV_WEB_URLS could be read"
        return f"{none}; the first of them: {first}"


def _extracted(answer: Answer) -> Any:
    from custbehav_dagster.sources.web.extract import extract_page

    return extract_page(answer.body, answer.charset, answer.url)


def _sentence(asked: str, failure: PageFailure, is_kept: bool) -> str:
    if failure.url == _shown_as_sent(asked):
        result = "its earlier rows were kept" if is_kept else "it was left out"
        return f"{shown(asked)} {failure.reason}, so {result}; {failure.advice}."
    result = "kept as it was read earlier" if is_kept else "left out"
    return f"{shown(asked)} was {result} because {failure.url} {failure.reason}; {failure.advice}."


def _as_sent(url: str) -> str:
    try:
        return normalized(url)
    except PageFailure:
        return url


def _shown_as_sent(url: str) -> str:
    try:
        return shown(normalized(url))
    except PageFailure as failure:
        return failure.url


def _reads_frame(reads: Any) -> pd.DataFrame:
    import pandas as pd

    return conform_frame(pd.DataFrame(list(reads), columns=WEB_READS.column_names), WEB_READS)
