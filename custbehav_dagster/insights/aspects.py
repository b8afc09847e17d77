"""What people praise and complain about: mood by aspect, over time, by product, and who came back.

A text is cut into sentences, since "Lovely mug, but it came late" praises one thing and
blames another. A sentence belongs to every aspect of which it holds a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.contract import interest
from custbehav_dagster.contract.table import Table
from custbehav_dagster.insights.answers import who_ordered_within
from custbehav_dagster.insights.aspects_costs import changes, refunds, returns, with_certainty
from custbehav_dagster.insights.aspects_sentences import (
    Sentence,
    cut_into_sentences,
    example,
    sentences_by_aspect,
    sentences_of,
)
from custbehav_dagster.insights.aspects_trends import by_period, by_product
from custbehav_dagster.insights.aspects_words import (
    ASPECT_WORDS,
    FEWEST_TEXTS,
    OPINIONATED_FROM,
    aspects_named,
    by_word,
    own_aspects,
)
from custbehav_dagster.insights.languages import in_english
from custbehav_dagster.insights.statistics import Z95
from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.settings import Settings

__all__ = [
    "ASPECT_WORDS",
    "FEWEST_TEXTS",
    "MOST_TEXTS",
    "aspect_tables",
    "aspects",
    "aspects_named",
    "cut_into_sentences",
]

MOST_TEXTS = 20_000
"""More texts than these change no share by a point; the ones looked at are chosen by their hash."""


def aspects(texts: ir.Table, orders: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    """One row per aspect that people name, keeping contract.insights.ASPECTS: see `aspect_tables`."""
    return aspect_tables(texts, orders, None, as_of, settings)["aspects"]


def aspect_tables(
    texts: ir.Table, orders: ir.Table, items: ir.Table | None, as_of: date, settings: Settings
) -> dict[str, ir.Table]:
    """The tables `aspects`, `aspect_trends` and `aspect_products`, as the contract has them.

    Args:
        texts: truth.single_source_of_truth; only the shop's own feedback up to `as_of` counts, in English,
            since neither the words of the lists nor their mood are known in another language.
        orders: truth.orders.
        items: cleaned.order_items; None: nothing is said of products.
        as_of: last known day.
        settings: `horizon_days`, within which an order after the text counts as coming back.

    Aspects are those of the word lists, and things that this shop's people name often in their
    own words. The mood is VADER's, sentence by sentence. Coming back is compared between
    people whose first text complains of the aspect and all others, among those who wrote
    in the same quarter and had, or had not, bought before; everybody counts once, and only
    with a text old enough to know. People who complain differ in other ways too: it is a
    hint, not a cause.
    """
    own, is_synthetic = prefer_real(_feedback(texts, as_of))
    own = own.filter(in_english(own))
    rows = _looked_at(own, orders, as_of, settings.horizon_days).to_pyarrow().to_pylist()
    said = [row["text"] for row in rows]
    words = {name: tuple(listed.split()) for name, listed in ASPECT_WORDS.items()}
    found = own_aspects(said)
    by_aspect = sentences_by_aspect(sentences_of(said), by_word(words | found))
    kept = {name: ones for name, ones in by_aspect.items() if _is_told(ones, name in found)}
    marks = {"texts_looked_at": len(rows), "is_synthetic": is_synthetic}
    told = [
        {
            **_row(name, ones, rows, as_of),
            "is_found": name in found,
            "words": ", ".join((words | found)[name]),
        }
        for name, ones in kept.items()
    ]
    told = sorted(with_certainty(told), key=lambda row: (-row["texts"], row["aspect"]))
    tables: dict[str, tuple[Table, list[dict[str, Any]]]] = {
        "aspects": (contract.insights.ASPECTS, told),
        "aspect_trends": (interest.ASPECT_TRENDS, by_period(kept, rows)),
        "aspect_products": (interest.ASPECT_PRODUCTS, by_product(kept, rows, items)),
    }
    return {noun: _table(table, content, marks) for noun, (table, content) in tables.items()}


def _is_told(sentences: Sequence[Sentence], is_found: bool) -> bool:
    """Enough texts name the aspect; and of the shop's own words, enough of them with an opinion."""
    texts = {one.text for one in sentences}
    judging = {one.text for one in sentences if one.praises or one.complains}
    return len(texts) >= FEWEST_TEXTS and (not is_found or len(judging) >= OPINIONATED_FROM * len(texts))


