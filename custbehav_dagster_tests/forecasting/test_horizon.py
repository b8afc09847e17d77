"""A horizon that fits how long the shop's people take to come back."""

from datetime import date, timedelta

import ibis
import pytest

from custbehav_dagster.forecasting.horizon import Suggestion, suggested_horizon
from custbehav_dagster_tests.forecasting.shops import order, shop_of

FIRST, AS_OF = date(2022, 1, 1), date(2024, 6, 30)


def orders_of(con: ibis.BaseBackend, people: dict[str, list[int]]) -> ibis.Table:
    rows = [
        order(name, (FIRST + timedelta(days=day)).isoformat(), order_id=f"{name}-{day}")
        for name, days in people.items()
        for day in days
    ]
    return shop_of(con, rows).orders


def test_it_holds_most_waits_of_those_who_come_back(con: ibis.BaseBackend) -> None:
    # A hundred people come back after 2, 4, … 200 days, two hundred never.
    people = {f"a{n:03d}": [n, n + 2 * (n + 1)] for n in range(100)} | {f"z{n:03d}": [n] for n in range(200)}
    found = suggested_horizon(orders_of(con, people), AS_OF)
    assert found == Suggestion(days=180, exact=160, half=100, repeat_buyers=100, is_cut=False)


def test_one_who_buys_each_week_counts_as_one(con: ibis.BaseBackend) -> None:
    people = {f"a{n:03d}": [n, n + 100 + n % 2] for n in range(40)} | {f"z{n:03d}": [n] for n in range(60)}
    alone = suggested_horizon(orders_of(con, people), AS_OF)
    with_fan = suggested_horizon(orders_of(con, people | {"fan": list(range(0, 700, 7))}), AS_OF)
    assert alone.half == with_fan.half == 100


def test_a_young_shop_is_told_what_its_history_allows(con: ibis.BaseBackend) -> None:
    people = {f"a{n:03d}": [n, n + 5 * n + 5] for n in range(30)} | {f"z{n:03d}": [n] for n in range(60)}
    found = suggested_horizon(orders_of(con, people), FIRST + timedelta(days=200))
    assert found.is_cut
    assert found.days == 30


def test_a_shop_where_everybody_came_back_is_not_taken_for_a_young_one(con: ibis.BaseBackend) -> None:
    people = {f"a{n:03d}": [n, n + 365, n + 730] for n in range(24)}
    found = suggested_horizon(orders_of(con, people), AS_OF)
    assert (found.half, found.days) == (365, 210)


@pytest.mark.parametrize("returning", [0, 19])
def test_too_few_who_came_back_give_no_suggestion(con: ibis.BaseBackend, returning: int) -> None:
    people = {f"a{n:03d}": [n, n + 30] for n in range(returning)} | {"zoe": [3]}
    assert suggested_horizon(orders_of(con, people), AS_OF) is None


@pytest.mark.parametrize(
    ("horizon", "is_far"), [(59, True), (60, True), (61, False), (120, False), (239, False), (240, True)]
)
def test_twice_as_long_or_half_as_long_is_far(horizon: int, is_far: bool) -> None:
    assert Suggestion(120, 110, 50, 40, False).is_far_from(horizon) == is_far
