"""Forecasts from order days: no look ahead, the drift, the combination, how sure they are."""

import numpy as np
import pytest

from custbehav_dagster.forecasting.combination import (
    expected_share,
    learn,
    learning_cutoffs,
    shifted,
)
from custbehav_dagster.forecasting.intervals import (
    USUAL_SHARED_DEVIATION,
    person_interval,
    shared_deviation,
)
from custbehav_dagster.forecasting.learners import share_of_each
from custbehav_dagster.forecasting.measures import area_under_curve, log_losses
from custbehav_dagster.forecasting.past import Past, log_odds_of, shift_to
from custbehav_dagster.forecasting.people import NORMAL_QUANTILE_90, one_thread
from custbehav_dagster.forecasting.told import NAMES, told_at, told_with_intervals
from custbehav_dagster.insights.statistics import sum_interval
from custbehav_dagster_tests.forecasting.days import days_of, steady_shop


def total_interval(probability, shared):
    """How many are expected of people with these probabilities, and the ends of the 80% interval."""
    expected, chance = float(probability.sum()), float((probability * (1 - probability)).sum())
    return expected, *sum_interval(expected, chance, shared, len(probability), NORMAL_QUANTILE_90)


@pytest.fixture(scope="module")
def past():
    return Past(steady_shop(800), 100)


@pytest.fixture(scope="module")
def told(past):
    with one_thread():
        return told_at(past, 590)


def test_every_forecaster_tells_everybody_a_probability_better_than_a_constant(past, told):
    returned = past.returned(590)
    constant = log_losses(returned, np.full(len(returned), returned.mean())).mean()
    assert set(told) == set(NAMES)
    for probability in told.values():
        assert len(probability) == len(past.moment(590))
        assert ((probability > 0) & (probability < 1)).all()
        assert area_under_curve(returned, probability) > 0.7
        assert log_losses(returned, probability).mean() < constant


def test_what_happens_after_the_cutoff_changes_no_forecast(past, told):
    with one_thread():
        blind = told_at(Past(past.days.until(590), 100), 590)
    for name, probability in told.items():
        assert np.array_equal(probability, blind[name]), name


def test_forecasts_are_the_same_each_time_and_for_people_under_other_names(past, told):
    renamed = Past(past.days.of(np.arange(len(past.days))), 100)
    with one_thread():
        again = told_at(renamed, 590)
    assert all(np.array_equal(told[name], again[name]) for name in NAMES)


def test_only_windows_that_had_ended_are_learnt_from(past):
    cutoffs = learning_cutoffs(past, 590)
    assert cutoffs[0] == 490
    assert min(cutoffs) >= past.days.first_day + 60
    assert set(np.unique(learn(past, 590).cutoff)) == set(range(len(cutoffs)))


def test_a_young_shop_is_told_what_the_model_says(past):
    young = Past(steady_shop(100, length=200), 100)
    assert learn(young, 130) is None
    told = told_at(young, 130)
    assert set(told) == {*NAMES} - {"gradient_boosting"}
    assert np.corrcoef(log_odds_of(told["combination"]), young.log_odds("pareto_nbd", 130))[0, 1] > 0.999


def test_a_shop_that_cools_down_is_told_fewer_will_return():
    # Everybody comes each 20 days until day 340, and nobody after it.
    days = days_of({f"c{n:03d}": list(range(n % 20, 340, 20)) + ([399] if n < 5 else []) for n in range(100)})
    past = Past(days, 100)
    assert past.drift("pareto_nbd", 399) < -0.1
    told = past.log_odds("pareto_nbd", 399)
    assert expected_share(past, 399) < (1 / (1 + np.exp(-told))).mean()


def test_the_season_a_year_ago_is_expected_again():
    past = Past(steady_shop(600, length=1020, christmas=6.0), 60)
    before_winter, before_spring = 365 * 2 + 300, 365 * 2 + 1
    assert (
        past.off("pareto_nbd", before_winter - 365, 60)
        > 0.2
        > past.off("pareto_nbd", before_spring - 365, 60)
    )
    plain = past.off("pareto_nbd", 365 + 300, 60)
    assert abs(plain - past.drift("pareto_nbd", 365 + 300)) < abs(plain)


def test_few_people_correct_little():
    few = Past(days_of({f"c{n}": [n, n + 50] for n in range(29)}), 100)
    assert few.drift("pareto_nbd", 300) == 0
    assert share_of_each(30) < 0.05 < 0.3 < share_of_each(5000) < 1 / 3


@pytest.mark.parametrize("share", [0.1, 0.3, 0.9])
def test_shifting_gives_the_share_and_keeps_the_order(share):
    log_odds = np.array([-4.0, -1.0, 0.0, 2.0])
    moved = shifted(log_odds, share)
    assert (1 / (1 + np.exp(-moved))).mean() == pytest.approx(share)
    assert np.diff(moved) == pytest.approx(np.diff(log_odds))
    assert shift_to(moved, share) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["combination", "pareto_nbd", "bg_nbd"])
def test_a_probability_lies_in_its_interval_and_the_total_in_its_own(past, name):
    with one_thread():
        sure = told_with_intervals(past, 590, name)
    assert ((sure.low <= sure.probability) & (sure.probability <= sure.high)).all()
    assert (sure.high - sure.low).mean() > 0.01
    expected, low, high = total_interval(sure.probability, sure.shared_deviation)
    assert low < expected < high
    assert low <= past.returned(590).sum() * 1.15
    assert high >= past.returned(590).sum() * 0.85


def test_the_error_shared_by_all_widens_the_total():
    probability = np.full(1000, 0.3)
    alone, shared = total_interval(probability, 0.0), total_interval(probability, 0.2)
    assert alone[0] == shared[0] == pytest.approx(300)
    assert alone[2] - alone[1] == pytest.approx(2 * 1.2816 * np.sqrt(210), rel=1e-3)
    assert shared[2] - shared[1] > 3 * (alone[2] - alone[1])
    assert person_interval(np.array([0.5]), np.array([0.0])) == (0.5, 0.5)


def test_without_earlier_forecasts_a_usual_error_is_taken():
    many, few = (shared_deviation(Past(steady_shop(size, length=150), 100), 149) for size in (3000, 50))
    assert many == pytest.approx(USUAL_SHARED_DEVIATION, rel=0.02)
    # A share that was learnt from fifty people is not well known.
    assert few > 1.2 * many
