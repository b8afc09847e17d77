"""What puts a person on a list, in which days, and why: limits, conditions and words, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from custbehav_dagster.actions.memory import STAY_DAYS, has_rested
from custbehav_dagster.actions.words import days_ago, said_day, text_of
from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.contract.second_order import EVERYBODY

HOPELESS_BELOW = 0.01
"""A chance of another order below which a message is lost on somebody."""

LEAVE_ALONE_DAYS = 30
"""Nobody is missed this soon after an order, whatever the forecast."""

LONGEST_SILENCE_DAYS = 730
"""Who has been away, or signed up, longer than this does not expect to hear from the shop any more."""

LOYAL_FROM_ORDERS = 3

PARCEL_DAYS = 7
"""No word about a second order before the first parcel can have arrived."""

SEASON_LEAD_DAYS = 28
"""Who buys in season is reminded in these days before it begins."""

DEFAULT_WINDOW_DAYS, SHORTEST_WINDOW_DAYS, LONGEST_WINDOW_DAYS = 60, 30, 180

MOST_PEOPLE = {
    "unhappy": 25,
    "gift_reminder": 1_000,
    "slipping": 1_000,
    "second_order": 1_000,
    "win_back": 1_000,
    "thank_loyal": 50,
    "never_bought": 1_000,
}
"""Longest useful list: answers and thanks are written by hand; who is left comes when these rest."""

TOO_FEW_DATA = " Too few data for a forecast, so by the usual gap between orders."


@dataclass(frozen=True)
class Window:
    """Days after the first order in which a second can be expected, and why."""

    days: int
    explanation: str


@dataclass(frozen=True)
class Rule:
    """One list: who belongs to it, what to do, why, which product to show, and in which days."""

    name: str
    belongs: ir.BooleanValue
    action: str
    reason: ir.StringValue
    product: ir.StringValue
    write_from: ir.DateValue
    write_until: ir.DateValue


def second_order_window(second_order: ir.Table) -> Window:
    """The shop's own second-order window, from churn.second_order; DEFAULT_WINDOW_DAYS with too few."""
    everybody = second_order.filter(
        second_order.factor == EVERYBODY, second_order.half_within_days.notnull()
    ).select("half_within_days", "half_low_days", "half_high_days")
    rows = everybody.to_pyarrow().to_pylist()
    if not rows:
        return Window(
            DEFAULT_WINDOW_DAYS,
            f"Too few have come back to know when they do, so by rule: {DEFAULT_WINDOW_DAYS} days.",
        )
    (row,) = rows
    days = min(max(row["half_within_days"], SHORTEST_WINDOW_DAYS), LONGEST_WINDOW_DAYS)
    told = f"Half of those who come back do so within {row['half_within_days']} days"
    if row["half_low_days"] is not None and row["half_high_days"] is not None:
        told += f" (95% sure: {row['half_low_days']} to {row['half_high_days']})"
    return Window(days, told + ".")


def list_rules(people: ir.Table, window: Window, bestseller: str | None, as_of: date) -> tuple[Rule, ...]:
    """The rules in the order of their priority, as conditions on the columns of `people`."""
    rules = (
        _unhappy(people, as_of),
        _gift_reminder(people, as_of),
        *_of_silence(people, window, as_of),
        _second_order(people, window, as_of),
        _thank_loyal(people, as_of),
        _never_bought(people, bestseller, as_of),
    )
    by_name = {rule.name: rule for rule in rules}
    return tuple(by_name[name] for name in LIST_NAMES)


def _unhappy(people: ir.Table, as_of: date) -> Rule:
    # A new complaint is answered however lately an older one was.
    is_new = people.complained_on > people.on_unhappy
    answered = ~(has_rested(people, "unhappy", as_of) | is_new.fill_null(False))
    return Rule(
        "unhappy",
        people.complained_on.notnull() & ~people.is_marketplace_only & ~answered,
        "Answer in person, say sorry, and offer to put it right; advertise nothing.",
        people.complaint + _orders_so_far(people),
        ibis.null("string"),
        *_days("unhappy", ibis.ifelse(is_new, ibis.null("date"), people.on_unhappy), as_of),
    )


def _gift_reminder(people: ir.Table, as_of: date) -> Rule:
    due = people.next_order_due_date
    in_season = (people.state == "seasonal") & due.between(
        ibis.date(as_of + timedelta(days=1)), ibis.date(as_of + timedelta(days=SEASON_LEAD_DAYS))
    )
    by_season = text_of("Buys in one season of the year, which begins for them about ", said_day(due), ".")
    is_gift = people.gift_until.notnull() & (people.recency_days >= LEAVE_ALONE_DAYS)
    first, last = _days("gift_reminder", people.on_gift_reminder, as_of)
    return Rule(
        "gift_reminder",
        is_gift | in_season.fill_null(False),
        "Remind them of the day in good time, and show what makes a gift this year.",
        people.gift_reason.coalesce(by_season) + " " + _history(people),
        people.suggested,
        first,
        ibis.least(last, people.gift_until.coalesce(due)),
    )


