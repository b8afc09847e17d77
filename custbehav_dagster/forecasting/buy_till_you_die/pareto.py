"""Pareto/NBD: a person buys at a rate of their own, and may stop for good at any moment.

Purchases come at a Poisson rate that is gamma distributed over people (shape r, rate alpha),
the end comes at a rate that is gamma distributed too (shape s, rate beta). Schmittlein,
Morrison & Colombo 1987, "Counting your customers". The end is integrated over numerically
instead of by hypergeometric functions, which need cases and lose digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.histories import Histories

NODES = 16


@dataclass(frozen=True)
class ParetoNbd:
    """The Pareto/NBD model."""

    name: str = "pareto_nbd"
    parameters: tuple[str, ...] = ("r", "alpha", "s", "beta")

    def log_likelihood(
        self, parameters: np.ndarray, histories: Histories, with_gradient: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihood of each history and its gradient (rows by parameters; empty when not wanted)."""
        from scipy.special import digamma, expit, gammaln

        r, alpha, s, beta = parameters
        shape = r + histories.repeats
        watched_a, watched_b = alpha + histories.watched, beta + histories.watched
        log_watched_a, log_watched_b = np.log(watched_a), np.log(watched_b)
        log_alive = -shape * log_watched_a - s * log_watched_b
        log_stopped, slopes = self._stopped(parameters, histories, with_gradient)
        counts, place = np.unique(histories.repeats, return_inverse=True)
        by_count = gammaln(r + counts) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        value = by_count[place] + np.logaddexp(log_alive, log_stopped)
        if not with_gradient:
            return value, np.empty((0, 4))
        stopped = expit(log_stopped - log_alive)
        alive = 1 - stopped
        digammas = digamma(r + counts) - digamma(r) + np.log(alpha)
        gradient = np.column_stack(
            [
                digammas[place] - alive * log_watched_a + stopped * slopes[0],
                r / alpha - alive * shape / watched_a + stopped * slopes[1],
                np.log(beta) - alive * log_watched_b + stopped * slopes[2],
                s / beta - alive * s / watched_b + stopped * slopes[3],
            ]
        )
        return value, gradient

    def _stopped(
        self, parameters: np.ndarray, histories: Histories, with_gradient: bool
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Log of the part of the likelihood in which the person stopped unseen, and its slopes.

        The integral of s (alpha + y)^-(r + x) (beta + y)^-(s + 1) over the end y from the last
        purchase to the end of observation. In w = ((alpha + last) / (alpha + y))^(r + x + s)
        all but a slow factor becomes constant, so that few Gauss-Legendre nodes are enough.
        """
        r, alpha, s, beta = parameters
        power = r + histories.repeats + s
        start = alpha + histories.last
        log_start = np.log(start)
        smallest = np.exp(-power * (np.log(alpha + histories.watched) - log_start))
        nodes, weights = _gauss_legendre()
        width = 1 - smallest
        log_end = log_start[:, None] - np.log(smallest[:, None] + width[:, None] * nodes) / power[:, None]
        end = np.exp(log_end)
        other = end + (beta - alpha)
        log_other = np.log(other)
        exponent = (s + 1) * (log_end - log_other)
        # It rises or falls with the end throughout; less its largest value, no factor overflows.
        largest = np.maximum(exponent[:, 0], exponent[:, -1])
        factor = np.exp(exponent - largest[:, None]) * weights
        total = factor.sum(axis=1)
        log_value = np.log(s) - np.log(power) - power * log_start + largest + np.log(total)
        with np.errstate(divide="ignore"):
            log_value += np.log(width)
        if not with_gradient:
            return log_value, []
        shape = power - s
        slopes = [
            -(factor * log_end).sum(axis=1) / total,
            -shape * (factor / end).sum(axis=1) / total,
            1 / s - (factor * log_other).sum(axis=1) / total,
            -(s + 1) * (factor / other).sum(axis=1) / total,
        ]
        return log_value, slopes

    def start(self, histories: Histories) -> np.ndarray:
        """Where the search begins: the mean rate of purchases; half stop within the time watched."""
        watched = (histories.people * histories.watched).sum()
        repeats = (histories.people * histories.repeats).sum()
        mean = max(watched / max(histories.people.sum(), 1), 1e-9)
        return np.array([0.5, 0.25 * (watched + 1e-9) / (repeats + 1), 0.6, 0.5 * mean])

    def probability_alive(self, parameters: np.ndarray, histories: Histories) -> np.ndarray:
        """Probability that each person has not stopped for good."""
        from scipy.special import expit

        r, alpha, s, beta = parameters
        log_alive = -(r + histories.repeats) * np.log(alpha + histories.watched) - s * np.log(
            beta + histories.watched
        )
        return expit(log_alive - self._stopped(parameters, histories, with_gradient=False)[0])

    def orders_if_alive(self, parameters: np.ndarray, histories: Histories, time: np.ndarray) -> np.ndarray:
        """Orders expected in the next `time` of somebody who has not stopped."""
        r, alpha, s, beta = parameters
        rate = (r + histories.repeats) / (alpha + histories.watched)
        lasting = np.log1p(time / (beta + histories.watched))
        # The mean time until the end or the horizon; at s = 1 the usual form is 0 / 0.
        decay = (s - 1) * lasting
        share = np.where(
            np.abs(decay) < 1e-8, 1 - decay / 2, -np.expm1(-decay) / np.where(decay == 0, 1, decay)
        )
        return rate * (beta + histories.watched) * lasting * share


@cache
def _gauss_legendre() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on (0, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1) / 2, weights / 2


PARETO_NBD = ParetoNbd()
