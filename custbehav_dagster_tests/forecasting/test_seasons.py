"""Who buys once a year, at the same time."""

import numpy as np
import pytest

from custbehav_dagster.forecasting.seasons import SEASON_DAYS, by_chance, find_seasons, visits_of
from custbehav_dagster_tests.forecasting.days import days_of, steady_shop

DECEMBER = 340


def seasonal(shop, as_of):
    found = find_seasons(days_of(shop), as_of).seasonal
    return [name for name, is_seasonal in zip(sorted(shop), found, strict=True) if is_seasonal]


def yearly(*years, day=DECEMBER):
    return [day + 365 * year for year in years]


@pytest.mark.parametrize(
    ("days", "as_of", "expected"),
    [
        (yearly(0, 1), 800, True),
        (yearly(0, 1, 2), 1100, True),
        # Two parcels in one December are one visit.
        ([DECEMBER, DECEMBER + 12, *yearly(1)], 800, True),
        ([DECEMBER, DECEMBER + 40 + 365], 800, True),
        ([DECEMBER, DECEMBER + 46 + 365], 800, False),
        # Once is no habit, and neither is a second time in the same season.
        (yearly(0), 500, False),
        ([DECEMBER, DECEMBER + 30], 500, False),
        # In between, or a year left out.
        ([*yearly(0, 1), 540], 800, False),
        (yearly(0, 2), 1100, False),
        # The last season has come and gone without an order.
        (yearly(0, 1), DECEMBER + 2 * 365 + 45, True),
        (yearly(0, 1), DECEMBER + 2 * 365 + 46, False),
    ],
)
def test_seasonal_is_who_bought_each_year_at_that_time_and_not_between(days, as_of, expected):
    shop = {"eve": days} | {f"once{n}": [day] for n, day in enumerate(range(0, 300, 30))}
    assert (seasonal(shop, as_of) == ["eve"]) is expected


def test_the_season_begins_a_year_after_the_first_order_of_the_last():
    found = find_seasons(days_of({"eve": [*yearly(0, 1), DECEMBER + 365 + 20]}), 800)
    assert found.next_start.tolist() == [DECEMBER + 730]


def test_where_people_buy_at_any_time_a_wait_of_a_year_is_no_season():
    days = steady_shop(1500, length=1400)
    visits = visits_of(days)
    assert by_chance(visits, 1399) > 0.6
    found = find_seasons(days, 1399).seasonal
    # Two yearly waits in a row are rarer by chance than one.
    assert found.sum() <= 2


def test_true_yearly_buyers_are_found_among_the_others():
    generator = np.random.default_rng(1)
    shop = {
        f"gift{n:03d}": [int(d) for d in yearly(0, 1, 2) + generator.integers(0, 20, 3)] for n in range(40)
    }
    steady = steady_shop(400, length=1200)
    for number, name in enumerate(steady.people.to_pylist()):
        shop[name] = steady.day[steady.person == number].tolist()
    found = seasonal(shop, 1199)
    assert sum(name.startswith("gift") for name in found) == 40
    assert len(found) < 48


def test_visits_are_orders_close_together():
    visits = visits_of(days_of({"ann": [0, SEASON_DAYS, 200], "ben": [201]}))
    assert (visits.person.tolist(), visits.first.tolist()) == ([0, 0, 1], [0, 200, 201])
    assert visits.last.tolist() == [SEASON_DAYS, 200, 201]
