"""Why a number is what it is, in plain words: the strongest parts of the model that made it.

A part is what the model's own sum adds, or by how much its answer would move without the fact
(`suppositions`). Which parts are strongest is found with numbers; the words are made by the
database, so that a million people cost no loop.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np

from custbehav_dagster.forecasting.columns import FEATURES
from custbehav_dagster.forecasting.suppositions import FACTS
from custbehav_dagster.insights.wording import MINUS, currency_sign

THEMES = (
    "order_count", "spend", "last_order", "gap", "first_order", "month", "channel", "region", "year_ago",
)  # fmt: skip
"""What a reason can be about; a reason is the number of its theme from 1, below 0 when it speaks against."""
THEME_OF_FEATURE = {
    "order_count": "order_count",
    "total_amount": "spend",
    "day_of_week": "month",
    "month": "month",
    "season": "month",
    "channel_code": "channel",
    "region_code": "region",
    "recency_days": "last_order",
    "tenure_days": "first_order",
    "inter_purchase_days": "gap",
}
REASON_COUNT = 3
SMALLEST_REASON = 0.1
"""Parts of the log-odds below this are no reason: they move an even chance by under 3 points in 100."""
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
REASON_COLUMNS = tuple(f"reason_{number}" for number in range(1, REASON_COUNT + 1))


def strongest_reasons(contributions: np.ndarray, order_count: np.ndarray) -> np.ndarray:
    """Up to three reasons per person, strongest first, 0 where there is none.

    `contributions` has one column per FEATURES. Of somebody who bought once, the days
    since the first purchase and between purchases are those since the last, so the
    three are one reason.
    """
    by_theme = np.zeros((len(contributions), len(THEMES)))
    for column, feature in enumerate(FEATURES):
        by_theme[:, THEMES.index(THEME_OF_FEATURE[feature])] += contributions[:, column]
    once = order_count == 1
    last, others = THEMES.index("last_order"), [THEMES.index("gap"), THEMES.index("first_order")]
    by_theme[once, last] += by_theme[np.ix_(once, others)].sum(axis=1)
    by_theme[np.ix_(once, others)] = 0
    return strongest_themes(by_theme, range(len(THEMES)))


def strongest_facts(parts: np.ndarray) -> np.ndarray:
    """The same from one column per suppositions.FACTS."""
    return strongest_themes(parts, [THEMES.index(fact) for fact in FACTS])


def strongest_themes(parts: np.ndarray, themes: Sequence[int]) -> np.ndarray:
    """The same from one column per entry of `themes`, positions in THEMES."""
    strength = np.abs(parts)
    order = np.argsort(-strength, axis=1, kind="stable")[:, :REASON_COUNT]
    signs = np.sign(np.take_along_axis(parts, order, axis=1))
    strong = np.take_along_axis(strength, order, axis=1) >= SMALLEST_REASON
    return np.where(strong, (np.asarray(themes)[order] + 1) * signs, 0).astype("int8")


def reason_about(theme: str, contribution: np.ndarray) -> np.ndarray:
    """The reasons of a forecast that rests on one theme alone."""
    reasons = np.zeros((len(contribution), REASON_COUNT), dtype="int8")
    strong = np.abs(contribution) >= SMALLEST_REASON
    reasons[:, 0] = np.where(strong, (THEMES.index(theme) + 1) * np.sign(contribution), 0)
    return reasons


def reasons_in_words(people: ir.Table, without_reason: str, currency: str) -> ir.StringValue:
    """Words for the columns REASON_COLUMNS of `people`, separated by '; '; amounts are in `currency`."""
    words = [_words(people, people[column], currency) for column in REASON_COLUMNS]
    joined = ibis.literal("; ").join(words)
    return ibis.ifelse(people[REASON_COLUMNS[0]] == 0, without_reason, joined)


def facts_of_rank(people: ir.Table) -> ir.StringValue:
    """What the rank of `people` rests on where nothing is forecast: days since the last order, and orders."""
    times = ibis.ifelse(
        people.order_count == 1, "; bought once", _text("; bought ", people.order_count, " times")
    )
    return _ago("last order", people.recency_days) + times


def state_in_words(people: ir.Table) -> ir.StringValue:
    """Why the column `state` of `people` is what it is, from their days and what is usual for them."""
    once = people.order_count == 1
    usual = people.usual_gap_days.round().cast("int64")
    half = _text("; half of those who come back here do so within ", usual, " days")
    waits = _text("; next one usually within ", usual, " days")
    by_wait = _ago("last order", people.recency_days) + ibis.ifelse(once, half, waits)
    month = ibis.cases(*((people.next_order_due_date.month() == n, name) for n, name in enumerate(MONTHS, 1)))
    return ibis.cases(
        (people.state == "new", _ago("first order", people.tenure_days)),
        (people.state == "seasonal", _text("buys each year around ", month, " and not between")),
        (
            people.state == "gift-only",
            ibis.ifelse(
                once, "the one order was a gift", _text("all ", people.order_count, " orders were gifts")
            ),
        ),
        else_=by_wait,
    )


def amount_in_words(amount: ir.NumericValue, currency: str) -> ir.StringValue:
    """Money to the penny: `£1,234.50`."""
    cents = (amount.abs() * 100).round().cast("int64")
    whole, rest = cents // 100, (cents % 100).cast("string").lpad(2, "0")

    def group(value: ir.IntegerValue) -> ir.StringValue:
        return (value % 1000).cast("string").lpad(3, "0")

    grouped = ibis.cases(
        (whole < 1000, whole.cast("string")),
        (whole < 1_000_000, (whole // 1000).cast("string") + "," + group(whole)),
        else_=(whole // 1_000_000).cast("string") + "," + group(whole // 1000) + "," + group(whole),
    )
    minus = ibis.ifelse((amount < 0) & (cents > 0), MINUS, "")
    return minus + ibis.literal(currency_sign(currency)) + grouped + "." + rest


def _words(people: ir.Table, reason: ir.IntegerColumn, currency: str) -> ir.StringValue:
    """One reason in words, for or against; NULL where there is none."""
    once = people.order_count == 1
    gap = people.inter_purchase_days.round().cast("int64")
    orders = ibis.ifelse(once, "one order", _text("", people.order_count, " orders"))
    gap_is_told = ibis.or_(*(people[column].abs() == THEMES.index("gap") + 1 for column in REASON_COLUMNS))
    facts = {
        "order_count": ibis.ifelse(once, "bought once", _text("bought ", people.order_count, " times")),
        "spend": "spent " + amount_in_words(people.total_amount, currency) + " in " + orders,
        "last_order": _ago("last order", people.recency_days)
        + ibis.ifelse(once | gap_is_told | (gap < 1), "", _text(", on average every ", gap)),
        "gap": ibis.cases(
            (gap < 1, "orders on the same day"),
            (gap == 1, "orders every day on average"),
            else_=_text("orders every ", gap, " days on average"),
        ),
        "first_order": _ago("first order", people.tenure_days),
        "month": _text(
            "last order in ",
            ibis.cases(*((people.month == n, name) for n, name in enumerate(MONTHS, start=1))),
        ),
        "channel": ibis.coalesce(
            _text("last order through ", people.channel), ibis.literal("channel unknown")
        ),
        "region": ibis.coalesce(_text("region ", people.region), ibis.literal("region unknown")),
        "year_ago": ibis.literal("ordered at this time last year"),
    }
    fact = ibis.cases(
        *((reason.abs() == number, facts[theme]) for number, theme in enumerate(THEMES, start=1))
    )
    return fact + ibis.cases((reason > 0, " (for)"), (reason < 0, " (against)"))


def _ago(what: str, days: ir.IntegerColumn) -> ir.StringValue:
    return ibis.cases(
        (days == 0, f"{what} on the last known day"),
        (days == 1, f"{what} 1 day ago"),
        else_=_text(f"{what} ", days, " days ago"),
    )


def _text(before: str, value: ir.Value, after: str = "") -> ir.StringValue:
    return ibis.literal(before) + value.cast("string") + after
