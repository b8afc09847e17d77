"""Waits that have not ended count for as long as they were watched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.forecasting.second_order import life_table as module
from custbehav_dagster.forecasting.second_order.life_table import life_table


def of(*waits: tuple[int, bool, int]):
    days, came, people = (np.array(column) for column in zip(*waits, strict=True))
    return life_table(days, came.astype(bool), people.astype("float64"))


def test_by_hand(monkeypatch):
    monkeypatch.setattr(module, "FEWEST_WATCHED", 1)
    # Of ten, two come on day 2; three are watched for 3 days only; of the five left one comes on day 5.
    table = of((2, True, 2), (3, False, 3), (5, True, 1), (9, False, 4))
    assert table.chance(0, 4).share == pytest.approx(0.2)
    assert table.chance(0, 5).share == pytest.approx(1 - 0.8 * 0.8)
    assert table.chance(4, 3).share == pytest.approx(0.2)
    assert table.chance(5, 4).share == 0
    assert (table.waited(3), table.waited(2), table.seen(0, 9), table.last) == (5, 8, 3, 9)
    assert (table.within(0.5, 9), table.within(1.0, 9)) == (2, 5)
    assert table.hazard[9] == pytest.approx(0.2 + 0.2)


def test_without_anybody_lost_the_interval_is_wilsons():
    low, high = (table := of((3, True, 15), (30, False, 85)).chance(0, 20)).low, table.high
    assert (low, high) == pytest.approx((0.0931, 0.2328), abs=1e-4)


def test_nothing_is_said_of_a_time_that_few_were_watched_through():
    table = of((5, True, 30), (20, False, 60), (40, False, 9))
    assert table.chance(0, 20) is not None
    assert table.chance(0, 21) is None
    assert table.chance(0, 41) is None


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    draws, held = np.random.default_rng(1), 0
    for _ in range(400):
        waits = np.ceil(draws.exponential(100, 150)).astype(int)
        watched = draws.integers(0, 300, 150)
        table = life_table(np.minimum(waits, watched), waits <= watched, np.ones(150))
        chance = table.chance(30, 60)
        held += chance.low <= 1 - np.exp(-0.6) <= chance.high
    assert 0.92 < held / 400 < 0.98


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.integers(1, 30)), min_size=1, max_size=12))
def test_chances_are_chances_and_their_intervals_hold_them(waits):
    table = of(*waits)
    for after in range(0, table.last, 5):
        chance = table.chance(after, 5)
        assert chance is None or 0 <= chance.low <= chance.share <= chance.high <= 1
    assert (np.diff(table.survival) <= 0).all()
