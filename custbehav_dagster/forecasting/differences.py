"""Whether one forecaster is better than another, or was lucky: bootstrap of the difference."""

from __future__ import annotations

import numpy as np

from custbehav_dagster.forecasting.measures import log_losses

DRAWS = 200
INTERVAL = (2.5, 97.5)
COMPARED = ("log_loss", "auc")
"""Measures whose differences get an interval."""


def drawn_measures(
    returned: np.ndarray, told: dict[str, np.ndarray], seed: int
) -> dict[str, dict[str, np.ndarray]]:
    """Each of COMPARED of each forecaster in DRAWS resamplings of the people, the same for all of them.

    Bayesian bootstrap (Rubin 1981): people are weighted at random, so that no draw
    loses a class. Both classes must be there.
    """
    weights = np.random.default_rng(seed).standard_exponential((DRAWS, len(returned)), dtype="float32")
    weights /= weights.sum(axis=1, keepdims=True)
    return {
        name: {
            "log_loss": weights @ log_losses(returned, probability).astype("float32"),
            "auc": _weighted_areas(returned, probability, weights),
        }
        for name, probability in told.items()
    }


def _weighted_areas(returned: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """AUC under each row of weights, ties as a half."""
    _, rank = np.unique(probability, return_inverse=True)
    returners, leavers = np.flatnonzero(returned), np.flatnonzero(~returned)
    leavers = leavers[np.argsort(rank[leavers], kind="stable")]
    weight_below = np.zeros((len(weights), len(leavers) + 1))
    np.cumsum(weights[:, leavers], axis=1, out=weight_below[:, 1:])
    first, last = (np.searchsorted(rank[leavers], rank[returners], side) for side in ("left", "right"))
    below = (weight_below[:, first] + weight_below[:, last]) / 2
    mine = weights[:, returners]
    return np.einsum("ij,ij->i", mine, below) / (mine.sum(axis=1) * weight_below[:, -1])


def interval_of(draws: np.ndarray) -> tuple[float, float]:
    """95% interval of what was drawn."""
    low, high = np.percentile(draws, INTERVAL)
    return float(low), float(high)
