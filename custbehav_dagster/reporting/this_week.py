"""What to do this week: the lists that are ready, whom they are for, and what stands in their way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from custbehav_dagster.contract.actions import LIST_NAMES, MAILED_LISTS
from custbehav_dagster.insights.money import steady_sum
from custbehav_dagster.insights.states import Total
from custbehav_dagster.reporting.footnotes import Source
from custbehav_dagster.wording.words import Message

MOST_ACTIONS = 5
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes:
        name: of the list.
        is_mailed: people get a mailing; else an answer in person.
        people: how many are in the file.
        held_back: how many more fit, and get no message, so that its worth can be measured.
        what: what to do, in a sentence of the table; the catalogue may have its own.
        worth: what they are expected to spend within the horizon without any message; None where
            no forecast is made for them, or they get no mailing.
        begin: the first day on which somebody on the list may be written to.
        until: the first day on which it is too late for somebody on it; the last one, if that is `begin`.
        file: the list, from the page's folder.
        measured: what being on this list was worth so far.
        source: the rows behind the numbers.
    """

    name: str
    is_mailed: bool
    people: int
    held_back: int
    what: str
    worth: Total | None
    begin: date
    until: date
    file: str
    measured: Message | None
    source: Source
    is_synthetic: bool


@dataclass(frozen=True)
class ThisWeek:
    """What to do, at most MOST_ACTIONS things, and what is to be known about whom may be written to.

    `further` are lists with people beyond those.
    `empty` has the rows of actions.list_overview of lists without anybody, with the reason.
    """

    actions: list[Action]
    further: list[Action]
    empty: list[dict[str, Any]]
    consent: Message
    source: Source


def gather_this_week(
    lists: Mapping[str, ir.Table], overview: ir.Table, uplift: ir.Table, customers: ir.Table, scores: ir.Table
) -> ThisWeek:
    """Sum up the lists (layer actions, by noun), actions.list_overview and actions.uplift.

    Lists without anybody to write to are left out; when all are, `consent` says why. Takes
    truth.customers, and churn.scores for what is expected and how surely.
    """
    measured = {row["list_name"]: _measured(row) for row in uplift.to_pyarrow().to_pylist()}
    actions = [
        action
        for name in LIST_NAMES
        if name in lists and (action := _action(name, lists[name], measured.get(name), scores))
    ]
    consent, people = _consent(customers, has_lists=bool(actions))
    empty = overview.filter(overview.people == 0, overview.empty_because.notnull()).order_by("priority")
    return ThisWeek(
        actions[:MOST_ACTIONS],
        actions[MOST_ACTIONS:],
        empty.to_pyarrow().to_pylist(),
        consent,
        Source("truth.customers", "accepts_marketing", people),
    )


def _action(name: str, table: ir.Table, measured: Message | None, scores: ir.Table) -> Action | None:
    written = ~table.held_back
    sums: dict[str, Any] = (
        table.aggregate(
            people=written.sum(),
            held_back=table.held_back.sum(),
            what=table.action.min(),
            worth=table.expected_value.round(4).sum(where=written),
            begin=table.write_from.min(where=written),
            until=table.write_until.min(where=written),
            latest=table.write_until.max(where=written),
            is_synthetic=table.is_synthetic.any(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if not sums["people"]:
        return None
    return Action(
        name=name,
        is_mailed=name in MAILED_LISTS,
        people=sums["people"],
        held_back=sums["held_back"],
        what=sums["what"],
        worth=_worth(sums["worth"], table.filter(written), scores) if name in MAILED_LISTS else None,
        begin=sums["begin"],
        # One person whose last day is the first one would leave no time for all the others.
        until=sums["until"] if sums["until"] > sums["begin"] else sums["latest"],
        file=f"../lists/{name}.csv",
        measured=measured,
        source=Source(f"actions.{name}", "NOT held_back", sums["people"]),
        is_synthetic=sums["is_synthetic"],
    )


def _worth(expected: float | None, listed: ir.Table, scores: ir.Table) -> Total | None:
    """The expected amount with its 95% interval; None where no forecast is made for these people.

    Of a short list perhaps one person comes and spends much: such a sum cannot fall below
    nothing and leans to the left, as the gamma distribution of the same mean and variance does.
    """
    if expected is None:
        return None
    known = scores.semi_join(listed, "customer_id").filter(lambda t: t.expected_value.notnull())
    (sums,) = (
        known.aggregate(
            people=known.count(),
            expected=steady_sum(known.expected_value),
            variance=steady_sum(known.value_deviation**2),
            shared=known.shared_total_deviation.max(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    mean = sums["expected"] or 0.0
    if not sums["people"] or mean <= 0:
        return None
    return Total(sums["people"], mean, *_range(mean, sums["variance"] or 0.0, sums["shared"] or 0.0))


def _range(mean: float, variance: float, shared: float) -> tuple[float, float]:
    from scipy.stats import gamma

    total = variance + (shared * mean) ** 2
    if total <= 0:
        return mean, mean
    low, high = gamma.ppf(INTERVAL, mean**2 / total, scale=total / mean)
    # A hundredth of what is expected is nothing, and reads better so.
    return (min(float(low), mean) if low > mean / 100 else 0.0), max(float(high), mean)


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
