"""One address at a time: asked with the leave and at the pace of its site.

Which addresses are asked is in `crawl`; how bytes come is in `fetch`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.web.fetch import Answer, Fetcher, Kind, PageFailure, Request, shown
from custbehav_dagster.sources.web.links import same_site_page, site_of, sitemap_addresses
from custbehav_dagster.sources.web.robots import MAX_ROBOTS_BYTES, Robots

if TYPE_CHECKING:
    from custbehav_dagster.settings import Settings

PAGE_TYPES = ("text/html", "application/xhtml+xml")
MAX_SITEMAPS = 5
"""Site maps read of one site, those that an index leads to among them."""
FAILURES_IN_A_ROW = 3
"""After so many pages without an answer, or one that asks to slow down, a site is left for this time."""


class OutOfTimeError(Exception):
    """The time for all pages together is used up."""


class Visitor:
    """Asks for pages and site maps; knows when to wait and when a site wants to be left alone."""

    def __init__(self, settings: Settings, pace: Pace, *, allow_loopback: bool = False) -> None:
        self._settings = settings
        self._pace = pace
        self._ends_at = pace.clock() + settings.web_total_seconds
        self._pause = settings.web_pause_seconds if settings.web_max_pages else 0.0
        self._fetcher = Fetcher(settings, allow_loopback=allow_loopback)
        self._robots = Robots(settings.web_user_agent, self._get_robots)
        self._last_request: dict[str, float] = {}
        self._silences: Counter[str] = Counter()

    def get_page(self, url: str, *, etag: str = "", last_modified: str = "", stay: bool = False) -> Answer:
        """The page, or 304 when it is still the version of those marks; `stay` refuses to leave its site.

        Raises:
            PageFailure: it cannot or may not be read.
            OutOfTimeError: there is no time left to ask.
        """
        site = site_of(url)
        if self._silences[site] >= FAILURES_IN_A_ROW:
            advice = "they are asked again next time"
            raise PageFailure(shown(url), "was not asked, since its site gave no answer", advice)
        settings = self._settings
        request = Request(
            settings.web_timeout_seconds,
            settings.web_max_bytes,
            PAGE_TYPES,
            etag=etag,
            last_modified=last_modified,
        )
        try:
            answer = self._fetcher.get(url, request, before=lambda at: self._take_turn(at, stay and site))
            is_unchanged = answer.status == 304 and bool(etag or last_modified)
            if not is_unchanged and not 200 <= answer.status < 300:
                raise _bad_status(answer)
        except PageFailure as failure:
            is_silent = failure.kind in ("silent", "slow")
            self._silences[site] = self._silences[site] + 1 if is_silent else 0
            if failure.kind == "slow":
                self._silences[site] = FAILURES_IN_A_ROW
            raise
        self._silences[site] = 0
        return answer

    def sitemap_pages(self, url: str) -> list[str]:
        """Addresses of pages in the maps of the site of `url`; a map that cannot be read gives none."""
        site = site_of(url)
        waiting = list(dict.fromkeys(self._robots.sitemaps(url)))
        found: dict[str, None] = {}
        settings = self._settings
        request = Request(settings.web_timeout_seconds, settings.web_max_bytes, cut=True)
        for _ in range(MAX_SITEMAPS):
            if not waiting:
                break
            try:
                answer = self._fetcher.get(
                    waiting.pop(0), request, before=lambda at: self._take_turn(at, site)
                )
            except PageFailure:
                continue
            addresses, is_index = sitemap_addresses(answer.body, settings.web_max_bytes)
            if is_index:
                waiting += addresses[:MAX_SITEMAPS]
                continue
            for address in addresses:
                if len(found) >= settings.web_max_pages:
                    break
                if page := same_site_page(address, url, site):
                    found.setdefault(page)
        return list(found)

    def _get_robots(self, url: str) -> Answer:
        request = Request(self._settings.web_timeout_seconds, MAX_ROBOTS_BYTES, cut=True)
        return self._fetcher.get(url, request)

    def _take_turn(self, url: str, only_site: str | bool) -> None:
        """Ask the site's leave for `url` and wait as long as it wants between two requests."""
        if self._pace.clock() >= self._ends_at:
            raise OutOfTimeError
        if only_site and site_of(url) != only_site:
            raise PageFailure(
                shown(url), "is of another site", "name it in CUSTBEHAV_WEB_URLS to have it read"
            )
        self._robots.check(url)
        site = site_of(url)
        if site in self._last_request:
            waited = self._pace.clock() - self._last_request[site]
            wait = max(self._robots.delay_seconds(url), self._pause) - waited
            if wait > 0:
                if self._pace.clock() + wait >= self._ends_at:
                    raise OutOfTimeError
                self._pace.sleep(wait)
        self._last_request[site] = self._pace.clock()


def _bad_status(answer: Answer) -> PageFailure:
    is_passing = answer.status >= 500 or answer.status in (408, 425, 429)
    advice = "try again later" if is_passing else "check the address"
    kinds: dict[int, Kind] = {404: "gone", 410: "gone", 429: "slow", 503: "silent"}
    return PageFailure(
        shown(answer.url), f"answered {answer.status}", advice, kinds.get(answer.status, "passing")
    )
