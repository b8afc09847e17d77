"""Aspects over time, and by the product that the order was for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.insights.aspects_sentences import Sentence
from custbehav_dagster.insights.comparisons import p_of_shares, ratio_of_shares, sure_by_discovery_rate
from custbehav_dagster.insights.statistics import Z95, wilson_interval

MONTHS_IN_MONTHS = 18
"""A history of up to so many months is told by month, a longer one by quarter."""
FEWEST_OF_PRODUCT = 10
"""A product with fewer texts is not compared with the others."""
FEWEST_COMPLAINTS = 3
"""A product with fewer complaints of an aspect is not told."""

Rows = Sequence[Mapping[str, Any]]


def by_period(by_aspect: Mapping[str, Sequence[Sentence]], rows: Rows) -> list[dict[str, Any]]:
    """One row per aspect and month or quarter in which anything was written, in this order."""
    days = {number: row["written"] for number, row in enumerate(rows) if row["written"] is not None}
    if not days:
        return []
    months = 3 if months_between(min(days.values()), max(days.values())) > MONTHS_IN_MONTHS else 1
    starts = {number: period_start(day, months) for number, day in days.items()}
    texts = Counter(starts.values())
    told = []
    for aspect in sorted(by_aspect):
        parts: dict[date, list[Sentence]] = defaultdict(list)
        for one in by_aspect[aspect]:
            if one.text in starts:
                parts[starts[one.text]].append(one)
        told += [
            {"aspect": aspect, "months": months, **_in_period(start, parts[start], texts[start])}
            for start in sorted(texts)
        ]
    return told


def months_between(first: date, last: date) -> int:
    """Calendar months from the one to the other, both counted."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def period_start(day: date, months: int) -> date:
    """First day of the month, quarter or year of `day`."""
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _in_period(start: date, found: Sequence[Sentence], texts: int) -> dict[str, Any]:
    complaining = len({one.text for one in found if one.complains})
    naming = len({one.text for one in found})
    low, high = wilson_interval(complaining, texts)
    named_low, named_high = wilson_interval(naming, texts)
    mean, mood_low, mood_high = _mood([one.mood for one in found])
    return {
        "period_start": start,
        "all_texts": texts,
        "texts": naming,
        "share": naming / texts,
        "share_low": named_low,
        "share_high": named_high,
        "praising_texts": len({one.text for one in found if one.praises}),
        "complaining_texts": complaining,
        "complaining_share": complaining / texts,
        "complaining_low": low,
        "complaining_high": high,
        "average_sentiment": mean,
        "sentiment_low": mood_low,
        "sentiment_high": mood_high,
    }


def _mood(moods: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """Mean and its 95% interval; one sentence has no interval."""
    if not moods:
        return None, None, None
    mean = sum(moods) / len(moods)
    if len(moods) == 1:
        return mean, None, None
    half = Z95 * (sum((mood - mean) ** 2 for mood in moods) / (len(moods) - 1) / len(moods)) ** 0.5
    return mean, max(-1.0, mean - half), min(1.0, mean + half)


def by_product(
    by_aspect: Mapping[str, Sequence[Sentence]], rows: Rows, items: ir.Table | None
) -> list[dict[str, Any]]:
    """One row per aspect and product with complaints: their share beside that of all other products.

    A text belongs to each product of the order it is about. `is_sure` is decided for all
    rows at once: of those called sure at most one in twenty is so by chance.
    """
    products = _products(rows, items)
    if not products:
        return []
    texts = Counter(product for of_text in products.values() for product in of_text)
    told = []
    questions = 0
    for aspect in sorted(by_aspect):
        complaints = {one.text for one in by_aspect[aspect] if one.complains} & products.keys()
        counted = Counter(product for number in complaints for product in products[number])
        for product in sorted(texts):
            if FEWEST_OF_PRODUCT <= texts[product] < len(products):
                questions += 1
                if counted[product] >= FEWEST_COMPLAINTS:
                    of = (counted[product], texts[product], len(complaints) - counted[product])
                    told.append(_of_product(aspect, product, *of, len(products) - texts[product]))
    sure = sure_by_discovery_rate([row.pop("p") for row in told], questions)
    return [{**row, "is_sure": is_sure} for row, is_sure in zip(told, sure, strict=True)]


def _of_product(
    aspect: str, product: str, complaining: int, texts: int, other_complaining: int, other_texts: int
) -> dict[str, Any]:
    low, high = wilson_interval(complaining, texts)
    ratio, ratio_low, ratio_high = ratio_of_shares(complaining, texts, other_complaining, other_texts)
    return {
        "aspect": aspect,
        "product": product,
        "texts": texts,
        "complaining_texts": complaining,
        "complaining_share": complaining / texts,
        "complaining_low": low,
        "complaining_high": high,
        "other_texts": other_texts,
        "other_complaining_texts": other_complaining,
        "ratio": ratio,
        "ratio_low": ratio_low,
        "ratio_high": ratio_high,
        "p": p_of_shares(complaining, texts, other_complaining, other_texts),
    }


def _products(rows: Rows, items: ir.Table | None) -> dict[int, list[str]]:
    """The products of the order each text is about, by the number of the text."""
    by_order: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row["order_id"] is not None:
            by_order[row["order_id"]].append(number)
    if items is None or not by_order:
        return {}
    asked = ibis.memtable({"asked": sorted(by_order)}, schema={"asked": "string"})
    sold = items.filter(items.kind == "product", items.product.notnull(), items.quantity > 0)
    lines = sold.semi_join(asked, sold.order_id == asked.asked).select("order_id", "product").distinct()
    found: dict[int, list[str]] = defaultdict(list)
    for order_id, product in _pairs(lines):
        for number in by_order[order_id]:
            found[number].append(product)
    return dict(found)


def _pairs(lines: ir.Table) -> Iterable[tuple[str, str]]:
    told = lines.to_pyarrow()
    return zip(told["order_id"].to_pylist(), told["product"].to_pylist(), strict=True)
