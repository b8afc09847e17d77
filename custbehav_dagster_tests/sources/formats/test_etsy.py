"""What a made-up shop exports from Etsy is read back cell by cell, whatever is odd about the files."""

from __future__ import annotations

import re
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custbehav_dagster.cleaning.money import parse_amount
from custbehav_dagster.sources.formats import Head
from custbehav_dagster.sources.formats.etsy_order_items import ETSY_ORDER_ITEMS
from custbehav_dagster.sources.synthetic.exports import etsy_order_items as items_export
from custbehav_dagster.sources.synthetic.exports import etsy_orders as orders_export
from custbehav_dagster.sources.synthetic.exports.etsy_order_items import write_etsy_order_items
from custbehav_dagster.sources.synthetic.exports.etsy_orders import has_blank_buyer, write_etsy_orders
from custbehav_dagster.sources.synthetic.exports.etsy_voices import (
    LISTING_QUIRKS,
    REVIEW_VARIANTS,
    write_etsy_listings,
    write_etsy_reviews,
)
from custbehav_dagster.sources.synthetic.exports.truth import ExportShop, make_export_shop
from custbehav_dagster_tests.sources.formats.read_back import (
    ReadBack,
    amounts,
    midnight,
    read_back,
    settings_for,
    true_rows,
)
from custbehav_dagster_tests.sources.inbox_folder import put

PEOPLE = 10
SHOP = make_export_shop(PEOPLE, 1)


def order_and_product(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:2]


def buyer_of(order: dict[str, Any], place: int, quirks: frozenset[str]) -> tuple[str, str]:
    """Whom a reader of the file can tell as the buyer: identifier and name."""
    if "blank_buyer" in quirks and has_blank_buyer(place):
        return f"guest:etsy:{order['order_id']}", order["recipient_name"]
    return order["username"] or f"guest:etsy:{order['order_id']}", order["buyer_name"]


def check_orders(
    found: ReadBack,
    shop: ExportShop,
    quirks: frozenset[str] = frozenset(),
    folder: str = "",
    is_from_items: bool = False,
) -> None:
    orders = found.orders(folder)
    raw = {row["order_id"]: row for row in found.raw_rows("orders", folder)}
    truth = true_rows(shop.orders)
    assert sorted(orders) == sorted(order["order_id"] for order in truth)
    for place, order in enumerate(truth):
        read = orders[order["order_id"]]
        assert read["customer_id"] == buyer_of(order, place, quirks)[0]
        assert read["ordered_at"] == midnight(order["ordered_at"], shop)
        assert (read["currency"], read["channel"]) == (shop.currency, "etsy")
        assert read["is_gift"] == (order["is_gift"] and "gift_columns" in quirks)
        if is_from_items:
            assert (read["gross_amount"], read["status"]) == (order["gross_amount"], "completed")
        else:
            assert (amounts(read), read["status"]) == (amounts(order), order["status"])
        for name in ("discount_amount", "shipping_amount", "tax_amount"):
            assert parse_amount(raw[order["order_id"]][name], has_comma_decimals=True) == order[name]


def check_customers(
    found: ReadBack, shop: ExportShop, quirks: frozenset[str] = frozenset(), folder: str = ""
) -> None:
    truth = [(order, *buyer_of(order, place, quirks)) for place, order in enumerate(true_rows(shop.orders))]
    customers = found.customers(folder)
    assert set(customers) == {buyer for _, buyer, _ in truth}
    for buyer, record in customers.items():
        own = [(order, name) for order, identifier, name in truth if identifier == buyer]
        at_home = [order for order, name in own if order["recipient_name"] == name]
        assert record["name"] in {name for _, name in own}
        assert record["postcode"] in ({order["recipient_postcode"] for order in at_home} or {None})
        assert (record["accepts_marketing"], record["email"]) == (False, None)


def check_items(found: ReadBack, shop: ExportShop, folder: str = "", is_whole: bool = True) -> None:
    columns = ("product", "product_id", "quantity", "unit_price", "kind")
    read = [(row["order_id"], *(row[name] for name in columns)) for row in found.items(folder)]
    truth = [
        (
            item["order_id"],
            item["product"],
            (item["product_id"] or item["listing_id"]) if is_whole else None,
            *(item[name] for name in columns[2:]),
        )
        for item in true_rows(shop.order_items)
    ]
    assert sorted(read, key=order_and_product) == sorted(truth, key=order_and_product)


