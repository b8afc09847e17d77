"""What is bought with what: counted right, only where it is more than chance, and never suggested twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from custbehav_dagster.contract import cleaned, interest, segments, truth
from custbehav_dagster.insights.affinity import (
    FEWEST_WITH_BOTH,
    LARGEST_ORDER,
    product_affinity,
    product_names,
    sold_products,
)
from custbehav_dagster.insights.affinity_suggestions import suggested_products
from custbehav_dagster_tests.insights.given import Rows, order, stored

AS_OF = date(2026, 6, 30)
START = date(2026, 1, 1)


def line(order_number: int, product: str | None, **changes: Any) -> dict[str, Any]:
    return {
        "order_id": f"o{order_number}",
        "product_id": None,
        "product": product,
        "quantity": 1.0,
        "unit_price": 1,
        "line_amount": 1,
        "kind": "product",
        "is_synthetic": False,
        "source_file": "orders.csv",
        **changes,
    }


class Shop:
    """Orders that are put down one after the other, each with its products."""

    def __init__(self) -> None:
        self.orders: Rows = []
        self.items: Rows = []

    def sells(self, person: str | None, day: int, *products: str) -> None:
        number = len(self.orders)
        self.orders.append(order(number, person, str(START + timedelta(days=day))))
        self.items += [line(number, product) for product in products]

    def stored(self, con: ibis.BaseBackend) -> tuple[ir.Table, ir.Table]:
        items = stored(con, cleaned.ORDER_ITEMS, self.items)
        return sold_products(stored(con, truth.ORDERS, self.orders), items, AS_OF), product_names(items)

    def affinity(self, con: ibis.BaseBackend) -> dict[tuple[str, str, str], dict[str, Any]]:
        rows = product_affinity(*self.stored(con)).to_pyarrow().to_pylist()
        return {(row["kind"], row["product"], row["other_product"]): row for row in rows}

    def suggestions(self, con: ibis.BaseBackend, groups: dict[str, str]) -> dict[str, dict[str, Any]]:
        sold, names = self.stored(con)
        affinity = stored(
            con, interest.PRODUCT_AFFINITY, product_affinity(sold, names).to_pyarrow().to_pylist()
        )
        of_group = [
            {
                "customer_id": person,
                "as_of": AS_OF,
                "order_count": 1,
                "total_amount": 1.0,
                "recency_days": 1,
                "segment": 0,
                "segment_name": group,
                "method": "rule",
                "is_synthetic": False,
            }
            for person, group in groups.items()
        ]
        grouped = stored(con, segments.CUSTOMERS_WITH_SEGMENTS, of_group)
        rows = suggested_products(sold, names, affinity, grouped, AS_OF).to_pyarrow().to_pylist()
        return {row["customer_id"]: row for row in rows}


def cups_and_saucers() -> Shop:
    """Thirty orders of a cup with a saucer, thirty of each of three other things by two and two."""
    shop = Shop()
    for number in range(30):
        shop.sells(f"a{number}", number, "Cup", "Saucer")
        shop.sells(f"b{number}", number, "Vase", "Bowl" if number % 2 else "Plate")
        shop.sells(f"c{number}", number, "Bowl" if number % 2 else "Plate", "Candle")
    return shop


def test_what_is_bought_together_is_told_each_way_round_with_its_counts(con: ibis.BaseBackend) -> None:
    found = cups_and_saucers().affinity(con)
    row = found["bought together", "Cup", "Saucer"]
    assert ("bought together", "Saucer", "Cup") in found
    assert (row["both"], row["with_product"], row["with_other"], row["of_all"]) == (30, 30, 30, 90)
    assert (row["support"], row["confidence"], row["lift"]) == pytest.approx((1 / 3, 1.0, 3.0))
    # 180 products, 90 pairs of places in orders, both ways: 30 · 30 · 180 / 180².
    assert row["expected"] == pytest.approx(5.0)
    assert row["times_low"] < 6 < row["times_high"]
    assert row["times_expected"] == pytest.approx(6)
    assert ("bought together", "Vase", "Saucer") not in found


def test_products_that_only_meet_in_large_orders_have_nothing_to_do_with_each_other(
    con: ibis.BaseBackend,
) -> None:
    shop = Shop()
    for number in range(12):
        shop.sells(None, number, *(f"P{n}" for n in range(12)))
    for number in range(240):
        shop.sells(None, number % 90, f"P{number % 12}")
    # In the naive count each pair has a lift of more than 7.
    assert 12 * 252 / (32 * 32) > 2.9
    assert shop.affinity(con) == {}


@pytest.mark.parametrize(("extra", "is_told"), [(0, True), (1, False)])
def test_orders_of_very_many_products_are_left_out(con: ibis.BaseBackend, extra: int, is_told: bool) -> None:
    shop = cups_and_saucers()
    shop.sells(None, 3, "Cup", "Saucer", *(f"P{n}" for n in range(LARGEST_ORDER - 2 + extra)))
    assert (shop.affinity(con)["bought together", "Cup", "Saucer"]["both"] == 31) == is_told


def test_one_very_large_order_does_not_hide_what_goes_together_in_small_ones(con: ibis.BaseBackend) -> None:
    shop = cups_and_saucers()
    shop.sells(None, 3, *(f"P{n}" for n in range(LARGEST_ORDER)))
    assert shop.affinity(con)["bought together", "Cup", "Saucer"]["expected"] == pytest.approx(5.0)


def test_next_is_what_follows_on_the_last_day_and_again_is_the_same(con: ibis.BaseBackend) -> None:
    shop = Shop()
    for number in range(20):
        shop.sells(f"p{number}", 0, "Soap")
        shop.sells(f"p{number}", 10, "Soap" if number < 10 else "Oil")
        shop.sells(f"p{number}", 20, "Soap" if number < 10 else "Dish")
    for number in range(40):
        shop.sells(f"q{number}", 1, "Bag")
        shop.sells(f"q{number}", 30, "Box")
        shop.sells(f"r{number}", 1, "Cap")
    found = shop.affinity(con)
    assert found["bought next", "Oil", "Dish"]["both"] == 10
    assert found["bought again", "Soap", "Soap"]["both"] == 10
    assert found["bought next", "Bag", "Box"]["of_all"] == 60, "who never came back has no next"
    assert found["bought next", "Bag", "Box"]["counted"] == "people"
    assert ("bought next", "Soap", "Oil") not in found


def test_a_pair_that_too_few_have_is_not_told(con: ibis.BaseBackend) -> None:
    shop = Shop()
    for number in range(FEWEST_WITH_BOTH - 1):
        shop.sells(None, number, "Rare", "Odd")
    for number in range(200):
        shop.sells(None, number % 90, f"P{number % 9}", f"Q{number % 7}")
    assert ("bought together", "Rare", "Odd") not in shop.affinity(con)


def test_lines_that_are_no_sale_of_a_product_do_not_count(con: ibis.BaseBackend) -> None:
    shop = cups_and_saucers()
    shop.items += [line(0, "Postage", kind="shipping"), line(0, "Cup", quantity=-1.0), line(0, "cup")]
    shop.items += [line(0, "Made up", is_synthetic=True), line(0, None), line(999, "Lost")]
    shop.orders.append(order(999, "x", str(AS_OF + timedelta(days=1))))
    sold, names = shop.stored(con)
    rows = [row for row in sold.to_pyarrow().to_pylist() if row["order_id"] in ("o0", "o999")]
    assert sorted(row["product_key"] for row in rows) == ["cup", "saucer"]
    told = {row["product_key"]: row["product"] for row in names.to_pyarrow().to_pylist()}
    assert told["cup"] == "Cup", "the spelling that is used most"


def test_a_shop_without_order_lines_has_no_pairs_and_no_suggestions(con: ibis.BaseBackend) -> None:
    shop = Shop()
    assert shop.affinity(con) == {}
    assert shop.suggestions(con, {}) == {}
    shop.sells("p1", 1)
    assert shop.affinity(con) == {}
    assert shop.suggestions(con, {"p1": "all"}) == {}


def test_the_suggestion_is_what_goes_with_what_they_have_else_a_bestseller_and_never_what_they_have(
    con: ibis.BaseBackend,
) -> None:
    shop = cups_and_saucers()
    shop.sells("cup only", 40, "Cup")
    shop.sells("has both", 41, "Cup", "Saucer")
    shop.sells("stranger", 42, "Odd thing")
    shop.sells("twin", 43, "Cup")
    # The saucer under a stock code of another export is still a saucer.
    shop.items.append(line(len(shop.orders) - 1, "SAUCER", product_id="S-1"))
    found = shop.suggestions(con, {"stranger": "new", **{f"c{n}": "new" for n in range(30)}})
    assert (found["cup only"]["product"], found["cup only"]["kind"]) == ("Saucer", "bought together")
    assert found["cup only"]["why"] == "31 of 33 orders with “Cup” hold this too."
    assert found["cup only"]["because_of"] == "Cup"
    assert found["stranger"]["kind"] == "bestseller of the group"
    assert found["stranger"]["product"] == "Candle"
    assert found["stranger"]["why"] == "A bestseller in the group “new”: 30 of 31 have it."
    assert found["has both"]["kind"] == "bestseller"
    assert found["has both"]["product"] not in ("Cup", "Saucer")
    assert found["twin"]["product"].lower() not in ("cup", "saucer")


def test_nobody_is_suggested_what_has_not_been_sold_for_a_year(con: ibis.BaseBackend) -> None:
    shop = Shop()
    for number in range(20):
        shop.sells(f"old{number}", -300, "Discontinued")
        shop.sells(f"new{number}", 10, "Current")
    found = shop.suggestions(con, {})
    assert {row["product"] for row in found.values()} == {"Current"}
    assert not any(person.startswith("new") for person in found), "they have the only one that is sold"
