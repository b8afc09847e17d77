"""Where a page or a site map leads to: addresses of the same site that may hold text."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from custbehav_dagster.sources.http_body import GZIP_START, gunzipped
from custbehav_dagster.sources.web.fetch import PageFailure, normalized

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

MAX_LINKS = 200
"""Links taken of one page; a page with more is a list of everything, which a site map serves better."""
MAX_ADDRESSES = 50_000
"""Addresses taken of one site map, as many as the format allows."""
MAX_LOOKED_AT = 2_000
"""Links looked at on one page, those that lead elsewhere among them."""
LONGEST_ADDRESS = 2_000
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|mjs|json|xml|rss|atom|pdf|zip|gz|tar|rar|7z|mp[34]|m4[av]|mov|"
    r"avi|webm|ogg|wav|woff2?|ttf|eot|docx?|xlsx?|pptx?|csv|txt|exe|dmg|apk)$",
    re.IGNORECASE,
)
_LOCATION = re.compile(rb"<(?:\w{1,20}:)?loc>")
_INDEX = re.compile(rb"<(?:\w{1,20}:)?sitemapindex\b")
_WRAPPING = re.compile(rb"^\s*<!\[CDATA\[|\]\]>\s*$")


def site_of(url: str) -> str:
    """Scheme, host and port: the reach of one robots.txt; what is no address is a site of its own."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc}"


def wishes_of(soup: BeautifulSoup) -> set[str]:
    """What the page asks of programs in its head: noindex, nofollow."""
    wishes: set[str] = set()
    for meta in soup.find_all("meta", attrs={"name": re.compile("^robots$", re.IGNORECASE)}, limit=5):
        wishes |= set(re.split(r"[\s,]+", str(meta.get("content") or "").lower()))
    return wishes | ({"noindex", "nofollow"} if "none" in wishes else set())


def links_of(soup: BeautifulSoup, url: str) -> list[str]:
    """Addresses of the same site that the page leads to, in order, each once.

    Links that the page asks not to follow are left out, and so are addresses with a
    query: baskets, filters and calendars have no end.
    """
    if "nofollow" in wishes_of(soup):
        return []
    start = url
    for base in soup.find_all("base", href=True, limit=1):
        try:
            start = urljoin(url, str(base["href"]))
        except ValueError:
            break
    found: dict[str, None] = {}
    for link in soup.find_all("a", href=True, limit=MAX_LOOKED_AT):
        if "nofollow" in str(link.get("rel") or "").lower():
            continue
        address = same_site_page(str(link["href"]), start, site_of(url))
        if address and not urlsplit(address).query:
            found.setdefault(address)
        if len(found) == MAX_LINKS:
            break
    return list(found)


def same_site_page(written: str, start: str, site: str) -> str | None:
    """The whole address of a link, when it is of the same site and may be a page with text."""
    written = written.strip()
    if not written or written.startswith("#") or len(written) > LONGEST_ADDRESS:
        return None
    try:
        address = normalized(urljoin(start, written))
    except (PageFailure, ValueError):
        return None
    if site_of(address) != site or _NO_PAGE.search(urlsplit(address).path):
        return None
    return address


def sitemap_addresses(body: bytes, max_bytes: int) -> tuple[list[str], bool]:
    """The addresses in a site map, packed or not, and whether they lead to further site maps.

    Read by pattern and not as XML, so that nothing in it can be expanded and a broken
    map gives what it has.
    """
    if body.startswith(GZIP_START):
        body = gunzipped(body, max_bytes)
    found: list[str] = []
    for part in _LOCATION.split(body, MAX_ADDRESSES)[1:]:
        address, end, _ = part[:LONGEST_ADDRESS].partition(b"</")
        if end:
            found.append(html.unescape(_WRAPPING.sub(b"", address).decode("utf-8", "replace")).strip())
    return found, bool(_INDEX.search(body))
