"""How far to look ahead: a length that fits the shop's own times between orders.

The times between one person's orders are taken by the estimator of Wang & Chang (1999, Journal of the
American Statistical Association): each person counts once, however often they buy; a wait that has not
ended counts only for people who have not come back at all, as long as they were watched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from custbehav_dagster.forecasting.order_days import numbered_buyers
from custbehav_dagster.forecasting.second_order.life_table import life_table

PART = 0.8
"""Share of the waits that come to an end which a fitting horizon holds."""
TWO_YEARS = 730
MOST_PEOPLE = 100_000
"""Of more buyers each so-many-th is looked at."""
FEWEST_WATCHED = 20
FEWEST_REPEAT_BUYERS = 20
STEP_DAYS = 30
FAR_OFF = 2.0
"""A setting so many times as long, or as short, as the suggestion is far from it."""
LARGEST_PART_OF_HISTORY = 1 / 4
"""So that at least three windows of the past are there to learn from and to judge by."""


@dataclass(frozen=True)
class Suggestion:
    """A length of forecasts in days: `days` is what fits, a multiple of STEP_DAYS.

    `exact` is the day by which PART of the waits have ended, `half` that of half of them;
    `repeat_buyers` people looked at had a wait that ended. `is_cut` says that the shop's history
    is too short for what fits.
    """

    days: int
    exact: int
    half: int
    repeat_buyers: int
    is_cut: bool

    def is_far_from(self, horizon: int) -> bool:
        """The horizon is at least FAR_OFF times as long or as short."""
        return max(horizon / self.days, self.days / horizon) >= FAR_OFF


def suggested_horizon(orders: ir.Table, as_of: date) -> Suggestion | None:
    """Suggest a horizon from truth.orders up to `as_of`; None with fewer than FEWEST_REPEAT_BUYERS."""
    waits = _waits(orders, as_of).to_pyarrow()
    days, weight, came = (waits.column(name).to_numpy() for name in ("days", "weight", "came"))
    came = came.astype(bool)
    repeat_buyers = round(weight[came].sum())
    if repeat_buyers < FEWEST_REPEAT_BUYERS:
        return None
    table = life_table(days, came, weight)
    limit = min(TWO_YEARS, table.well_watched(FEWEST_WATCHED))
    exact, half = table.within(PART, limit), table.within(0.5, limit)
    if exact is None or half is None:
        return None
    fits = max(STEP_DAYS, -(-exact // STEP_DAYS) * STEP_DAYS)
    history = _days_of_history(orders, as_of)
    most = max(STEP_DAYS, int(history * LARGEST_PART_OF_HISTORY) // STEP_DAYS * STEP_DAYS)
    return Suggestion(min(fits, most), exact, half, repeat_buyers, fits > most)


def _bought(orders: ir.Table, as_of: date) -> ir.Table:
    return orders.filter(
        orders.is_purchase, orders.customer_id.notnull(), orders.order_date <= ibis.date(as_of)
    )


def _days_of_history(orders: ir.Table, as_of: date) -> int:
    first: date = _bought(orders, as_of).order_date.min().to_pyarrow().as_py()
    return (as_of - first).days


def _waits(orders: ir.Table, as_of: date) -> ir.Table:
    """Columns `days`, `came` and the summed `weight` of people with such a wait."""
    bought = _bought(orders, as_of)
    some = bought.semi_join(numbered_buyers(bought, as_of, MOST_PEOPLE), "customer_id")
    daily = some.select("customer_id", "order_date").distinct()
    placed = daily.mutate(
        next_date=daily.order_date.lead().over(group_by="customer_id", order_by="order_date"),
        ended=(daily.order_date.count().over(group_by="customer_id") - 1),
    )
    counted = placed.filter(placed.next_date.notnull() | (placed.ended == 0))
    waits = counted.select(
        "ended",
        came=counted.next_date.notnull(),
        days=counted.next_date.fill_null(ibis.date(as_of))
        .delta(counted.order_date, unit="day")
        .cast("int64"),
    )
    cells = waits.group_by("days", "came", "ended").aggregate(waits=waits.count())
    weight = cells.waits / ibis.greatest(cells.ended, 1)
    return cells.select("days", "came", weight=weight.cast("float64")).order_by("days", "came", "weight")
