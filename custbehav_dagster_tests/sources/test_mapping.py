"""A mapping beside a file settles what it means; a mistake in one is a sentence."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import has_shop_file, read_inbox
from custbehav_dagster_tests.sources.inbox_folder import CUSTOMERS, ORDERS, account, check_balance, put, rows

GERMAN = "Vorgang;Tag;Wert;Kunde\n1;03/04/2024;1.234,50;K1\n2;13/04/2024 09:15;12,00;K2\n"
MAPPING = """
format: own_orders
columns:
  order_id: Vorgang
  ordered_at: Tag
  gross_amount: Wert
  customer_id: Kunde
constants:
  currency: EUR
  platform: etsy
date_order: day_first
decimal: ","
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    return Settings(data_dir=str(tmp_path))


def test_a_file_in_foreign_words_is_a_near_miss_until_a_mapping_settles_it(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    put(settings, "orders.csv", GERMAN)
    assert not has_shop_file(settings)
    put(settings, "orders.csv.yaml", MAPPING)
    inbox = read_inbox(con, settings)
    assert has_shop_file(settings)
    assert list(account(inbox)) == ["orders.csv"]
    columns = ("order_id", "ordered_at", "gross_amount", "customer_id", "currency", "platform")
    assert rows(inbox.tables["orders"], *columns) == [
        ("1", "2024-04-03", "1234.50", "K1", "EUR", "etsy"),
        ("2", "2024-04-13 09:15", "12.00", "K2", "EUR", "etsy"),
    ]
    assert "It was read with the mapping orders.csv.yaml." in account(inbox)["orders.csv"]["note"]
    (money,) = inbox.amounts.to_pyarrow().to_pylist()
    assert (money["currency"], str(money["amount_in_file"])) == ("EUR", "1246.5000")
    check_balance(inbox)


def test_a_constant_fills_what_the_file_leaves_empty_and_can_be_what_was_missing(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    put(settings, "list.csv", "email,channel\nann@example.org,x\nbob@example.org,\n")
    put(settings, "orders.csv", "order_id,date,amount,currency\n1,2024-01-05,1,USD\n2,2024-01-06,2,\n")
    put(settings, "mapping.yaml", """
files:
  "list*":
    constants: {status: subscribed, consent_source: paper list at the market}
  "orders.csv":
    constants: {currency: CAD}
""")  # fmt: skip
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["subscribers"], "email", "status", "consent_source") == [
        ("ann@example.org", "subscribed", "paper list at the market"),
        ("bob@example.org", "subscribed", "paper list at the market"),
    ]
    assert rows(inbox.tables["orders"], "currency") == [("USD",), ("CAD",)]
    note = account(inbox)["orders.csv"]["note"]
    assert "Its amounts are in 2 currencies (CAD, USD) and not added up." in note


def test_files_are_matched_by_pattern_in_their_folder_and_below(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    put(settings, "old/2023/orders.csv", ORDERS)
    put(settings, "old/orders.csv", ORDERS.replace("007", "008"))
    put(settings, "orders.csv", ORDERS.replace("007", "009"))
    put(settings, "old/mapping.yml", "files:\n  '*orders.csv': {ignore: true}\n")
    inbox = read_inbox(con, settings)
    found = account(inbox)
    assert [row["format"] for row in found.values()] == ["ignored", "ignored", "own_orders"]
    assert found["old/orders.csv"]["note"] == "It was passed over, as old/mapping.yml says."
    assert len(rows(inbox.tables["orders"])) == 2


@pytest.mark.parametrize(
    ("mapping", "note"),
    [
        ("colums: {}", "colums is not known; allowed are format, columns, constants, date_order"),
        ("format: etsy", "format 'etsy' is not known; allowed are online_retail, own_orders"),
        ("columns: {orderid: A}", "columns.orderid is no field; allowed are"),
        ("format: own_orders\ncolumns: {text: A}", "columns.text is no field; allowed are channel, country"),
        ("columns: {order_id: Nr}", "columns.order_id names the column 'Nr', which the file lacks. It has"),
        ("constants: {source_file: x}", "constants.source_file is no field"),
        ("date_order: european", "date_order has to be 'day_first' or 'month_first'"),
        ("decimal: comma", "decimal has to be ',' or '.'"),
        ("ignore: perhaps", "ignore has to be true or false"),
        ("columns: [a, b]", "columns has to hold lines `name: value`"),
        ("columns: {order_id: [a]}", "columns.order_id has to be one word or text"),
        ("- a", "the whole"),
        ("a: b: c", "is no valid YAML at line 1"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_file_the_key_and_what_is_allowed(
    con: ibis.BaseBackend, settings: Settings, mapping: str, note: str
) -> None:
    put(settings, "orders.csv", ORDERS)
    put(settings, "orders.csv.yaml", mapping)
    put(settings, "people.csv", CUSTOMERS)
    inbox = read_inbox(con, settings)
    row = account(inbox)["orders.csv"]
    assert row["note"].startswith("orders.csv.yaml")
    assert note in row["note"]
    assert (row["format"], row["rows_in"]) == ("unknown", 0)
    assert len(rows(inbox.tables["customers"])) == 2


@pytest.mark.parametrize(
    ("name", "mapping", "note"),
    [
        (
            "ordres.csv.yaml",
            "ignore: true",
            "It looks like a mapping for ordres.csv, which is not beside it.",
        ),
        ("mapping.yaml", "files:\n  'shop*': {ignore: true}", "Its pattern 'shop*' fits no file."),
        ("mapping.yaml", "ignore: true", "mapping.yaml: files is missing"),
        ("mapping.yaml", "", "mapping.yaml: files is missing"),
    ],
)
def test_a_mapping_of_no_use_is_told(
    con: ibis.BaseBackend, settings: Settings, name: str, mapping: str, note: str
) -> None:
    put(settings, "orders.csv", ORDERS)
    put(settings, name, mapping)
    inbox = read_inbox(con, settings)
    assert note in account(inbox)[name]["note"]
    assert len(rows(inbox.tables["orders"])) == 2


@pytest.mark.parametrize(
    ("written", "order", "read"),
    [
        ("03/04/2024", "day_first", "2024-04-03"),
        ("03/04/2024", "month_first", "2024-03-04"),
        ("3.4.24 9:15", "day_first", "2024-04-03 9:15"),
        ("1/2/70", "day_first", "1970-02-01"),
        ("13/04/2024", "month_first", "13/04/2024"),
        ("2024-04-03", "month_first", "2024-04-03"),
        ("5 May 2024", "month_first", "5 May 2024"),
    ],
)
def test_the_order_of_day_and_month_is_as_the_mapping_says(
    con: ibis.BaseBackend, settings: Settings, written: str, order: str, read: str
) -> None:
    put(settings, "orders.csv", f"order_id,date,amount\n1,{written},1\n")
    put(settings, "orders.csv.yaml", f"date_order: {order}")
    assert rows(read_inbox(con, settings).tables["orders"], "ordered_at") == [(read,)]