@settings(max_examples=1)
@given(
    seed=st.integers(0, 1000),
    order_quirks=st.frozensets(st.sampled_from(sorted(orders_export.QUIRKS))),
    item_quirks=st.frozensets(st.sampled_from(sorted(items_export.QUIRKS))),
)
@example(seed=1, order_quirks=orders_export.QUIRKS, item_quirks=items_export.QUIRKS)
def test_orders_and_items_of_every_variant_are_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, order_quirks: frozenset[str], item_quirks: frozenset[str]
) -> None:
    order_shops, item_shops = (
        {variant: make_export_shop(PEOPLE, seed, first_number=first * number)
         for number, variant in enumerate(module.VARIANTS, start=1)}
        for first, module in ((1001, orders_export), (5001, items_export))
    )  # fmt: skip
    # Where one quirk hides another, one of the files has it the other way round.
    quirks_of = dict.fromkeys(order_shops, order_quirks)
    quirks_of["en-GB"] = order_quirks ^ {"comma_decimals", "status_tells_refund"}
    with tempfile.TemporaryDirectory() as folder:
        for variant, shop in order_shops.items():
            write_etsy_orders(shop, Path(folder) / "raw" / "orders" / variant, variant, quirks_of[variant])
        for variant, shop in item_shops.items():
            write_etsy_order_items(shop, Path(folder) / "raw" / "items" / variant, variant, item_quirks)
        found = read_back(con, Path(folder), SHOP)
    files = found.files()
    for variant, shop in order_shops.items():
        file = files[f"orders/{variant}/EtsySoldOrders.csv"]
        assert (file["format"], file["variant"], file["confidence"]) == ("etsy_sold_orders", variant, 1)
        assert file["amount_in_file"] == sum(shop.orders["gross_amount"])
        check_orders(found, shop, quirks_of[variant], f"orders/{variant}/")
        if "trimmed" not in variant:
            check_customers(found, shop, quirks_of[variant], f"orders/{variant}/")
    for variant, shop in item_shops.items():
        file = files[f"items/{variant}/EtsySoldOrderItems.csv"]
        assert (file["format"], file["variant"]) == ("etsy_sold_order_items", variant)
        assert file["amount_in_file"] == sum(shop.orders["goods_amount"]) + sum(shop.orders["tip_amount"])
        check_items(found, shop, f"items/{variant}/", is_whole=variant == "en-US")
        check_orders(found, shop, item_quirks, f"items/{variant}/", is_from_items=True)
        if variant == "en-US":
            check_customers(found, shop, item_quirks, f"items/{variant}/")


def test_orders_and_their_items_together_count_each_order_once(con: ibis.BaseBackend, tmp_path: Path) -> None:
    write_etsy_orders(SHOP, tmp_path / "raw")
    write_etsy_order_items(SHOP, tmp_path / "raw")
    found = read_back(con, tmp_path, SHOP)
    check_orders(found, SHOP)
    check_items(found, SHOP)
    check_customers(found, SHOP)


@pytest.mark.parametrize("variant", REVIEW_VARIANTS)
def test_reviews_are_read_back(con: ibis.BaseBackend, tmp_path: Path, variant: str) -> None:
    write_etsy_reviews(SHOP, tmp_path / "raw", variant, frozenset({"entities", "byte_order_mark"}))
    found = read_back(con, tmp_path, SHOP)
    (file,) = found.files().values()
    assert (file["format"], file["confidence"]) == ("etsy_reviews", 1)
    assert [
        (row["order_id"], row["rating"], row["text"], row["created_at"], row["imputed_columns"])
        for row in found.feedback()
    ] == [
        (review["order_id"], review["rating"], review["text"], midnight(review["written_at"], SHOP), "")
        for review in true_rows(SHOP.feedback)
    ]


