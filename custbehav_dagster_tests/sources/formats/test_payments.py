"""What a made-up shop exports from Square and Stripe is read back cell by cell, in any time zone."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from custbehav_dagster.sources.synthetic.exports import square as square_export
from custbehav_dagster.sources.synthetic.exports import stripe as stripe_export
from custbehav_dagster.sources.synthetic.exports.square import (
    refund_of,
    square_sales,
    transaction_of,
    write_square_items,
    write_square_transactions,
)
from custbehav_dagster.sources.synthetic.exports.stripe import stripe_customer, write_stripe_payments
from custbehav_dagster.sources.synthetic.exports.truth import ExportShop, make_export_shop
from custbehav_dagster.sources.synthetic.exports.webtoffee_orders import payment_of
from custbehav_dagster_tests.sources.formats.read_back import (
    ReadBack,
    amounts,
    naive,
    read_back,
    true_rows,
)

PEOPLE = 10
SHOP = make_export_shop(PEOPLE, 1)
Row = dict[str, Any]

# Each example reads whole files: looking for the smallest that fails would read hundreds.
PHASES = (Phase.explicit, Phase.generate)


def put(folder: Path, name: str, *lines: str) -> None:
    (folder / "raw").mkdir()
    (folder / "raw" / name).write_text("\n".join(lines) + "\n")


def elsewhere(shop: ExportShop) -> ExportShop:
    """The same shop for a reader whose clock is another: what a file says of its zone must decide."""
    from dataclasses import replace

    return replace(shop, timezone="Asia/Tokyo")


def line_total(shop: ExportShop, order: Row) -> Decimal:
    """What the items of a sale tell of it: neither tip nor postage."""
    return order["goods_amount"] - order["discount_amount"] + order["tax_amount"]


def check_sales(found: ReadBack, shop: ExportShop, quirks: frozenset[str], is_items: bool) -> None:
    orders = found.orders()
    for order in square_sales(shop):
        read = orders.pop(transaction_of(order))
        gross = line_total(shop, order) if is_items else order["gross_amount"]
        is_whole = order["refund_amount"] == order["gross_amount"]
        refund = gross if is_whole else order["refund_amount"]
        is_apart = "own_refund_ids" in quirks and not (not is_items and "partial_in_row" in quirks)
        assert read["ordered_at"] == naive(order["ordered_at"])
        assert (read["gross_amount"], read["status"]) == (gross, "completed")
        assert read["refund_amount"] == (0 if is_apart else refund)
        assert (read["currency"], read["channel"]) == ("USD", "square")
        is_nameless = "nameless_guests" in quirks and not order["customer_id"]
        guest = None if is_nameless else f"guest:square:{transaction_of(order)}"
        assert read["customer_id"] == (order["customer_id"] or guest)
        if is_apart and refund:
            given_back = orders.pop(refund_of(order))
            assert (given_back["status"], *amounts(given_back)) == ("refund", 0, refund, -refund)
    assert not orders


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(square_export.VARIANTS),
    quirks=st.frozensets(st.sampled_from(sorted(square_export.QUIRKS))),
)
@example(seed=1, variant="MM/DD/YYYY", quirks=square_export.QUIRKS)
def test_items_of_square_are_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    shop = make_export_shop(PEOPLE, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_square_items(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), elsewhere(shop))
    (file,) = found.files().values()
    assert (file["format"], file["confidence"]) == ("square_items", 1)
    check_sales(found, shop, quirks, is_items=True)
    sold = [
        (row["order_id"], row["product"], row["product_id"], row["quantity"], row["unit_price"], row["kind"])
        for row in found.items()
        if row["quantity"] > 0
    ]
    truth = [
        (
            transaction_of(order),
            *(item[name] for name in ("product", "product_id", "quantity", "unit_price", "kind")),
        )
        for order in square_sales(shop)
        for item in true_rows(shop.items_of(order["order_id"]))
        if item["kind"] != "tip"
    ]
    assert sorted(sold, key=repr) == sorted(truth, key=repr)
    kinds = {row["product"]: row["kind"] for row in found.items() if row["quantity"] < 0}
    assert kinds.get("Custom Amount", "adjustment") == "adjustment"


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(square_export.VARIANTS),
    quirks=st.frozensets(st.sampled_from(sorted(square_export.TRANSACTION_QUIRKS))),
)
@example(seed=1, variant="MM/DD/YYYY", quirks=square_export.QUIRKS)
def test_transactions_of_square_are_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    shop = make_export_shop(PEOPLE, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_square_transactions(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), elsewhere(shop))
    (file,) = found.files().values()
    assert (file["format"], file["confidence"]) == ("square_transactions", 1)
    assert file["amount_in_file"] == sum(order["net_amount"] for order in square_sales(shop))
    check_sales(found, shop, quirks, is_items=False)
    truth = {transaction_of(order): order for order in square_sales(shop)}
    for row in found.raw_rows("orders"):
        if row["order_id"] in truth:
            for name in ("discount_amount", "tax_amount", "tip_amount"):
                assert Decimal(row[name]) == truth[row["order_id"]][name], name
    people = {one["customer_id"]: one["name"] for one in true_rows(shop.customers)}
    for number, record in found.customers().items():
        if number in people:
            assert record["name"] == people[number]


def test_the_named_zone_decides_also_on_the_day_its_clocks_change(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    moments = [
        ("01:30:00", "Eastern Time (US & Canada)", "2024-03-10 06:30:00"),
        ("03:30:00", "Eastern Time (US & Canada)", "2024-03-10 07:30:00"),
        ("3:30 PM", "America/New_York", "2024-03-10 19:30:00"),
        ("03:30:00", "London", "2024-03-10 03:30:00"),
        ("03:30:00", "Sydney", "2024-03-09 16:30:00"),
        ("03:30:00", "", "2024-03-10 10:30:00"),
    ]
    header = "Date,Time,Time Zone,Gross Sales,Net Sales,Total Collected,Transaction ID,Payment ID"
    lines = [
        f"2024-03-10,{time},{zone},$5.00,$5.00,$5.00,a{number},b"
        for number, (time, zone, _) in enumerate(moments)
    ]
    put(tmp_path, "t.csv", header, *lines)
    orders = read_back(con, tmp_path, SHOP).orders()
    assert [str(orders[number]["ordered_at"]) for number in sorted(orders)] == [
        moment for _, _, moment in moments
    ]


def test_two_equal_lines_of_a_sale_are_two_pieces(con: ibis.BaseBackend, tmp_path: Path) -> None:
    header = "Date,Time,Item,Qty,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Event Type"
    row = "2024-01-05,10:00:00,Mug,1.0,$12.00,-$2.00,$10.00,$0.00,a,Payment"
    put(tmp_path, "i.csv", header, row, row)
    found = read_back(con, tmp_path, SHOP)
    (order,) = found.orders().values()
    assert order["gross_amount"] == 20
    assert [(line["product"], line["quantity"]) for line in found.raw_rows("order_items")] == [
        ("Mug", "1")
    ] * 2


def stripe_buyer(order: Row) -> str:
    guest = f"email:{order['email']}" if order["email"] else f"guest:stripe:{payment_of(order)}"
    return stripe_customer(order) or guest


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(stripe_export.VARIANTS),
    quirks=st.frozensets(st.sampled_from(sorted(stripe_export.QUIRKS - {"to_the_minute"}))),
)
@example(seed=1, variant="Created (UTC)", quirks=stripe_export.QUIRKS)
def test_payments_of_stripe_are_read_back_whatever_is_odd(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    shop = make_export_shop(PEOPLE, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_stripe_payments(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), shop)
    (file,) = found.files().values()
    assert (file["format"], file["confidence"]) == ("stripe_payments", 1)
    assert file["amount_in_file"] == sum(shop.orders["gross_amount"])
    orders, people = found.orders(), found.customers()
    for order in true_rows(shop.orders):
        if not order["gross_amount"]:
            continue
        read = orders.pop(payment_of(order))
        moment = naive(order["ordered_at"])
        assert read["ordered_at"] == (moment.replace(second=0) if "to_the_minute" in quirks else moment)
        assert amounts(read) == amounts(order)
        assert (read["status"], read["currency"]) == (order["status"], shop.currency)
        assert (read["channel"], read["customer_id"]) == ("stripe", stripe_buyer(order))
        person = people[stripe_buyer(order)]
        assert (person["name"], person["email"]) == (order["buyer_name"], order["email"])
        assert (person["postcode"], person["country"]) == (order["postcode"], order["country_code"])
    assert not orders
    numbers = {payment_of(order): order["number"] for order in true_rows(shop.orders)}
    for row in found.raw_rows("orders"):
        named = numbers[row["order_id"]]
        assert row["reference"] == (named if "metadata" in quirks else f"Order {named}")


def test_states_of_payments_are_states_of_orders(con: ibis.BaseBackend, tmp_path: Path) -> None:
    states = [
        ("Paid", "true", "completed"),
        ("Paid", "false", "pending"),
        ("Failed", "true", "cancelled"),
        ("requires_payment_method", "", "cancelled"),
        ("Partial Refund", "true", "completed"),
        ("Disputed", "true", "completed"),
    ]
    header = "id,Created (UTC),Amount,Amount Refunded,Currency,Status,Captured"
    lines = [
        f"ch_{number},2024-01-05 10:00,12.00,0.00,usd,{status},{captured}"
        for number, (status, captured, _) in enumerate(states)
    ]
    put(tmp_path, "p.csv", header, *lines)
    orders = read_back(con, tmp_path, SHOP).orders()
    assert [orders[number]["status"] for number in sorted(orders)] == [meaning for *_, meaning in states]
