"""Orders: what was paid, what was given back, in which state, and what is left out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from custbehav_dagster.cleaning.order_status import status_meaning
from custbehav_dagster_tests.cleaning.shop_rows import Row, cleaned_orders, raw_tables, rejected


def order(order_id: str, gross: str | None = "20.00", **values: object) -> Row:
    """An order like any other but for `values`."""
    usual = {
        "customer_id": "A",
        "ordered_at": "2024-07-08",
        "channel": "web",
        "region": "Kent",
        "status": "paid",
    }
    return {**usual, "order_id": order_id, "gross_amount": gross, **values}


# order number: (order, gross, refund, status)
AMOUNTS: dict[str, tuple[Row, str, str, str]] = {
    "1": (order("1"), "20", "0", "completed"),
    "2": (order("2", "£1,020.00", refund_amount="-5.00"), "1020", "5", "completed"),
    "3": (order("3", status="refunded"), "20", "20", "completed"),
    "4": (order("4", status="refunded", refund_amount="8.00"), "20", "8", "completed"),
    "5": (order("5", status="Cancelled"), "20", "20", "cancelled"),
    "6": (order("6", status="refund"), "0", "20", "refund"),
    "7": (order("7", "-20.00", status="refund"), "0", "20", "refund"),
    "C536379": (order("C536379", "-7.50", status=""), "0", "7.5", "refund"),
    "C536380": (order("C536380", "7.50", status=""), "7.5", "0", "completed"),
    "10": (order("10", status="on-hold"), "20", "0", "pending"),
    "11": (order("11", status="who knows"), "20", "0", "unknown"),
    "12": (order("12", status=""), "20", "0", "completed"),
    "13": (order("13", "0"), "0", "0", "completed"),
    "14": (order("14", None), "11.5", "0", "completed"),
    "15": (order("15", None), "0", "0", "unknown"),
    "16": (order("16", None), "20", "0", "completed"),
    "17": (order("17", "10.005"), "10.01", "0", "completed"),
}
ITEMS: list[Row] = [
    {"order_id": "14", "product_id": "mug", "product": "Mug", "quantity": "2", "unit_price": "4.00"},
    {"order_id": "14", "product_id": "POST", "product": "Postage", "quantity": "1", "unit_price": "3.50"},
    {
        "order_id": "15",
        "product_id": "AMAZONFEE",
        "product": "Amazon fee",
        "quantity": "1",
        "unit_price": "0",
    },
]


@pytest.fixture(scope="module")
def orders() -> dict[str, Row]:
    """The cleaned orders, by number."""
    return {row["order_id"]: row for row in cleaned_orders([case[0] for case in AMOUNTS.values()], ITEMS)}


@pytest.mark.parametrize("order_id", AMOUNTS)
def test_gross_refund_and_state_follow_from_amount_and_status(orders: dict[str, Row], order_id: str) -> None:
    _, gross, refund, status = AMOUNTS[order_id]
    found = orders[order_id]
    assert (found["gross_amount"], found["refund_amount"]) == (Decimal(gross), Decimal(refund))
    assert found["status"] == status
    assert found["net_amount"] == found["gross_amount"] - found["refund_amount"]


def test_only_an_amount_that_neither_record_nor_lines_give_is_filled_and_marked(
    orders: dict[str, Row],
) -> None:
    assert {key for key, row in orders.items() if row["imputed_columns"]} == {"16"}
    assert orders["16"]["imputed_columns"] == "gross_amount"


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("Paid", "completed"), ("PARTIALLY_REFUNDED", "completed"), ("on-hold", "pending"),
     ("voided", "cancelled"), ("Refunded", "refunded"), ("chargeback", "refund"),
     ("mystery", "unknown"), ("  ", None)],
)  # fmt: skip
def test_a_status_means_one_of_few_things(word: str, meaning: str | None) -> None:
    assert status_meaning(word) == meaning


ABROAD = {
    "1": order(
        "1", currency="eur", ordered_at="2024-07-09T03:30:00Z", is_gift="yes", customer_id="", email="A@B.co"
    ),
    "2": order("2", "€20.00", currency="USD", ordered_at="2024-07-08 23:30", customer_id="'17.0"),
    "3": order("3", "€20.00", customer_id=None),
    "4": order("4", "$20.00"),
    "5": order("5", "20.00"),
}


@pytest.fixture(scope="module")
def abroad() -> list[Row]:
    """The cleaned orders of a shop that counts in Canadian dollars by the clock of New York."""
    return cleaned_orders(list(ABROAD.values()), currency="CAD", shop_timezone="America/New_York")


def test_currency_is_the_code_then_the_sign_then_the_shops(abroad: list[Row]) -> None:
    assert [row["currency"] for row in abroad] == ["EUR", "USD", "EUR", "CAD", "CAD"]
    assert {row["gross_amount"] for row in abroad} == {Decimal(20)}


def test_an_order_is_of_the_day_by_the_shops_clock_and_of_the_moment_in_utc(abroad: list[Row]) -> None:
    before_midnight, midnight = datetime(2024, 7, 9, 3, 30), datetime(2024, 7, 8, 4)
    assert [row["ordered_at"] for row in abroad[:3]] == [before_midnight, before_midnight, midnight]
    assert {row["order_date"] for row in abroad} == {date(2024, 7, 8)}


def test_a_buyer_is_an_identifier_or_an_address_or_nobody(abroad: list[Row]) -> None:
    assert [row["customer_id"] for row in abroad] == ["email:a@b.co", "17", None, "A", "A"]
    assert [row["is_gift"] for row in abroad] == [True, False, False, False, False]


# Each in a file of its own, so that what a file tells is told apart.
LEFT_OUT = {
    "no_number.csv": (order(""), "missing_key", "order_id"),
    "no_date.csv": (order("2", ordered_at=" "), "missing_key", "ordered_at"),
    "bad_date.csv": (order("3", ordered_at="31/02/2024"), "unreadable_date", "ordered_at"),
    "too_early.csv": (order("4", ordered_at="1994-12-31"), "unreadable_date", "ordered_at"),
    "bad_amount.csv": (order("5", "lots"), "unreadable_amount", "gross_amount"),
    "bad_refund.csv": (order("6", refund_amount="some"), "unreadable_amount", "refund_amount"),
    "negative.csv": (order("7", "-20.00"), "unreadable_amount", "gross_amount"),
    "no_amount.csv": (order("8", None), "missing_key", "gross_amount"),
    "same.csv": (order("1"), "overlapping_export", None),
    "same_number.csv": (order("1.0", "21.00"), "overlapping_export", "order_id"),
}
STAYS = {
    "z_latest.csv": order("1"),
    "early.csv": order("9", ordered_at="1995-01-01"),
    "zero.csv": order("10", "0.00"),
}


def plausible_rows() -> list[Row]:
    """Files of ordinary orders with a last one that is large."""
    files = {
        "slip.csv": ["20.00"] * 20 + ["999999.99"],
        "big.csv": ["20.00"] * 40 + ["5000.00"],
        "few.csv": ["20.00"] * 18 + ["999999.99"],
        "enough.csv": ["20.00"] * 19 + ["999999.99"],
        "zeros.csv": ["0.00"] * 30 + ["20.00"] * 18 + ["999999.99"],
    }
    return [
        order(f"{file}-{place}", amount, source_file=file, source_line=place)
        for file, amounts in files.items()
        for place, amount in enumerate(amounts, start=2)
    ]


@pytest.fixture(scope="module")
def left_out() -> list[Row]:
    """The quarantine of all those files."""
    rows = {**STAYS, **{file: case[0] for file, case in LEFT_OUT.items()}}
    given = [{**row, "source_file": file, "source_line": 2} for file, row in rows.items()]
    return rejected("orders", given + plausible_rows())


@pytest.mark.parametrize("file", LEFT_OUT)
def test_an_order_that_makes_no_sense_is_left_out_for_its_reason(left_out: list[Row], file: str) -> None:
    given, rule, column = LEFT_OUT[file]
    (found,) = [row for row in left_out if row["source_file"] == file]
    assert (found["raw_table"], found["rule"], found["column_name"]) == ("orders", rule, column)
    assert found["reason"].endswith(".")
    assert f"channel: {given['channel']}" in found["raw_text"]


def test_an_amount_a_thousand_times_the_files_typical_order_is_left_out_when_there_are_enough(
    left_out: list[Row],
) -> None:
    found = [row for row in left_out if row["source_file"] not in LEFT_OUT]
    assert [(row["source_file"], row["source_line"], row["rule"]) for row in found] == [
        ("enough.csv", 21, "implausible_amount"),
        ("slip.csv", 22, "implausible_amount"),
    ]
    assert found[0]["column_name"] == "gross_amount"
    assert found[0]["reason"] == (
        "The amount 999999.99 is over 1,000 times a typical order of the file: "
        "correct it there, or raise the setting implausible_amount_factor."
    )


def test_the_factor_of_what_is_implausible_can_be_raised() -> None:
    rows = plausible_rows()
    assert len(cleaned_orders(rows, implausible_amount_factor=100_000)) == len(rows)


def test_lines_are_told_apart_by_code_description_and_price() -> None:
    from custbehav_dagster.cleaning.order_items import clean_order_items
    from custbehav_dagster.settings import Settings
    from custbehav_dagster_tests.cleaning.shop_rows import rows_of

    kinds = [("85123A", "Mug", "2", "4.00", "product"), ("POST", "", "1", "3.50", "shipping"),
             ("C2", "Carriage", "1", "5", "shipping"), ("C2", "Cushion", "1", "5", "product"),
             ("AMAZONFEE", "", "1", "9", "fee"), ("D", "Discount", "-1", "5", "discount"),
             ("D", "Size D", "1", "5", "product"), ("m", "Manual", "1", "5", "adjustment"),
             ("85123A", "Mug", "1", "-4.00", "adjustment"), ("85123A", "damaged", "-3", "0", "adjustment"),
             ("85123A", "Free mug", "1", "0", "product"), ("", "p&p", "1", "2", "shipping")]  # fmt: skip
    names = ("product_id", "product", "quantity", "unit_price")
    rows = [{"order_id": "1", **dict(zip(names, line, strict=False))} for line in kinds]
    tables = raw_tables(orders=[order("1")], order_items=rows)
    found = rows_of(clean_order_items(tables["order_items"], tables["orders"], Settings()), "source_line")
    assert [row["kind"] for row in found] == [line[-1] for line in kinds]
    assert [row["line_amount"] for row in found] == [Decimal(line[2]) * Decimal(line[3]) for line in kinds]
