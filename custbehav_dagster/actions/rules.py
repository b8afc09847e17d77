"""What puts a person on a list, until when, and why: limits, conditions and words, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

QUIET_VERDICTS = ("slipping away", "probably gone")
"""Verdicts of churn.scores for people who fall silent."""

LEAVE_ALONE_DAYS = 30
"""Nobody is missed this soon after an order, whatever the forecast."""

QUIET_AFTER_GAPS = 2
QUIET_AFTER_DAYS = 60
"""Without a forecast, a repeat buyer is silent after twice the usual gap, and never before these days."""

LOYAL_FROM_ORDERS = 3

PARCEL_DAYS = 7
"""No word about a second order before the first parcel can have arrived."""

RETURNED_SHARE = 0.75
"""The second-order window ends when this share of those who came back had done so."""
RETURNERS_NEEDED = 20
DEFAULT_WINDOW_DAYS, SHORTEST_WINDOW_DAYS, LONGEST_WINDOW_DAYS = 60, 14, 365

DAYS_TO_ACT = {"win_back": 14, "thank_loyal": 30, "never_bought": 30}
"""Days after the last known day in which the message still makes sense; second_order has the person's own."""

TOO_FEW_DATA = "too few data for a forecast, so by rule: "


@dataclass(frozen=True)
class Window:
    """Days after the first order in which a second can be expected, and why."""

    days: int
    explanation: str


@dataclass(frozen=True)
class Rule:
    """One list: who belongs to it, what to do, why, and until when."""

    name: str
    belongs: ir.BooleanValue
    action: str
    reason: ir.StringValue
    window: ir.StringValue


def second_order_window(seen: ir.Table, today: ir.Table) -> Window:
    """The shop's own second-order window; DEFAULT_WINDOW_DAYS with too few returners.

    Takes the orders seen (truth.orders) and what is known of their buyers today
    (features.customer_features). A second order on the day of the first counts as one
    visit. People who will come back later are not in yet, so a young shop's window
    comes out short.
    """
    repeat = today.filter(today.order_count > 1).select("customer_id", "first_order_date")
    joined = seen.filter(seen.is_purchase).join(repeat, "customer_id")
    later = joined.filter(joined.order_date > joined.first_order_date)
    waits = later.group_by("customer_id").aggregate(
        days=later.order_date.min().delta(later.first_order_date.min(), unit="day")
    )
    counted = waits.group_by("days").aggregate(people=waits.count()).order_by("days").to_pyarrow().to_pylist()
    returned = sum(row["people"] for row in counted)
    if returned < RETURNERS_NEEDED:
        return Window(DEFAULT_WINDOW_DAYS, "too few people have come back to know when they do, so by rule")
    so_far, days = 0, 0
    for row in counted:
        so_far, days = so_far + row["people"], row["days"]
        if so_far >= RETURNED_SHARE * returned:
            break
    told = f"three of four who came back did so within {days} days"
    return Window(min(max(days, SHORTEST_WINDOW_DAYS), LONGEST_WINDOW_DAYS), told)


def list_rules(people: ir.Table, window: Window, as_of: date) -> tuple[Rule, ...]:
    """The rules in the order of their priority, as conditions on the columns of `people`."""
    bought_once = people.order_count == 1
    quiet = _is_quiet(people)
    in_window = people.recency_days.between(PARCEL_DAYS, window.days - 1)
    missed_window = people.recency_days >= window.days
    history, forecast = _history(people), _forecast(people)
    lone_reason = "spent more than most in one order; "
    return (
        Rule(
            "win_back",
            quiet & ((people.order_count > 1) | (people.is_best & missed_window)),
            "Write a personal note, say what is new, and make coming back easy.",
            _or_by_rule(forecast + "; ") + ibis.ifelse(bought_once, lone_reason, "") + history,
            _before(as_of, "win_back"),
        ),
        Rule(
            "second_order",
            bought_once & in_window,
            "Ask how the order was liked and show what goes with it.",
            history + "; " + window.explanation,
            _day_before(people.first_order_date, window.days),
        ),
        Rule(
            "thank_loyal",
            (people.order_count >= LOYAL_FROM_ORDERS) & ~quiet,
            "Say thank you in person; ask for nothing.",
            _or_by_rule(forecast + "; ") + history,
            _before(as_of, "thank_loyal"),
        ),
        Rule(
            "never_bought",
            people.order_count.isnull() & ~people.has_ordered,
            "Introduce the shop and its most liked pieces.",
            (_text("signed up on ", people.signup_date)).coalesce("agreed to be written to")
            + " and has not ordered yet",
            _before(as_of, "never_bought"),
        ),
    )


def _is_quiet(people: ir.Table) -> ir.BooleanValue:
    """Silent by the forecast; where there is none, by the person's own usual gap."""
    long_gap = people.recency_days > QUIET_AFTER_GAPS * people.inter_purchase_days
    by_rule = (people.recency_days > QUIET_AFTER_DAYS) & (long_gap | (people.order_count == 1))
    by_forecast = people.verdict.isin(QUIET_VERDICTS) & (people.recency_days > LEAVE_ALONE_DAYS)
    return ibis.ifelse(people.p_return.notnull(), by_forecast, by_rule).fill_null(False)


def _history(people: ir.Table) -> ir.StringValue:
    once = people.order_count == 1
    gap = people.inter_purchase_days.round().cast("int64")
    usual = ibis.ifelse(gap >= 2, _text(", usually every ", gap, " days"), "")
    bought = ibis.ifelse(once, "bought once", _text("bought ", people.order_count, " times") + usual)
    days = people.recency_days
    ago = ibis.cases(
        (days == 0, "on the last known day"), (days == 1, "1 day ago"), else_=_text("", days, " days ago")
    )
    return bought + ibis.ifelse(once, ", ", ", last ") + ago


def _forecast(people: ir.Table) -> ir.StringValue:
    """The forecast in words; NULL where there is none."""
    hundredths = (people.p_return * 100).round().cast("int64")
    chance = ibis.cases(
        (hundredths < 1, "under 1%"), (hundredths > 99, "over 99%"), else_=_text("", hundredths, "%")
    )
    days = people.horizon_days.cast("string")
    told = people.verdict + ", chance of another order within " + days + " days " + chance
    return ibis.ifelse(people.p_return.notnull(), told, ibis.null("string"))


def _or_by_rule(forecast: ir.StringValue) -> ir.StringValue:
    return forecast.coalesce(TOO_FEW_DATA)


def _before(as_of: date, name: str) -> ir.StringValue:
    return ibis.literal(f"before {as_of + timedelta(days=DAYS_TO_ACT[name])}")


def _day_before(day: ir.DateValue, days: int) -> ir.StringValue:
    # Some databases make a moment of a day plus days; its first ten letters are the day.
    return ibis.literal("before ") + (day + ibis.interval(days=days)).cast("string").substr(0, 10)


def _text(before: str, value: ir.Value, after: str = "") -> ir.StringValue:
    return ibis.literal(before) + value.cast("string") + after
