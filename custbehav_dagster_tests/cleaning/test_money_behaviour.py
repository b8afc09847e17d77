"""Amounts as shops write them become the right decimals and currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.cleaning.money import currency_code, money_reader, parse_amount
from custbehav_dagster.contract import raw
from custbehav_dagster_tests.cleaning.shop_rows import rows_of, table_of


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12"),
        ("£1,234.50", "1234.50"),
        ("-$45.00", "-45"),
        ("$-45.00", "-45"),
        ("45.00-", "-45"),
        ("−45.00", "-45"),
        ("(12.00)", "-12"),
        ("12,00 EUR", "12"),
        ("EUR 12,5", "12.5"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56 zł", "1234.56"),
        ("1'234.50 CHF", "1234.50"),
        ("1,23,456.00", "123456"),
        ("1.234.567", "1234567"),
        ("1,234,567.891", "1234567.891"),
        (".5", "0.5"),
        ("0.00005", "0.0001"),
        ("99999999999999", "99999999999999"),
        ("", None),
        ("   ", None),
        ("n/a", None),
        ("free", None),
        ("12.00 apples", None),
        ("1.2.3,4,5", None),
        ("(12.00", None),
        ("100000000000000", None),
        ("£", None),
    ],
)
def test_an_amount_as_written_is_this_number_or_none(text: str, amount: str | None) -> None:
    assert parse_amount(text) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("text", "with_points", "with_commas"),
    [
        ("1.234", "1.234", "1234"),
        ("1,234", "1234", "1.234"),
        ("12,34", "12.34", "12.34"),
        ("0,123", "0.123", "0.123"),
    ],
)
def test_only_one_separator_before_three_figures_waits_on_the_file(
    text: str, with_points: str, with_commas: str
) -> None:
    # The point of a file with decimal points is never one of thousands.
    assert parse_amount(text) == Decimal(with_points)
    assert parse_amount(text, has_comma_decimals=True) == Decimal(with_commas)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_any_amount_is_read_back_from_every_way_to_write_it(amount: Decimal) -> None:
    english = f"{abs(amount):,.2f}"
    continental = english.translate(str.maketrans(",.", ".,"))
    sign = "-" if amount < 0 else ""
    for text in (f"{sign}£{english}", f"{sign}{continental} €", f"{sign}{english.replace(',', ' ')}"):
        assert parse_amount(text) == amount, text
    assert parse_amount(f"({english})") == -abs(amount)


@pytest.mark.parametrize(
    ("text", "shop", "code"),
    [
        ("GBP", "USD", "GBP"),
        ("eur", "USD", "EUR"),
        ("£12", "USD", "GBP"),
        ("12 €", "GBP", "EUR"),
        ("$5", "GBP", "USD"),
        ("$5", "AUD", "AUD"),
        ("A$5", "USD", "AUD"),
        ("5 kr", "SEK", "SEK"),
        ("5 kr", "GBP", None),
        ("12.00", "GBP", None),
        ("ABC", "GBP", None),
    ],
)
def test_a_currency_is_named_by_code_or_sign(text: str, shop: str, code: str | None) -> None:
    assert currency_code(text, shop) == code


def test_a_column_follows_the_separator_that_its_own_file_uses_most() -> None:
    cells = {
        "points.csv": ["1,234", "5.50", "n/a", ""],
        "commas.csv": ["1,234", "5,50", "7.50", "6,10"],
    }
    rows = [{"source_file": file, "gross_amount": text} for file, texts in cells.items() for text in texts]
    table = table_of(raw.ORDERS, rows)
    found = rows_of(money_reader(table, "gross_amount")(table), "source_line")
    assert [row["gross_amount"] for row in found[:4]] == [Decimal("1234"), Decimal("5.5"), None, None]
    assert [row["gross_amount_is_unreadable"] for row in found[:4]] == [False, False, True, False]
    assert [row["gross_amount"] for row in found[4:]] == [
        Decimal("1.234"), Decimal("5.5"), Decimal("7.5"), Decimal("6.1"),
    ]  # fmt: skip
