"""What a made-up shop exports from Shopify is read back cell by cell, whatever is odd about the files."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custbehav_dagster.sources.inbox import read_inbox
from custbehav_dagster.sources.synthetic.exports import shopify_customers as customers_export
from custbehav_dagster.sources.synthetic.exports import shopify_orders as orders_export
from custbehav_dagster.sources.synthetic.exports.shopify_customers import write_shopify_customers
from custbehav_dagster.sources.synthetic.exports.shopify_orders import order_name, write_shopify_orders
from custbehav_dagster.sources.synthetic.exports.truth import ExportShop, make_export_shop
from custbehav_dagster_tests.sources.formats.read_back import (
    ReadBack,
    amounts,
    naive,
    read_back,
    settings_for,
    true_rows,
)
from custbehav_dagster_tests.sources.inbox_folder import account, check_balance, put, rows

PEOPLE = 10
ZONES = ("America/Los_Angeles", "Europe/Berlin", "Australia/Sydney")
SHOP = make_export_shop(PEOPLE, 1)


def order_and_product(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:2]


def buyer_of(order: dict[str, Any]) -> str:
    return f"email:{order['email']}" if order["email"] else f"guest:shopify:{order_name(order)}"


def check_orders(found: ReadBack, shop: ExportShop, folder: str) -> None:
    orders = found.orders(folder)
    truth = true_rows(shop.orders)
    assert sorted(orders) == sorted(map(order_name, truth))
    for order in truth:
        read = orders[order_name(order)]
        assert read["customer_id"] == buyer_of(order)
        assert read["ordered_at"] == naive(order["ordered_at"])
        assert (amounts(read), read["status"], read["is_gift"]) == (
            amounts(order),
            order["status"],
            order["is_gift"],
        )
        assert (read["currency"], read["channel"]) == (shop.currency, "shopify")


def check_items(found: ReadBack, shop: ExportShop, folder: str) -> None:
    names = {order["order_id"]: order_name(order) for order in true_rows(shop.orders)}
    columns = ("product", "product_id", "quantity", "unit_price", "kind")
    read = [(row["order_id"], *(row[name] for name in columns)) for row in found.items(folder)]
    truth = [
        (names[item["order_id"]], *(item[name] for name in columns)) for item in true_rows(shop.order_items)
    ]
    assert sorted(read, key=order_and_product) == sorted(truth, key=order_and_product)


def check_buyers(found: ReadBack, shop: ExportShop, folder: str) -> None:
    customers = found.customers(folder)
    truth = {buyer_of(order): order for order in true_rows(shop.orders)}
    assert set(customers) == set(truth)
    for buyer, order in truth.items():
        read = customers[buyer]
        assert (read["email"], read["name"], read["postcode"], read["phone"]) == (
            order["email"],
            order["buyer_name"],
            order["postcode"],
            order["phone"],
        )
        assert read["country"] == order["country_code"]
        assert read["accepts_marketing"] is order["accepts_marketing"]


def check_parts(found: ReadBack, shop: ExportShop, folder: str) -> None:
    """The parts of what was paid, as the raw table has them."""
    raw = {row["order_id"]: row for row in found.raw_rows("orders", folder)}
    for order in true_rows(shop.orders):
        read = raw[order_name(order)]
        for name in ("discount_amount", "shipping_amount", "tax_amount"):
            assert Decimal(read[name]) == order[name]
        assert Decimal(read["tip_amount"] or 0) == order["tip_amount"]
        assert (read["recipient_name"], read["recipient_postcode"]) == (
            order["recipient_name"],
            order["recipient_postcode"],
        )


@settings(max_examples=1)
@given(
    seed=st.integers(0, 1000),
    quirks=st.frozensets(st.sampled_from(sorted(orders_export.QUIRKS))),
    timezone=st.sampled_from(ZONES),
)
@example(seed=1, quirks=orders_export.QUIRKS, timezone=ZONES[0])
def test_orders_of_every_variant_are_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, quirks: frozenset[str], timezone: str
) -> None:
    shops = {
        variant: make_export_shop(PEOPLE, seed, timezone, "EUR", first_number=1001 * number)
        for number, variant in enumerate(orders_export.VARIANTS, start=1)
    }
    # Where one quirk hides another, two of the files have it the other way round.
    quirks_of = dict.fromkeys(shops, quirks ^ {"filled_down", "utc_times"}) | {"78 columns": quirks}
    with tempfile.TemporaryDirectory() as folder:
        for variant, shop in shops.items():
            write_shopify_orders(shop, Path(folder) / "raw" / variant, variant, quirks_of[variant])
        found = read_back(con, Path(folder), shops["79 columns"])
    for variant, shop in shops.items():
        file = found.files()[f"{variant}/orders_export.csv"]
        assert (file["format"], file["variant"], file["confidence"]) == ("shopify_orders", variant, 1)
        if "filled_down" not in quirks_of[variant]:
            assert file["amount_in_file"] == sum(shop.orders["gross_amount"])
        check_orders(found, shop, f"{variant}/")
        check_items(found, shop, f"{variant}/")
        check_buyers(found, shop, f"{variant}/")
        check_parts(found, shop, f"{variant}/")


@settings(max_examples=1)
@given(seed=st.integers(0, 1000), quirks=st.frozensets(st.sampled_from(sorted(customers_export.QUIRKS))))
@example(seed=1, quirks=customers_export.QUIRKS - {"spoiled_ids"})
@example(seed=2, quirks=frozenset({"spoiled_ids"}))
def test_customers_of_both_generations_are_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, quirks: frozenset[str]
) -> None:
    shops = {
        variant: make_export_shop(PEOPLE, seed, first_number=1001 * number)
        for number, variant in enumerate(customers_export.VARIANTS, start=1)
    }
    with tempfile.TemporaryDirectory() as folder:
        for variant, shop in shops.items():
            write_shopify_customers(shop, Path(folder) / "raw" / variant, variant, quirks)
        found = read_back(con, Path(folder), SHOP, is_damaged="spoiled_ids" in quirks)
    for variant, shop in shops.items():
        file = found.files()[f"{variant}/customers_export.csv"]
        assert (file["format"], file["variant"], file["confidence"]) == ("shopify_customers", variant, 1)
        check_accounts(found, shop, variant, "spoiled_ids" in quirks)


def check_accounts(found: ReadBack, shop: ExportShop, variant: str, is_spoiled: bool) -> None:
    customers = found.customers(f"{variant}/")
    truth = true_rows(shop.customers)
    assert len(customers) == len(truth)
    by_name = {(row["name"], row["postcode"]): row for row in customers.values()}
    for person in truth:
        read = by_name[person["name"], person["postcode"]]
        if variant != "2022" and not is_spoiled:
            assert read["customer_id"] == person["customer_id"]
        elif person["email"]:
            assert read["customer_id"] == f"email:{person['email']}"
        else:
            lost = f"7.2104E+12 ({variant}/customers_export.csv, line "
            made = "guest:shopify:customer " if variant == "2022" else lost
            assert read["customer_id"].startswith(made)
        assert (read["email"], read["phone"]) == (person["email"], person["phone"])
        assert read["accepts_marketing"] is person["accepts_marketing"]
        assert (read["consent_source"] is not None) is person["accepts_marketing"]
        suffix = "" if variant == "2022" else "_code"
        assert read["country"] == person[f"country{suffix}"]
        if "region" not in read["imputed_columns"]:
            assert read["region"] == person[f"region{suffix}"]


HEADER = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Refunded Amount,Cancelled at"
)
MOMENT = "2024-05-01 10:00:00 -0700"


def test_each_financial_status_says_what_was_kept(con: ibis.BaseBackend, tmp_path: Path) -> None:
    expected = {
        "#1": ("paid", "0.00", "", "completed", "0.00"),
        "#2": ("partially_refunded", "4.00", "", "completed", "4.00"),
        "#3": ("refunded", "20.00", "", "completed", "20.00"),
        "#4": ("refunded", "", "", "completed", "20.00"),
        "#5": ("voided", "0.00", "", "cancelled", "20.00"),
        "#6": ("pending", "0.00", "", "pending", "0.00"),
        "#7": ("authorized", "0.00", "", "pending", "0.00"),
        "#8": ("partially_paid", "0.00", "", "pending", "0.00"),
        "#9": ("paid", "0.00", MOMENT, "cancelled", "20.00"),
    }
    lines = [
        f"{name},ann@example.org,{status},USD,20.00,{MOMENT},1,Mug,20.00,{refunded},{cancelled}"
        for name, (status, refunded, cancelled, _, _) in expected.items()
    ]
    put(settings_for(tmp_path, SHOP), "orders.csv", "\n".join((HEADER, *lines)) + "\n")
    found = read_back(con, tmp_path, SHOP).orders()
    assert {name: (order["status"], str(order["refund_amount"])) for name, order in found.items()} == {
        name: row[3:] for name, row in expected.items()
    }


def test_an_order_whose_first_line_is_lost_is_made_of_what_its_other_lines_tell(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    lines = (
        f"#1,ann@example.org,,,,{MOMENT},2,Mug,7.50,,",
        f"#1,ann@example.org,,,,{MOMENT},1,Card,3.00,,",
        f"#2,bob@example.org,paid,USD,5.00,{MOMENT},1,Card,5.00,0.00,",
    )
    put(settings_for(tmp_path, SHOP), "orders.csv", "\n".join((HEADER, *lines)) + "\n")
    found = read_back(con, tmp_path, SHOP)
    assert {name: str(row["gross_amount"]) for name, row in found.orders().items()} == {
        "#1": "18.00",
        "#2": "5.00",
    }


def test_a_line_without_order_number_goes_to_quarantine_with_its_money(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    lines = (
        f"#1,ann@example.org,paid,USD,5.00,{MOMENT},1,Card,5.00,0.00,",
        f" ,bob@example.org,paid,USD,7.00,{MOMENT},1,Card,7.00,0.00,",
    )
    shop_settings = settings_for(tmp_path, SHOP)
    put(shop_settings, "orders.csv", "\n".join((HEADER, *lines)) + "\n")
    inbox = read_inbox(con, shop_settings)
    check_balance(inbox)
    (file,) = account(inbox).values()
    assert (file["rows_in"], file["rows_kept"]) == (2, 1)
    assert (str(file["amount_in_file"]), str(file["amount_kept"])) == ("12.0000", "5.0000")
    assert rows(inbox.quarantine, "column_name", "reason") == [("Name", "The record has no order number.")]


def test_the_newest_order_tells_whether_mail_is_accepted(con: ibis.BaseBackend, tmp_path: Path) -> None:
    lines = (
        "Name,Email,Accepts Marketing,Total,Created at,Lineitem name,Billing Name",
        "#1,ann@example.org,yes,5.00,2024-05-01 10:00:00 -0700,Mug,Ann Lee",
        "#2,Ann@Example.org,no,5.00,2024-06-01 10:00:00 -0700,Mug,Ann Lee",
        "#3,bob@example.org,no,5.00,2024-05-01 10:00:00 -0700,Mug,Bob Day",
        "#4,bob@example.org,yes,5.00,2024-06-01 10:00:00 -0700,Mug,Bob Day",
    )
    put(settings_for(tmp_path, SHOP), "orders.csv", "\n".join(lines) + "\n")
    found = read_back(con, tmp_path, SHOP).customers()
    assert {name: (row["accepts_marketing"], row["consent_source"]) for name, row in found.items()} == {
        "email:ann@example.org": (False, None),
        "email:bob@example.org": (True, "Shopify, accepted when ordering"),
    }
