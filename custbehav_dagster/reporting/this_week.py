"""What to do this week: the lists that are ready, whom they are for, and what stands in their way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.insights.wording import count, percent

MOST_ACTIONS = 5
DAY = r"\d{4}-\d{2}-\d{2}"
TITLES = {
    "win_back": "Win back people who fall silent",
    "second_order": "Ask for a second order",
    "thank_loyal": "Thank the loyal",
    "never_bought": "Invite subscribers who never bought",
}


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes:
        title: what, in a few words.
        people: how many are in the file.
        held_back: how many more fit, and get no message, so that its worth can be measured.
        what: what to do, in a sentence.
        worth: what these people are expected to spend within the horizon without any
            message; None where no forecast is made for them.
        until: the first day on which it is too late for somebody on the list.
        file: the list, from the page's folder.
        measured: what being on this list was worth so far, in a sentence.
        source: the table behind the numbers.
    """

    title: str
    people: int
    held_back: int
    what: str
    worth: float | None
    until: date
    file: str
    measured: str
    source: str
    is_synthetic: bool


@dataclass(frozen=True)
class ThisWeek:
    """What to do, at most five things, and what is to be known about whom may be written to."""

    actions: list[Action]
    consent: str


def gather_this_week(lists: Mapping[str, ir.Table], uplift: ir.Table, customers: ir.Table) -> ThisWeek:
    """Sum up the lists (layer actions, by noun) and actions.uplift beside truth.customers.

    Lists without anybody to write to are left out; when all are, `consent` says why.
    """
    measured = {row["list_name"]: _measured(row) for row in uplift.to_pyarrow().to_pylist()}
    actions = [
        action for name in LIST_NAMES if (action := _action(name, lists[name], measured.get(name, "")))
    ]
    return ThisWeek(actions[:MOST_ACTIONS], _consent(customers, has_lists=bool(actions)))


def _action(name: str, table: ir.Table, measured: str) -> Action | None:
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
        title=TITLES[name],
        people=sums["people"],
        held_back=sums["held_back"],
        what=sums["what"],
        worth=sums["worth"],
        until=date.fromisoformat(sums["until"]),
        file=f"../lists/{name}.csv",
        measured=measured,
        source=f"actions.{name}, held_back is false",
        is_synthetic=sums["is_synthetic"],
    )


def _measured(row: Mapping[str, Any]) -> str:
    """The uplift of a list in words, with its interval, and whether chance alone could have made it."""
    ordered = percent(row["listed_who_ordered"] / row["people_listed"])
    people = count(row["people_listed"], "person", "people")
    so_far = f"So far {ordered} of {people} on this list ordered within {row['days']} days"
    if not row["people_held_back"]:
        return f"{so_far}; nobody was left out yet to compare them with."
    others = percent(row["held_back_who_ordered"] / row["people_held_back"])
    low, high = (round(100 * row[f"difference_{end}"]) for end in ("low", "high"))
    verdict = "more than chance" if low > 0 else "less than without" if high < 0 else "not proven yet"
    return (
        f"{so_far}, and {others} of {row['people_held_back']:,} left out by lot: {verdict} "
        f"(difference between {low:+d} and {high:+d} points, 95% sure)."
    )


def _consent(customers: ir.Table, has_lists: bool) -> str:
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
        return "Nobody is known yet."
    if agreed:
        share = f"{count(agreed, 'person', 'people')} of {people:,} ({percent(agreed / people)})"
        told = f"Only people who have agreed to be written to are on a list: {share}."
        return told if has_lists else f"{told} None of them is due for a message this week."
    return (
        f"There is nobody to write to: of {count(people, 'person', 'people')}, {sums['reachable']:,} with a "
        "mail address, none is known to have agreed. Put the export of your mail tool, or a file with the "
        "columns email, accepts_marketing and consent_source, into data/raw."
    )
