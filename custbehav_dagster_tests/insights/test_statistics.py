import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.insights.statistics import auc_interval, growth_interval, wilson_interval


def test_wilson_agrees_with_the_published_example() -> None:
    # Newcombe 1998, table I: 81 of 263.
    low, high = wilson_interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_within_its_limits(trials: int, share: float) -> None:
    successes = round(share * trials)
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert low < high


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (2, 1), (-1, 3)])
def test_what_is_no_share_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson_interval(successes, trials)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    draws = np.random.default_rng(1)
    shares = [wilson_interval(int(hits), 60) for hits in draws.binomial(60, 0.1, 2000)]
    assert 0.93 < np.mean([low <= 0.1 <= high for low, high in shares]) < 0.98
    counts = [
        growth_interval(int(a), int(b))
        for a, b in zip(draws.poisson(80, 2000), draws.poisson(100, 2000), strict=True)
    ]
    assert 0.93 < np.mean([low <= 0.25 <= high for low, high in counts]) < 0.97


def test_an_auc_from_few_people_is_less_sure() -> None:
    few, many = auc_interval(0.75, 20, 40), auc_interval(0.75, 200, 400)
    assert few[0] < many[0] < 0.75 < many[1] < few[1] <= 1
    assert auc_interval(1.0, 10, 10) == (1.0, 1.0)
