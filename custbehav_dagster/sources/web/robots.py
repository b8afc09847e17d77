"""What a site's robots.txt lets a program read, and how often (RFC 9309)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from custbehav_dagster.sources.web.fetch import Answer, PageFailure, shown
from custbehav_dagster.sources.web.links import site_of

if TYPE_CHECKING:
    from protego import Protego

MAX_ROBOTS_BYTES = 512 * 1024
MAX_DELAY_SECONDS = 10.0
# The parser makes one rule per robot named and line; a site can multiply the two into gigabytes.
MAX_RULES = 1_000_000
_ROBOT_NAMED = re.compile(r"^\s*user[- ]?agent\b", re.IGNORECASE | re.MULTILINE)


class Robots:
    """The rules of every site met, each robots.txt asked for once.

    A robots.txt that is not there (4xx) allows everything; one that cannot be
    read (5xx, time-out, no connection) allows nothing.
    """

    def __init__(self, user_agent: str, fetch: Callable[[str], Answer]) -> None:
        self._user_agent = user_agent
        self._fetch = fetch
        self._sites: dict[str, Protego | PageFailure] = {}

    def check(self, url: str) -> None:
        """Let `url` pass.

        Raises:
            PageFailure: the site does not allow it, or its robots.txt cannot be read.
        """
        rules = self._rules(url)
        if isinstance(rules, PageFailure):
            raise PageFailure(rules.url, rules.reason, rules.advice, rules.kind)
        if not rules.can_fetch(url, self._user_agent):
            advice = "ask the site's owner for leave, or take it out of CUSTBEHAV_WEB_URLS"
            raise PageFailure(shown(url), "is closed to programs by the site's robots.txt", advice, "closed")

    def delay_seconds(self, url: str) -> float:
        """Seconds the site asks to leave between two requests, at most ten; 0 when it asks nothing."""
        rules = self._rules(url)
        if isinstance(rules, PageFailure):
            return 0.0
        rate = rules.request_rate(self._user_agent)
        asked = max(rules.crawl_delay(self._user_agent) or 0.0, rate.seconds / rate.requests if rate else 0.0)
        return min(asked, MAX_DELAY_SECONDS)

    def sitemaps(self, url: str) -> list[str]:
        """Addresses of the site maps that the site names, else where they usually lie."""
        rules = self._rules(url)
        named = [] if isinstance(rules, PageFailure) else list(rules.sitemaps)
        return named or [f"{site_of(url)}/sitemap.xml"]

    def _rules(self, url: str) -> Protego | PageFailure:
        site = site_of(url)
        if site not in self._sites:
            try:
                self._sites[site] = self._read(f"{site}/robots.txt")
            except PageFailure as failure:
                self._sites[site] = failure
        return self._sites[site]

    def _read(self, address: str) -> Protego:
        from protego import Protego

        answer = self._fetch(address)
        if 400 <= answer.status < 500:
            return Protego.parse("")
        if not 200 <= answer.status < 300:
            raise PageFailure(address, f"answered {answer.status}", "try again later")
        text = answer.body.decode("utf-8-sig", "replace")
        if len(_ROBOT_NAMED.findall(text)) * len(text.splitlines()) > MAX_RULES:
            raise PageFailure(address, "holds too many rules to follow", "take it out of CUSTBEHAV_WEB_URLS")
        return Protego.parse(text)
