"""Microdata of a page (itemscope, itemtype, itemprop, itemref) as nodes in the shape of JSON-LD."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.web.markup import MAX_VISITS, text_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import Tag

Item = dict[str, Any]

# As schema.org spells them; HTML attributes are often written without the capitals.
_TEXTS = (
    *("name", "headline", "description", "text", "reviewBody", "author"),
    *("price", "lowPrice", "priceCurrency", "ratingValue", "bestRating", "datePublished", "dateCreated"),
)
_NESTED = ("aggregateRating", "reviewRating", "itemReviewed", "priceSpecification")
_SPELLING = {name.lower(): name for name in (*_TEXTS, *_NESTED)}


def microdata_nodes(soup: BeautifulSoup) -> tuple[list[Item], bool]:
    """Top-level items in order, nested ones inside them, and whether the page was too tangled to finish.

    Properties outside of any item make a first node of their own, of no type.
    """
    elements = soup.find_all(True)
    items = {id(element): _item(element) for element in elements if element.has_attr("itemscope")}
    borrowers: dict[str, list[Item]] = defaultdict(list)
    for element in elements:
        if id(element) in items:
            for name in dict.fromkeys(_words(element, "itemref")):
                borrowers[name].append(items[id(element)])
    page: Item = {}
    roots: list[Item] = [page]
    # The items an element is inside of: one by nesting, more where others refer to it.
    inside: dict[int, list[Item]] = {}
    purse = [MAX_VISITS]
    for element in elements:
        around = inside.get(id(element.parent), [])
        identifier = element.get("id")
        if borrowers and identifier in borrowers:
            around = [*around, *borrowers[str(identifier)]]
        own = items.get(id(element))
        names = _words(element, "itemprop")
        if names:
            _attach(element, own, names, around or [page], purse)
        if own is not None and (not names or not around):
            roots.append(own)
        inside[id(element)] = around if own is None else [own]
    return roots, purse[0] <= 0


def _item(element: Tag) -> Item:
    return {"@type": _words(element, "itemtype")}


def _attach(element: Tag, own: Item | None, names: list[str], owners: list[Item], purse: list[int]) -> None:
    for written in names:
        name = _SPELLING.get(written.lower(), written)
        if own is None and name not in _TEXTS:
            continue
        value = own if own is not None else _value(element, purse)
        purse[0] -= len(owners)
        if purse[0] <= 0:
            return
        for owner in owners:
            owner.setdefault(name, []).append(value)


def _value(element: Tag, purse: list[int]) -> str:
    """What the element declares: its machine-readable attribute, else its words.

    Links give their words too, where the standard gives the address: a product
    or writer is never named by an address.
    """
    for attribute in ("content", "datetime", "value"):
        if isinstance(declared := element.get(attribute), str):
            return declared
    return text_of(element, purse)


def _words(element: Tag, attribute: str) -> list[str]:
    value = element.get(attribute)
    return value.split() if isinstance(value, str) else list(value or [])
