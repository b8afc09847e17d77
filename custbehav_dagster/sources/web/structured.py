"""Products and reviews that a page declares (JSON-LD, microdata, OpenGraph), each once."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.web.dates import iso_date
from custbehav_dagster.sources.web.markup import tidy

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

PRODUCT_TYPES = {"Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts"}
REVIEW_TYPES = {"Review", "UserReview", "CriticReview"}
MAX_COMPARED = 50


@dataclass(frozen=True)
class Declared:
    """One product or review in the words of the page.

    `author` only tells two reviews with the same words apart; it is never stored.
    """

    item_type: str
    title: str | None = None
    text: str | None = None
    price: str | None = None
    currency: str | None = None
    rating: str | None = None
    published_at: str | None = None
    author: str | None = None


def plain(text: str | None) -> str:
    """Text for comparison: one case, single spaces."""
    return " ".join((text or "").casefold().split())


def nodes_below(roots: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node of the given trees in document order, with the property it hangs on; each node once."""
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", root) for root in reversed(roots)]
    while stack:
        name, value = stack.pop()
        if isinstance(value, list):
            stack.extend((name, entry) for entry in reversed(value))
        elif isinstance(value, dict) and id(value) not in seen:
            seen.add(id(value))
            yield name, value
            stack.extend(reversed(value.items()))


def types_of(node: dict[str, Any]) -> set[str]:
    """Type names of a node, without the vocabulary's address."""
    declared = node.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return {re.split(r"[/#:]", name)[-1] for name in names if isinstance(name, str)}


def first_text(node: dict[str, Any], *names: str) -> str | None:
    """The first of the named properties that holds text; lists give their first entry."""
    for name in names:
        value = node.get(name)
        # Items can refer to themselves, so the descent is bounded.
        for _ in range(5):
            if isinstance(value, list):
                value = next((entry for entry in value if entry), None)
            elif isinstance(value, dict):
                value = value.get("@value") or value.get("name")
        if isinstance(value, str) and (text := tidy(html.unescape(value))):
            return text
    return None


def declared_items(roots: list[Any], soup: BeautifulSoup) -> list[Declared]:
    """Products and reviews among the nodes and in the OpenGraph tags, in order, without repetition."""
    nodes = list(nodes_below(roots))
    by_id: dict[str, dict[str, Any]] = {}
    for _, node in nodes:
        if isinstance(identifier := node.get("@id"), str) and len(node) > 1:
            by_id.setdefault(identifier, node)
    found = [item for name, node in nodes if (item := _declared(name, node, by_id)) is not None]
    return _with_open_graph(_without_repetition(found), _open_graph_product(soup))


