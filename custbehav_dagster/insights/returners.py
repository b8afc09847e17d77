"""How many buyers will order again, all forecasts taken together."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir

from custbehav_dagster.insights.money import steady_sum
from custbehav_dagster.insights.statistics import sum_interval


@dataclass(frozen=True)
class Returners:
    """Of `people` with a probability about `expected` return, 95% sure between `low` and `high`.

    `worth` is what they are expected to spend within `days`; None without people.
    """

    people: int
    expected: float
    low: float
    high: float
    worth: float | None
    days: int | None


def returners(scores: ir.Table) -> Returners:
    """Sum up churn.scores; people without a probability are left out. Runs one query."""
    known = scores.filter(scores.p_return.notnull())
    p = known.p_return
    (sums,) = (
        known.aggregate(
            people=known.count(),
            expected=steady_sum(p, decimals=9),
            variance=steady_sum(p * (1 - p), decimals=9),
            shared=known.shared_deviation.max().fill_null(0.0),
            worth=steady_sum(known.expected_value),
            days=known.horizon_days.max(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    people, expected = sums["people"], sums["expected"] or 0.0
    low, high = sum_interval(expected, sums["variance"] or 0.0, sums["shared"], people)
    return Returners(people, expected, low, high, sums["worth"], sums["days"])
