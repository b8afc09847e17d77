"""The columns of churn.scores that tell how much people will order and spend, from a shop's past."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from custbehav_dagster.forecasting.evaluation import rows_in
from custbehav_dagster.forecasting.expectations import (
    VOLUME_DEVIATION,
    YEAR_VOLUME_DEVIATION,
    Expected,
    Spread,
    expected_within,
    learn_spread,
    learn_volume,
    orders_of_returners,
    probability_within_year,
    shared_error,
)
from custbehav_dagster.forecasting.intervals import USUAL_SHARED_DEVIATION
from custbehav_dagster.forecasting.moments import YEAR, amount_after
from custbehav_dagster.forecasting.order_days import day_number
from custbehav_dagster.forecasting.past import SHORTEST_HISTORY, Past
from custbehav_dagster.forecasting.people import numbers
from custbehav_dagster.forecasting.value import ValueRule, fit_value

WINDOWS = 3
"""Earlier windows that are looked at to learn how far totals are off."""


def value_columns(
    people: pa.Table,
    known: pa.Table,
    p_return: np.ndarray,
    shared_log_odds: float,
    horizon_days: int,
    past: Past | None,
) -> dict[str, np.ndarray]:
    """Columns of churn.scores for orders and spend of `people`, learnt from the label window of `known`.

    Without a `past` nothing is told of a year. `shared_log_odds` is the deviation that all chances
    share, the usual one where it is not a number.
    """
    rule = fit_value(known, horizon_days)
    amount = np.maximum(rule.expected_amount(people), 0)
    shared = USUAL_SHARED_DEVIATION if np.isnan(shared_log_odds) else shared_log_odds
    spread = _spread_of(rule, known, past)
    volume = VOLUME_DEVIATION if past is None else learn_volume(_volumes(rule, known, past, spread))

    def told(days: int, p: np.ndarray, orders: np.ndarray, volume: float) -> Expected:
        error = shared_error(p, p * orders * amount, shared, volume)
        return expected_within(days, p, orders, amount, spread, error)

    if past is None or not people.num_rows:
        return told(horizon_days, p_return, rule.orders_of_returners(people), volume).columns()
    cutoff = day_number(people.column("as_of")[0].as_py())
    rows = rows_in(past, people, cutoff)
    soon = told(horizon_days, p_return, orders_of_returners(past, cutoff, horizon_days)[rows], volume)
    everybody = np.empty(len(past.moment(cutoff)))
    everybody[rows] = p_return
    p_year = probability_within_year(past, cutoff, everybody)[rows]
    yearly = float(np.hypot(volume, YEAR_VOLUME_DEVIATION))
    year = told(YEAR, p_year, orders_of_returners(past, cutoff, YEAR)[rows], yearly)
    return soon.columns() | year.not_below(soon).columns("_year")


def _spread_of(rule: ValueRule, known: pa.Table, past: Past | None) -> Spread:
    """How far the returners of `known` strayed from what would have been told of them."""
    returners = known.filter(known.column("returned"))
    if past is None or not known.num_rows:
        orders = rule.orders_of_returners(returners)
    else:
        # A large shop's orders were told by what a sample of it taught, which is enough here too.
        teacher, cutoff = past.teacher, day_number(known.column("cutoff")[0].as_py())
        inside = pc.is_in(returners.column("customer_id"), value_set=teacher.days.people.combine_chunks())
        returners = returners.filter(inside)
        told = orders_of_returners(teacher, cutoff, rule.horizon_days)
        orders = told[rows_in(teacher, returners, cutoff)]
    return learn_spread(
        orders,
        rule.expected_amount(returners),
        numbers(returners, "orders_in_horizon"),
        numbers(returners, "amount_in_horizon"),
    )


def _volumes(rule: ValueRule, known: pa.Table, past: Past, spread: Spread) -> list[tuple[float, float]]:
    """Of the newest windows that have ended: how far off the spend of those who returned was told."""
    if not known.num_rows:
        return []
    past, newest = past.teacher, day_number(known.column("cutoff")[0].as_py())
    found = []
    for cutoff in (newest - past.horizon * step for step in range(WINDOWS)):
        if cutoff - past.days.first_day < SHORTEST_HISTORY or not past.returned(cutoff).any():
            continue
        returned, moment = past.returned(cutoff), past.moment(cutoff)
        people = pa.table({"order_count": moment.orders, "average_amount": moment.amount / moment.orders})
        orders = orders_of_returners(past, cutoff, past.horizon)[returned]
        value = orders * np.maximum(rule.expected_amount(people), 0)[returned]
        came = float(amount_after(past.days, moment)[returned].sum())
        if came > 0 and value.sum() > 0:
            chance = (value**2 * np.exp(spread.variance(orders))).sum() / value.sum() ** 2
            found.append((float(np.log(came / value.sum())), float(chance)))
    return found
