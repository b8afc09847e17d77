import numpy as np
import pytest

from custbehav_dagster.segmentation.rules import groups_by_rule, why_no_clusters


@pytest.mark.parametrize(
    ("people", "points", "sentence"),
    [
        (9, 3, None),
        (8, 8, "8 buyers; k-means with 3 groups needs 9, 1 more"),
        (0, 0, "0 buyers; k-means with 3 groups needs 9, 9 more"),
        (500, 1, "only 1 different pair of order count and amount; k-means with 3 groups needs 3"),
        (
            500,
            2,
            "only 2 different pairs of order count and amount; k-means with 3 groups needs 3",
        ),
    ],
)
def test_kmeans_needs_three_people_a_group_and_as_many_different_ones_as_groups(people, points, sentence):
    assert why_no_clusters(people, points, 3) == sentence


def test_people_who_bought_once_are_parted_at_their_middle_amount_and_the_others_are_one_group():
    order_count = np.array([1, 1, 1, 2, 9])
    total_amount = np.array([5.0, 10.0, 20.0, 1.0, 90.0])
    assert groups_by_rule(order_count, total_amount).tolist() == [0, 0, 1, 2, 2]


def test_nobody_is_no_group():
    assert groups_by_rule(np.array([]), np.array([])).tolist() == []
