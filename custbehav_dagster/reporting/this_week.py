"""What to do this week: the lists that are ready, whom they are for, and what stands in their way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.insights.statistics import Z95
from custbehav_dagster.reporting.footnotes import Source
from custbehav_dagster.wording.words import Message

MOST_ACTIONS = 5
DAY = r"\d{4}-\d{2}-\d{2}"


@dataclass(frozen=True)
class Worth:
    """What people are expected to spend within the horizon without any message, 95% sure from low to high."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes:
        name: of the list.
        people: how many are in the file.
        held_back: how many more fit, and get no message, so that its worth can be measured.
        what: what to do, in a sentence of the table; the catalogue may have its own.
        worth: None where no forecast is made for these people.
        until: the first day on which it is too late for somebody on the list.
        file: the list, from the page's folder.
        measured: what being on this list was worth so far.
        source: the rows behind the numbers.
    """

    name: str
    people: int
    held_back: int
    what: str
    worth: Worth | None
    until: date
    file: str
    measured: Message | None
    source: Source
    is_synthetic: bool


@dataclass(frozen=True)
class ThisWeek:
    """What to do, at most five things, and what is to be known about whom may be written to."""

    actions: list[Action]
    consent: Message
    source: Source


def gather_this_week(
    lists: Mapping[str, ir.Table], uplift: ir.Table, customers: ir.Table, scores: ir.Table, orders: ir.Table
) -> ThisWeek:
    """Sum up the lists (layer actions, by noun) and actions.uplift.

    Lists without anybody to write to are left out; when all are, `consent` says why. Takes
    truth.customers, churn.scores and truth.orders too, for the intervals of what is expected.
    """
    measured = {row["list_name"]: _measured(row) for row in uplift.to_pyarrow().to_pylist()}
    spread = _spread_of_amounts(orders)
    actions = [
        action
        for name in LIST_NAMES
        if name in lists and (action := _action(name, lists[name], measured.get(name), scores, spread))
    ]
    consent, people = _consent(customers, has_lists=bool(actions))
    return ThisWeek(actions[:MOST_ACTIONS], consent, Source("truth.customers", "accepts_marketing", people))


def _action(
    name: str, table: ir.Table, measured: Message | None, scores: ir.Table, spread: float
) -> Action | None:
    written = ~table.held_back
    sums: dict[str, Any] = (
        table.aggregate(
            people=written.sum(),
            held_back=table.held_back.sum(),
            what=table.action.min(),
            worth=table.expected_value.round(4).sum(where=written),
            until=table.window.re_extract(DAY, 0).min(where=written),
            is_synthetic=table.is_synthetic.any(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if not sums["people"]:
        return None
    return Action(
        name=name,
        people=sums["people"],
        held_back=sums["held_back"],
        what=sums["what"],
        worth=_worth(sums["worth"], table.filter(written), scores, spread),
        until=date.fromisoformat(sums["until"]),
        file=f"../lists/{name}.csv",
        measured=measured,
        source=Source(f"actions.{name}", "NOT held_back", sums["people"]),
        is_synthetic=sums["is_synthetic"],
    )


def _spread_of_amounts(orders: ir.Table) -> float:
    """Variance of the amount of an order over its squared mean; 1 where it is not known."""
    bought = orders.filter(orders.is_purchase, orders.shop_gross_amount.notnull())
    amount = bought.shop_gross_amount.cast("float64")
    (found,) = bought.aggregate(mean=amount.mean(), variance=amount.var()).to_pyarrow().to_pylist()
    if not found["mean"] or found["variance"] is None:
        return 1.0
    return float(found["variance"] / found["mean"] ** 2)


def _worth(expected: float | None, listed: ir.Table, scores: ir.Table, spread: float) -> Worth | None:
    """The expected amount with its 95% interval.

    Each person comes with a chance of their own and then spends an amount that scatters as
    the shop's orders do; besides, all chances may be off together by the shared error.
    """
    if expected is None:
        return None
    known = listed.select("customer_id").join(scores, "customer_id")
    p, value = known.p_return, known.expected_value
    if_back = value / p.nullif(0)
    own = if_back**2 * (p * (1 + spread) - p**2)
    (sums,) = (
        known.aggregate(
            own=own.sum(),
            together=(if_back * p * (1 - p)).sum(),
            shared=known.shared_deviation.max(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    variance = max(sums["own"] or 0.0, 0.0) + ((sums["shared"] or 0.0) * (sums["together"] or 0.0)) ** 2
    half = Z95 * math.sqrt(variance)
    return Worth(expected, max(0.0, expected - half), expected + half)


def _measured(row: Mapping[str, Any]) -> Message:
    """The uplift of a list with its interval, and whether chance alone could have made it."""
    values = {
        "share": row["listed_who_ordered"] / row["people_listed"],
        "people": row["people_listed"],
        "days": row["days"],
        "others": row["people_held_back"],
    }
    if row["people_held_back"]:
        low, high = (round(100 * row[f"difference_{end}"]) for end in ("low", "high"))
        values |= {
            "other_share": row["held_back_who_ordered"] / row["people_held_back"],
            "low": low,
            "high": high,
            "outcome": "more" if low > 0 else "less" if high < 0 else "open",
        }
    return Message("week.measured", values)


def _consent(customers: ir.Table, has_lists: bool) -> tuple[Message, int]:
    """What is to be known about consent, and how many people have given it."""
    sums = (
        customers.aggregate(
            people=customers.count(),
            agreed=customers.accepts_marketing.sum().fill_null(0),
            reachable=customers.email.notnull().sum().fill_null(0),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    people, agreed = sums["people"], sums["agreed"]
    if not people:
        return Message("week.nobody"), 0
    if not agreed:
        return Message("week.no_consent", {"people": people, "reachable": sums["reachable"]}), 0
    values = {"agreed": agreed, "people": people, "share": agreed / people, "has_lists": has_lists}
    return Message("week.consent", values), agreed
