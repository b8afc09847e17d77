"""What a group buys more than others do, where it buys, and in what mood it writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

PRODUCTS_TOLD, CHANNELS_TOLD = 3, 3
LEAST_LINES = 5
LEAST_LIFT = 1.2
PRIOR_LINES = 5
"""So many lines as usual are added before lifts are told: 3 of 3 is no taste yet."""
LEAST_CHANNEL_SHARE = 0.05

Facts = dict[int, dict[str, Any]]


@dataclass(frozen=True)
class Behind:
    """The tables behind a group's habits: truth.orders, cleaned.order_items, truth.single_source_of_truth."""

    orders: ir.Table
    items: ir.Table
    texts: ir.Table


def group_facts(people: ir.Table, behind: Behind) -> Facts:
    """By the number of the group: `top_products`, `main_channels`, `texts`, `average_sentiment`.

    `people` has `customer_id`, `segment` and `as_of`; nothing after that day is seen. A fact
    of which nothing is known is left out.
    """
    as_of = people.as_of.max().to_pyarrow().as_py()
    if as_of is None:
        return {}
    members = people.select(_person="customer_id", segment="segment")
    orders = behind.orders
    purchases = orders.filter(orders.is_purchase, orders.customer_id.notnull(), orders.order_date <= as_of)
    bought = purchases.join(members, purchases.customer_id == members._person)
    facts: Facts = {}
    for row in _products(bought.select("order_id", "segment"), behind.items):
        told = f"{row['product']} ({row['lift']:.1f}×)"
        so_far = facts.setdefault(row["segment"], {}).get("top_products")
        facts[row["segment"]]["top_products"] = f"{so_far}; {told}" if so_far else told
    for row in _channels(bought):
        told = f"{row['channel']} {row['share']:.0%}"
        so_far = facts.setdefault(row["segment"], {}).get("main_channels")
        facts[row["segment"]]["main_channels"] = f"{so_far}, {told}" if so_far else told
    for row in _mood(members, behind.texts, as_of):
        facts.setdefault(row["segment"], {}).update(
            texts=row["texts"], average_sentiment=row["average_sentiment"]
        )
    return facts


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    return table.to_pyarrow().to_pylist()


def _products(bought: ir.Table, items: ir.Table) -> list[dict[str, Any]]:
    """Products with their lift: the share of the group's order lines against that of everybody's.

    Those furthest above what chance gives come first, (n - e) / √e, so that neither what
    everybody buys nor what one person bought leads.
    """
    sold = items.filter(items.kind == "product", items.quantity > 0)
    sold = sold.select("order_id", product=sold["product"].coalesce(sold.product_id))
    lines = sold.filter(sold["product"].notnull()).join(bought, "order_id")
    counted = lines.group_by(["segment", "product"]).aggregate(lines=lines.count())
    counted = counted.mutate(
        of_product=counted.lines.sum().over(group_by=counted["product"]),
        of_group=counted.lines.sum().over(group_by=counted.segment),
        of_all=counted.lines.sum().over(),
    )
    expected = counted.of_product * counted.of_group / counted.of_all
    counted = counted.mutate(
        lift=(counted.lines + PRIOR_LINES) / (expected + PRIOR_LINES),
        surprise=(counted.lines - expected) / expected.sqrt(),
    )
    counted = counted.filter(counted.lines >= LEAST_LINES, counted.lift >= LEAST_LIFT)
    place = ibis.row_number().over(
        group_by=counted.segment, order_by=[counted.surprise.desc(), counted["product"]]
    )
    first = counted.mutate(place=place)
    first = first.filter(first.place < PRODUCTS_TOLD).order_by("segment", "place")
    return _rows(first.select("segment", "product", "lift"))


def _channels(bought: ir.Table) -> list[dict[str, Any]]:
    known = bought.filter(bought.channel.notnull())
    counted = known.group_by(["segment", "channel"]).aggregate(orders=known.count())
    counted = counted.mutate(
        share=counted.orders / counted.orders.sum().over(group_by=counted.segment),
        place=ibis.row_number().over(
            group_by=counted.segment, order_by=[counted.orders.desc(), counted.channel]
        ),
    )
    told = counted.filter(counted.place < CHANNELS_TOLD, counted.share >= LEAST_CHANNEL_SHARE)
    return _rows(told.order_by("segment", "place").select("segment", "channel", "share"))


def _mood(members: ir.Table, texts: ir.Table, as_of: date) -> list[dict[str, Any]]:
    own = texts.filter(
        texts.source_type == "internal_feedback", texts.word_count > 0, texts.created_at.date() <= as_of
    )
    written = own.join(members, own.customer_id == members._person)
    # Sums of decimals do not depend on the order of the rows, sums of floats do.
    total = written.sentiment.cast("decimal(18, 6)").sum().cast("float64")
    counted = written.group_by("segment").aggregate(
        texts=written.count(), average_sentiment=total / written.count()
    )
    return _rows(counted.order_by("segment"))
