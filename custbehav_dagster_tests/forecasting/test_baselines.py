import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.forecasting.baselines import fit_constant, fit_recency_rule
from custbehav_dagster_tests.forecasting.people import people_of


def test_the_constant_guess_is_the_share_who_returned():
    guess = fit_constant(people_of(returned=[True, False, False, False, True]))
    assert guess.probabilities(people_of(recency_days=[1, 500])).tolist() == [0.4, 0.4]


def test_the_recency_rule_equals_what_is_counted_by_hand():
    # Forty people make two buckets: recency up to 10 (12 of 20 returned), and 100 (3 of 20).
    near, far = [True] * 12 + [False] * 8, [True] * 3 + [False] * 17
    rule = fit_recency_rule(people_of(recency_days=[10] * 20 + [100] * 20, returned=near + far))
    base_rate = 15 / 40
    expected = [(12 + base_rate) / 21, (12 + base_rate) / 21, (3 + base_rate) / 21, (3 + base_rate) / 21]
    assert rule.probabilities(people_of(recency_days=[0, 10, 11, 900])).tolist() == pytest.approx(expected)


def test_neighbours_are_pooled_when_the_share_rises_with_recency():
    # 5 of 20, then 15 of 20: together 20 of 40, with one more person of the base rate in each.
    returned = [True] * 5 + [False] * 15 + [True] * 15 + [False] * 5
    rule = fit_recency_rule(people_of(recency_days=[10] * 20 + [100] * 20, returned=returned))
    assert rule.probabilities(people_of(recency_days=[10, 100])).tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(("people", "buckets"), [(2, 1), (39, 1), (40, 2), (199, 9), (200, 10), (1000, 10)])
def test_a_bucket_holds_at_least_twenty_people_and_there_are_ten_at_most(people, buckets):
    rule = fit_recency_rule(people_of(recency_days=range(people), returned=[True, *[False] * (people - 1)]))
    assert len(rule.rates) == buckets


@given(
    rows=st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=2, max_size=300).filter(
        lambda rows: len({returned for _, returned in rows}) == 2
    )
)
def test_shares_never_rise_with_recency_and_never_reach_0_or_1(rows):
    recency, returned = zip(*rows, strict=True)
    people = people_of(recency_days=recency, returned=returned)
    everybody = people_of(recency_days=range(60))
    for forecaster in (fit_recency_rule(people), fit_constant(people)):
        share = forecaster.probabilities(everybody)
        low, high = forecaster.interval(everybody)
        assert (np.diff(share) <= 1e-12).all()
        assert (low > 0).all()
        assert (low <= share).all()
        assert (share <= high).all()
        assert (high < 1).all()


def test_the_interval_of_the_share_narrows_with_people():
    widths = []
    for size in (40, 400, 4000):
        low, high = fit_constant(people_of(returned=[True, False] * (size // 2))).interval(
            people_of(month=[1])
        )
        widths.append(float((high - low)[0]))
    # 80% of a normal distribution lie within 1.28 standard errors of a half.
    assert widths == pytest.approx([2 * 1.2816 * 0.5 / size**0.5 for size in (40, 400, 4000)], rel=0.03)
