"""One page's bytes to what it says: title, main text, date, products and reviews."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.web.dates import iso_date
from custbehav_dagster.sources.web.jsonld import jsonld_nodes
from custbehav_dagster.sources.web.links import links_of, wishes_of
from custbehav_dagster.sources.web.markup import decode, in_lines, parse, text_of, tidy
from custbehav_dagster.sources.web.microdata import microdata_nodes
from custbehav_dagster.sources.web.structured import (
    Declared,
    declared_items,
    first_text,
    nodes_below,
    types_of,
)

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

MAX_ATTRIBUTES = 1_000
SURROUNDINGS = ("nav", "footer", "aside", "form")
PAGE_ENDINGS = ("Article", "Posting", "Page")


@dataclass(frozen=True)
class Page:
    """What one page says. `problems` are predicates to its address, such as 'holds no words'.

    `links` are the addresses it leads to; `is_unlisted` says that it asks not to be
    listed by programs that were not sent to it.
    """

    title: str | None = None
    text: str | None = None
    published_at: str | None = None
    items: list[Declared] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    is_unlisted: bool = False


def extract_page(body: bytes, charset: str | None = None, url: str = "") -> Page:
    """Read a page of HTML or XHTML, however broken; what cannot be read is named in `problems`.

    `charset` is the one the HTTP header names, `url` where the page was found; without
    it no links are given. Never raises.
    """
    text = tidy(decode(body, charset))
    soup = parse(text)
    if soup is None:
        return Page(problems=["is built of more parts than a page for people, so nothing of it was taken"])
    problems: list[str] = []
    blocks, malformed = jsonld_nodes(soup)
    if malformed:
        blocks_named = "block of JSON-LD that is" if malformed == 1 else "blocks of JSON-LD that are"
        problems.append(f"holds {malformed} {blocks_named} broken, left out")
    microdata, is_tangled = microdata_nodes(soup)
    if is_tangled:
        problems.append("nests its declared data too deeply, so part of it was left out")
    roots = [*blocks, *microdata]
    page = Page(
        title=_title(soup),
        published_at=_published_at(soup, roots),
        items=declared_items(roots, soup),
        links=links_of(soup, url) if url else [],
        is_unlisted="noindex" in wishes_of(soup),
        # Last, since it takes the tree apart.
        text=_main_text(text, soup),
        problems=problems,
    )
    if not (page.text or page.items):
        problems.append("holds no words; a page that is put together in the browser cannot be read")
    return page


def _title(soup: BeautifulSoup) -> str | None:
    # Drawings have titles as well.
    titles = [tag for tag in soup.find_all("title", limit=5) if tag.find_parent("svg") is None]
    for tag in (*titles[:1], *soup.find_all("h1", limit=1)):
        if title := " ".join(text_of(tag).split()):
            return title
    return _meta(soup, "og:title")


def _meta(soup: BeautifulSoup, name: str) -> str | None:
    for attribute in ("property", "name"):
        for tag in soup.find_all("meta", attrs={attribute: name, "content": True}, limit=1):
            if content := tidy(str(tag["content"])):
                return content
    return None


def _published_at(soup: BeautifulSoup, roots: list[Any]) -> str | None:
    """The page's own date: its meta tag, else its article's declaration, else its first time element."""
    if found := iso_date(_meta(soup, "article:published_time")):
        return found
    for _, node in nodes_below(roots):
        types = types_of(node)
        # Reviews and comments are dated as well, but not the page.
        is_page = not types or any(name.endswith(PAGE_ENDINGS) for name in types)
        if is_page and (found := iso_date(first_text(node, "datePublished"))):
            return found
    for selector in ("article time[datetime]", "main time[datetime]", "time[datetime]"):
        for tag in soup.select(selector, limit=1):
            if not tag.has_attr("itemprop") and (found := iso_date(str(tag["datetime"]))):
                return found
    return None


def _main_text(text: str, soup: BeautifulSoup) -> str | None:
    """The words that make up the page, without menus, comments and advertisements.

    Precision is favoured, as text that is not the page's own would be taken for
    opinion; where that leaves nothing, the rest of the page is better than none.
    """
    import trafilatura

    if any(len(tag.attrs) > MAX_ATTRIBUTES for tag in soup.find_all(True)):
        # The parser underneath compares each attribute of an element with all others.
        return _visible_words(soup)
    # It warns its developer of every page it has to look at twice.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    for favor_precision in (True, False):
        try:
            found = trafilatura.extract(text, include_comments=False, favor_precision=favor_precision)
        except Exception:
            # Broken pages raise anything from within the parser; the tree at hand still has the words.
            break
        if found and (found := in_lines(found)):
            return found
    return _visible_words(soup)


def _visible_words(soup: BeautifulSoup) -> str | None:
    """The words of the page without menus and forms; takes the tree apart."""
    for tag in soup.find_all(SURROUNDINGS):
        tag.extract()
    return text_of(soup.main or soup.body or soup) or None
