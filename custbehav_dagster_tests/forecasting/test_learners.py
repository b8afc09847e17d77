"""What learns from scratch: only as loud as its people are many, and never without one class."""

import numpy as np
import pytest

from custbehav_dagster.forecasting import learners
from custbehav_dagster.forecasting.combination import Lesson
from custbehav_dagster.forecasting.learners import (
    fit_boosting,
    fit_random_trees,
    learned_log_odds,
    share_of_each,
)
from custbehav_dagster.forecasting.measures import area_under_curve

FITS = (fit_boosting, fit_random_trees)


def lesson_of(rows: int, seed: int = 0, returners: int | None = None) -> Lesson:
    """Who has more of the first column returns; the other nine tell nothing."""
    generator = np.random.default_rng(seed)
    columns = generator.standard_normal((rows, 10))
    returned = generator.random(rows) < 1 / (1 + np.exp(-2 * columns[:, 0]))
    if returners is not None:
        returned = np.arange(rows) < returners
    return Lesson(columns, returned, np.zeros(rows), np.zeros(rows, dtype=int), rows)


@pytest.mark.parametrize("fit", FITS)
def test_what_tells_is_learnt_and_the_same_each_time(fit):
    lesson, others = lesson_of(800), lesson_of(400, seed=1)
    told = learned_log_odds(fit(lesson, 0), others.columns)
    assert area_under_curve(others.returned, told) > 0.75
    assert np.array_equal(told, learned_log_odds(fit(lesson, 0), others.columns))


@pytest.mark.parametrize("fit", FITS)
def test_a_sample_that_lost_a_class_is_not_learnt_from(fit, monkeypatch):
    monkeypatch.setattr(learners, "BOOSTING_ROWS", 30)
    monkeypatch.setattr(learners, "TREE_ROWS", 30)
    told = learned_log_odds(fit(lesson_of(300, returners=1), 0), lesson_of(20).columns)
    assert np.isfinite(told).all()


@pytest.mark.parametrize(("people", "share"), [(0, 0), (200, 1 / 6), (10**9, 1 / 3)])
def test_few_people_only_guess(people, share):
    assert share_of_each(people) == pytest.approx(share)
