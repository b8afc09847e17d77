"""What people are expected to order and spend, from a shop's past."""

import numpy as np
import pytest

from benchmarks.worth import with_outcome
from custbehav_dagster import contract
from custbehav_dagster.forecasting.expectations import VOLUME_DEVIATION
from custbehav_dagster.forecasting.moments import amount_after, orders_after
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster.forecasting.people import one_thread
from custbehav_dagster.forecasting.worth import value_columns
from custbehav_dagster_tests.forecasting.days import days_of, steady_shop

CUTOFF, HORIZON = 590, 100


@pytest.fixture(scope="module")
def past():
    return Past(steady_shop(600, length=956), HORIZON)


@pytest.fixture(scope="module")
def told(past):
    p_return = 1 / (1 + np.exp(-past.log_odds("pareto_nbd", CUTOFF)))
    people, known = (with_outcome(past, day) for day in (CUTOFF, CUTOFF - HORIZON))
    with one_thread():
        return p_return, value_columns(people, known, p_return, np.nan, HORIZON, past)


def test_the_columns_are_those_of_the_scores(told):
    names = {column.name for column in contract.results.CHURN_SCORES.columns}
    assert set(told[1]) <= names
    assert len(told[1]) == 18


def test_a_year_brings_no_less_and_orders_no_less_than_the_chance_of_one(told):
    p_return, columns = told
    assert (columns["expected_orders"] >= p_return).all()
    for what in ("orders", "value"):
        for end in ("", "_low", "_high"):
            assert (columns[f"expected_{what}_year{end}"] >= columns[f"expected_{what}{end}"]).all()


@pytest.mark.parametrize(("days", "ending"), [(HORIZON, ""), (365, "_year")])
def test_totals_come_near_to_what_came_and_ranges_hold_most(past, told, days, ending):
    _, columns = told
    moment = past.moment(CUTOFF)
    came = {"orders": orders_after(past.days, moment, days), "value": amount_after(past.days, moment, days)}
    for what, actual in came.items():
        assert columns[f"expected_{what}{ending}"].sum() == pytest.approx(actual.sum(), rel=0.35)
        low, high = (np.round(columns[f"expected_{what}{ending}_{end}"], 9) for end in ("low", "high"))
        assert ((np.floor(low) <= actual) & (actual <= high)).mean() > 0.75


def test_amounts_after_a_day_are_of_its_people_and_of_that_time_alone():
    days = days_of({"ann": [0, 10, 20, 40], "ben": [12]})
    moment = Past(days, 10).moment(10)
    assert amount_after(days, moment).tolist() == [10]
    assert amount_after(days, moment, 30).tolist() == [20]


def test_a_shop_whose_people_spend_ever_the_same_is_told_more_surely(told):
    shared = told[1]["shared_total_deviation"]
    assert len(set(shared)) == 1
    p_return = told[0]
    moved = (told[1]["expected_value"] * (1 - p_return)).sum() / told[1]["expected_value"].sum()
    assert shared[0] < np.hypot(0.28 * moved, VOLUME_DEVIATION)
