"""The season is taken out of sums that have one, and only after it has been seen twice."""

from __future__ import annotations

import math
import random

import pytest

from custbehav_dagster.insights.season import take_out_season

SEASON = [0.5, 0.6, 1, 1, 1, 0.8, 0.8, 0.9, 1, 1.2, 1.6, 1.6]


def sums(months: int, growth: float = 0.0, first_month: int = 1) -> list[float]:
    return [1000 * SEASON[(first_month - 1 + place) % 12] * (1 + growth) ** place for place in range(months)]


@pytest.mark.parametrize(("months", "is_told"), [(0, False), (23, False), (24, True), (36, True)])
def test_two_years_are_needed(months: int, is_told: bool) -> None:
    assert (take_out_season(1, sums(months)) is not None) == is_told


@pytest.mark.parametrize("first_month", [1, 6, 12])
def test_a_shop_that_only_has_seasons_is_even_without_them(first_month: int) -> None:
    found = take_out_season(first_month, sums(36, first_month=first_month))
    assert found is not None
    assert found.factors == pytest.approx(SEASON)
    assert found.adjusted == pytest.approx([1000] * 36)
    assert found.change == pytest.approx(0)


def test_growth_is_seen_through_the_season() -> None:
    found = take_out_season(4, sums(36, growth=0.03, first_month=4))
    assert found is not None
    # The three newest months lie seven and a half months after the middle of the year before them.
    assert found.change == pytest.approx(1.03**7.5 - 1)


@pytest.mark.parametrize("months", [24, 30, 48])
def test_the_interval_holds_no_change_19_times_of_20_where_there_is_none(months: int) -> None:
    chance = random.Random(months)
    held = 0
    for _ in range(300):
        noisy = [value * math.exp(chance.gauss(0, 0.2)) for value in sums(months)]
        found = take_out_season(1, noisy)
        assert found is not None
        held += found.low <= 0 <= found.high
    assert 0.91 * 300 <= held <= 0.99 * 300


def test_a_shop_that_closes_for_a_month_has_no_season_to_take_out() -> None:
    closed = [0 if place % 12 == 7 else value for place, value in enumerate(sums(36))]
    assert take_out_season(1, closed) is None
