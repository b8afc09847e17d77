"""Counts of days against what may move them: Poisson regression with honest standard errors.

Orders of neighbouring days are alike and vary more than Poisson's law says, so the
errors are those of Newey and West (1987), of the scores of a quasi-Poisson fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LAGS = 14
"""Days over which counts may be alike: two weeks."""
MOST_STEPS = 50
TOLERANCE = 1e-9
RIDGE = 1e-6
LARGEST_LOG = 30.0


@dataclass(frozen=True)
class Fit:
    """Coefficients on the logarithm of the expected count, and their covariance."""

    coefficients: np.ndarray
    covariance: np.ndarray

    def expected(self, design: np.ndarray) -> np.ndarray:
        """Expected counts of other days, one a row of `design`."""
        return _expected(design, self.coefficients)


def fit_counts(design: np.ndarray, counts: np.ndarray, days: np.ndarray) -> Fit:
    """Fit expected counts exp(design @ coefficients); rows of one day are added up for the errors.

    Args:
        design: shape (rows, columns), with a column of ones.
        counts: shape (rows,), none negative.
        days: shape (rows,), day numbers; rows of several places may share one.
    """
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(max(counts.mean(), 1e-6))
    penalty = RIDGE * len(counts) * np.eye(design.shape[1])
    penalty[0, 0] = 0
    for _ in range(MOST_STEPS):
        expected = _expected(design, coefficients)
        curvature = design.T @ (design * expected[:, None]) + penalty
        step = np.linalg.solve(curvature, design.T @ (counts - expected) - penalty @ coefficients)
        # A first step from far away may overshoot; none may change a count by more than e^2.
        largest = np.abs(design @ step).max()
        coefficients = coefficients + step * min(1.0, 2.0 / max(largest, 1e-12))
        if largest < TOLERANCE:
            break
    expected = _expected(design, coefficients)
    bread = np.linalg.inv(design.T @ (design * expected[:, None]) + penalty)
    meat = _long_run(design * (counts - expected)[:, None], days)
    freedom = len(counts) / max(1, len(counts) - design.shape[1])
    return Fit(coefficients, bread @ meat @ bread * freedom)


def deviance(counts: np.ndarray, expected: np.ndarray) -> float:
    """Poisson deviance of expected counts, in all: smaller is better."""
    ratio = np.where(counts > 0, counts / expected, 1.0)
    return float(2 * np.sum(counts * np.log(ratio) - counts + expected))


def _expected(design: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    return np.exp(np.clip(design @ coefficients, -LARGEST_LOG, LARGEST_LOG))


def _long_run(scores: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Covariance of the sum of the scores, with Bartlett's weights over LAGS days."""
    by_day = np.zeros((int(days.max() - days.min()) + 1, scores.shape[1]))
    np.add.at(by_day, days - days.min(), scores)
    total = by_day.T @ by_day
    for lag in range(1, min(LAGS, len(by_day) - 1) + 1):
        product = by_day[lag:].T @ by_day[:-lag]
        total += (1 - lag / (LAGS + 1)) * (product + product.T)
    return total