def _table(table: Table, rows: Sequence[Mapping[str, Any]], marks: Mapping[str, Any]) -> ir.Table:
    import pyarrow as pa

    marked = [{**row, **marks} for row in rows]
    return table.conform(ibis.memtable(pa.Table.from_pylist(marked, schema=table.schema.to_pyarrow())))


def _feedback(texts: ir.Table, as_of: date) -> ir.Table:
    own = texts.filter(texts.source_type == "internal_feedback", texts.text.strip() != "")
    # A text without a day cannot be known to be later.
    return own.filter(own.created_at.isnull() | (own.created_at.date() <= ibis.date(as_of)))


def _looked_at(own: ir.Table, orders: ir.Table, as_of: date, horizon_days: int) -> ir.Table:
    """The texts to look at, with what is known of their writers and orders.

    `came_back` is NULL where the writer or the days after the text are not known,
    `was_refunded` where the order is not known.
    """
    chosen = own.select("text_id", "text", "rating", "customer_id", "order_id", written=own.created_at.date())
    chosen = chosen.order_by([chosen.text_id.hash(), chosen.text_id]).limit(MOST_TEXTS)
    # Read once: each of the joins below would choose among all texts anew.
    chosen = ibis.memtable(chosen.to_pyarrow())
    back = who_ordered_within(chosen, orders, "written", horizon_days).select(_back="text_id")
    joined = chosen.left_join(back, chosen.text_id == back._back)
    bought = orders.filter(orders.is_purchase, orders.customer_id.notnull()).select(
        _buyer="customer_id", _bought="order_date"
    )
    earlier = chosen.join(
        bought, [chosen.customer_id == bought._buyer, bought._bought <= chosen.written]
    ).group_by("text_id")
    earlier = earlier.aggregate(_days=lambda t: t._bought.nunique()).rename(_earlier="text_id")
    joined = joined.left_join(earlier, joined.text_id == earlier._earlier)
    refunded = orders.select(
        _order="order_id", _refunded=(orders.refund_amount > 0) | (orders.status == "refund")
    )
    joined = joined.left_join(refunded, joined.order_id == refunded._order)
    is_known = joined.customer_id.notnull() & (
        joined.written <= ibis.date(as_of - timedelta(days=horizon_days))
    )
    return joined.select(
        "text_id",
        "text",
        "rating",
        "customer_id",
        "order_id",
        "written",
        came_back=ibis.ifelse(is_known, joined._back.notnull(), ibis.null("boolean")),
        had_bought_before=joined._days.fill_null(0) > 1,
        was_refunded=joined._refunded,
    ).order_by("text_id")


def _row(
    aspect: str, found: Sequence[Sentence], rows: Sequence[Mapping[str, Any]], as_of: date
) -> dict[str, Any]:
    naming = {one.text for one in found}
    complaints = {one.text for one in found if one.complains}
    moods = [one.mood for one in found]
    mean = sum(moods) / len(moods)
    half = Z95 * (sum((mood - mean) ** 2 for mood in moods) / max(1, len(moods) - 1) / len(moods)) ** 0.5
    return {
        "aspect": aspect,
        "texts": len(naming),
        "praising_texts": len({one.text for one in found if one.praises}),
        "complaining_texts": len(complaints),
        "average_sentiment": round(mean, 6),
        "sentiment_low": round(max(-1.0, mean - half), 6),
        "sentiment_high": round(min(1.0, mean + half), 6),
        "average_rating": _mean([rows[number]["rating"] for number in naming]),
        "other_average_rating": _mean(
            [row["rating"] for number, row in enumerate(rows) if number not in naming]
        ),
        **returns(complaints, rows),
        **refunds(complaints, rows),
        **changes(complaints, rows, as_of),
        "best_example": example(found, 1, _with_stars(naming, rows, 4, 5)),
        "worst_example": example(found, -1, _with_stars(naming, rows, 1, 2)),
    }


def _with_stars(texts: set[int], rows: Sequence[Mapping[str, Any]], least: float, most: float) -> set[int]:
    stars = {number: rows[number]["rating"] for number in texts}
    return {number for number, given in stars.items() if given is not None and least <= given <= most}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 6) if known else None
