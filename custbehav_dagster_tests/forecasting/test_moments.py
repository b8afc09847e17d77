"""What is known on one day, from orders to arrays."""

from datetime import date

import numpy as np
import pytest

from custbehav_dagster.forecasting.moments import moment_at, orders_after
from custbehav_dagster.forecasting.order_days import day_number, read_order_days
from custbehav_dagster_tests.forecasting.days import days_of, steady_shop
from custbehav_dagster_tests.forecasting.shops import order, refund, shop_of

SHOP = {"ann": [0, 10, 40], "ben": [30], "cid": [41]}


def test_orders_of_one_day_are_one_entry_and_only_purchases_up_to_the_day_count(con):
    shop = shop_of(
        con,
        [
            order("ben", "2024-01-05"),
            order("ann", "2024-01-05", "10.00"),
            order("ann", "2024-01-05", "5.00", order_id="second"),
            order("ann", "2024-01-09"),
            order("ann", "2024-02-01"),
            order(None, "2024-01-06", order_id="nobody"),
            order("cid", "2024-01-07", status="cancelled", is_purchase=False),
            refund("ann", "2024-01-08", "-5.00"),
        ],
    )
    days = read_order_days(shop.orders, date(2024, 1, 31))
    assert days.people.to_pylist() == ["ann", "ben"]
    assert days.person.tolist() == [0, 0, 1]
    assert days.day.tolist() == [day_number(date(2024, 1, day)) for day in (5, 9, 5)]
    assert days.orders.tolist() == [2, 1, 1]
    assert days.amount.tolist() == [15, 10, 10]


def test_a_large_shop_is_read_as_each_so_many_th_of_its_buyers(con):
    shop = shop_of(con, [order(f"c{number}", "2024-01-05") for number in range(10)])
    days = read_order_days(shop.orders, date(2024, 1, 31), largest=4)
    assert days.people.to_pylist() == ["c0", "c3", "c6", "c9"]
    assert days.person.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("cutoff", "person", "order_days", "recency", "tenure"),
    [
        (0, [0], [1], [0], [0]),
        (30, [0, 1], [2, 1], [20, 0], [30, 0]),
        (40, [0, 1], [3, 1], [0, 10], [40, 10]),
        (41, [0, 1, 2], [3, 1, 1], [1, 11, 0], [41, 11, 0]),
    ],
)
def test_a_person_is_known_from_the_day_of_the_first_order(cutoff, person, order_days, recency, tenure):
    moment = moment_at(days_of(SHOP), cutoff, 20)
    assert moment.person.tolist() == person
    assert moment.order_days.tolist() == order_days
    assert moment.recency.tolist() == recency
    assert moment.tenure.tolist() == tenure


@pytest.mark.parametrize(("cutoff", "later"), [(9, [1]), (10, [0]), (20, [1]), (30, [1, 0]), (40, [0, 0])])
def test_what_comes_after_is_counted_from_the_next_day_to_the_last_of_the_horizon(cutoff, later):
    days = days_of(SHOP)
    assert orders_after(days, moment_at(days, cutoff, 20)).tolist() == later


def test_the_same_window_a_year_ago_ends_where_the_present_begins():
    days = days_of({"ann": [1, 100, 120, 121, 465], "ben": [99]})
    assert moment_at(days, 465, 20).year_ago.tolist() == [1, 0]
    assert moment_at(days, 465, 400).year_ago.tolist() == [3, 0]


def test_no_later_order_changes_what_is_known_on_a_day():
    days = steady_shop(60)
    whole, cut = moment_at(days, 400, 120), moment_at(days.until(400), 400, 120)
    for name in ("person", "orders", "order_days", "recency", "tenure", "amount", "year_ago"):
        assert np.array_equal(getattr(whole, name), getattr(cut, name))
