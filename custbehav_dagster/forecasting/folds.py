"""Folds of people, for shops too young to be judged on earlier cutoffs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from custbehav_dagster.forecasting.people import ever_returned, flags, person_numbers, sample_rows
from custbehav_dagster.settings import Settings


def fold_numbers(returned: np.ndarray, person: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Fold (0 to folds - 1) of each row: the same share of returners in each, a person in one only.

    `person` numbers the people from 0; someone counts as a returner who returned at any cutoff.
    """
    generator = np.random.default_rng(seed)
    has_returned = ever_returned(returned, person)
    fold = np.empty(len(has_returned), dtype=int)
    start = 0
    for label in (True, False):
        members = generator.permutation(np.flatnonzero(has_returned == label))
        # The leavers go on where the returners ended, so that all folds are of one size.
        fold[members] = (start + np.arange(len(members))) % folds
        start += len(members)
    return fold[person]


def split_folds(people: pa.Table, settings: Settings) -> list[tuple[np.ndarray, np.ndarray]]:
    """Row numbers to train on and to score, one pair per fold."""
    folds = settings.cross_validation_folds
    fold = fold_numbers(flags(people, "returned"), person_numbers(people), folds, settings.random_seed)
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(folds)]


def sample_for_folds(people: pa.Table, limit: int, settings: Settings) -> pa.Table | None:
    """At most `limit` people drawn at random; None when that leaves a fold without one of the classes."""
    sample = people.take(sample_rows(people.num_rows, limit, settings.random_seed))
    returned = ever_returned(flags(sample, "returned"), person_numbers(sample))
    rarer = min(returned.sum(), len(returned) - returned.sum())
    return sample if rarer >= settings.cross_validation_folds else None
