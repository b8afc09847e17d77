"""What an order is worth."""

from __future__ import annotations

import numpy as np
import pytest

from custbehav_dagster.forecasting.buy_till_you_die.gamma_gamma import (
    GammaGamma,
    fit_gamma_gamma,
    log_likelihood,
)


def test_gradients_are_those_of_the_likelihood():
    orders, amounts = np.array([1.0, 3.0, 40.0]), np.array([5.0, 20.0, 300.0])
    parameters = np.array([2.0, 3.0, 30.0])
    _, gradient = log_likelihood(parameters, orders, amounts)
    for position in range(3):
        step = np.zeros(3)
        step[position] = 1e-6
        ahead, _ = log_likelihood(parameters + step, orders, amounts)
        behind, _ = log_likelihood(parameters - step, orders, amounts)
        assert gradient[:, position] == pytest.approx((ahead - behind) / 2e-6, rel=1e-5, abs=1e-7)


def test_the_parameters_of_a_simulated_shop_are_found():
    generator = np.random.default_rng(0)
    p, q, v = 4.0, 3.0, 20.0
    rate = generator.gamma(q, 1 / v, 20_000)
    orders = generator.integers(1, 9, 20_000).astype(float)
    amounts = generator.gamma(p * orders, 1 / (rate * orders))
    fitted = fit_gamma_gamma(orders, amounts)
    assert [fitted.p, fitted.q, fitted.v] == pytest.approx([p, q, v], rel=0.06)


def test_the_more_orders_the_more_the_own_mean_counts():
    model = GammaGamma(p=4.0, q=3.0, v=20.0)
    told = model.expected_amount(np.array([0.0, 1.0, 10.0, 1000.0]), np.full(4, 100.0))
    assert told[0] == 40.0
    assert (np.diff(told) > 0).all()
    assert told[3] == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("paid", [0, 9])
def test_too_few_people_who_paid_make_no_model(paid):
    amounts = np.array([10.0] * paid + [0.0] * 20)
    assert fit_gamma_gamma(np.ones(len(amounts)), amounts) is None
