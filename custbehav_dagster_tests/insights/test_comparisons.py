"""Comparisons: their intervals hold what is true, and where there is nothing they say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.insights.comparisons import (
    Stratum,
    compared,
    p_of_shares,
    quantile_after_choice,
    ratio_of_shares,
    sure_by_discovery_rate,
    sure_by_holm,
)
from custbehav_dagster.insights.statistics import Z95

CHANCES = st.lists(st.floats(0, 1), max_size=30)


def test_one_stratum_gives_the_plain_difference_and_ratio() -> None:
    found = compared([Stratum(10, 100, 40, 200)])
    assert found is not None
    assert found.difference == pytest.approx(0.1 - 0.2)
    assert found.ratio == pytest.approx(0.5)
    assert found.difference_low < -0.1 < found.difference_high < 0
    assert 0 < found.p < 0.05


def test_what_only_the_season_does_is_not_blamed_on_the_complaint() -> None:
    # In each season both groups come back alike; the first group is mostly of the poor season.
    strata = [Stratum(9, 90, 1, 10), Stratum(4, 10, 36, 90)]
    found = compared(strata)
    assert found is not None
    assert found.difference == pytest.approx(0)
    assert found.p > 0.5
    assert 13 / 100 < 37 / 100, "pooled, the first group looks much worse"


@pytest.mark.parametrize("strata", [[], [Stratum(0, 0, 3, 10)], [Stratum(2, 5, 0, 0)]])
def test_a_group_of_nobody_cannot_be_compared(strata: list[Stratum]) -> None:
    assert compared(strata) is None


def test_a_group_of_which_nobody_did_it_has_a_difference_and_no_ratio() -> None:
    found = compared([Stratum(0, 20, 5, 20)])
    assert found is not None
    assert found.ratio is None
    assert found.difference_low < found.difference_high


@pytest.mark.parametrize(("true_ratio", "most_missed"), [(1.0, 24), (0.5, 24)])
def test_intervals_over_many_small_strata_hold_the_truth(true_ratio: float, most_missed: int) -> None:
    import numpy as np

    random = np.random.default_rng(3)
    missed = 0
    for _ in range(300):
        shares = random.uniform(0.1, 0.5, 8)
        strata = [
            Stratum(int(random.binomial(12, true_ratio * share)), 12, int(random.binomial(60, share)), 60)
            for share in shares
        ]
        found = compared(strata)
        assert found is not None
        assert found.ratio_low is not None
        assert found.ratio_high is not None
        expected = -(1 - true_ratio) * shares.mean()
        missed += not found.ratio_low <= true_ratio <= found.ratio_high
        assert found.difference_low <= found.difference <= found.difference_high
        assert abs(found.difference - expected) < 0.3
    # 15 of 300 are to be expected; more than 24 would come by chance once in a hundred times.
    assert missed <= most_missed


@given(CHANCES)
def test_holm_is_never_bolder_than_the_discovery_rate_and_both_keep_to_the_order(
    chances: list[float],
) -> None:
    holm, rate = sure_by_holm(chances), sure_by_discovery_rate(chances)
    assert all(by_rate or not by_holm for by_holm, by_rate in zip(holm, rate, strict=True))
    for sure in (holm, rate):
        told = [chance for chance, is_sure in zip(chances, sure, strict=True) if is_sure]
        silent = [chance for chance, is_sure in zip(chances, sure, strict=True) if not is_sure]
        assert not told or not silent or max(told) <= min(silent)
        assert all(chance <= 0.05 for chance in told)


def test_questions_that_could_not_be_told_count_too() -> None:
    assert sure_by_discovery_rate([0.01, 0.04]) == [True, True]
    assert sure_by_discovery_rate([0.01, 0.04], questions=10) == [False, False]


@pytest.mark.parametrize(("of", "is_small"), [((30, 100, 10, 100), True), ((12, 100, 10, 100), False)])
def test_two_shares_that_differ_have_a_small_p(of: tuple[int, int, int, int], is_small: bool) -> None:
    assert (p_of_shares(*of) < 0.05) == is_small
    assert p_of_shares(*of) == pytest.approx(p_of_shares(of[2], of[3], of[0], of[1]))


@given(st.integers(0, 50), st.integers(50, 90), st.integers(0, 50), st.integers(50, 90))
def test_a_ratio_lies_in_its_interval_and_a_wider_one_holds_a_narrower(
    first: int, of_first: int, second: int, of_second: int
) -> None:
    ratio, low, high = ratio_of_shares(first, of_first, second, of_second)
    _, wide_low, wide_high = ratio_of_shares(
        first, of_first, second, of_second, quantile_after_choice(1, 1_000)
    )
    assert wide_low <= low <= ratio <= high <= wide_high


def test_a_finding_that_was_not_picked_among_others_has_the_usual_interval() -> None:
    assert quantile_after_choice(1, 1) == pytest.approx(Z95, abs=1e-5)
    assert quantile_after_choice(5, 500) > quantile_after_choice(50, 500) > Z95
