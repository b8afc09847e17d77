"""The true tables that exports are compared with agree with themselves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.sources.synthetic.exports.truth import ExportShop, make_export_shop

TABLES = ("customers", "orders", "order_items", "feedback", "subscribers", "listings")


@settings(max_examples=10)
@given(people=st.integers(1, 40), seed=st.integers(0, 10_000))
def test_amounts_of_an_order_follow_from_its_lines(people: int, seed: int) -> None:
    shop = make_export_shop(people, seed)
    for order in shop.orders.to_dict("records"):
        lines = shop.items_of(order["order_id"]).to_dict("records")
        paid = [line["quantity"] * line["unit_price"] for line in lines if line["kind"] != "tip"]
        tips = [line["unit_price"] for line in lines if line["kind"] == "tip"]
        assert sum(paid) == order["goods_amount"]
        assert sum(tips) == order["tip_amount"]
        assert sum(line["discount_amount"] for line in lines) == order["discount_amount"]
        assert order["gross_amount"] == (
            order["goods_amount"] - order["discount_amount"] + order["shipping_amount"]
            + order["tax_amount"] + order["tip_amount"]
        )  # fmt: skip
        assert order["net_amount"] == order["gross_amount"] - order["refund_amount"] >= 0
        assert (order["status"] == "cancelled") <= (order["net_amount"] == 0)


@settings(max_examples=10)
@given(people=st.integers(1, 40), seed=st.integers(0, 10_000))
def test_everything_belongs_to_something_that_is_there(people: int, seed: int) -> None:
    shop = make_export_shop(people, seed)
    assert set(shop.orders["customer_id"].dropna()) == set(shop.customers["customer_id"])
    assert set(shop.order_items["order_id"]) == set(shop.orders["order_id"])
    assert set(shop.feedback["order_id"]) <= set(shop.orders["order_id"])
    assert shop.orders["order_id"].is_unique
    assert shop.orders["ordered_at"].is_monotonic_increasing
    assert shop.orders["order_id"].is_monotonic_increasing
    sent = shop.orders[shop.orders["shipped_at"].notna()]
    assert (sent["shipped_at"] >= sent["ordered_at"]).all()


def test_a_shop_of_ten_shows_everything_that_makes_orders_awkward() -> None:
    shop = make_export_shop(10, 0)
    orders = shop.orders
    assert set(orders["status"]) == {"completed", "pending", "cancelled"}
    assert set(shop.order_items["kind"]) == {"product", "gift_wrap", "tip"}
    is_partial = (orders["refund_amount"] > 0) & (orders["refund_amount"] < orders["gross_amount"])
    for shown in (
        is_partial,
        (orders["refund_amount"] == orders["gross_amount"]) & (orders["status"] == "completed"),
        orders["gross_amount"] == 0,
        orders["discount_amount"] > 0,
        orders["recipient_name"] != orders["buyer_name"],
        orders["customer_id"].isna(),
        orders["email"].isna(),
        orders["phone"].isna(),
        orders["note"].str.contains("\n", na=False),
        orders["customer_id"].duplicated() & orders["customer_id"].notna(),
    ):
        assert shown.any()
    assert set(shop.subscribers["status"]) == {"subscribed", "unsubscribed", "cleaned"}
    assert (shop.feedback["text"] == "").any()


def test_the_same_arguments_give_the_same_shop_and_another_seed_another() -> None:
    one, same, other = (make_export_shop(10, seed) for seed in (4, 4, 5))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(same, name))
    assert not one.orders.equals(other.orders)


def test_two_shops_whose_numbers_do_not_meet_share_nobody() -> None:
    one, other = make_export_shop(10, 1), make_export_shop(10, 1, first_number=2001)
    for name, column in (("orders", "order_id"), ("orders", "number"), ("customers", "customer_id"),
                         ("customers", "username"), ("customers", "email")):  # fmt: skip
        assert not set(getattr(one, name)[column].dropna()) & set(getattr(other, name)[column].dropna())


def test_money_has_two_places_and_moments_are_in_utc() -> None:
    shop: ExportShop = make_export_shop(10, 2, "Asia/Tehran")
    amounts = shop.orders[[name for name in shop.orders if name.endswith("_amount")]]
    assert all(isinstance(amount, Decimal) for amount in amounts.to_numpy().ravel())
    assert all(-amount.as_tuple().exponent == 2 for amount in amounts.to_numpy().ravel())
    assert {moment.utcoffset().total_seconds() for moment in shop.orders["ordered_at"]} == {0}


@pytest.mark.parametrize(
    ("people", "days"), [(0, (date(2024, 1, 1), date(2024, 1, 2))), (5, (date(2024, 1, 2), date(2024, 1, 1)))]
)
def test_a_shop_needs_a_person_and_a_day(people: int, days: tuple[date, date]) -> None:
    with pytest.raises(ValueError, match="at least one person and one day"):
        make_export_shop(people, 1, first_day=days[0], last_day=days[1])
