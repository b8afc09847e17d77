"""Two scorers on the same labelled texts: how good each is, and whether one is better beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GOOD_FROM, BAD_TO = 4.0, 2.0
RESAMPLES = 300
MEASURES = ("auc", "balanced_accuracy", "correlation")


@dataclass(frozen=True)
class Contest:
    """Each measure of the trained scorer and of VADER, and the 95% interval of their difference.

    `auc` and `balanced_accuracy` (at score 0) are about texts with 4 or 5 stars against
    those with 1 or 2, `correlation` (Pearson's) about the stars of all.
    """

    trained: tuple[float, ...]
    vader: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def is_won(self) -> bool:
        """The trained scorer is better by every measure, beyond chance."""
        return all(low > 0 for low in self.low)

    def as_columns(self) -> dict[str, float]:
        """The figures by the names of their columns."""
        parts = {"trained": self.trained, "vader": self.vader, "gain_low": self.low, "gain_high": self.high}
        return {
            f"{measure}_{part}": round(values[place], 4)
            for place, measure in enumerate(MEASURES)
            for part, values in parts.items()
        }


def compare(stars: np.ndarray, trained: np.ndarray, vader: np.ndarray, seed: int) -> Contest:
    """Set two scorers against each other; intervals from 300 resamples of the texts, the same for both.

    Method: B. Efron, the percentile bootstrap, paired.
    """
    generator = np.random.default_rng(seed)
    differences = []
    for _ in range(RESAMPLES):
        # Kinds are resampled apart, so that none is missing from a resample.
        chosen = np.concatenate(
            [generator.choice(kind, len(kind)) for kind in _kinds(stars) if len(kind)], dtype=np.int64
        )
        differences.append(measures(stars[chosen], trained[chosen]) - measures(stars[chosen], vader[chosen]))
    low, high = np.quantile(np.array(differences), (0.025, 0.975), axis=0)
    return Contest(tuple(measures(stars, trained)), tuple(measures(stars, vader)), tuple(low), tuple(high))


def measures(stars: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Area under the ROC curve, balanced accuracy, correlation, as `Contest` says."""
    good, bad = scores[stars >= GOOD_FROM], scores[stars <= BAD_TO]
    balanced = ((good > 0).mean() + (bad <= 0).mean()) / 2
    constant = scores.std() == 0 or stars.std() == 0
    correlation = 0.0 if constant else float(np.corrcoef(stars, scores)[0, 1])
    return np.array([_auc(good, bad), balanced, correlation])


def _auc(good: np.ndarray, bad: np.ndarray) -> float:
    """Share of pairs in which the good text scores higher; half for a draw."""
    ordered = np.sort(bad)
    below, not_above = np.searchsorted(ordered, good, "left"), np.searchsorted(ordered, good, "right")
    return float((below + not_above).mean() / 2 / len(bad))


def _kinds(stars: np.ndarray) -> tuple[np.ndarray, ...]:
    good, bad = stars >= GOOD_FROM, stars <= BAD_TO
    return tuple(np.flatnonzero(kind) for kind in (good, bad, ~good & ~bad))
