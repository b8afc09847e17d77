"""What each forecaster that reads order days says of everybody on one day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.combination import BASE as COMBINATION_BASE
from custbehav_dagster.forecasting.combination import (
    Correction,
    Lesson,
    boosted_log_odds,
    boosting_share,
    columns_of,
    expected_share,
    fit_boosting,
    fit_correction,
    learn,
    shifted,
)
from custbehav_dagster.forecasting.intervals import parameter_variance, person_interval, shared_deviation
from custbehav_dagster.forecasting.past import MODELS, Past, log_odds_of
from custbehav_dagster.forecasting.people import BATCH_ROWS, bounded

BOOSTING, COMBINATION = "gradient_boosting", "combination"
NAMES = (*MODELS, BOOSTING, COMBINATION)


@dataclass(frozen=True)
class Learned:
    """What was learnt from earlier cutoffs; nothing in a shop too young to have any."""

    lesson: Lesson | None
    correction: Correction | None
    booster: object | None


def learn_from_past(past: Past, cutoff: int) -> Learned:
    """Fit what the boosting and the combination need, from what was known at `cutoff`."""
    lesson = learn(past.teacher, cutoff)
    if lesson is None:
        return Learned(None, None, None)
    return Learned(lesson, fit_correction(lesson), fit_boosting(lesson, past.seed))


@dataclass(frozen=True)
class Sure:
    """Probabilities with their 80% intervals, and the deviation of the error all log-odds share."""

    probability: np.ndarray
    low: np.ndarray
    high: np.ndarray
    shared_deviation: float


def told_with_intervals(past: Past, cutoff: int, name: str) -> Sure:
    """What the entry of that name says of everybody at `cutoff`, and how sure it is."""
    (probability,) = told_at(past, cutoff, (name,)).values()
    shared = shared_deviation(past, cutoff)
    variance = parameter_variance(past, cutoff, name if name in MODELS else COMBINATION_BASE) + shared**2
    return Sure(probability, *person_interval(probability, variance), shared)


def told_at(past: Past, cutoff: int, names: Collection[str] = NAMES) -> dict[str, np.ndarray]:
    """Probability of an order within the horizon after `cutoff`, of each person of `past.moment(cutoff)`.

    The boosting is left out of a shop that has no earlier cutoff to learn from; the combination
    then says what its buy-till-you-die model says, shifted by the drift.
    """
    told = {name: probability_of(past.log_odds(name, cutoff)) for name in MODELS if name in names}
    if BOOSTING not in names and COMBINATION not in names:
        return told
    learned = learn_from_past(past, cutoff)
    corrected, boosted = _learners(past, cutoff, learned)
    if BOOSTING in names and boosted is not None:
        told[BOOSTING] = probability_of(boosted)
    if COMBINATION in names:
        told[COMBINATION] = probability_of(_combined(past, cutoff, learned, corrected, boosted))
    return told


def probability_of(log_odds: np.ndarray) -> np.ndarray:
    """From log-odds, within the limits of `bounded`."""
    from scipy.special import expit

    return bounded(expit(log_odds))


def _learners(past: Past, cutoff: int, learned: Learned) -> tuple[np.ndarray, np.ndarray | None]:
    """Log-odds of the corrected base model and of the boosting, in pieces that keep memory small."""
    base = past.log_odds(COMBINATION_BASE, cutoff)
    if learned.correction is None:
        return base, None
    corrected, boosted = np.empty(len(base)), np.empty(len(base))
    for start in range(0, len(base), BATCH_ROWS):
        rows = slice(start, min(start + BATCH_ROWS, len(base)))
        columns = columns_of(past, cutoff, rows)
        # The first column is the base model's log-odds.
        corrected[rows] = columns[:, 0] + learned.correction.log_odds(columns)
        boosted[rows] = boosted_log_odds(learned.booster, columns)
    return corrected, boosted


def _combined(
    past: Past, cutoff: int, learned: Learned, corrected: np.ndarray, boosted: np.ndarray | None
) -> np.ndarray:
    share = expected_share(past, cutoff)
    if boosted is None or learned.lesson is None:
        return shifted(corrected, share)
    weight = boosting_share(learned.lesson.people)
    both = (1 - weight) * shifted(corrected, share) + weight * shifted(boosted, share)
    return log_odds_of(probability_of(shifted(both, share)))
