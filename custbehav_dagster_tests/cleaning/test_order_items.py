from __future__ import annotations

from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from custbehav_dagster.cleaning import cells
from custbehav_dagster.cleaning.order_items import clean_order_items, item_kind
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.shop_rows import table_of
from custbehav_dagster_tests.cleaning.tables import Row, by, rows_of, stored


def cleaned_items(con: ibis.BaseBackend, *rows: Row, orders: tuple[Row, ...] = ()) -> ibis.Table:
    return clean_order_items(
        stored(con, raw.ORDER_ITEMS, *rows), stored(con, raw.ORDERS, *orders), Settings()
    )


def test_a_line_is_typed(con: ibis.BaseBackend) -> None:
    table = cleaned_items(con, {
        "order_id": "536365.0", "product_id": " 85123a", "product": "WHITE  HANGING HEART ", "quantity": "6",
        "unit_price": "£2.55",
    })  # fmt: skip
    assert table.schema() == cleaned.ORDER_ITEMS.schema
    (row,) = table.to_pyarrow().to_pylist()
    assert row == {
        "order_id": "536365", "product_id": "85123A", "product": "WHITE HANGING HEART", "quantity": 6.0,
        "unit_price": Decimal("2.5500"), "line_amount": Decimal("15.3000"), "kind": "product",
        "is_synthetic": False, "source_file": "shop.csv", "source_line": 2,
    }  # fmt: skip


def test_a_line_without_a_price_takes_the_amount_of_its_own_order_record(con: ibis.BaseBackend) -> None:
    orders = [("sold", "30.00", "3"), ("no quantity", "30.00", None), ("nought", "30.00", "0"),
              ("returned", "-30.00", "3"), ("odd sign", "30.00", "-3"), ("third", "10.00", "3")]  # fmt: skip
    table = cleaned_items(
        con,
        *({"order_id": name, "product": "Mug", "quantity": quantity} for name, _, quantity in orders),
        orders=tuple({"order_id": name, "gross_amount": amount} for name, amount, _ in orders),
    )
    ten, thirty = Decimal(10), Decimal(30)
    assert by(table, "order_id", "quantity", "unit_price", "line_amount") == {
        "sold": (3, ten, thirty),
        "no quantity": (1, thirty, thirty),
        "nought": (1, thirty, thirty),
        "returned": (-3, ten, -thirty),
        "odd sign": (3, ten, thirty),
        "third": (3, Decimal("3.3333"), ten),
    }


def test_lines_that_cannot_be_counted_are_left_out(con: ibis.BaseBackend) -> None:
    table = cleaned_items(
        con,
        {"order_id": "1", "product": "Mug", "quantity": "2", "unit_price": "5"},
        {"order_id": None, "product": "Mug", "quantity": "2", "unit_price": "5"},
        {"order_id": "2", "product": "Mug", "quantity": "some", "unit_price": "5"},
        {"order_id": "3", "product": "Mug", "quantity": "2", "unit_price": "much"},
        {"order_id": "4", "product": "Mug", "quantity": "2", "unit_price": None},
    )
    assert rows_of(table, "order_id") == ["1"]


def test_a_copy_of_a_line_counts_once_within_its_order_only(con: ibis.BaseBackend) -> None:
    mug = {"product": "Mug", "quantity": "1", "unit_price": "5"}
    table = cleaned_items(
        con,
        {"order_id": "1", **mug},
        {"order_id": "1", **mug},
        {"order_id": "2", **mug},
        {"order_id": "1", **mug, "quantity": "2"},
    )
    assert sorted(rows_of(table, "source_line")) == [2, 4, 5]


def test_lines_of_an_order_in_two_files_are_taken_from_the_later_by_name(con: ibis.BaseBackend) -> None:
    mug = {"product": "Mug", "quantity": "1", "unit_price": "5"}
    lines = [
        {"order_id": "1", **mug, "source_file": "january.csv"},
        {"order_id": "1", **mug, "source_file": "february.csv"},
        {"order_id": "2", **mug, "source_file": "january.csv"},
    ]
    table = cleaned_items(con, *lines)
    assert by(table, "order_id", "source_file") == {"1": "january.csv", "2": "january.csv"}