def _of_silence(people: ir.Table, window: Window, as_of: date) -> tuple[Rule, Rule]:
    """Those who are late, and those who are gone: in both only who bought again, or for much at once."""
    once = people.order_count == 1
    is_good = (people.order_count > 1) | (people.is_best & (people.recency_days >= window.days))
    is_missed = people.recency_days.between(LEAVE_ALONE_DAYS + 1, LONGEST_SILENCE_DAYS)
    lone = ibis.ifelse(once, " Spent more than most in that one order.", "")
    reason = _history(people) + lone + _chance(people)
    return (
        Rule(
            "slipping",
            is_good & is_missed & (people.state == "slipping"),
            "Write a short personal note before they get used to being away; show what is new.",
            reason,
            people.suggested,
            *_days("slipping", people.on_slipping, as_of),
        ),
        Rule(
            "win_back",
            is_good
            & is_missed
            & (people.state == "lapsed")
            & (people.p_return.coalesce(1.0) >= HOPELESS_BELOW),
            "Write a personal note, say what is new, and make coming back easy.",
            reason,
            people.suggested,
            *_days("win_back", people.on_win_back, as_of),
        ),
    )


def _second_order(people: ir.Table, window: Window, as_of: date) -> Rule:
    first, last = _days("second_order", people.on_second_order, as_of)
    closes = (people.first_order_date + ibis.interval(days=window.days - 1)).cast("date")
    return Rule(
        "second_order",
        (people.order_count == 1) & people.recency_days.between(PARCEL_DAYS, window.days - 2),
        "Ask how the order was liked and show what goes with it.",
        _history(people) + " " + window.explanation,
        people.suggested,
        first,
        ibis.least(last, closes),
    )


def _thank_loyal(people: ir.Table, as_of: date) -> Rule:
    return Rule(
        "thank_loyal",
        (people.order_count >= LOYAL_FROM_ORDERS) & ~people.state.isin(("slipping", "lapsed")),
        "Say thank you in person; ask for nothing.",
        _history(people) + _chance(people),
        ibis.null("string"),
        *_days("thank_loyal", people.on_thank_loyal, as_of),
    )


def _never_bought(people: ir.Table, bestseller: str | None, as_of: date) -> Rule:
    is_recent = people.signup_date >= ibis.date(as_of - timedelta(days=LONGEST_SILENCE_DAYS))
    since = text_of("Signed up on ", said_day(people.signup_date)).coalesce("Agreed to be written to")
    return Rule(
        "never_bought",
        people.accepts_marketing
        & people.order_count.isnull()
        & ~people.has_ordered
        & is_recent.fill_null(True),
        "Introduce the shop and its most liked pieces.",
        since + " and has not ordered yet.",
        ibis.literal(bestseller, "string"),
        *_days("never_bought", people.on_never_bought, as_of),
    )


def _days(name: str, decided_on: ir.DateValue, as_of: date) -> tuple[ir.DateValue, ir.DateValue]:
    """The first and the last day in which to write, counted from the decision, which stays what it was."""
    decided = decided_on.coalesce(ibis.date(as_of))
    first, last = ((decided + ibis.interval(days=days)).cast("date") for days in (1, STAY_DAYS[name]))
    return ibis.greatest(first, ibis.date(as_of + timedelta(days=1))), last


def _history(people: ir.Table) -> ir.StringValue:
    once = people.order_count == 1
    gap = people.inter_purchase_days.round().cast("int64")
    usual = ibis.ifelse(gap >= 2, text_of(", about every ", gap, " days"), "")
    often = text_of("Bought ", people.order_count, " times") + usual + "; the last order was "
    return ibis.ifelse(once, "Bought once, ", often) + days_ago(people.recency_days) + "."


def _orders_so_far(people: ir.Table) -> ir.StringValue:
    orders = people.order_count
    told = ibis.ifelse(orders == 1, " Their only order so far.", text_of(" ", orders, " orders so far."))
    return ibis.ifelse(orders.notnull(), told, "")


def _chance(people: ir.Table) -> ir.StringValue:
    """The forecast in a sentence, or that there is none."""
    hundredths = (people.p_return * 100).round().cast("int64")
    chance = ibis.cases(
        (hundredths < 1, "under 1%"), (hundredths > 99, "over 99%"), else_=text_of("", hundredths, "%")
    )
    days = people.horizon_days.cast("string")
    told = ibis.literal(" Chance of another order within ") + days + " days: " + chance + "."
    return told.coalesce(TOO_FEW_DATA)
