"""What learns from scratch who returns: gradient boosting and random trees, strongly regularised.

How they are averaged with the corrected model is in `told`; what they see is in `combination.columns_of`.
"""

from __future__ import annotations

import numpy as np

from custbehav_dagster.forecasting.combination import Lesson
from custbehav_dagster.forecasting.past import log_odds_of
from custbehav_dagster.forecasting.people import row_batches, sample_rows

SHARE = 1 / 3
"""How much each of the two counts in the average where people are many: as much as the corrected model."""
ENOUGH_PEOPLE = 200
"""With so many people each counts half of SHARE; with few they only guess."""
BOOSTING_ROWS = 30_000
"""Trees of four leaves learn no more from further people; above this a sample of this size is taken."""
TREE_ROWS = 10_000
TREES = 40
LEAVES = (40, 100)
"""Fewest rows in a leaf of a random tree: a twentieth of all, within these."""


def share_of_each(people: int) -> float:
    """How much each of the two learners counts in the average."""
    return SHARE * people / (people + ENOUGH_PEOPLE)


def fit_boosting(lesson: Lesson, seed: int) -> object:
    """Gradient boosting of small trees, each split chosen among a third of the columns."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    booster = HistGradientBoostingClassifier(
        max_iter=80,
        learning_rate=0.05,
        max_leaf_nodes=4,
        max_features=0.3,
        min_samples_leaf=max(20, min(80, len(lesson.returned) // 20)),
        l2_regularization=20.0,
        early_stopping=False,
        random_state=seed,
    )
    return booster.fit(*_sample(lesson, BOOSTING_ROWS, seed))


def fit_random_trees(lesson: Lesson, seed: int) -> object:
    """Trees that split at random places (Geurts, Ernst & Wehenkel 2006, extremely randomised trees).

    Their leaves are so large that no tree can learn a person, and their mean is smooth where a
    boosted tree has steps.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    smallest, largest = LEAVES
    trees = ExtraTreesClassifier(
        TREES,
        min_samples_leaf=max(smallest, min(largest, len(lesson.returned) // 20)),
        max_features=0.25,
        random_state=seed,
    )
    return trees.fit(*_sample(lesson, TREE_ROWS, seed))


def learned_log_odds(learner: object, columns: np.ndarray) -> np.ndarray:
    """What either of them says, in pieces that keep memory small."""
    told = np.empty(len(columns))
    for rows in row_batches(len(columns)):
        told[rows] = log_odds_of(learner.predict_proba(columns[rows])[:, 1])  # type: ignore[attr-defined]
    return told


def _sample(lesson: Lesson, limit: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rows = sample_rows(len(lesson.returned), limit, seed)
    returned = lesson.returned[rows]
    if not 0 < returned.sum() < len(returned):
        return lesson.columns, lesson.returned
    return lesson.columns[rows], returned
