"""Gradients against differences, probabilities against shops in which everything is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.forecasting.buy_till_you_die.beta_geometric import BG_NBD, MBG_NBD
from custbehav_dagster.forecasting.buy_till_you_die.fitting import fit
from custbehav_dagster.forecasting.buy_till_you_die.forecast import (
    expected_orders,
    forecast,
    probability_of_order,
)
from custbehav_dagster.forecasting.buy_till_you_die.histories import Histories, collapse, histories_of
from custbehav_dagster.forecasting.buy_till_you_die.pareto import PARETO_NBD
from custbehav_dagster.forecasting.buy_till_you_die.priors import TRADE_PRIORS

MODELS = (BG_NBD, MBG_NBD, PARETO_NBD)
PARAMETERS = {
    "bg_nbd": np.array([0.6, 40.0, 0.8, 2.5]),
    "mbg_nbd": np.array([0.6, 40.0, 0.8, 2.5]),
    "pareto_nbd": np.array([0.6, 40.0, 0.7, 120.0]),
}
by_name = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def some_histories() -> Histories:
    return histories_of([0, 0, 1, 2, 9, 60], [0, 0, 30, 0, 300, 690], [0, 400, 45, 90, 301, 700])


def simulated(model, people: int, watched: float, time: float, seed: int = 0) -> tuple[Histories, np.ndarray]:
    """People who buy and stop just as the model says: their histories, and orders in `time` afterwards."""
    generator = np.random.default_rng(seed)
    r, alpha, third, fourth = PARAMETERS[model.name]
    rate = generator.gamma(r, 1 / alpha, people)
    if model is PARETO_NBD:
        end = generator.exponential(1 / generator.gamma(third, 1 / fourth, people))
    else:
        stops = generator.beta(third, fourth, people)
    clock, last = np.zeros(people), np.zeros(people)
    repeats, later = np.zeros(people), np.zeros(people)
    active = np.ones(people, dtype=bool)
    if model is MBG_NBD:
        active &= generator.random(people) >= stops
    while active.any():
        clock = np.where(active, clock + generator.exponential(1, people) / rate, clock)
        active &= clock < (np.minimum(watched + time, end) if model is PARETO_NBD else watched + time)
        known = active & (clock < watched)
        last = np.where(known, clock, last)
        repeats += known
        later += active & ~known
        if model is not PARETO_NBD:
            active &= generator.random(people) >= stops
    return histories_of(repeats, last, np.full(people, watched)), later


@by_name
def test_gradients_are_those_of_the_likelihood(model):
    histories, parameters = some_histories(), PARAMETERS[model.name]
    _, gradient = model.log_likelihood(parameters, histories)
    for position, value in enumerate(parameters):
        step = np.zeros(4)
        step[position] = 1e-5 * value
        ahead, _ = model.log_likelihood(parameters + step, histories, with_gradient=False)
        behind, _ = model.log_likelihood(parameters - step, histories, with_gradient=False)
        assert gradient[:, position] == pytest.approx((ahead - behind) / (2e-5 * value), rel=1e-4, abs=1e-7)


@by_name
def test_what_is_told_of_groups_is_what_happens_to_them(model):
    histories, later = simulated(model, 150_000, watched=200, time=90)
    told = probability_of_order(model, PARAMETERS[model.name], histories, 90)
    orders = expected_orders(model, PARAMETERS[model.name], histories, 90)
    recent = histories.watched - histories.last < 60
    groups = [histories.repeats == 0, (histories.repeats == 1) & recent, (histories.repeats > 1) & recent]
    groups += [(histories.repeats > 0) & ~recent, histories.repeats >= 0]
    for group in groups:
        size = group.sum()
        error = 4 * np.sqrt(0.25 / size)
        assert told[group].mean() == pytest.approx((later[group] > 0).mean(), abs=error)
        spread = later[group].std() / np.sqrt(size)
        assert orders[group].mean() == pytest.approx(later[group].mean(), abs=4 * spread)


@by_name
def test_the_parameters_of_a_simulated_shop_are_found_within_their_uncertainty(model):
    histories, _ = simulated(model, 20_000, watched=400, time=0.0, seed=1)
    fitted = fit(model, histories)
    away = np.log(fitted.parameters) - np.log(PARAMETERS[model.name])
    assert np.sqrt(away @ np.linalg.solve(fitted.covariance, away)) < 4


@by_name
def test_with_priors_even_three_people_give_a_forecast(model):
    few = histories_of([0, 0, 1], [0, 0, 30], [10, 90, 60])
    fitted = fit(model, few, TRADE_PRIORS[model.name])
    told, orders = forecast(fitted, few, 120)
    assert ((told > 0) & (told < 1)).all()
    assert (orders >= told - 1e-9).all()
    assert np.isfinite(fitted.draws(20, seed=0)).all()


def test_nobody_to_learn_from_is_said():
    with pytest.raises(ValueError, match="nobody to learn from"):
        fit(BG_NBD, histories_of([], [], []))


@by_name
@given(
    repeats=st.integers(0, 400),
    last=st.floats(0, 4000),
    silent=st.floats(0, 4000),
    scale=st.lists(st.floats(-2, 2), min_size=4, max_size=4),
)
def test_probabilities_and_orders_stay_within_reason_whatever_the_history(
    model, repeats, last, silent, scale
):
    last = last if repeats else 0.0
    person = histories_of([repeats], [last], [last + silent])
    parameters = PARAMETERS[model.name] * np.exp(scale)
    short = probability_of_order(model, parameters, person, 30.0)[0]
    long = probability_of_order(model, parameters, person, 120.0)[0]
    orders = expected_orders(model, parameters, person, 120.0)[0]
    assert 0 <= short <= long + 1e-9
    assert long <= 1
    assert long - 1e-6 <= orders
    assert np.isfinite(orders)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), max_size=30))
def test_collapsing_keeps_everybody_and_no_two_alike(rows):
    columns = np.array(rows, dtype=float).reshape(-1, 3)
    histories = histories_of(columns[:, 0], columns[:, 1], columns[:, 2])
    distinct, number = collapse(histories)
    kept = np.column_stack([distinct.repeats, distinct.last, distinct.watched])
    assert len({tuple(row) for row in kept}) == len(distinct) == len(set(rows))
    assert (kept[number] == columns).all()
    assert distinct.people.sum() == len(rows)
