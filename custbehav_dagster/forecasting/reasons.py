"""Why a number is what it is, in plain words: the strongest parts of the model's own sum.

Which parts are strongest is found with numbers; the words are made by the database,
so that a million people cost no loop.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster.forecasting.columns import FEATURES
from custbehav_dagster.forecasting.people import numbers

THEMES = ("order_count", "total_amount", "last_order", "gap", "first_order", "month", "channel", "region")
"""What a reason can be about; a reason is the number of its theme from 1, below 0 when it speaks against."""
THEME_OF_FEATURE = {
    "order_count": "order_count",
    "total_amount": "total_amount",
    "day_of_week": "month",
    "month": "month",
    "season": "month",
    "channel_code": "channel",
    "region_code": "region",
    "recency_days": "last_order",
    "tenure_days": "first_order",
    "inter_purchase_days": "gap",
}
LINEAR_FEATURES = ("order_count", "total_amount", "recency_days", "tenure_days", "inter_purchase_days")
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
    strength = np.abs(by_theme)
    order = np.argsort(-strength, axis=1, kind="stable")[:, :REASON_COUNT]
    signs = np.sign(np.take_along_axis(by_theme, order, axis=1))
    strong = np.take_along_axis(strength, order, axis=1) >= SMALLEST_REASON
    return np.where(strong, (order + 1) * signs, 0).astype("int8")


def linear_parts(
    people: pa.Table, log_odds: np.ndarray, features: Sequence[str] = LINEAR_FEATURES
) -> np.ndarray:
    """What each of FEATURES adds to the log-odds a model told of these people, against the average of them.

    For models that are no sum themselves: the plane through their own answers that fits best
    (least squares on the logarithms of purchases, mean amount and days), of `features` alone.
    """
    once = numbers(people, "order_count") == 1
    # Between the purchases of somebody who bought once there is no gap.
    gap = np.where(once, 0, np.log1p(numbers(people, "inter_purchase_days")))
    terms = {
        "order_count": np.log(numbers(people, "order_count")),
        "total_amount": np.arcsinh(numbers(people, "average_amount")),
        "recency_days": np.log1p(numbers(people, "recency_days")),
        "tenure_days": np.log1p(numbers(people, "tenure_days")),
        "inter_purchase_days": gap,
    }
    parts = np.zeros((people.num_rows, len(FEATURES)))
    if not people.num_rows:
        return parts
    columns = np.column_stack([terms[feature] for feature in features])
    columns -= columns.mean(axis=0)
    # A little ridge: with one person, or all alike, nothing is told apart.
    square = columns.T @ columns + 1e-6 * len(columns) * np.eye(columns.shape[1])
    weights = np.linalg.solve(square, columns.T @ (log_odds - log_odds.mean()))
    for position, feature in enumerate(features):
        parts[:, FEATURES.index(feature)] = columns[:, position] * weights[position]
    return parts


def reason_about(theme: str, contribution: np.ndarray) -> np.ndarray:
    """The reasons of a forecast that rests on one theme alone."""
    reasons = np.zeros((len(contribution), REASON_COUNT), dtype="int8")
    strong = np.abs(contribution) >= SMALLEST_REASON
    reasons[:, 0] = np.where(strong, (THEMES.index(theme) + 1) * np.sign(contribution), 0)
    return reasons


def reasons_in_words(people: ir.Table, without_reason: str) -> ir.StringValue:
    """Words for the columns REASON_COLUMNS of `people`, separated by '; '."""
    words = [_words(people, people[column]) for column in REASON_COLUMNS]
    joined = ibis.literal("; ").join(words)
    return ibis.ifelse(people[REASON_COLUMNS[0]] == 0, without_reason, joined)


def _words(people: ir.Table, reason: ir.IntegerColumn) -> ir.StringValue:
    """One reason in words, for or against; NULL where there is none."""
    facts = {
        "order_count": ibis.ifelse(
            people.order_count == 1, "bought once", _text("bought ", people.order_count, " times")
        ),
        "total_amount": _text("spent ", people.total_amount.cast("decimal(18, 2)"), " in all"),
        "last_order": _ago("last bought", people.recency_days),
        "gap": _text("usual gap ", people.inter_purchase_days.round().cast("int64"), " days"),
        "first_order": _ago("first bought", people.tenure_days),
        "month": _text(
            "last bought in ",
            ibis.cases(*((people.month == n, name) for n, name in enumerate(MONTHS, start=1))),
        ),
        "channel": ibis.coalesce(
            _text("last bought through ", people.channel), ibis.literal("channel unknown")
        ),
        "region": ibis.coalesce(_text("region ", people.region), ibis.literal("region unknown")),
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
