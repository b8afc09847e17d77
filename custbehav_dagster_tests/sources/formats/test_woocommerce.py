"""What a made-up shop exports from WooCommerce is read back cell by cell, in every language and variant."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from custbehav_dagster.sources.formats import Head, recognise
from custbehav_dagster.sources.synthetic.exports import webtoffee_orders as plugin_export
from custbehav_dagster.sources.synthetic.exports import woocommerce_customers as people_export
from custbehav_dagster.sources.synthetic.exports import woocommerce_orders as report_export
from custbehav_dagster.sources.synthetic.exports.truth import ExportShop, make_export_shop
from custbehav_dagster.sources.synthetic.exports.webtoffee_orders import payment_of, write_webtoffee_orders
from custbehav_dagster.sources.synthetic.exports.woocommerce_customers import write_woocommerce_customers
from custbehav_dagster.sources.synthetic.exports.woocommerce_orders import net_sales, write_woocommerce_orders
from custbehav_dagster_tests.sources.formats.read_back import (
    ReadBack,
    amounts,
    naive,
    read_back,
    true_rows,
)

# Each example reads whole files: looking for the smallest that fails would read hundreds.
PHASES = (Phase.explicit, Phase.generate)
PEOPLE = 10
SHOP = make_export_shop(PEOPLE, 1)
Line = tuple[Any, ...]


def check_orders(found: ReadBack, shop: ExportShop) -> dict[str, dict[str, Any]]:
    """Moment, amounts, state and currency of every order; returns what was read, by number."""
    orders = found.orders()
    truth = true_rows(shop.orders)
    assert sorted(orders) == sorted(order["number"] for order in truth)
    for order in truth:
        read = orders[order["number"]]
        assert read["ordered_at"] == naive(order["ordered_at"])
        assert amounts(read) == amounts(order)
        assert (read["status"], read["currency"]) == (order["status"], shop.currency)
        assert read["channel"] == "woocommerce"
    return orders


REPORT_QUIRKS = sorted(report_export.QUIRKS)
ONE_NOTATION = {"comma_decimals", "no_break_spaces"}


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(report_export.VARIANTS),
    quirks=st.frozensets(st.sampled_from(REPORT_QUIRKS)),
)
@example(seed=1, variant="en", quirks=frozenset(report_export.QUIRKS - ONE_NOTATION))
@example(seed=3, variant="another language", quirks=frozenset({"comma_decimals", "tax_in_brackets"}))
def test_the_orders_report_is_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    shop = make_export_shop(PEOPLE, seed, currency="EUR" if variant != "en" else "USD")
    with tempfile.TemporaryDirectory() as folder:
        write_woocommerce_orders(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), shop)
    (file,) = found.files().values()
    assert (file["format"], file["variant"]) == ("woocommerce_orders", variant)
    assert file["confidence"] == (0.8 if variant == "another language" else 1)
    for number, read in check_orders(found, shop).items():
        assert read["customer_id"] == f"guest:woocommerce:{number}"
    names = {number: row["name"] for number, row in found.customers().items()}
    assert names == {
        f"guest:woocommerce:{order['number']}": order["buyer_name"] for order in true_rows(shop.orders)
    }
    check_packed_products(found, shop)


def check_packed_products(found: ReadBack, shop: ExportShop) -> None:
    """Every product and its number; prices add up to what the goods came to."""
    truth = {order["order_id"]: order for order in true_rows(shop.orders)}
    read: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in found.items():
        if item["product"] != "Refund":
            read[item["order_id"]].append(item)
    for order in truth.values():
        items = [item for item in true_rows(shop.items_of(order["order_id"])) if item["kind"] == "product"]
        lines = read.pop(order["number"])
        assert sorted((line["product"], line["quantity"]) for line in lines) == sorted(
            (item["product"], item["quantity"]) for item in items
        )
        total = sum(line["line_amount"] for line in lines)
        assert abs(total - net_sales(order)) < Decimal("0.001")
    assert not read


REPORT_HEADER = ",".join(f'"{name}"' for name in report_export.HEADERS["en"])


def put(folder: Path, *lines: str) -> None:
    (folder / "raw").mkdir()
    (folder / "raw" / "a.csv").write_text("\n".join(lines) + "\n")


def test_products_are_parted_where_a_number_of_pieces_begins(con: ibis.BaseBackend, tmp_path: Path) -> None:
    packed = {
        "1× Mug": [("Mug", 1)],
        "2× Mug, blue, 1× Card": [("Card", 1), ("Mug, blue", 2)],
        "1 × Set of 3, 4 and 5, 12× Print 8 x 10": [("Print 8 x 10", 12), ("Set of 3, 4 and 5", 1)],
        "1× Mug, 2× Mug": [("Mug", 3)],
    }
    orders = [
        f'2024-01-05 10:00:00,{number},$24.00,completed,Ann Lee,new,"{cell}",3,,24,Direct'
        for number, cell in enumerate(packed)
    ]
    put(tmp_path, REPORT_HEADER, *orders)
    items = read_back(con, tmp_path, SHOP).items()
    for number, lines in enumerate(packed.values()):
        own = [item for item in items if item["order_id"] == str(number)]
        assert sorted((item["product"], item["quantity"]) for item in own) == lines


def test_a_refund_without_its_order_gives_back_what_it_says(con: ibis.BaseBackend, tmp_path: Path) -> None:
    row = "2024-01-05 10:00:00,1001,$24.00 $19.00,completed,Ann Lee,returning,,0,,-5,"
    put(tmp_path, REPORT_HEADER, row)
    (read,) = read_back(con, tmp_path, SHOP).orders().values()
    assert (read["status"], *amounts(read)) == ("refund", 0, 5, -5)


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(people_export.VARIANTS),
    quirks=st.frozensets(st.sampled_from(sorted(people_export.QUIRKS))),
)
@example(seed=1, variant="with telephones", quirks=people_export.QUIRKS)
def test_the_customers_report_is_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    shop = make_export_shop(PEOPLE, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_woocommerce_customers(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), shop)
    (file,) = found.files().values()
    assert (file["format"], file["confidence"]) == ("woocommerce_customers", 1)
    has_phones = variant == "with telephones"
    read = {
        number: (row["name"], row["email"], row["postcode"], row["country"], row["phone"], row["signup_date"])
        for number, row in found.customers().items()
    }
    assert read == {
        f"email:{person['email']}" if person["email"] else f"woocommerce:{person['username']}": (
            *(person[name] for name in ("name", "email", "postcode", "country_code")),
            person["phone"] if has_phones else None,
            person["signup_at"].astimezone(found.settings.timezone).date(),
        )
        for person in true_rows(shop.customers)
    }


def buyer_of(order: dict[str, Any]) -> str:
    if order["customer_id"]:
        return f"woocommerce:{order['customer_id']}"
    return f"email:{order['email']}" if order["email"] else f"guest:woocommerce:{order['number']}"


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(plugin_export.VARIANTS),
    quirks=st.frozensets(st.sampled_from(sorted(plugin_export.QUIRKS))),
)
@example(seed=1, variant="lines in columns", quirks=plugin_export.QUIRKS)
def test_a_plugin_export_is_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    shop = make_export_shop(PEOPLE, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_webtoffee_orders(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), shop)
    (file,) = found.files().values()
    assert (file["format"], file["variant"], file["confidence"]) == ("webtoffee_orders", variant, 1)
    assert file["amount_in_file"] == sum(shop.orders["gross_amount"])
    orders, truth = check_orders(found, shop), true_rows(shop.orders)
    kinds = {order["order_id"]: set(shop.items_of(order["order_id"])["kind"]) for order in truth}
    for order in truth:
        read = orders[order["number"]]
        assert read["customer_id"] == buyer_of(order)
        assert read["is_gift"] == ("gift_wrap" in kinds[order["order_id"]])
        assert read["country"] == order["recipient_country_code"]
    check_plugin_records(found, shop)
    check_plugin_lines(found, shop)


def check_plugin_records(found: ReadBack, shop: ExportShop) -> None:
    """What cleaning does not keep of the orders, and the people who ordered."""
    truth = {order["number"]: order for order in true_rows(shop.orders)}
    for row in found.raw_rows("orders"):
        order = truth[row["order_id"]]
        for name in ("discount_amount", "shipping_amount", "tax_amount", "tip_amount"):
            assert Decimal(row[name] or 0) == order[name], name
        assert row["recipient_name"] == order["recipient_name"]
        assert row["recipient_postcode"].removeprefix("'") == order["recipient_postcode"]
        assert row["reference"] == payment_of(order)
    people = found.customers()
    assert set(people) == {buyer_of(order) for order in truth.values()}
    for order in truth.values():
        read = people[buyer_of(order)]
        assert (read["name"], read["email"]) == (order["buyer_name"], order["email"])
        assert (read["postcode"], read["phone"]) == (order["postcode"], order["phone"])
        assert read["country"] == order["country_code"]


def check_plugin_lines(found: ReadBack, shop: ExportShop) -> None:
    numbers = dict(zip(shop.orders["order_id"], shop.orders["number"], strict=True))
    names = ("order_id", "product", "product_id", "quantity", "unit_price")
    read = [tuple(row[name] for name in names) for row in found.items()]
    truth = [
        (
            numbers[item["order_id"]],
            item["product"],
            item["product_id"] or item["listing_id"],
            item["quantity"],
            item["unit_price"],
        )
        for item in true_rows(shop.order_items)
    ]
    assert sorted(read, key=repr) == sorted(truth, key=repr)
    kinds = {(row["product"], row["kind"]) for row in found.raw_rows("order_items")}
    assert kinds == {(item["product"], item["kind"]) for item in true_rows(shop.order_items)}
    discounts = sum(Decimal(row["discount_amount"] or 0) for row in found.raw_rows("order_items"))
    assert discounts == sum(shop.orders["discount_amount"])


def test_equal_lines_of_one_order_are_bought_twice(con: ibis.BaseBackend, tmp_path: Path) -> None:
    line = "name:Mug|product_id:9|sku:M1|quantity:1|total:12.00|sub_total:12.00"
    put(
        tmp_path,
        "order_id,order_date,order_total,billing_email,status,line_item_1,line_item_2",
        f"1001,2024-01-05 10:00:00,24.00,ann@example.org,completed,{line},{line}",
    )
    (read,) = read_back(con, tmp_path, SHOP).items()
    assert (read["product"], read["quantity"], read["line_amount"]) == ("Mug", 2, 24)


@pytest.mark.parametrize("language", [one for one in report_export.VARIANTS if one != "another language"])
def test_each_language_of_the_report_is_known_by_its_header(language: str) -> None:
    match = recognise(Head(report_export.HEADERS[language], ())).match
    assert match is not None
    assert (match.format.name, match.variant, match.confidence) == ("woocommerce_orders", language, 1)


def test_a_table_of_eleven_columns_without_packed_products_is_no_orders_report() -> None:
    cells = ("2024-01-05", "1", "5", "x", "y", "z", "Mug", "1", "", "5", "")
    assert recognise(Head(tuple("abcdefghijk"), (cells,))).match is None
