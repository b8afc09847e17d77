"""What was forecast, kept from refresh to refresh, and graded by what happened.

A forecast is written down once per last known day and horizon. When the horizon has
passed it is compared with the orders that came, from the tables as they are now: an
export that arrives late corrects the grade.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.cleaning.identity.people import with_person
from custbehav_dagster.forecasting.people import NORMAL_QUANTILE_90
from custbehav_dagster.provenance import prefer_real

SMALLEST_LOSS = 1e-12
"""A probability of exactly 0 or 1 that was wrong would make the log loss infinite."""

_KEY = ("as_of", "horizon_days")
_TOLD = ("p_return", "expected_orders", "expected_value", "shared_deviation")


def append_forecasts(
    ledger: ir.Table, scores: ir.Table, orders: ir.Table, customer_links: ir.Table, as_of: date
) -> ir.Table:
    """The ledger with today's forecasts in it and every forecast that is due graded.

    Args:
        ledger: churn.forecast_ledger of the last refresh, or an empty one.
        scores: churn.scores; replaces what the ledger holds of the same day and horizon.
        orders: truth.orders.
        customer_links: truth.customer_links: people who turned out to be one become one here.
        as_of: last known day; a forecast whose horizon ends later is not graded.

    Returns:
        One row per day, horizon and person, as contract.results.FORECAST_LEDGER says.
        Forecasts of a generated shop are forgotten when a real one is there, and the
        other way round.
    """
    scores, is_synthetic = prefer_real(scores)
    today = scores.select(*_KEY, "customer_id", *_TOLD, "verdict", "model", "is_synthetic")
    earlier = ledger.filter(ledger.is_synthetic == is_synthetic).anti_join(
        today.select(*_KEY).distinct(), _KEY
    )
    rows = _as_people_are_now(earlier.select(*today.columns), customer_links).union(today)
    rows = rows.mutate(due_date=_after(rows.as_of, rows.horizon_days))
    return contract.results.FORECAST_LEDGER.conform(_graded(rows, orders, as_of))


def _after(day: ir.DateValue, days: ir.IntegerValue) -> ir.DateValue:
    return (day + days.as_interval("D")).cast("date")


def _as_people_are_now(rows: ir.Table, links: ir.Table) -> ir.Table:
    """Rows under the person that each record belongs to now; of people who became one, together."""
    joined = with_person(rows, links)
    joined = joined.mutate(customer_id=joined.person_id)
    missed = (1 - joined.p_return).ln().sum().exp()
    is_one = joined.count() == 1
    merged = joined.group_by(*_KEY, "customer_id").aggregate(
        p_return=ibis.ifelse(is_one, joined.p_return.max(), 1 - missed),
        expected_orders=joined.expected_orders.sum(),
        expected_value=joined.expected_value.sum(),
        shared_deviation=joined.shared_deviation.max(),
        verdict=joined.verdict.argmax(joined.p_return.fill_null(-1)),
        model=joined.model.max(),
        is_synthetic=joined.is_synthetic.any(),
    )
    return merged.select(*rows.columns)


def _graded(rows: ir.Table, orders: ir.Table, as_of: date) -> ir.Table:
    bought = orders.filter(orders.is_purchase, orders.customer_id.notnull(), orders.order_date <= as_of)
    bought = bought.select("order_date", "shop_gross_amount", _buyer="customer_id")
    windows = rows.filter(rows.due_date <= as_of).select(*_KEY, "customer_id", "due_date")
    inside = windows.join(
        bought,
        [
            windows.customer_id == bought._buyer,
            bought.order_date > windows.as_of,
            bought.order_date <= windows.due_date,
        ],
    )
    came = inside.group_by(*_KEY, "customer_id").aggregate(
        came=inside.count(), spent=inside.shop_gross_amount.sum().cast("float64")
    )
    joined = rows.left_join(came, [*_KEY, "customer_id"])
    is_due = joined.due_date <= as_of
    return joined.mutate(
        returned=ibis.ifelse(is_due, joined.came.notnull(), ibis.null("boolean")),
        actual_orders=ibis.ifelse(is_due, joined.came.fill_null(0), ibis.null("int64")),
        actual_value=ibis.ifelse(is_due, joined.spent.fill_null(0.0), ibis.null("float64")),
    )


def grade_forecasts(ledger: ir.Table) -> ir.Table:
    """One row per day and horizon of the forecasts that are due, as contract.results.FORECAST_GRADES says.

    `low` and `high` hold the number of people who return in four of five cases: each comes or
    not by chance (the sum of independent trials, by its normal limit), and all may be off
    together by the shared error that was told with the forecast.
    """
    told = ledger.filter(ledger.returned.notnull(), ledger.p_return.notnull())
    p = told.p_return.clip(lower=SMALLEST_LOSS, upper=1 - SMALLEST_LOSS)
    came = told.returned.cast("float64")
    sums = told.group_by(*_KEY).aggregate(
        due_date=told.due_date.max(),
        people=told.count(),
        expected=told.p_return.round(9).sum(),
        chance=(told.p_return * (1 - told.p_return)).round(9).sum(),
        shared=told.shared_deviation.max().fill_null(0.0),
        actual=told.count(where=told.returned),
        brier=((told.p_return - came) ** 2).round(9).mean(),
        log_loss=(-(came * p.ln() + (1 - came) * (1 - p).ln())).round(9).mean(),
        expected_value=told.expected_value.round(6).sum(),
        actual_value=told.actual_value.round(6).sum(),
        model=told.model.max(),
        is_synthetic=told.is_synthetic.any(),
    )
    sums = sums.mutate(variance=sums.chance + (sums.shared * sums.chance) ** 2)
    spread = sums.variance.sqrt() * NORMAL_QUANTILE_90
    return contract.results.FORECAST_GRADES.conform(
        sums.mutate(
            low=(sums.expected - spread).floor().clip(lower=0),
            high=ibis.least((sums.expected + spread).ceil(), sums.people),
        )
    )


@dataclass(frozen=True)
class Drift:
    """All forecasts that do not overlap, taken together."""

    forecasts: int
    expected: float
    actual: int
    deviations: float


def drift_of(grades: list[Mapping[str, Any]]) -> Drift:
    """How far what came lies from what was forecast, in standard deviations of what was told.

    Takes rows of churn.forecast_grades. Two forecasts whose windows overlap see the same
    orders, so of each run of overlapping ones only the newest counts.
    """
    chosen: list[Mapping[str, Any]] = []
    for grade in sorted(grades, key=lambda row: row["due_date"], reverse=True):
        if not chosen or grade["due_date"] <= chosen[-1]["as_of"]:
            chosen.append(grade)
    # Whole numbers come out of a reader as int or as Decimal, which no float is subtracted from.
    expected, actual = (sum(float(row[name]) for row in chosen) for name in ("expected", "actual"))
    variance = sum(float(row["variance"]) for row in chosen)
    away = (actual - expected) / math.sqrt(variance) if variance > 0 else 0.0
    return Drift(len(chosen), expected, int(actual), away)
