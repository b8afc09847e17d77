"""Calibration, lift, and differences with their luck."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.forecasting.differences import DRAWS, drawn_measures, interval_of
from custbehav_dagster.forecasting.measures import (
    area_under_curve,
    calibration_curve,
    calibration_error,
    lifts,
    log_losses,
)


def shop(people=1000, seed=0):
    generator = np.random.default_rng(seed)
    probability = generator.uniform(0.02, 0.9, people)
    return generator.random(people) < probability, probability


def test_the_curve_has_ten_groups_and_holds_everybody():
    returned, probability = shop()
    told, came, people = calibration_curve(returned, probability)
    assert people.tolist() == [100] * 10
    assert (np.diff(told) > 0).all()
    assert (people * came).sum() == pytest.approx(returned.sum())


def test_people_who_were_told_the_same_are_one_group():
    told, came, people = calibration_curve(np.array([True, False] * 20), np.full(40, 0.3))
    assert (told.tolist(), came.tolist(), people.tolist()) == (pytest.approx([0.3]), [0.5], [40])


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9)), min_size=1, max_size=60))
def test_no_tie_is_split_and_nobody_is_lost(rows):
    returned = np.array([flag for flag, _ in rows])
    probability = np.array([tenth / 10 for _, tenth in rows])
    told, _, people = calibration_curve(returned, probability)
    assert people.sum() == len(rows)
    assert (np.diff(told) > 0).all()


def test_calibration_error_is_the_distance_of_told_from_came():
    returned = np.array([True] * 30 + [False] * 70)
    assert calibration_error(returned, np.full(100, 0.3)) == pytest.approx(0)
    assert calibration_error(returned, np.full(100, 0.5)) == pytest.approx(0.2)


def test_lift_is_one_without_and_ten_with_perfect_knowledge():
    returned = np.array([True] * 10 + [False] * 90)
    assert lifts(returned, np.full(100, 0.1)) == pytest.approx((1, 1))
    perfect = np.where(returned, 0.9, 0.05)
    assert lifts(returned, perfect) == pytest.approx((10, 1 / 0.9))


def test_draws_lie_around_the_measure_and_differ_by_chance():
    returned, probability = shop()
    drawn = drawn_measures(returned, {"model": probability}, seed=0)["model"]
    assert drawn["auc"].shape == (DRAWS,)
    assert drawn["auc"].mean() == pytest.approx(area_under_curve(returned, probability), abs=0.005)
    assert drawn["log_loss"].mean() == pytest.approx(log_losses(returned, probability).mean(), abs=0.005)


def test_ties_count_as_a_half_in_draws_too():
    returned, _ = shop()
    drawn = drawn_measures(returned, {"constant": np.full(1000, 0.5)}, seed=0)["constant"]
    assert drawn["auc"] == pytest.approx(np.full(DRAWS, 0.5), abs=1e-5)


def test_a_difference_that_is_not_luck_leaves_zero_out_and_one_that_is_does_not():
    returned, probability = shop(3000)
    noise = np.random.default_rng(1).normal(0, 0.02, 3000)
    told = {
        "model": probability,
        "alike": np.clip(probability + noise, 0.01, 0.99),
        "constant": np.full(3000, 0.4),
    }
    drawn = drawn_measures(returned, told, seed=0)
    low, high = interval_of(drawn["model"]["log_loss"] - drawn["constant"]["log_loss"])
    assert low < high < 0
    low, high = interval_of(drawn["model"]["auc"] - drawn["alike"]["auc"])
    assert low < 0.004
    assert high > -0.004
