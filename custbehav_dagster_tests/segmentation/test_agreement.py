import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score

from custbehav_dagster.segmentation.agreement import adjusted_rand, distances, explained_share, silhouette


@pytest.mark.parametrize("seed", range(3))
def test_agreement_and_silhouette_are_those_of_scikit_learn(seed):
    generator = np.random.default_rng(seed)
    points, first, second = generator.normal(size=(60, 3)), *generator.integers(0, 4, (2, 60))
    assert adjusted_rand(first, second) == pytest.approx(adjusted_rand_score(first, second))
    assert silhouette(distances(points), first) == pytest.approx(silhouette_score(points, first))


def test_a_person_alone_in_a_group_adds_nothing_to_the_silhouette():
    points = np.array([[0.0], [0.1], [5.0]])
    group = np.array([0, 0, 7])
    assert silhouette(distances(points), group) == pytest.approx(silhouette_score(points, group))


def test_one_group_agrees_with_itself_and_keeps_nothing_apart():
    alone = np.zeros(5, dtype=int)
    assert adjusted_rand(alone, alone) == 1
    assert silhouette(distances(np.ones((5, 2))), alone) == -1


def test_the_explained_share_is_all_nothing_or_between():
    group = np.array([0, 0, 1, 1])
    assert explained_share(group, np.array([1.0, 1.0, 5.0, 5.0])) == 1
    assert explained_share(group, np.array([1.0, 5.0, 1.0, 5.0])) == 0
    assert explained_share(group, np.ones(4)) == 0
