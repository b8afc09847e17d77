from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.segmentation.profiles import Middle, segment_names, segment_profiles
from custbehav_dagster_tests.forecasting.shops import stored

EVERYBODY = Middle(2, 50)


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        ([(1, 20), (3, 60), (9, 200)], ["one-time buyers", "occasional buyers", "regulars"]),
        ([(1, 20), (3, 60), (9, 250)], ["one-time buyers", "occasional buyers", "big spenders"]),
        ([(1, 20), (1, 90)], ["one-time buyers, small amounts", "one-time buyers, large amounts"]),
        # Whoever bought once for much is no big spender yet.
        ([(1, 20), (1, 900)], ["one-time buyers, small amounts", "one-time buyers, large amounts"]),
        (
            [(5, 20), (6, 90), (7, 100)],
            ["regulars, small amounts", "regulars, middling amounts", "regulars, large amounts"],
        ),
        ([(1, 1), (1, 2), (1, 3), (1, 4)], [f"one-time buyers, level {n} of 4" for n in (1, 2, 3, 4)]),
        ([(2, 30)], ["occasional buyers"]),
        ([(1.5, 30)], ["one-time buyers"]),
        ([(4.5, 30)], ["occasional buyers"]),
        ([], []),
    ],
)
def test_names_say_how_often_and_for_how_much(groups, names):
    assert segment_names([Middle(*group) for group in groups], EVERYBODY) == names


@given(
    st.lists(st.tuples(st.floats(1, 300), st.floats(-1e4, 1e6)), min_size=1, max_size=20),
    st.floats(-100, 1000),
)
def test_names_are_never_the_same(groups, usual):
    names = segment_names([Middle(*group) for group in groups], Middle(1, usual))
    assert len(set(names)) == len(groups)


def person(number, segment, name, order_count, total_amount, recency_days):
    return {
        "customer_id": f"c{number}", "as_of": date(2024, 6, 30), "order_count": order_count,
        "total_amount": total_amount, "recency_days": recency_days, "segment": segment, "segment_name": name,
        "method": "k-means", "is_synthetic": False,
    }  # fmt: skip


def profiles_of(con, people):
    table = segment_profiles(stored(con, contract.segments.CUSTOMERS_WITH_SEGMENTS, people))
    assert all(verdict.holds for verdict in judge(contract.segments.SEGMENT_PROFILES, table))
    return table.to_pyarrow().to_pylist()


def test_a_profile_tells_size_worth_middle_person_and_what_to_do(con):
    small, big = profiles_of(
        con,
        [
            person(1, 0, "one-time buyers", 1, 10.0, 30),
            person(2, 0, "one-time buyers", 1, 20.0, 50),
            person(3, 0, "one-time buyers", 2, 30.0, 200),
            person(4, 1, "big spenders", 40, 140.0, 5),
        ],
    )
    assert (small["people"], small["share_of_people"], small["share_of_amount"]) == (3, 0.75, 0.3)
    assert (small["median_order_count"], small["median_total_amount"], small["median_recency_days"]) == (
        1,
        20,
        50,
    )
    assert small["what_to_do"] == (
        "Ask the 3 people here for a second order, the latest buyers first: "
        "half of them have not bought for 50 days."
    )
    assert big["what_to_do"] == (
        "Thank the 1 person here, who brought 70% of the amount, in person, "
        "and ask at once when one falls silent: the last order is 5 days old."
    )


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("occasional buyers, small amounts", "Remind the 1 person"),
        ("regulars", "Show the 1 person here, who brought 100%"),
    ],
)
def test_the_advice_follows_the_name(con, name, beginning):
    (row,) = profiles_of(con, [person(1, 0, name, 3, 10.0, 30)])
    assert row["what_to_do"].startswith(beginning)


@pytest.mark.parametrize(
    ("name", "days", "beginning"),
    [
        ("one-time buyers", 120, "Ask the 1 person here for a second order"),
        ("one-time buyers", 121, "Give the 1 person here one good reason to come back, once"),
        ("one-time buyers, small amounts", 241, "Spend little on the 1 person here"),
        ("occasional buyers", 121, "Remind the 1 person here now"),
        ("occasional buyers, large amounts", 241, "Try the 1 person here once more"),
        ("big spenders", 241, "Write to the 1 person here, who brought 100% of the amount, by name"),
    ],
)
def test_a_group_that_has_fallen_silent_is_not_asked_as_if_it_still_bought(con, name, days, beginning):
    (row,) = profiles_of(con, [person(1, 0, name, 3, 10.0, days)])
    assert row["what_to_do"].startswith(beginning)


@pytest.mark.parametrize(
    ("days", "ending"),
    [(0, "the last order is of the last known day."), (1, "the last order is 1 day old.")],
)
def test_a_silence_of_no_days_is_not_called_one(con, days, ending):
    (row,) = profiles_of(con, [person(1, 0, "regulars", 9, 10.0, days)])
    assert row["what_to_do"].endswith(ending)


def test_there_is_no_share_of_an_amount_that_refunds_have_eaten(con):
    (row,) = profiles_of(con, [person(1, 0, "regulars", 9, -10.0, 30)])
    assert row["share_of_amount"] is None
    assert row["what_to_do"].startswith("Show the 1 person here, first what is new")
    rows = profiles_of(
        con, [person(1, 0, "regulars", 9, -10.0, 30), person(2, 1, "big spenders", 9, 11.0, 3)]
    )
    assert [row["share_of_amount"] for row in rows] == [None, None]


def test_no_people_have_no_profiles(con):
    assert profiles_of(con, []) == []
