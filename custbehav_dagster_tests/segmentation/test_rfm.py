import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.segmentation import rfm
from custbehav_dagster.segmentation.rfm import assign, find, keep, nearest, positions


def shop(size=600, once_share=0.3, seed=0):
    """Recency, purchases and amounts of a shop where those who come back spend by how often they do."""
    generator = np.random.default_rng(seed)
    count = np.where(generator.random(size) < once_share, 1, 2 + generator.geometric(0.25, size))
    recency = generator.exponential(200 / np.sqrt(count), size).astype(int)
    amount = count * generator.lognormal(3, 0.5, size)
    return recency, count, amount


def places(*figures):
    return positions(*(np.asarray(values, dtype="float64") for values in figures), horizon_days=120)


def shares(group):
    sizes = np.bincount(group)
    return sizes[sizes > 0] / len(group)


@pytest.mark.parametrize("once_share", [0.0, 0.3, 0.6, 0.86, 0.95, 0.98, 1.0])
def test_however_many_bought_once_no_group_is_tiny_and_none_holds_nearly_everybody(once_share):
    points = places(*shop(once_share=once_share))
    found = find(points, seed=0)
    assert found is not None
    held = shares(nearest(points, found.centres))
    assert len(held) > 1
    assert held.min() >= rfm.SMALLEST_SHARE
    assert held.max() <= rfm.LARGEST_SHARE


def test_one_time_buyers_and_people_who_came_back_share_no_group_where_both_are_many():
    recency, count, amount = shop()
    points = places(recency, count, amount)
    group = nearest(points, find(points, seed=0).centres)
    assert not set(group[count == 1]) & set(group[count > 1])


def test_groups_come_out_again_from_other_draws():
    found = find(places(*shop()), seed=0)
    assert found.agreement >= 0.9


def test_people_who_are_all_alike_have_no_groups():
    assert find(places([10] * 100, [1] * 100, [20.0] * 100), seed=0) is None


def test_amounts_below_zero_count_as_nothing_spent():
    assert (places([5], [2], [-80.0]) == places([5], [2], [0.0])).all()


def test_the_middle_of_earlier_groups_is_followed_and_nobody_changes_who_stayed_the_same():
    recency, count, amount = shop()
    points = places(recency, count, amount)
    group = nearest(points, find(points, seed=0).centres)
    _, group = np.unique(group, return_inverse=True)
    later = places(recency + 7, count, amount)
    kept = keep(later, group, seed=0)
    assert (assign(later, kept.centres, group) == group).mean() > 0.97


def test_who_buys_a_second_time_leaves_the_one_time_buyers_at_once():
    recency, count, amount = shop()
    points = places(recency, count, amount)
    _, group = np.unique(nearest(points, find(points, seed=0).centres), return_inverse=True)
    person = int(np.flatnonzero(count == 1)[0])
    once = set(group[count == 1])
    count[person] = 2
    later = places(recency, count, amount)
    after = assign(later, keep(later, group, seed=0).centres, group)
    assert after[person] not in once
    assert set(after[count == 1]) <= once


def test_strangers_join_the_nearest_earlier_group():
    points = places([5] * 50 + [300] * 50, [1] * 100, [20.0] * 100)
    earlier = np.array([0] * 49 + [-1] + [1] * 49 + [-1])
    kept = keep(points, earlier, seed=0)
    after = assign(points, kept.centres, earlier)
    assert (after[49], after[99]) == (0, 1)


@pytest.mark.parametrize(
    "earlier",
    [
        pytest.param([-1] * 100, id="nobody had a group"),
        pytest.param([0] * 100, id="there was one group"),
        pytest.param([0] * 98 + [1] * 2, id="one group has nearly everybody"),
    ],
)
def test_earlier_groups_that_do_not_hold_are_given_up(earlier):
    points = places([5] * 98 + [300] * 2, [1] * 100, [20.0] * 100)
    assert keep(points, np.array(earlier), seed=0) is None


@settings(max_examples=8)
@given(
    people=st.lists(
        st.tuples(st.integers(0, 900), st.integers(1, 40), st.integers(-50, 5000)), min_size=1, max_size=80
    )
)
def test_whatever_the_people_groups_keep_their_shares_or_there_are_none(people):
    points = places(*zip(*people, strict=True))
    found = find(points, seed=0)
    if found is not None:
        assert rfm.within(nearest(points, found.centres), rfm.SMALLEST_SHARE, rfm.LARGEST_SHARE)
        assert (find(points, seed=0).centres == found.centres).all()


def test_nobody_who_bought_nothing_comes_into_a_group_that_bought_more_lately():
    points = places([260, 100, 20, 300, 500], [1] * 5, [20.0] * 5)
    centres = places([30, 150, 600], [1] * 3, [20.0] * 3)
    earlier = np.array([2, 2, 1, 0, -1])
    assert assign(points, centres, earlier).tolist() == [1, 1, 0, 1, 2]
    assert assign(points, centres, earlier, np.ones(5, dtype=bool)).tolist() == [2, 2, 1, 1, 2]
    assert assign(points, centres, earlier, np.zeros(5, dtype=bool)).tolist() == [1, 1, 0, 1, 2]
