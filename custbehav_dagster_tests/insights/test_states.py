"""Sentences about where people stand and what they are worth."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.results import STATES
from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.insights.insight import Insight
from custbehav_dagster.insights.states import WORDS, total_of, where_people_stand, worth_of_a_year
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import score


def scores_of(**people: int) -> list[dict[str, Any]]:
    """So many people in each state, each expected to spend £20 within the horizon."""
    states = [name.replace("_", "-") for name, size in people.items() for _ in range(size)]
    return [score(number, 0.2, state=state) for number, state in enumerate(states)]


def table_of(rows: list[dict[str, Any]]) -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist(rows, schema=contract.results.CHURN_SCORES.schema.to_pyarrow()))


def told(scores: list[dict[str, Any]]) -> dict[str, Insight]:
    """The insights of these scores, which alone are read."""
    facts: Any = SimpleNamespace(
        scores=real_rows("churn.scores", table_of(scores)), currency="GBP", settings=Settings()
    )
    insights = [find(facts) for find in (where_people_stand, worth_of_a_year)]
    return {insight.insight_id: insight for insight in insights if insight is not None}


def test_people_are_counted_by_state_and_those_to_write_to_priced() -> None:
    insight = told(scores_of(active=9, due=4, slipping=3, lapsed=11, gift_only=1))["where_people_stand"]
    assert insight.sentence == (
        "Of 28 buyers, by their own usual gap between orders: 9 active, 4 due for their next order, "
        "3 slipping, 11 lapsed and 1 buying gifts only. "
        "Of those due or slipping £140 can be expected within 120 days."
    )
    assert (insight.value, insight.evidence.count()) == (7, 7)


def test_without_a_forecast_states_are_told_without_money_and_a_year_not_at_all(
    con: ibis.BaseBackend,
) -> None:
    rows = [score(number, None, state="due") for number in range(20)]
    insights = told(rows)
    assert insights["where_people_stand"].sentence == (
        "Of 20 buyers, by their own usual gap between orders: 20 due for their next order."
    )
    assert "worth_of_a_year" not in insights


@pytest.mark.parametrize(("people", "is_told"), [(19, False), (20, True)])
def test_a_year_is_told_of_enough_people_with_its_range(people: int, is_told: bool) -> None:
    insights = told(scores_of(due=people))
    assert ("worth_of_a_year" in insights) is is_told
    if is_told:
        insight = insights["worth_of_a_year"]
        assert insight.sentence == (
            "The 20 buyers known today can be expected to spend about £1,000 within a year, "
            "in about 8 orders (95% sure: between £383 and £2,612)."
        )
        assert insight.interval is not None
        assert insight.interval[0] < insight.value < insight.interval[1]


def test_a_total_grows_surer_than_its_parts_but_never_than_what_they_share() -> None:
    def width(people: int, shared: float) -> float:
        rows = [score(n, 0.2, shared_total_year_deviation=shared) for n in range(people)]
        total = total_of(table_of(rows), "value", "_year", quantile=1.0)
        assert total.people == people
        return total.high / total.expected - 1

    assert width(10, 0.0) > 2 * width(100, 0.0) > 2 * width(1000, 0.0) > 0
    assert width(1000, 0.2) > 0.2


def test_every_state_has_its_words() -> None:
    assert set(WORDS) == set(STATES)
