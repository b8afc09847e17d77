"""What a fitted model says of the days to come: the chance of an order, and how many."""

from __future__ import annotations

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.fitting import Fitted, Model
from custbehav_dagster.forecasting.buy_till_you_die.histories import Histories, collapse

STEP = 1e-3
SMALLEST = 1e-9


def probability_of_order(
    model: Model, parameters: np.ndarray, histories: Histories, time: float | np.ndarray
) -> np.ndarray:
    """Probability of at least one order within the next `time`, per entry of `histories`.

    One minus the likelihood of the history with `time` more in which nothing happened, over
    the likelihood of the history. Not the probability of being alive, which is 1 for
    everybody who bought once under BG/NBD.
    """
    longer, _ = model.log_likelihood(parameters, histories.longer(time), with_gradient=False)
    so_far, _ = model.log_likelihood(parameters, histories, with_gradient=False)
    return np.clip(-np.expm1(longer - so_far), 0.0, 1.0)


def expected_orders(
    model: Model, parameters: np.ndarray, histories: Histories, time: float | np.ndarray
) -> np.ndarray:
    """Mean number of orders within the next `time`, per entry of `histories`."""
    times = np.broadcast_to(np.asarray(time, dtype="float64"), (len(histories),))
    alive = model.probability_alive(parameters, histories)
    return alive * model.orders_if_alive(parameters, histories, times)


def forecast(fitted: Fitted, histories: Histories, time: float) -> tuple[np.ndarray, np.ndarray]:
    """Probability and orders of everybody within `time`, computed once per distinct history."""
    distinct, number = collapse(histories)
    p_order = probability_of_order(fitted.model, fitted.parameters, distinct, time)
    orders = expected_orders(fitted.model, fitted.parameters, distinct, time)
    return p_order[number], orders[number]


def log_odds_variance(fitted: Fitted, histories: Histories, time: float) -> np.ndarray:
    """Variance of the log-odds of an order that comes from not knowing the parameters (delta method)."""
    middle = _log_odds(fitted.model, fitted.parameters, histories, time)
    slopes = np.empty((len(histories), len(fitted.parameters)))
    for position in range(len(fitted.parameters)):
        moved = fitted.parameters.copy()
        moved[position] *= np.exp(STEP)
        slopes[:, position] = (_log_odds(fitted.model, moved, histories, time) - middle) / STEP
    return np.einsum("ij,jk,ik->i", slopes, fitted.covariance, slopes)


def _log_odds(model: Model, parameters: np.ndarray, histories: Histories, time: float) -> np.ndarray:
    p_order = np.clip(probability_of_order(model, parameters, histories, time), SMALLEST, 1 - SMALLEST)
    return np.log(p_order) - np.log1p(-p_order)
