"""What a group of buyers is like: its name, its size, its worth, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.contract import Table
from custbehav_dagster.segmentation.group_facts import Behind, group_facts
from custbehav_dagster.segmentation.names import advice
from custbehav_dagster.segmentation.words import (
    AMOUNT_WORDS,
    BIG,
    OCCASIONAL,
    ONE_TIME,
    REGULAR,
    REGULAR_FROM_ORDERS,
)

BIG_FROM_RATIO = 5
QUIET_FROM, LAPSED_FROM = 1, 2
"""Horizons since the last order after which a group is quiet, and lapsed, as `names.kind_of` has it."""


@dataclass(frozen=True)
class Middle:
    """The middle person of a group: purchases and net amount so far."""

    order_count: float
    total_amount: float


def segment_names(groups: Sequence[Middle], everybody: Middle) -> list[str]:
    """One name per group, all different; `groups` are ordered from the least amount to the largest.

    Groups that would be called the same are told apart by the amount they have spent.
    """
    last = len(groups) - 1
    kinds = [_kind(group, everybody, is_top=number == last) for number, group in enumerate(groups)]
    names = []
    for number, kind in enumerate(kinds):
        alike, position = kinds.count(kind), kinds[:number].count(kind)
        if alike == 1:
            names.append(kind)
        elif alike in AMOUNT_WORDS:
            names.append(f"{kind}, {AMOUNT_WORDS[alike][position]}")
        else:
            names.append(f"{kind}, level {position + 1} of {alike}")
    return names


def segment_profiles(
    customers_with_segments: ir.Table, behind: Behind | None = None, horizon_days: int = 120
) -> ir.Table:
    """One row per group, as contract.segments.SEGMENT_PROFILES says; what they buy is told from `behind`.

    What to do with a group that has bought nothing for longer than `horizon_days` is another matter
    than with the same people while they buy.
    """
    advise = partial(_what_to_do, horizon_days=horizon_days)
    return _profiles(customers_with_segments, contract.segments.SEGMENT_PROFILES, advise, behind)


def rfm_profiles(customers_with_segments: ir.Table, behind: Behind | None = None) -> ir.Table:
    """One row per group by recency, frequency and money, as contract.segments.RFM_PROFILES says."""
    grouped = customers_with_segments.filter(customers_with_segments.rfm_segment.notnull())
    people = grouped.mutate(segment=grouped.rfm_segment, segment_name=grouped.rfm_segment_name)
    return _profiles(people, contract.segments.RFM_PROFILES, _rfm_advice, behind)


def _profiles(
    people: ir.Table, table: Table, advise: Callable[[dict[str, Any]], str], behind: Behind | None
) -> ir.Table:
    # Sums of decimals do not depend on the order of the rows, sums of floats do.
    amount = people.total_amount.cast("decimal(18, 2)").sum().cast("float64")
    found = (
        people.group_by(["segment", "segment_name"])
        .aggregate(
            people=people.count(),
            amount=amount,
            median_order_count=people.order_count.median(),
            median_total_amount=people.total_amount.median(),
            median_recency_days=people.recency_days.median(),
            is_synthetic=people.is_synthetic.any(),
        )
        .order_by("segment")
        .to_pyarrow()
        .to_pylist()
    )
    everybody, everything = sum(row["people"] for row in found), sum(row["amount"] for row in found)
    # Of a sum that refunds have partly eaten, nobody brought a share: it would be 1,800% here, -1,700% there.
    is_whole = everything > 0 and all(row["amount"] >= 0 for row in found)
    facts = group_facts(people, behind) if behind else {}
    rows = []
    for row in found:
        row["share_of_people"] = row["people"] / everybody
        row["share_of_amount"] = row.pop("amount") / everything if is_whole else None
        rows.append({**row, **facts.get(row["segment"], {}), "what_to_do": advise(row)})
    return table.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow())))


def silence(recency_days: float, horizon_days: int) -> str:
    """`none`, `quiet` or `lapsed`: how long a group has bought nothing, beside the horizon."""
    horizons = recency_days / horizon_days
    return "lapsed" if horizons > LAPSED_FROM else "quiet" if horizons > QUIET_FROM else "none"


def _kind(group: Middle, everybody: Middle, is_top: bool) -> str:
    if group.order_count < 2:
        return ONE_TIME
    if is_top and group.total_amount >= BIG_FROM_RATIO * max(everybody.total_amount, 0.01):
        return BIG
    return REGULAR if group.order_count >= REGULAR_FROM_ORDERS else OCCASIONAL


def _rfm_advice(row: dict[str, Any]) -> str:
    days = row["median_recency_days"]
    ago = {0: "on the last known day", 1: "1 day ago"}.get(round(days), f"{days:,.0f} days ago")
    return f"{advice(str(row['segment_name']))} The middle one last bought {ago}."


def _what_to_do(row: dict[str, Any], horizon_days: int) -> str:
    people = "the 1 person" if row["people"] == 1 else f"the {row['people']:,} people"
    last_order = _last_order(row["people"], round(row["median_recency_days"]))
    name, share = str(row["segment_name"]), row["share_of_amount"]
    worth = f", who brought {share:.0%} of the amount" if share is not None else ""
    fallen = silence(row["median_recency_days"], horizon_days)
    if fallen != "none":
        return f"{_to_the_silent(name, people, worth, fallen == 'lapsed')}: {last_order}."
    if name.startswith(ONE_TIME):
        return f"Ask {people} here for a second order, the latest buyers first: {last_order}."
    if name.startswith(OCCASIONAL):
        return f"Remind {people} here of what they liked before they forget the shop: {last_order}."
    if name.startswith(REGULAR):
        return f"Show {people} here{worth}, first what is new: {last_order}."
    return f"Thank {people} here{worth}, in person, and ask at once when one falls silent: {last_order}."


def _last_order(count: int, days: int) -> str:
    if days == 0:
        return (
            "the last order is of the last known day"
            if count == 1
            else "half of them bought on the last known day"
        )
    told = "1 day" if days == 1 else f"{days:,} days"
    return f"the last order is {told} old" if count == 1 else f"half of them have not bought for {told}"


def _to_the_silent(name: str, people: str, worth: str, is_lapsed: bool) -> str:
    if name.startswith(ONE_TIME):
        if is_lapsed:
            return f"Spend little on {people} here, one message before the season in which they bought"
        return f"Give {people} here one good reason to come back, once"
    if name.startswith(OCCASIONAL):
        if is_lapsed:
            return f"Try {people} here once more with what they liked, and leave in peace who does not answer"
        return f"Remind {people} here now of what they liked, before the pause becomes a habit"
    return f"Write to {people} here{worth}, by name, and ask what was missing"
