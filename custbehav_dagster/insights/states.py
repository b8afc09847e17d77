"""Insights about where people stand, and what a year can be expected to bring."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir

from custbehav_dagster.forecasting.expectations import range_of_total
from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.money import steady_sum
from custbehav_dagster.insights.statistics import Z95
from custbehav_dagster.insights.wording import count, listed, money

WORDS = {
    "active": "active",
    "due": "due for their next order",
    "slipping": "slipping",
    "lapsed": "lapsed",
    "new": "new",
    "seasonal": "buying in a season of their own",
    "gift-only": "buying gifts only",
}
"""Each state in a sentence, in the order they are told."""
TO_WRITE_TO = ("due", "slipping")


@dataclass(frozen=True)
class Total:
    """What `people` together are expected to bring, and the range in which it will lie as surely as asked."""

    people: int
    expected: float
    low: float
    high: float


def total_of(scores: ir.Table, what: str, ending: str = "", quantile: float = Z95) -> Total:
    """Sum up churn.scores by one query: `what` is orders or value, `ending` empty or `_year`.

    People without an expectation are left out. `quantile` is of the standard normal distribution,
    by default for 95%.
    """
    mean, deviation = scores[f"expected_{what}{ending}"], scores[f"{what}{ending}_deviation"]
    known = scores.filter(mean.notnull())
    (sums,) = (
        known.aggregate(
            people=known.count(),
            expected=steady_sum(known[mean.get_name()]),
            variance=steady_sum(known[deviation.get_name()] ** 2),
            shared=known[f"shared_total{ending}_deviation"].max(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    expected = sums["expected"] or 0.0
    low, high = range_of_total(expected, (sums["variance"] or 0.0) ** 0.5, sums["shared"] or 0.0, quantile)
    return Total(sums["people"], expected, low, high)


def where_people_stand(facts: Facts) -> Insight | None:
    """How many people are in each state, and what those to write to now are worth."""
    everybody = facts.scores.where("state IS NOT NULL", lambda t: t.state.notnull())
    found = everybody.table.group_by("state").aggregate(
        people=lambda t: t.count(), worth=lambda t: steady_sum(t.expected_value)
    )
    rows = {row["state"]: row for row in found.to_pyarrow().to_pylist()}
    people = sum(row["people"] for row in rows.values())
    late = sum(rows[state]["people"] for state in TO_WRITE_TO if state in rows)
    if people < FLOOR or not late:
        return None
    told = listed(f"{rows[state]['people']:,} {words}" for state, words in WORDS.items() if state in rows)
    worths = [rows[state]["worth"] for state in TO_WRITE_TO if state in rows]
    days = facts.settings.horizon_days
    worth = sum(value for value in worths if value is not None)
    if any(value is not None for value in worths):
        told += (
            f". Of those due or slipping {money(worth, facts.currency)} can be expected within {days} days"
        )
    return Insight(
        "where_people_stand",
        "returns",
        f"Of {people:,} buyers, by their own usual gap between orders: {told}.",
        float(late),
        "people due or slipping",
        everybody.where("state IN ('due', 'slipping')", lambda t: t.state.isin(TO_WRITE_TO)),
        "Write to those who are due first: a reminder now costs least; then to those who are slipping.",
        parameters={"people": people, "days": days, "worth": worth}
        | {f"{state}_people": rows.get(state, {"people": 0})["people"] for state in TO_WRITE_TO},
    )


def worth_of_a_year(facts: Facts) -> Insight | None:
    """What the buyers known today can be expected to spend within a year."""
    rows = facts.scores.where("expected_value_year IS NOT NULL", lambda t: t.expected_value_year.notnull())
    value = total_of(rows.table, "value", "_year")
    if value.people < FLOOR or not value.expected > 0:
        return None
    orders = total_of(rows.table, "orders", "_year")
    amounts = (money(amount, facts.currency) for amount in (value.expected, value.low, value.high))
    expected, low, high = amounts
    return Insight(
        "worth_of_a_year",
        "returns",
        f"The {count(value.people, 'buyer')} known today can be expected to spend about {expected} "
        f"within a year, in about {count(orders.expected, 'order')} (95% sure: between {low} and {high}).",
        value.expected,
        facts.currency,
        rows,
        "Plan with the lower end; whoever finds the shop anew comes on top of it.",
        (value.low, value.high),
        parameters={"people": value.people, "orders": orders.expected},
    )
