"""First orders as the second-order table sees them: what they were, and how long until the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster.cleaning.times import season_of
from custbehav_dagster.contract.second_order import GROUPINGS
from custbehav_dagster.settings import Settings

MOST_PRODUCTS = 50
"""Products with a row of their own: those that most people bought first."""
OTHER_PRODUCTS = "(other products)"
AMOUNT_DIGITS = 18
EARLY_DAYS = 90
"""Who is first seen in the first days of the files may have bought before them, and come as regulars do."""


@dataclass(frozen=True)
class Level:
    """Of one grouping: the level's number in each cell (-1: not known), and the levels' names."""

    number: np.ndarray
    names: list[str]


@dataclass(frozen=True)
class FirstOrders:
    """Cells of people who are alike: `people` of them waited `days` and then `came_back`, or still wait.

    `is_early` tells who was first seen in the first EARLY_DAYS of the files.
    """

    days: np.ndarray
    came_back: np.ndarray
    people: np.ndarray
    is_early: np.ndarray
    levels: dict[str, Level]


def first_orders(orders: ir.Table, items: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    """One row per buyer up to `as_of`: `days` from the first to the second order, or to `as_of`.

    Takes truth.orders and cleaned.order_items. Orders of the first day count as one; later
    ones on another day are the second (`came_back`). The columns of GROUPINGS (with _ for spaces)
    tell of the earliest order; discount and product are NULL where its lines are not known.
    The product is that of the dearest line, by its number where there is one.
    """
    purchases = orders.filter(
        orders.is_purchase, orders.customer_id.notnull(), orders.order_date <= ibis.date(as_of)
    )
    firsts = purchases.group_by("customer_id").aggregate(
        first_date=purchases.order_date.min(), first_at=purchases.ordered_at.min()
    )
    joined = purchases.select("customer_id", "order_date").join(firsts, "customer_id")
    again = joined.filter(joined.order_date > joined.first_date)
    seconds = again.group_by("customer_id").aggregate(second_date=again.order_date.min())
    opening = _opening_orders(purchases, firsts)
    lines = _lines(items, opening.select(opening="order_id"))
    people = (
        opening.left_join(seconds, "customer_id")
        .drop("customer_id_right")
        .left_join(lines, opening.order_id == lines.line_order)
    )
    end = people.second_date.fill_null(ibis.date(as_of))
    begin = people.first_date.min().over(ibis.window())
    return people.select(
        "customer_id",
        "channel",
        days=end.delta(people.first_date, unit="day").cast("int64"),
        came_back=people.second_date.notnull(),
        is_early=people.first_date < begin + ibis.interval(days=EARLY_DAYS),
        first_product=people.product,
        season=season_of(people.first_date.month(), settings.hemisphere),
        discount=_word(people.is_discounted, "with a discount", "full price"),
        gift=_word(people.is_gift, "marked as a gift", "not marked as a gift"),
    )


def _opening_orders(purchases: ir.Table, firsts: ir.Table) -> ir.Table:
    """One row per buyer: their earliest order; of several at one moment the first by its number."""
    earliest = purchases.inner_join(
        firsts, [purchases.customer_id == firsts.customer_id, purchases.ordered_at == firsts.first_at]
    )
    return earliest.group_by("customer_id").aggregate(
        first_date=earliest.first_date.min(),
        order_id=earliest.order_id.min(),
        channel=earliest.channel.min(),
        is_gift=earliest.is_gift.max(),
    )


def _word(flag: ir.BooleanValue, yes: str, no: str) -> ir.StringValue:
    return ibis.cases((flag, yes), (~flag, no), else_=ibis.null("string"))


def _lines(items: ir.Table, openings: ir.Table) -> ir.Table:
    """Of each opening order: the product of its dearest line, and whether a line is a discount."""
    lines = items.semi_join(openings, items.order_id == openings.opening)
    key = ibis.coalesce(lines.product_id, lines.product)
    is_goods = (lines.kind == "product") & (lines.quantity > 0) & (lines.line_amount >= 0)
    # The amount in digits of one length, so that the largest text holds the largest amount.
    pennies = (lines.line_amount * 100).round().cast("int64").cast("string").lpad(AMOUNT_DIGITS, "0")
    return lines.group_by(line_order=lines.order_id).aggregate(
        product=(pennies + key).max(where=is_goods & key.notnull()).substr(AMOUNT_DIGITS),
        is_discounted=(lines.kind == "discount").any(),
    )


def product_names(items: ir.Table, keys: list[str]) -> dict[str, str]:
    """What each product number is called most often; those without a description are left out."""
    named = items.filter(
        items.product_id.isin(keys), items.product.notnull(), items.kind == "product", items.quantity > 0
    )
    counted = named.group_by("product_id", "product").aggregate(lines=named.count())
    rows = counted.order_by("lines", ibis.desc("product")).to_pyarrow().to_pylist()
    return {row["product_id"]: row["product"] for row in rows}


def read_first_orders(people: ir.Table, items: ir.Table) -> FirstOrders:
    """Read `first_orders` into cells, in one query; rare products are put together."""
    keys = [grouping.replace(" ", "_") for grouping in GROUPINGS]
    columns = [*keys, "days", "came_back", "is_early"]
    cells = people.group_by(*columns).aggregate(people=people.count())
    table = cells.order_by(*columns).to_pyarrow().combine_chunks()
    counts = table.column("people").to_numpy().astype("float64")
    levels = {grouping: _numbered(table.column(key)) for grouping, key in zip(GROUPINGS, keys, strict=True)}
    levels[GROUPINGS[0]] = _named(_commonest(levels[GROUPINGS[0]], counts), items)
    return FirstOrders(
        table.column("days").to_numpy(),
        table.column("came_back").to_numpy().astype(bool),
        counts,
        table.column("is_early").to_numpy().astype(bool),
        {name: level for name, level in levels.items() if len(level.names) > 1},
    )


def _numbered(column: pa.ChunkedArray) -> Level:
    encoded = column.combine_chunks().dictionary_encode()
    number = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")
    return Level(number, encoded.dictionary.to_pylist())


def _commonest(level: Level, people: np.ndarray) -> Level:
    """The MOST_PRODUCTS commonest levels, and all others as one."""
    if len(level.names) <= MOST_PRODUCTS:
        return level
    known = level.number >= 0
    sizes = np.bincount(level.number[known], people[known], len(level.names))
    kept = np.argsort(-sizes, kind="stable")[:MOST_PRODUCTS]
    renumbered = np.full(len(level.names) + 1, MOST_PRODUCTS)
    renumbered[kept] = np.arange(MOST_PRODUCTS)
    renumbered[-1] = -1
    return Level(renumbered[level.number], [*(level.names[place] for place in kept), OTHER_PRODUCTS])


def _named(level: Level, items: ir.Table) -> Level:
    """Products by what they are called; where two have one name, with their numbers."""
    found = product_names(items, level.names) if level.names else {}
    names = [found.get(name, name) for name in level.names]
    return Level(
        level.number,
        [
            name if names.count(name) == 1 else f"{name} ({key})"
            for name, key in zip(names, level.names, strict=True)
        ],
    )