def _declared(name: str, node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Declared | None:
    types = types_of(node)
    if types & PRODUCT_TYPES:
        item = _product(node, by_id)
        return item if item.title or item.text else None
    if types & REVIEW_TYPES or (name in ("review", "reviews") and not types and set(node) != {"@id"}):
        item = _review(node, by_id)
        return item if item.title or item.text or item.rating else None
    return None


def _product(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Declared:
    price, currency = _price(node, by_id)
    return Declared(
        "product",
        title=first_text(node, "name"),
        text=first_text(node, "description"),
        price=price,
        currency=currency,
        rating=_rating(node, "aggregateRating", by_id),
    )


def _review(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Declared:
    return Declared(
        "review",
        title=first_text(node, "headline", "name"),
        text=first_text(node, "reviewBody", "description", "text"),
        rating=_rating(node, "reviewRating", by_id),
        published_at=iso_date(first_text(node, "datePublished", "dateCreated")),
        author=first_text(node, "author"),
    )


def _entries(value: Any, by_id: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The nodes a property holds, references resolved."""
    values = value if isinstance(value, list) else [value]
    nodes = [entry for entry in values if isinstance(entry, dict)]
    return [by_id.get(str(node["@id"]), node) if set(node) == {"@id"} else node for node in nodes]


def _price(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> tuple[str | None, str | None]:
    """Price and currency of the first offer that has a price; of several prices in one offer the lowest."""
    offers = _entries(node.get("offers"), by_id)
    nested = [inner for offer in offers for inner in _entries(offer.get("offers"), by_id)]
    for offer in (*offers, *nested, node):
        for holder in (offer, *_entries(offer.get("priceSpecification"), by_id)):
            if price := first_text(holder, "price", "lowPrice"):
                return price, first_text(holder, "priceCurrency") or first_text(offer, "priceCurrency")
    return None, None


def _rating(node: dict[str, Any], name: str, by_id: dict[str, dict[str, Any]]) -> str | None:
    """Stars as written; '8/10' where the page counts to another number than five."""
    entries = _entries(node.get(name), by_id)
    if not entries:
        return first_text(node, name)
    value = first_text(entries[0], "ratingValue")
    best = first_text(entries[0], "bestRating")
    return f"{value}/{best}" if value and best and _number(best) not in (None, Decimal(5)) else value


def _number(text: str | None) -> Decimal | None:
    """The number in a price, whichever sign separates its decimals."""
    match = re.search(r"\d[\d.,]{0,30}", text or "")
    if match is None:
        return None
    whole, _, decimals = re.sub(r"[.,](?=\d{1,2}$)", " ", match.group().rstrip(".,")).partition(" ")
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{digits}.{decimals or 0}").normalize()


def _without_repetition(items: list[Declared]) -> list[Declared]:
    kept: list[Declared] = []
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for item in items:
        same_words = alike[item.item_type, plain(item.title if item.item_type == "product" else item.text)]
        # Bounded, since a page can declare any number of reviews with the same words.
        place = next((p for p in same_words[-MAX_COMPARED:] if _is_same(kept[p], item)), None)
        if place is None:
            same_words.append(len(kept))
            kept.append(item)
        else:
            kept[place] = _filled(kept[place], item)
    return kept


def _is_same(one: Declared, other: Declared) -> bool:
    """Whether two declarations in the same words are one thing: nothing that both say differs."""
    if one.item_type == "product":
        return _agree(_number(one.price), _number(other.price))
    if not one.text and not (plain(one.author) or one.published_at or one.title):
        return False
    return (
        _agree(plain(one.title), plain(other.title))
        and _agree(plain(one.author), plain(other.author))
        and _agree(_number(one.rating), _number(other.rating))
        and _same_day(one.published_at, other.published_at)
    )


def _agree(one: Any, other: Any) -> bool:
    return one == other or not one or not other


def _same_day(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return True
    # The same moment can fall on two days, one as declared and one in UTC.
    return abs((date.fromisoformat(one[:10]) - date.fromisoformat(other[:10])).days) <= 1


def _filled(item: Declared, other: Declared) -> Declared:
    blanks = {
        field.name: getattr(other, field.name) for field in fields(item) if not getattr(item, field.name)
    }
    return replace(item, **blanks)


def _open_graph_product(soup: BeautifulSoup) -> Declared | None:
    tags: dict[str, str] = {}
    for meta in soup.find_all("meta", content=True):
        name = str(meta.get("property") or meta.get("name") or "").strip().lower()
        if name.startswith(("og:", "product:")) and (content := tidy(str(meta["content"]))):
            tags.setdefault(name, content)
    price = tags.get("product:price:amount") or tags.get("og:price:amount")
    kind = tags.get("og:type", "").lower().removeprefix("og:")
    title, text = tags.get("og:title"), tags.get("og:description")
    if not (price or kind.startswith("product")) or not (title or text):
        return None
    currency = tags.get("product:price:currency") or tags.get("og:price:currency")
    return Declared("product", title=title, text=text, price=price, currency=currency)


def _with_open_graph(items: list[Declared], product: Declared | None) -> list[Declared]:
    """Fill the product the OpenGraph tags speak of, or add it when no other declaration does.

    Their title often carries the shop's name behind the product's, so the same
    product is the one whose name it contains, else the only one there is.
    """
    if product is None:
        return items
    places = [place for place, item in enumerate(items) if item.item_type == "product"]
    title = plain(product.title)
    named = [p for p in places if plain(items[p].title) and plain(items[p].title) in title]
    place = next(iter(named or (places if len(places) == 1 else [])), None)
    if place is None:
        return [*items, product]
    return [_filled(item, product) if at == place else item for at, item in enumerate(items)]