def test_the_days_of_reviews_are_month_first_even_when_nothing_in_the_file_shows_it(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    put(
        settings_for(tmp_path, SHOP),
        "reviews.json",
        '[{"date_reviewed": "03/04/2024", "star_rating": 5, "message": "", "order_id": 12},'
        ' {"date_reviewed": "25/12/2024", "star_rating": 4, "message": "ok", "order_id": 13}]',
    )
    rows = read_back(con, tmp_path, SHOP).raw_rows("feedback")
    assert [(row["order_id"], row["created_at"]) for row in rows] == [
        ("12", "2024-03-04"),
        ("13", "25/12/2024"),
    ]


def test_listings_are_read_back(con: ibis.BaseBackend, tmp_path: Path) -> None:
    write_etsy_listings(SHOP, tmp_path / "raw", "whole", LISTING_QUIRKS)
    found = read_back(con, tmp_path, SHOP)
    (file,) = found.files().values()
    assert (file["format"], file["confidence"]) == ("etsy_listings", 1)
    columns = ("product_id", "title", "description", "currency", "tags", "materials")
    assert [
        (*(row[name] for name in columns), Decimal(row["price"]), int(row["quantity"]), row["listing_id"])
        for row in found.raw_rows("listings")
    ] == [
        (*(row[name] for name in columns), row["price"], row["quantity"], row["product_id"])
        for row in true_rows(SHOP.listings)
    ]


def raw_orders_of(con: ibis.BaseBackend, folder: Path, *lines: str) -> list[dict[str, Any]]:
    put(settings_for(folder, SHOP), "orders.csv", "\n".join(lines) + "\n")
    return read_back(con, folder, SHOP).raw_rows("orders")


def test_a_refund_is_the_total_less_the_adjusted_total(con: ibis.BaseBackend, tmp_path: Path) -> None:
    expected = {
        "never adjusted": ("50.00,0.00,0.00,0.00", None),
        "never adjusted, blank": ("50.00,,,", None),
        "in part": ("50.00,30.00,1.00,29.00", "20.00"),
        "in full": ("50.00,0.00,0.25,-0.25", "50.00"),
        "with signs": ('"$1,050.00",$50.00,$1.00,$49.00', "1000.00"),
        "with decimal commas": ('"12,00","2,00","0,25","1,75"', "10.00"),
    }
    orders = raw_orders_of(
        con,
        tmp_path,
        "Order ID,Sale Date,Buyer,Order Total,Adjusted Order Total,Adjusted Card Processing Fees,"
        "Adjusted Net Order Amount",
        *(f'"{name}",05/13/24,Ann Lee (ann1),{cells}' for name, (cells, _) in expected.items()),
    )
    assert {order["order_id"]: order["refund_amount"] for order in orders} == {
        name: refund for name, (_, refund) in expected.items()
    }


def test_a_total_that_was_cut_away_is_made_of_its_parts(con: ibis.BaseBackend, tmp_path: Path) -> None:
    orders = raw_orders_of(
        con,
        tmp_path,
        "Order ID,Sale Date,Buyer,Order Value,Discount Amount,InPerson Discount,Shipping,Shipping Discount,"
        "Sales Tax",
        "1,05/13/24,Ann Lee (ann1),20.00,2.00,,4.50,,1.25",
        "2,05/13/24,Ann Lee (ann1),20.00,2.00,1.00,4.50,4.50,0.00",
        '3,05/13/24,Ann Lee (ann1),"$20,00",,,"4,50",,',
    )
    columns = ("gross_amount", "discount_amount", "shipping_amount", "tax_amount")
    assert [tuple(order[name] for name in columns) for order in orders] == [
        ("23.75", "2.00", "4.50", "1.25"),
        ("17.00", "3.00", "0.00", "0.00"),
        ("24.50", None, "4,50", None),
    ]


def test_a_gift_is_addressed_to_somebody_else_and_says_nothing_of_where_its_buyer_lives(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    put(
        settings_for(tmp_path, SHOP),
        "orders.csv",
        "Order ID,Sale Date,Buyer User ID,Buyer,Full Name,Ship Zipcode,Ship State,Ship Country,Order Total\n"
        "1,05/13/24,ann1,Ann Lee (ann1),Bob Day,02134,MA,United States,9.00\n"
        "2,05/14/24,ann1,Ann Lee (ann1),ANN  LEE,10001,NY,United States,9.00\n"
        "3,05/15/24,,,Cat Fox,90210,CA,United States,9.00\n",
    )
    found = read_back(con, tmp_path, SHOP)
    columns = ("customer_id", "name", "postcode", "region")
    assert [tuple(row[name] for name in columns) for row in found.raw_rows("customers")] == [
        ("ann1", "Ann Lee", "10001", "NY"),
        ("guest:etsy:3", "Cat Fox", "90210", "CA"),
    ]
    assert [(row["recipient_name"], row["recipient_postcode"]) for row in found.raw_rows("orders")] == [
        ("Bob Day", "02134"),
        ("ANN  LEE", "10001"),
        ("Cat Fox", "90210"),
    ]


def test_a_line_keeps_its_variations_and_its_own_number() -> None:
    header = ("Order ID", "Sale Date", "Item Name", "Price", "Transaction ID", "Variations", "Order Shipping")
    cells = (
        "1",
        "05/13/24",
        "Mum &amp; Dad Mug",
        "9.00",
        "33",
        "Colour:Sea &quot;blue&quot;, Text:Ann",
        "3.00",
    )
    match = ETSY_ORDER_ITEMS.match(Head(header, (cells,)))
    place = {"source_line": 2, "source_file": "a.csv", "is_synthetic": False}
    record = ibis.memtable([{f"c{number}": cell for number, cell in enumerate(cells)} | place])
    assert ETSY_ORDER_ITEMS.build is not None
    tables = ETSY_ORDER_ITEMS.build(match.cells(record))
    (line,) = ibis.duckdb.connect().to_pyarrow(tables["order_items"]).to_pylist()
    assert (line["product"], line["variation"], line["line_number"]) == (
        "Mum & Dad Mug",
        'Colour:Sea "blue", Text:Ann',
        "33",
    )


def test_dates_that_a_spreadsheet_swapped_are_all_put_right(con: ibis.BaseBackend, tmp_path: Path) -> None:
    shop = make_export_shop(60, 5)
    write_etsy_orders(shop, tmp_path / "raw", "en-US", orders_export.DAMAGES)
    text = (tmp_path / "raw" / "EtsySoldOrders.csv").read_text()
    assert 0.2 < len(re.findall(r"(?m)^20\d\d-", text)) / len(shop.orders) < 0.6
    orders = read_back(con, tmp_path, shop, is_damaged=True).orders()
    assert {name: order["ordered_at"] for name, order in orders.items()} == {
        order["order_id"]: midnight(order["ordered_at"], shop) for order in true_rows(shop.orders)
    }
