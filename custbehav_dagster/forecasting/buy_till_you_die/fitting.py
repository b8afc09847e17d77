"""Maximum likelihood (or, with a prior, the likeliest parameters a posteriori) and their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.histories import Histories, collapse

BOUNDS = (np.log(1e-4), np.log(1e5))
"""Parameters stay within, in units of `start`'s scale; one that runs there tells of nothing to learn."""
DIFFERENCE_STEP = 1e-4
ROUGH_HISTORIES = 1_500
"""So many distinct histories tell roughly where the likeliest parameters are, and the curvature there."""
ROUGH_FIRST = 3 * ROUGH_HISTORIES
"""Above this many a rough search comes first; the last steps then take few looks at all of them."""
NEAR_ENOUGH = 0.01
"""What may be left of the way, in deviations of the parameters' own uncertainty."""
MOST_STEPS = 12


class Model(Protocol):
    """A family of buy-till-you-die models. Parameters are positive."""

    @property
    def name(self) -> str:
        """How it is called in tables."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""

    def log_likelihood(
        self, parameters: np.ndarray, histories: Histories, with_gradient: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihood per history, and its gradient."""

    def start(self, histories: Histories) -> np.ndarray:
        """Where a search begins."""

    def probability_alive(self, parameters: np.ndarray, histories: Histories) -> np.ndarray:
        """Probability of not having stopped."""

    def orders_if_alive(self, parameters: np.ndarray, histories: Histories, time: np.ndarray) -> np.ndarray:
        """Orders expected of somebody who has not stopped."""


@dataclass(frozen=True)
class Prior:
    """What is thought of the logarithms of the parameters before any data: means and deviations.

    Times are in days.
    """

    means: np.ndarray
    deviations: np.ndarray


@dataclass(frozen=True)
class Fitted:
    """A model with its parameters, and what they were fitted to.

    `log_likelihood` is the whole data's, without the prior.
    """

    model: Model
    parameters: np.ndarray
    log_likelihood: float
    histories: Histories
    prior: Prior | None

    @cached_property
    def covariance(self) -> np.ndarray:
        """How uncertain the logarithms of the parameters are together (Laplace approximation)."""
        return _covariance(self.model, self.histories, self.prior, np.log(self.parameters))

    def draws(self, count: int, seed: int) -> np.ndarray:
        """Parameters as uncertain as they are, one row per draw."""
        generator = np.random.default_rng(seed)
        values, vectors = np.linalg.eigh(self.covariance)
        noise = generator.standard_normal((count, len(values))) * np.sqrt(np.maximum(values, 0))
        low, high = BOUNDS
        return np.exp(np.clip(np.log(self.parameters) + noise @ vectors.T, 2 * low, 2 * high))


def fit(model: Model, histories: Histories, prior: Prior | None = None) -> Fitted:
    """Find the likeliest parameters on their logarithms, with analytic gradients.

    Raises:
        ValueError: there is nobody to learn from.
    """
    distinct, _ = collapse(histories)
    if not len(distinct):
        raise ValueError(f"{model.name} cannot be fitted: there is nobody to learn from.")
    found = _refined(model, distinct, prior) if len(distinct) > ROUGH_FIRST else None
    if found is None:
        found = _searched(model, distinct, prior)
    total = float(distinct.people @ model.log_likelihood(np.exp(found), distinct, with_gradient=False)[0])
    return Fitted(model, np.exp(found), total, distinct, prior)


def _searched(model: Model, distinct: Histories, prior: Prior | None) -> np.ndarray:
    """Logarithms of the likeliest parameters, from the model's own start."""
    from scipy.optimize import minimize

    people = max(float(distinct.people.sum()), 1.0)

    def loss(log_parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = _objective(model, distinct, prior, log_parameters)
        return -value / people, -gradient / people

    start = np.log(model.start(distinct))
    limits = [(middle + BOUNDS[0], middle + BOUNDS[1]) for middle in start]
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=limits, options={"ftol": 1e-12, "gtol": 1e-7}
    )
    return np.asarray(found.x)


def _refined(model: Model, distinct: Histories, prior: Prior | None) -> np.ndarray | None:
    """The same by way of a part of the histories; None where that does not arrive within the bounds.

    Newton's steps with the curvature of the part: the slopes are exact to more digits than the
    values, by which a line search would have to go.
    """
    part = distinct.of(np.arange(0, len(distinct), -(-len(distinct) // ROUGH_HISTORIES)))
    # Weighed as if they were everybody, so that data and prior count as they do in the end.
    weight = distinct.people.sum() / part.people.sum()
    part = Histories(part.repeats, part.last, part.watched, part.people * weight)
    place = _searched(model, part, prior)
    covariance = _covariance(model, part, prior, place)
    middle, left = np.log(model.start(distinct)), np.inf
    for _ in range(MOST_STEPS):
        slope = _objective(model, distinct, prior, place)[1]
        step = covariance @ slope
        before, left = left, float(np.sqrt(max(slope @ step, 0.0)))
        place = place + step
        if not left < before or np.abs(place - middle).max() >= BOUNDS[1]:
            return None
        if left < NEAR_ENOUGH:
            return place
    return None


def _objective(
    model: Model, histories: Histories, prior: Prior | None, log_parameters: np.ndarray
) -> tuple[float, np.ndarray]:
    """Log posterior and its gradient by the logarithms of the parameters."""
    parameters = np.exp(log_parameters)
    values, gradients = model.log_likelihood(parameters, histories)
    value, gradient = float(histories.people @ values), (histories.people @ gradients) * parameters
    if prior is not None:
        away = (log_parameters - prior.means) / prior.deviations
        value -= 0.5 * float(away @ away)
        gradient = gradient - away / prior.deviations
    return value, gradient


def _covariance(
    model: Model, histories: Histories, prior: Prior | None, log_parameters: np.ndarray
) -> np.ndarray:
    """Inverse of the curvature of the log posterior, by differences of its gradient."""
    size = len(log_parameters)
    curvature = np.empty((size, size))
    for position in range(size):
        step = np.zeros(size)
        step[position] = DIFFERENCE_STEP
        ahead = _objective(model, histories, prior, log_parameters + step)[1]
        behind = _objective(model, histories, prior, log_parameters - step)[1]
        curvature[position] = (behind - ahead) / (2 * DIFFERENCE_STEP)
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    # A direction the data say nothing of is uncertain by a factor of twenty, not without end.
    return (vectors / np.maximum(values, 1 / np.log(20) ** 2)) @ vectors.T
