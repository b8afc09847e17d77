"""Orders and spend to come: means, and ranges that hold what comes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.forecasting.expectations import (
    USUAL_BETWEEN,
    USUAL_WITHIN,
    VOLUME_DEVIATION,
    Spread,
    expected_within,
    learn_spread,
    learn_volume,
    orders_of_returners,
    probability_within_year,
    shared_error,
)
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster_tests.forecasting.days import steady_shop


def drawn(p, orders, amount, spread, seed=0, size=4000):
    """What `size` people of that kind do, and what is told of them."""
    generator = np.random.default_rng(seed)
    returned = generator.random(size) < p
    shape = 1 / spread.dispersion
    count = np.where(returned, 1 + generator.negative_binomial(shape, shape / (shape + orders - 1), size), 0)
    deviation = np.sqrt(spread.between + spread.within / orders)
    spent = np.where(
        returned, orders * amount * np.exp(generator.normal(-(deviation**2) / 2, deviation, size)), 0
    )
    told = expected_within(120, *(np.full(size, value) for value in (p, orders, amount)), spread, 0.1)
    return count, spent, told


@pytest.mark.parametrize("p", [0.15, 0.5, 0.85, 0.95, 0.99])
@pytest.mark.parametrize("orders", [1.2, 4.0])
def test_ranges_hold_four_of_five_where_nothing_is_not_likelier_than_that(p, orders):
    count, spent, told = drawn(p, orders, 20.0, Spread())
    held = ((told.value_low <= spent) & (spent <= told.value_high)).mean()
    assert held == pytest.approx(max(0.8, 1 - p), abs=0.02)
    # Orders are whole: their range holds at least so many.
    assert ((np.floor(told.orders_low) <= count) & (count <= told.orders_high)).mean() > 0.78
    assert spent.mean() == pytest.approx(told.value[0], rel=0.06)
    assert spent.std() == pytest.approx(told.value_deviation[0], rel=0.12)
    assert count.std() == pytest.approx(told.orders_deviation[0], rel=0.08)


@settings(max_examples=30, deadline=None)
@given(
    p=st.floats(0.001, 0.999), orders=st.floats(1, 200), amount=st.floats(0, 1e6), between=st.floats(0.02, 4),
    lean=st.floats(-1, 1), dispersion=st.floats(0.05, 5),
)  # fmt: skip
def test_every_mean_lies_in_its_range_and_nothing_is_endless(p, orders, amount, between, lean, dispersion):
    told = expected_within(
        120,
        np.array([p]),
        np.array([orders]),
        np.array([amount]),
        Spread(between, 0.2, lean, dispersion),
        0.1,
    )
    for what in ("orders", "value"):
        low, mean, high, deviation = (
            getattr(told, what + ending)[0] for ending in ("_low", "", "_high", "_deviation")
        )
        assert 0 <= low <= mean <= high < np.inf
        assert 0 <= deviation < np.inf
    assert told.orders[0] >= p


def test_the_spread_of_a_shop_is_learnt_and_of_few_is_the_usual():
    generator = np.random.default_rng(3)
    orders = generator.uniform(1, 8, 5000)
    true = Spread(0.3, 1.2, 0.0, 0.8)
    amount = (
        10 * orders * np.exp(generator.normal(0, np.sqrt(true.variance(orders))) - true.variance(orders) / 2)
    )
    shape = 1 / true.dispersion
    count = 1 + generator.negative_binomial(shape, shape / (shape + orders - 1))
    found = learn_spread(orders, np.full(5000, 10.0), count, amount)
    assert (found.between, found.within) == pytest.approx((0.3, 1.2), abs=0.15)
    assert found.dispersion == pytest.approx(0.8, abs=0.1)
    assert found.lean == pytest.approx(0, abs=0.05)
    nobody = np.empty(0)
    usual = learn_spread(nobody, nobody, nobody, nobody)
    assert (usual.between, usual.within, usual.lean) == pytest.approx((USUAL_BETWEEN, USUAL_WITHIN, 0))


def test_how_far_totals_are_off_is_learnt_beyond_what_chance_brings():
    assert learn_volume([]) == pytest.approx(VOLUME_DEVIATION)
    assert learn_volume([(0.05, 0.01), (-0.05, 0.01)]) < VOLUME_DEVIATION < learn_volume([(0.5, 0.01)])


def test_an_error_of_all_chances_weighs_most_where_they_are_small():
    value = np.full(100, 10.0)
    small, large = (shared_error(np.full(100, p), value, 0.3, 0.0) for p in (0.05, 0.95))
    assert (small, large) == pytest.approx((0.285, 0.015))
    assert shared_error(np.zeros(0), np.zeros(0), 0.3, 0.12) == 0.12


@pytest.mark.parametrize("horizon", [60, 365, 500])
def test_a_longer_time_brings_no_less(horizon):
    past = Past(steady_shop(200), horizon)
    p_return = np.clip(1 / (1 + np.exp(-past.log_odds("pareto_nbd", 650))), 0.001, 0.999)
    p_year = probability_within_year(past, 650, p_return)
    assert ((p_year >= p_return) if horizon <= 365 else (p_year <= p_return)).all()
    soon, year = (orders_of_returners(past, 650, days) for days in (horizon, 365))
    assert (np.minimum(soon, year) >= 1).all()
    assert ((year >= soon) if horizon <= 365 else (year <= soon)).mean() > 0.99
