"""What each fact adds to a forecast: asked of the forecaster itself."""

from dataclasses import replace

import numpy as np
import pytest

from custbehav_dagster.forecasting import suppositions
from custbehav_dagster.forecasting.moments import Moment, moment_at
from custbehav_dagster.forecasting.past import Past, log_odds_of
from custbehav_dagster.forecasting.people import one_thread
from custbehav_dagster.forecasting.suppositions import (
    FACTS,
    SupposedPast,
    Typical,
    asked_people,
    joined,
    parts_of_forecast,
    parts_of_rule,
    suppose,
)
from custbehav_dagster.forecasting.told import told_at
from custbehav_dagster_tests.forecasting.days import days_of, steady_shop

CUTOFF = 590


@pytest.fixture(scope="module")
def past():
    return Past(steady_shop(300), 100)


@pytest.fixture(scope="module")
def parts(past):
    with one_thread():
        return parts_of_forecast(past, CUTOFF, "combination")


def test_without_a_fact_the_number_moves_as_the_reason_says(past, parts):
    # Asked of one changed person at a time, among everybody else as they are.
    moment = past.moment(CUTOFF)
    strongest = np.unravel_index(np.argsort(-np.abs(parts), axis=None)[:200:70], parts.shape)
    with one_thread():
        base = log_odds_of(told_at(past, CUTOFF, ("combination",))["combination"])
        for person, fact in zip(*strongest, strict=True):
            without = suppose(moment, Typical.of(moment), past.days.first_day)[fact]
            changed = everybody_but(moment, without, person)
            told = told_at(SupposedPast(past, changed), CUTOFF, ("combination",))["combination"]
            moved = base[person] - log_odds_of(told)[person]
            assert moved == pytest.approx(parts[person, fact], abs=0.05), FACTS[fact]


def everybody_but(moment: Moment, other: Moment, person: int) -> Moment:
    rows = np.arange(len(moment))
    before, after = moment.of(rows[:person]), moment.of(rows[person + 1 :])
    return joined([before, other.of(rows[person : person + 1]), after])


def test_who_comes_often_and_lately_is_told_so(past, parts):
    moment = past.moment(CUTOFF)
    often = moment.order_days >= 8
    assert (parts[often, FACTS.index("order_count")] >= 0).all()
    assert (parts[often & (moment.recency < 20), FACTS.index("order_count")] > 0).all()
    late = moment.recency > 300
    assert (parts[late, FACTS.index("last_order")] < 0).all()
    fresh = (moment.recency < 10) & (moment.order_days > 2)
    assert np.median(parts[fresh, FACTS.index("last_order")]) > 0


def test_a_model_of_repeat_buying_alone_has_no_reason_in_money(past):
    with one_thread():
        parts = parts_of_forecast(past, CUTOFF, "pareto_nbd")
    for unseen in ("spend", "year_ago"):
        assert np.abs(parts[:, FACTS.index(unseen)]).max() < 1e-9
    assert np.abs(parts[:, FACTS.index("last_order")]).max() > 1


def test_supposed_people_are_possible_and_keep_their_other_facts():
    moment = moment_at(days_of({"ann": [0, 50, 100], "ben": [120], "cid": [90, 91]}), 150, 100)
    count, gap, last, spend, season = suppose(moment, Typical(4.0, 20.0, 7.0), 0)
    for supposed in (count, gap, last):
        assert (supposed.tenure >= supposed.recency).all()
        assert (supposed.tenure <= 150).all()
        assert ((supposed.order_days > 1) | (supposed.tenure == supposed.recency)).all()
        assert (supposed.lately[0] <= supposed.lately[1]).all()
        assert (supposed.lately[1] <= supposed.orders).all()
    # Ann waits 50 days each time, Ben came once, Cid waited a day.
    assert count.order_days.tolist() == [4, 4, 4]
    assert (count.tenure - count.recency).tolist() == [100, 60, 3]
    assert (gap.tenure - gap.recency).tolist() == [40, 0, 20]
    assert gap.recency.tolist() == moment.recency.tolist() == [50, 30, 59]
    # Half of two waits of 50 and one of 20; of the usual one; of one of 1 and one of 20.
    assert last.recency.tolist() == [20, 10, 5.25]
    assert spend.amount.tolist() == [21, 7, 14]
    assert season.year_ago.tolist() == [0, 0, 0]
    assert season.recency is moment.recency


def test_in_a_large_shop_people_alike_share_their_reasons(past, parts, monkeypatch):
    monkeypatch.setattr(suppositions, "MOST_ASKED", 100)
    moment = past.moment(CUTOFF)
    asked, group = asked_people(moment)
    assert len(asked) < len(moment)
    assert np.array_equal(np.unique(group), np.arange(len(asked)))
    with one_thread():
        shared = parts_of_forecast(past, CUTOFF, "combination")
    assert shared[asked] == pytest.approx(parts[asked], abs=0.02)
    told = np.abs(shared) >= 0.1
    assert (np.sign(shared) == np.sign(parts))[told].mean() > 0.97


def test_a_rule_of_two_facts_is_asked_of_the_two():
    def ask(count, recency):
        return count - recency / 100

    parts = parts_of_rule(ask, np.array([1.0, 2.0, 9.0]), np.array([100.0, 200.0, 300.0]))
    assert parts[:, FACTS.index("order_count")].tolist() == [-1, 0, 7]
    assert parts[:, FACTS.index("last_order")].tolist() == [1, 0, -1]
    assert not parts[:, [FACTS.index(fact) for fact in ("gap", "spend", "year_ago")]].any()
    assert parts_of_rule(ask, np.empty(0), np.empty(0)).shape == (0, len(FACTS))


def test_the_supposed_past_is_taught_by_the_real_one(past):
    moment = past.moment(CUTOFF)
    other = SupposedPast(past, replace(moment, amount=moment.amount * 3))
    assert other.fitted("pareto_nbd", CUTOFF) is past.fitted("pareto_nbd", CUTOFF)
    assert np.array_equal(other.log_odds("pareto_nbd", CUTOFF), past.log_odds("pareto_nbd", CUTOFF))
