"""The orders of the made-up shop have the shape of a real gift shop's."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources.synthetic.customers import generate_customers
from custbehav_dagster.sources.synthetic.orders import generate_orders
from custbehav_dagster.sources.synthetic.seasons import mothering_sunday
from custbehav_dagster.sources.synthetic.vocabulary import CHANNELS

LAST_DAY = date(2026, 10, 31)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return generate_customers(40_000, seed=2)


@pytest.fixture(scope="module")
def orders(people: pd.DataFrame) -> pd.DataFrame:
    return generate_orders(people, seed=2)


def one_time_share(orders: pd.DataFrame) -> float:
    return float((orders.groupby("customer_id").size() == 1).mean())


def orders_per_day(orders: pd.DataFrame, first: date, days: int) -> float:
    start = pd.Timestamp(first)
    return orders["order_date"].between(start, start + pd.Timedelta(days=days), inclusive="left").sum() / days


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("count", [600, 1_200, 20_000])
def test_86_to_95_of_100_buyers_buy_once(count: int, seed: int) -> None:
    orders = generate_orders(generate_customers(count, seed), seed)
    assert orders["customer_id"].nunique() == count
    assert 0.86 <= one_time_share(orders) <= 0.95


@pytest.mark.parametrize(
    ("count", "each", "total"),
    [(1, 1, 1), (1, 2, 2), (2, 1.5, 3), (7, 10, 70), (1_000, 1.2, 1_200), (300, 2.5, 750)],
)
def test_orders_per_customer_is_kept_exactly(count: int, each: float, total: int) -> None:
    people = generate_customers(count, seed=5, orders_per_customer=each)
    assert len(generate_orders(people, seed=5, orders_per_customer=each)) == total


def test_with_ten_orders_each_everybody_buys_repeatedly() -> None:
    people = generate_customers(2_000, seed=5, orders_per_customer=10)
    each = generate_orders(people, seed=5, orders_per_customer=10).groupby("customer_id").size()
    assert len(each) == 2_000
    assert each.min() >= 2
    assert 6 <= each.median() <= 10


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_orders_peak_before_christmas(orders: pd.DataFrame, year: int) -> None:
    before = orders_per_day(orders, date(year, 12, 6), 14)
    after = orders_per_day(orders, date(year, 12, 26), 14)
    autumn = orders_per_day(orders, date(year, 11, 1), 10)
    assert before > 1.8 * autumn
    assert before > 2.5 * after


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_orders_peak_before_mothers_day(orders: pd.DataFrame, year: int) -> None:
    feast = mothering_sunday(year)
    before = orders_per_day(orders, feast - timedelta(days=11), 7)
    after = orders_per_day(orders, feast + timedelta(days=1), 7)
    assert before > 1.4 * after


def test_gifts_are_flagged_most_before_the_feasts(orders: pd.DataFrame) -> None:
    month = orders["order_date"].dt.month
    assert orders.loc[month == 7, "is_gift"].mean() == pytest.approx(0.12, abs=0.02)
    assert orders.loc[month == 12, "is_gift"].mean() > 0.3


def test_amounts_have_a_heavy_tail(orders: pd.DataFrame) -> None:
    amount = orders["amount"].sort_values(ascending=False)
    assert 15 <= amount.median() <= 30
    assert amount.head(len(amount) // 100).sum() / amount.sum() > 0.08
    # Pareto: beyond any high threshold the mean excess goes on growing with it.
    excess = [(amount[amount > limit] - limit).mean() for limit in (50, 100, 200, 400)]
    assert excess == sorted(excess)


def test_amounts_are_price_points(orders: pd.DataFrame) -> None:
    pence = (orders["amount"] * 100).round().astype(int)
    assert (pence % 50 == 0).all()
    assert (pence > 0).all()
    common = orders["amount"].value_counts(normalize=True)
    assert common.head(12).sum() > 0.3
    assert {12.0, 18.5} <= set(common.head(5).index)


def test_a_few_orders_are_refunded_or_cancelled(orders: pd.DataFrame) -> None:
    cancelled = orders["status"] == "cancelled"
    assert cancelled.mean() == pytest.approx(0.02, abs=0.004)
    assert (orders["refund_amount"] > 0)[~cancelled].mean() == pytest.approx(0.035, abs=0.005)
    assert (orders["refund_amount"] <= orders["amount"]).all()
    assert (orders["refund_amount"] == orders["amount"])[cancelled].all()


def test_only_the_newest_orders_are_pending(orders: pd.DataFrame) -> None:
    pending = orders.loc[orders["status"] == "pending", "order_date"]
    assert len(pending) > 0
    assert pending.min() >= pd.Timestamp(LAST_DAY - timedelta(days=2))


def test_all_channels_sell_and_the_currency_is_one(orders: pd.DataFrame) -> None:
    assert set(orders["channel"]) == set(CHANNELS)
    assert set(orders["currency"]) == {"GBP"}


def test_order_numbers_run_with_time(orders: pd.DataFrame) -> None:
    assert orders["order_id"].is_unique
    assert orders["order_id"].is_monotonic_increasing
    assert orders["order_date"].is_monotonic_increasing


def test_no_order_falls_into_the_hour_that_spring_skips(orders: pd.DataFrame) -> None:
    assert not (orders["order_date"].dt.hour == 1).any()


def test_subscribers_return_more_and_a_late_first_parcel_halves_returns(
    people: pd.DataFrame, orders: pd.DataFrame
) -> None:
    repeats = orders.groupby("true_customer").size() - 1
    predictable = people["true_kind"] == "predictable"
    by_consent = repeats[predictable].groupby(people["accepts_marketing"]).mean()
    by_late = repeats[predictable].groupby(people["true_first_late"]).mean()
    assert by_consent[True] > 2 * by_consent[False]
    assert by_late[True] / by_late[False] == pytest.approx(0.5, abs=0.12)


def test_what_drives_others_does_not_drive_the_unpredictable(
    people: pd.DataFrame, orders: pd.DataFrame
) -> None:
    unpredictable = people["true_kind"] == "unpredictable"
    repeats = (orders.groupby("true_customer").size() - 1)[unpredictable]
    overall, error = repeats.mean(), repeats.std()
    for driver in ("accepts_marketing", "true_first_late", "true_channel", "true_first_product"):
        for _, group in repeats.groupby(people[driver]):
            assert abs(group.mean() - overall) < 4 * error / np.sqrt(len(group))


@given(count=st.integers(1, 30), seed=st.integers(0, 2**40), each=st.none() | st.floats(1, 12))
def test_every_order_belongs_to_somebody_and_lies_within_the_history(
    count: int, seed: int, each: float | None
) -> None:
    people = generate_customers(count, seed, orders_per_customer=each)
    orders = generate_orders(people, seed, orders_per_customer=each)
    assert set(orders["customer_id"]) == set(people["customer_id"])
    assert orders["order_date"].between("2023-11-01", "2026-10-31 23:59").all()
    first = orders.groupby("customer_id")["order_date"].min()
    assert (people.set_index("customer_id")["signup_date"] <= first).all()
