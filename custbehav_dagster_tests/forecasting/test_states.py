"""Where each person stands, and the words for it."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from custbehav_dagster.contract.results import STATES
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.forecasting.order_days import EPOCH, day_number, read_order_days
from custbehav_dagster.forecasting.people import read_people
from custbehav_dagster.forecasting.states import (
    WORDS,
    evenly_spaced,
    find_standing,
    gift_buyers,
    states_of,
    verdicts_of,
)
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.days import days_of
from custbehav_dagster_tests.forecasting.people import people_of
from custbehav_dagster_tests.forecasting.shops import order, shop_of


def state(position=0.0, new=False, seasonal=False, gifts=False, p=None, average=0.5):
    """The state of one person; a second one makes the average chance."""
    pair = [np.array([value, False]) for value in (new, seasonal, gifts)]
    chances = None if p is None else np.array([p, 2 * average - p])
    return STATES[states_of(np.array([position, 0.0]), *pair, chances)[0]]


@pytest.mark.parametrize(
    ("position", "expected"),
    [(0.0, "active"), (0.49, "active"), (0.5, "due"), (0.79, "due"), (0.8, "slipping"), (0.94, "slipping"),
     (0.95, "lapsed"), (1.0, "lapsed")],
)  # fmt: skip
def test_by_the_rule_alone_the_wait_decides(position, expected):
    assert state(position) == expected


@pytest.mark.parametrize(
    ("position", "p", "average", "expected"),
    [
        # Beyond the middle of the wait and far below the average chance.
        (0.5, 0.09, 0.4, "lapsed"),
        (0.5, 0.1, 0.4, "due"),
        # In a shop where few come back, few chances are far below the average.
        (0.5, 0.03, 0.08, "due"),
        (0.5, 0.019, 0.08, "lapsed"),
        # Nobody is gone whose next order is not yet due.
        (0.49, 0.001, 0.4, "active"),
        # Nor anybody of whom the model thinks well.
        (0.99, 0.24, 0.4, "lapsed"),
        (0.99, 0.25, 0.4, "slipping"),
    ],
)
def test_the_probability_decides_who_is_gone(position, p, average, expected):
    assert state(position, p=p, average=average) == expected


def test_of_several_states_the_first_that_says_more_is_told():
    assert state(0.99, new=True, seasonal=True, gifts=True) == "new"
    assert state(0.99, seasonal=True, gifts=True) == "seasonal"
    assert state(0.99, gifts=True) == "lapsed"
    assert state(0.85, gifts=True) == "gift-only"


@pytest.mark.parametrize(
    ("state", "p", "words"),
    [("active", 0.5, "likely back"), ("active", 0.49, "may come back"), ("active", 0.24, "not due yet"),
     ("due", 0.25, "may come back"), ("due", 0.1, "small chance"), ("slipping", 0.49, "slipping away"),
     ("slipping", 0.5, "late, but likely back"), ("lapsed", 0.2, "probably gone"), ("new", 0.9, "new"),
     ("seasonal", 0.1, "buys in season"), ("gift-only", 0.1, "buys gifts only")],
)  # fmt: skip
def test_the_words_follow_the_state_and_the_probability(state, p, words):
    assert verdicts_of(np.array([STATES.index(state)]), np.array([p])).to_pylist() == [words]


def test_words_of_one_state_do_not_contradict_another():
    away = {"slipping away": "slipping", "probably gone": "lapsed", "new": "new", "not due yet": "active"}
    for word, only in away.items():
        assert [name for name in STATES if word in [told for _, told in WORDS[name]]] == [only]
    assert set(WORDS) == set(STATES)


AS_OF = date(2024, 6, 30)


def ago(*days):
    return [str(AS_OF - timedelta(days=number)) for number in days]


def shop_rows():
    buyers = {
        "active": ago(10, 40, 70, 100),
        "due": ago(36, 66, 96, 126),
        "slipping": ago(75, 105, 135, 165),
        "lapsed": ago(400, 430, 460, 490),
        "new": ago(30),
        "newest": ago(0, 12),
        "seasonal": ago(200, 565, 930),
        "gifts": ago(20, 60),
        "mixed": ago(20, 60),
    }
    return [
        order(buyer, day, is_gift=buyer == "gifts" or (buyer == "mixed" and day == ago(60)[0]))
        for buyer, days in buyers.items()
        for day in days
    ]


def test_a_shop_on_the_screen_has_each_state_even_without_a_forecast(con):
    shop = shop_of(con, shop_rows())
    people = read_people(
        customer_features(*shop.tables, AS_OF, Settings()),
        ["customer_id", "as_of", "order_count", "recency_days", "tenure_days"],
    )
    gifts = gift_buyers(shop.orders, people, AS_OF)
    standing = find_standing(people, read_order_days(shop.orders, AS_OF), gifts, None)
    names = people.column("customer_id").to_pylist()
    told = {name: STATES[number] for name, number in zip(names, standing.state, strict=True)}
    assert told == {
        **{name: name for name in ("active", "due", "slipping", "lapsed", "new", "seasonal")},
        "newest": "new", "gifts": "gift-only", "mixed": "active",
    }  # fmt: skip
    due = dict(zip(names, standing.next_due - day_number(AS_OF), strict=True))
    assert due["seasonal"] == 365 - 200
    assert 15 < due["active"] < 35
    assert -15 < due["due"] < 5
    never = -1 - day_number(AS_OF)
    assert due["lapsed"] == due["new"] == due["gifts"] == never


def test_people_without_an_order_are_refused(con):
    shop = shop_of(con, [order("ann", "2024-06-01")])
    days = read_order_days(shop.orders, AS_OF)
    stranger = people_of(customer_id=["zoe"]).append_column("as_of", pa.array([AS_OF]))
    with pytest.raises(ValueError, match="people without an order by that day"):
        find_standing(stranger, days, np.array([False]), None)


@pytest.mark.parametrize(
    ("count", "recency", "tenure", "expected"),
    [(1, 5, 5, [95]), (3, 0, 20, [80, 90, 100]), (9, 1, 3, [97, 98, 99]), (2, 7, 7, [93])],
)
def test_orders_that_are_not_at_hand_are_taken_as_evenly_spaced(count, recency, tenure, expected):
    people = people_of(order_count=[count], recency_days=[recency], tenure_days=[tenure])
    days = evenly_spaced(people.append_column("as_of", pa.array([date(1970, 4, 11)])))
    assert days.day.tolist() == expected
    assert days.orders.sum() == count


@pytest.mark.parametrize(("silent", "expected"), [(9, "slipping"), (12, "slipping"), (15, "lapsed")])
def test_who_bought_each_week_is_not_lapsed_before_two_weeks(silent, expected):
    # The shop is so regular that hardly anybody ever waited for nine days.
    shop = days_of({f"c{n}": [7 * k for k in range(60)] for n in range(10)})
    people = people_of(
        customer_id=[f"c{n}" for n in range(10)], order_count=[60] * 10, recency_days=[silent] * 10,
        tenure_days=[413 + silent] * 10,
    )  # fmt: skip
    people = people.append_column("as_of", pa.array([EPOCH + timedelta(days=413 + silent)] * 10))
    standing = find_standing(people, shop, np.zeros(10, dtype=bool), None)
    assert {STATES[number] for number in standing.state} == {expected}