@pytest.mark.parametrize(
    ("code", "description", "quantity", "price", "is_anonymous", "kind"),
    [
        ("85123A", "WHITE HANGING HEART", 6, "2.55", False, "product"),
        ("POST", "POSTAGE", 1, "18.00", False, "shipping"),
        ("DOT", "DOTCOM POSTAGE", 1, "153.49", True, "shipping"),
        ("C2", "CARRIAGE", 1, "50.00", False, "shipping"),
        ("23444", "Next Day Carriage", 1, "15.00", False, "shipping"),
        ("85168B", "BLACK BAROQUE CARRIAGE CLOCK", 1, "9.95", False, "product"),
        ("AMAZONFEE", "AMAZON FEE", -1, "6706.71", True, "fee"),
        ("BANK CHARGES", "Bank Charges", 1, "15.00", False, "fee"),
        ("D", "Discount", -1, "14.88", False, "discount"),
        ("D", None, -1, "14.88", False, "discount"),
        ("D", "Doormat", 1, "14.88", False, "product"),
        ("M", "Manual", 1, "1.65", False, "adjustment"),
        ("M", "T-shirt, medium", 1, "12.00", False, "product"),
        ("S", "SAMPLES", -1, "16.00", True, "adjustment"),
        ("ADJUST", "Adjustment by john on 26/01/2010 16", 1, "21.00", False, "adjustment"),
        ("B", "Adjust bad debt", 1, "-53594.36", True, "adjustment"),
        ("22041", "damaged", -12, "0", True, "adjustment"),
        ("22041", "RECORD FRAME", 3, "0", True, "adjustment"),
        ("22041", "RECORD FRAME", 3, "0", False, "product"),
        ("22041", "RECORD FRAME", -3, "2.10", False, "product"),
        (None, None, 1, "5.00", False, "product"),
    ],
)
def test_goods_are_told_from_postage_fees_discounts_and_bookkeeping(
    code: str | None, description: str | None, quantity: int, price: str, is_anonymous: bool, kind: str
) -> None:
    line = ibis.memtable(
        pa.table({"code": pa.array([code], pa.string()), "words": pa.array([description], pa.string())})
    )
    found = line.mutate(
        kind=item_kind(line.code, line.words, ibis.literal(float(quantity)), ibis.literal(Decimal(price)),
                       ibis.literal(is_anonymous))
    )  # fmt: skip
    assert rows_of(found, "kind") == [kind]


@pytest.mark.parametrize("few_files", [20, 0])
def test_a_line_takes_the_amount_of_its_own_record_only(
    few_files: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "FEW_FILES", few_files)
    orders = [
        {"order_id": "1", "gross_amount": "5.00", "source_file": "a.csv", "source_line": 2},
        {"order_id": "2", "gross_amount": "7.00", "source_file": "b.csv", "source_line": 2},
        {"order_id": "3", "gross_amount": "9.00", "source_file": "b.csv", "source_line": 3},
    ]
    items = [
        {"order_id": row["order_id"], "product": "Mug", "source_file": row["source_file"],
         "source_line": row["source_line"]} for row in orders
    ]  # fmt: skip
    # In another file the same line is another record.
    items.append({"order_id": "4", "product": "Mug", "source_file": "c.csv", "source_line": 2})
    found = clean_order_items(table_of(raw.ORDER_ITEMS, items), table_of(raw.ORDERS, orders), Settings())
    amounts = found.order_by("order_id").select("order_id", "line_amount").to_pyarrow().to_pylist()
    assert [(row["order_id"], float(row["line_amount"])) for row in amounts] == [
        ("1", 5.0), ("2", 7.0), ("3", 9.0),
    ]  # fmt: skip
