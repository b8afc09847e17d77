"""Gamma-Gamma: what one order of a person is worth, from the mean of the few seen so far.

A person's orders are gamma distributed around a mean of their own, whose rate is gamma
distributed over people. Fader & Hardie 2013, "The gamma-gamma model of monetary value"
(after Colombo & Jiang 1999). It takes for granted that how much somebody spends and how
often they buy have nothing to do with each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEWEST_PEOPLE = 10
PRIOR_DEVIATION = 1.5
"""Of the logarithms of the parameters around their start: keeps few people from sending them off."""


@dataclass(frozen=True)
class GammaGamma:
    """Parameters: shape of a person's orders (p), shape (q) and scale (v, in money) over people."""

    p: float
    q: float
    v: float

    def expected_amount(self, orders: np.ndarray, mean_amount: np.ndarray) -> np.ndarray:
        """Mean amount of a person's next order, given the mean of `orders` so far.

        A mean of the person's own mean and the usual one; for somebody without an order, the usual.
        """
        usual = self.v * self.p / (self.q - 1)
        weight = self.p * orders / (self.p * orders + self.q - 1)
        return weight * mean_amount + (1 - weight) * usual


def log_likelihood(
    parameters: np.ndarray, orders: np.ndarray, mean_amount: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood of each person's mean amount, and its gradient by p, q and v."""
    from scipy.special import digamma, gammaln

    p, q, v = parameters
    shape = p * orders
    total = orders * mean_amount
    value = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
        + (shape - 1) * np.log(mean_amount) + shape * np.log(orders) - (shape + q) * np.log(v + total)
    )  # fmt: skip
    both = digamma(shape + q) - np.log(v + total)
    gradient = np.column_stack(
        [
            orders * (both - digamma(shape) + np.log(mean_amount) + np.log(orders)),
            both - digamma(q) + np.log(v),
            q / v - (shape + q) / (v + total),
        ]
    )
    return value, gradient


def fit_gamma_gamma(
    orders: np.ndarray, mean_amount: np.ndarray, weak_prior: bool = True
) -> GammaGamma | None:
    """Fit by L-BFGS on log p, log (q - 1) and log v; None with too few people above zero.

    q stays above 1, where the mean over people exists.
    """
    from scipy.optimize import minimize

    paid = (mean_amount > 0) & (orders > 0)
    orders, mean_amount = orders[paid], mean_amount[paid]
    if len(orders) < FEWEST_PEOPLE:
        return None
    start = np.log([2.0, 2.0, float(np.median(mean_amount))])

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        p, q_above, v = np.exp(logs)
        values, gradients = log_likelihood(np.array([p, 1 + q_above, v]), orders, mean_amount)
        away = (logs - start) / PRIOR_DEVIATION**2 if weak_prior else np.zeros(3)
        value = values.sum() - 0.5 * float(away @ (logs - start))
        slope = gradients.sum(axis=0) * np.exp(logs) - away
        return -value / len(orders), -slope / len(orders)

    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(value - 9, value + 9) for value in start]
    )
    p, q_above, v = np.exp(found.x)
    return GammaGamma(float(p), float(1 + q_above), float(v))
