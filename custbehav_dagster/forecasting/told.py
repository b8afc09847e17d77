"""What each forecaster that reads order days says of everybody on one day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.combination import BASE as COMBINATION_BASE
from custbehav_dagster.forecasting.combination import (
    Correction,
    Lesson,
    columns_of,
    expected_share,
    fit_correction,
    learn,
    shifted,
)
from custbehav_dagster.forecasting.intervals import parameter_variance, person_interval, shared_deviation
from custbehav_dagster.forecasting.learners import (
    fit_boosting,
    fit_random_trees,
    learned_log_odds,
    share_of_each,
)
from custbehav_dagster.forecasting.past import MODELS, Past, log_odds_of
from custbehav_dagster.forecasting.people import bounded, row_batches

BOOSTING, COMBINATION = "gradient_boosting", "combination"
NAMES = (*MODELS, BOOSTING, COMBINATION)


@dataclass(frozen=True)
class Learned:
    """What was learnt from earlier cutoffs."""

    lesson: Lesson
    correction: Correction
    booster: object
    trees: object | None


def learn_from_past(past: Past, cutoff: int, with_trees: bool = True) -> Learned | None:
    """Fit what the boosting and the combination need, from what was known at `cutoff`.

    None in a shop too young to have anything to learn from.
    """
    learnt: dict[tuple[int, bool], Learned | None] = past.teacher.learnt
    if (cutoff, with_trees) not in learnt:
        lesson = learn(past.teacher, cutoff)
        learnt[cutoff, with_trees] = None if lesson is None else _learned(lesson, past.seed, with_trees)
    return learnt[cutoff, with_trees]


def _learned(lesson: Lesson, seed: int, with_trees: bool) -> Learned:
    trees = fit_random_trees(lesson, seed) if with_trees else None
    return Learned(lesson, fit_correction(lesson), fit_boosting(lesson, seed), trees)


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
    learned = learn_from_past(past, cutoff, with_trees=COMBINATION in names)
    voices = None if learned is None else _voices(past, cutoff, learned)
    if BOOSTING in names and voices is not None:
        told[BOOSTING] = probability_of(voices.boosted)
    if COMBINATION in names:
        told[COMBINATION] = probability_of(_combined(past, cutoff, learned, voices))
    return told


def probability_of(log_odds: np.ndarray) -> np.ndarray:
    """From log-odds, within the limits of `bounded`."""
    from scipy.special import expit

    return bounded(expit(log_odds))


@dataclass(frozen=True)
class _Voices:
    """Log-odds of the three that are averaged."""

    corrected: np.ndarray
    boosted: np.ndarray
    by_trees: np.ndarray


def _voices(past: Past, cutoff: int, learned: Learned) -> _Voices:
    """What the corrected base model and the learners say, in pieces that keep memory small."""
    size = len(past.moment(cutoff))
    voices = _Voices(np.empty(size), np.empty(size), np.empty(size))
    for rows in row_batches(size):
        columns = columns_of(past, cutoff, rows)
        # The first column is the base model's log-odds.
        voices.corrected[rows] = columns[:, 0] + learned.correction.log_odds(columns)
        voices.boosted[rows] = learned_log_odds(learned.booster, columns)
        if learned.trees is not None:
            voices.by_trees[rows] = learned_log_odds(learned.trees, columns)
    return voices


def _combined(past: Past, cutoff: int, learned: Learned | None, voices: _Voices | None) -> np.ndarray:
    share = expected_share(past, cutoff)
    if learned is None or voices is None:
        return shifted(past.log_odds(COMBINATION_BASE, cutoff), share)
    weight = share_of_each(learned.lesson.people)
    learnt = shifted(voices.boosted, share) + shifted(voices.by_trees, share)
    both = (1 - 2 * weight) * shifted(voices.corrected, share) + weight * learnt
    return log_odds_of(probability_of(shifted(both, share)))
