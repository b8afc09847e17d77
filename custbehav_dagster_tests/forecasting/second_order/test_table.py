"""What brings one-time buyers back: read from orders, found where it is, not found where it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import numpy as np
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.second_order import LESS, MORE, NO_DIFFERENCE, SECOND_ORDER, TOO_FEW
from custbehav_dagster.forecasting.second_order.effects import holm
from custbehav_dagster.forecasting.second_order.first_orders import (
    MOST_PRODUCTS,
    OTHER_PRODUCTS,
    first_orders,
    read_first_orders,
)
from custbehav_dagster.forecasting.second_order.table import rows_of, second_order
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.second_order.made_up import made_up
from custbehav_dagster_tests.forecasting.shops import order, refund, stored

AS_OF = date(2024, 6, 30)


def line(order_id: str, product: str, amount: str = "10.00", **changes: Any) -> dict[str, Any]:
    row = {
        "order_id": order_id,
        "product_id": product[:4].upper(),
        "product": product,
        "quantity": 1.0,
        "unit_price": Decimal(amount),
        "line_amount": Decimal(amount),
        "kind": "product",
        "is_synthetic": False,
        "source_file": "orders.csv",
        "source_line": 2,
    }
    return {**row, **changes}


def tables(con: ibis.BaseBackend, orders: list[dict], items: list[dict]) -> tuple:
    return (stored(con, contract.truth.ORDERS, orders), stored(con, contract.cleaned.ORDER_ITEMS, items))


def test_a_first_order_is_told_by_its_day_its_lines_and_the_wait_after_it(con: ibis.BaseBackend) -> None:
    orders = [
        order("ann", "2024-01-10", order_id="a1", channel="etsy", is_gift=True),
        order("ann", "2024-01-10", order_id="a2", channel="etsy"),
        refund("ann", "2024-01-20", "-4.00"),
        order("ann", "2024-03-10", order_id="a3"),
        order("ben", "2024-06-20", order_id="b1", channel="market"),
        order("ben", "2024-07-01", order_id="b2"),
        order("eve", "2024-07-02", order_id="e1"),
        order(None, "2024-02-02"),
    ]
    items = [
        line("a1", "card", "4.00"),
        line("a1", "ring", "30.00"),
        line("a1", "postage", "99.00", kind="shipping"),
        line("a1", "coupon", "-3.00", kind="discount"),
        line("a3", "mug"),
    ]
    found = first_orders(*tables(con, orders, items), AS_OF, Settings()).order_by("customer_id")
    assert found.to_pyarrow().to_pylist() == [
        {"customer_id": "ann", "channel": "etsy", "days": 60, "came_back": True, "is_early": True,
         "first_product": "RING", "season": "winter", "discount": "with a discount",
         "gift": "marked as a gift"},
        {"customer_id": "ben", "channel": "market", "days": 10, "came_back": False, "is_early": False,
         "first_product": None, "season": "summer", "discount": None, "gift": "not marked as a gift"},
    ]  # fmt: skip


def test_rare_products_are_put_together_and_named_as_people_know_them(con: ibis.BaseBackend) -> None:
    orders = [order(f"c{n:03d}", "2024-01-10", order_id=f"o{n}") for n in range(2 * MOST_PRODUCTS)]
    items = [line(f"o{n}", f"mug {n // 2}", product_id=f"P{n // 2 if n < 40 else n}") for n in range(100)]
    rows, lines = tables(con, orders, items)
    products = read_first_orders(first_orders(rows, lines, AS_OF, Settings()), lines).levels["first product"]
    assert len(products.names) == MOST_PRODUCTS + 1
    assert products.names[-1] == OTHER_PRODUCTS
    assert {f"mug {n}" for n in range(20)} <= set(products.names)


def test_the_whole_table_from_orders(con: ibis.BaseBackend) -> None:
    # Rings bring half of their buyers back after 30 days, mugs one in twenty.
    orders, items = [], []
    for n in range(400):
        is_ring = n % 4 == 0
        day = f"2023-{1 + n % 9:02d}-{1 + n % 27:02d}"
        orders.append(order(f"c{n:03d}", day, order_id=f"o{n}", channel="web" if n % 3 else "etsy"))
        items.append(line(f"o{n}", "ring" if is_ring else "mug"))
        if n % 8 == 0 or n % 20 == 1:
            orders.append(order(f"c{n:03d}", f"2023-{2 + n % 9:02d}-{1 + n % 27:02d}", order_id=f"again{n}"))
    rows, lines = tables(con, orders, items)
    told = second_order(rows, lines, AS_OF, Settings())
    assert told.schema() == SECOND_ORDER.schema
    by = {(row["factor"], row["level"]): row for row in told.to_pyarrow().to_pylist()}
    assert by["everybody", "all"]["second_orders"] == 70
    assert by["everybody", "all"]["share"] == pytest.approx(70 / 400)
    assert 28 <= by["everybody", "all"]["half_within_days"] <= 31
    ring = by["first product", "ring"]
    assert (ring["people"], ring["second_orders"], ring["verdict"]) == (100, 50, MORE)
    assert ring["ratio_low"] < 0.5 / (70 / 400) < ring["ratio_high"]
    assert by["first product", "mug"]["verdict"] == LESS
    assert by["channel", "etsy"]["verdict"] == NO_DIFFERENCE
    assert by["waiting", "after 60 days"]["share"] == 0
    assert not {factor for factor, _ in by} & {"discount", "gift"}


def test_a_planted_difference_is_found_and_its_interval_holds_it() -> None:
    found, held, shops = 0, 0, 25
    for seed in range(shops):
        first, truth = made_up(3_000, seed, ring=2.0)
        row = next(row for row in rows_of(first, 120) if row["level"] == "ring")
        found += row["verdict"] == MORE
        held += row["ratio_low"] <= truth <= row["ratio_high"]
    assert found >= 0.9 * shops
    assert held >= 0.9 * shops


@pytest.mark.parametrize(("web", "rings_on_web"), [(1.0, 0.5), (2.0, 0.95)])
def test_no_difference_is_found_where_there_is_none(web: float, rings_on_web: float) -> None:
    # In the second shop rings are sold on the web, whose buyers come back; the rings do nothing.
    shops = 50
    false = 0
    for seed in range(shops):
        rows = rows_of(made_up(1_500, 1_000 + seed, web=web, rings_on_web=rings_on_web)[0], 120)
        others = [row for row in rows if row.get("verdict") in (MORE, LESS) and row["factor"] != "channel"]
        same_channel = web == 1.0 and any(
            row["factor"] == "channel" and row.get("verdict") in (MORE, LESS) for row in rows
        )
        false += bool(others) or same_channel
    assert false <= 0.05 * shops + 2


def test_regulars_of_earlier_years_do_not_make_their_season_look_good() -> None:
    first, _ = made_up(3_000, 4)
    season = first.levels["season"]
    # Everybody first seen in the first weeks is of one season, and half of them are old regulars.
    early = (season.number == 0) & (np.arange(3_000) % 3 == 0)
    regular = early & (np.arange(3_000) % 2 == 0)
    days, came = np.where(regular, 20, first.days), first.came_back | regular
    blamed = replace(first, days=days, came_back=came)
    assert {row["verdict"] for row in rows_of(blamed, 120) if row["level"] == "autumn"} == {MORE}
    told = rows_of(replace(blamed, is_early=early), 120)
    assert {row["verdict"] for row in told if row["factor"] == "season"} == {NO_DIFFERENCE}


def test_few_people_are_too_few_to_say_and_pulled_to_the_average() -> None:
    first, _ = made_up(60, 3)
    rows = [row for row in rows_of(first, 120) if row["factor"] == "first product"]
    assert {row["verdict"] for row in rows} == {TOO_FEW}
    assert all(
        0.4 < row["ratio"] < 2.5 and row["ratio_low"] <= row["ratio"] <= row["ratio_high"] for row in rows
    )
    assert all("half_within_days" not in row for row in rows)


def test_observed_and_expected_second_orders_are_as_many_in_each_grouping() -> None:
    rows = rows_of(made_up(2_000, 5, ring=2.0, web=0.5)[0], 120)
    for factor in ("first product", "channel", "season", "gift"):
        mine = [row for row in rows if row["factor"] == factor]
        seen = sum(row["all_second_orders"] for row in mine)
        assert seen == rows[0]["all_second_orders"]
        assert sum(row["expected_second_orders"] for row in mine) == pytest.approx(seen)


def test_a_shop_of_nobody_has_no_rows(con: ibis.BaseBackend) -> None:
    rows, lines = tables(con, [], [])
    assert second_order(rows, lines, AS_OF, Settings()).to_pyarrow().num_rows == 0
    rows, lines = tables(con, [order("ann", "2024-06-30")], [])
    (row,) = second_order(rows, lines, AS_OF, Settings()).to_pyarrow().to_pylist()
    assert (row["factor"], row["people"], row["second_orders"], row["share"]) == ("everybody", 1, 0, None)


def test_looking_often_makes_luck_likelier() -> None:
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.array([])).size == 0
