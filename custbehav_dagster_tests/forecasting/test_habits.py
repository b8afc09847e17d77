"""How people buy beyond how often and how long ago."""

import numpy as np
import pytest

from custbehav_dagster.forecasting.habits import (
    HABIT_COLUMNS,
    HABITS,
    HALF_LIVES,
    habit_columns,
    habits_at,
)
from custbehav_dagster.forecasting.moments import moment_at
from custbehav_dagster.forecasting.order_days import OrderDays
from custbehav_dagster_tests.forecasting.days import days_of, steady_shop

EVEN, OFFSET, VARIANCE, LAST = slice(0, 4), 4, 5, 6


def habits_of(shop: dict[str, list[int]], cutoff: int = 400) -> np.ndarray:
    return habits_at(days_of(shop), cutoff)


@pytest.mark.parametrize(
    "days", [[300], [300, 300 + 40], [0, 50, 100, 150, 200], [10, 20, 30, 40, 390]], ids=len
)
def test_orders_of_late_are_counted_by_their_age(days):
    shop = days_of({"ann": days})
    columns = habit_columns(habits_at(shop, 400), moment_at(shop, 400, 100))[0]
    real = [sum(0.5 ** ((400 - day) / half_life) for day in days) for half_life in HALF_LIVES]
    assert columns[:4] == pytest.approx(np.log(np.array(real) + 0.05), abs=1e-4)


def test_evenly_spaced_orders_have_no_pull_and_clumps_of_late_have():
    even, late, early, once = habits_of(
        {"a": [0, 100, 200, 300], "b": [0, 280, 290, 300], "c": [0, 10, 20, 300], "d": [300]}
    )
    assert even[EVEN] == pytest.approx(0, abs=1e-5)
    assert (late[EVEN] > 0.1).all()
    assert (early[EVEN] < -0.05).all()
    assert not once[:7].any()


def test_gaps_that_differ_have_more_variance_and_a_long_last_one_is_seen():
    regular, clumped, slowing = habits_of(
        {"a": list(range(0, 400, 40)), "b": [0, 1, 2, 390], "c": [0, 5, 300]}
    )
    assert regular[VARIANCE] < clumped[VARIANCE]
    assert regular[OFFSET] == pytest.approx(0, abs=1e-6)
    assert clumped[OFFSET] < 0
    assert slowing[LAST] > 0.5
    assert regular[LAST] == pytest.approx(0, abs=1e-6)


def test_the_last_amount_is_told_against_the_usual_one():
    shop = days_of({"ann": [0, 100, 200]})
    amounts = OrderDays(shop.people, shop.person, shop.day, shop.orders, np.array([10.0, 10.0, 80.0]))
    against_mean, deviation, first, lately = habits_at(amounts, 250)[0, 7:]
    assert against_mean > 1
    assert deviation > 0.5
    assert first == pytest.approx(np.log1p(10))
    assert 0 < lately < against_mean


def test_later_orders_are_not_seen_and_the_unknown_have_no_habits():
    days = steady_shop(60)
    habits = habits_at(days, 400)
    assert np.array_equal(habits, habits_at(days.until(400), 400))
    known = np.isin(np.arange(len(days)), moment_at(days, 400, 100).person)
    assert not habits[~known].any()
    assert (~known).any()
    assert habits.shape == (len(days), HABITS)


def test_columns_are_finite_for_everybody_on_the_day_of_the_first_order_too():
    days = days_of({"ann": [0], "ben": [0, 1], "cid": list(range(30))})
    for cutoff in (0, 1, 29, 5_000):
        moment = moment_at(days, cutoff, 100)
        columns = habit_columns(habits_at(days, cutoff)[moment.person], moment)
        assert columns.shape == (len(moment), HABIT_COLUMNS)
        assert np.isfinite(columns).all()
