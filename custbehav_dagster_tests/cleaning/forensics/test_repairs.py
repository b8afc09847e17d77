"""From raw rows to repaired ones: what is repaired, on what proof, and what it says of itself."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from custbehav_dagster.cleaning.forensics.repairs import find_repairs, proofs_as_markdown, repaired
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.forensics.spreadsheet import (
    misread_year_first,
    orders_of,
    raw_row,
)
from custbehav_dagster_tests.cleaning.shop_rows import RAW, Row, cleaned_shop, rows_of, table_of
from custbehav_dagster_tests.cleaning.tables import written

PLACE = ("source_file", "source_line")


class Shop:
    """Raw tables of a shop in a DuckDB file, its repairs and proofs."""

    def __init__(self, con: ibis.BaseBackend, knobs: dict[str, Any] | None = None, **rows: list[Row]) -> None:
        self.settings = Settings(**(knobs or {}))
        self.raw = {noun: written(con, table_of(kind, rows.get(noun, ()))) for noun, kind in RAW.items()}
        repairs, proofs = find_repairs(self.raw, self.settings)
        self.repairs, self.proofs = written(con, repairs), written(con, proofs)

    def cells(self) -> list[tuple[Any, ...]]:
        """Table, line, column, before and after of each repair."""
        found = rows_of(self.repairs, "raw_table", "source_line", "column_name")
        return [
            tuple(row[name] for name in ("raw_table", "source_line", "column_name", "before", "after"))
            for row in found
        ]

    def mended(self, noun: str) -> ir.Table:
        return repaired(self.raw[noun], self.repairs, noun)

    def column(self, noun: str, name: str) -> list[Any]:
        return [row[name] for row in rows_of(self.mended(noun), *PLACE)]


def test_a_shop_with_37_percent_of_its_dates_misread_gets_every_one_back(con: ibis.BaseBackend) -> None:
    orders = orders_of(400, 11)
    texts = [order.day.strftime("%m/%d/%y") for order in orders]
    rows = [
        raw_row(order, misread_year_first(text) or text) for order, text in zip(orders, texts, strict=True)
    ]
    hit = sum("-" in row["ordered_at"] for row in rows)
    assert 0.33 < hit / len(rows) < 0.42
    shop = Shop(con, orders=rows)
    mended = {row["source_line"]: row["after"] for row in rows_of(shop.repairs)}
    assert mended == {
        line: order.day.isoformat()
        for line, (order, row) in enumerate(zip(orders, rows, strict=True), start=2)
        if "-" in row["ordered_at"] and row["ordered_at"] != order.day.isoformat()
    }
    told = {row["statistic"]: row for row in rows_of(shop.proofs)}
    order_of = told["rank correlation of order number and date"]
    shipped = told["share shipped on or after the day sold"]
    assert order_of["value_before"] < 0.6
    assert order_of["value_after"] > 0.99
    assert shipped["value_before"] < 0.95
    assert shipped["value_after"] == 1.0
    assert order_of["rule"] == "month_day_year_read_year_first"
    found = cleaned_shop({"orders": shop.mended("orders")}, shop.settings)
    assert [row["order_date"] for row in rows_of(found["orders"], *PLACE)] == [order.day for order in orders]
    page = proofs_as_markdown(shop.proofs)
    assert "rank correlation of order number and date" in page
    assert "| yes |" in page
    for table, contract in ((shop.repairs, cleaned.REPAIRS), (shop.proofs, cleaned.REPAIR_PROOFS)):
        assert all(verdict.holds for verdict in judge(contract, table))


def test_repairs_can_be_switched_off(con: ibis.BaseBackend) -> None:
    orders = orders_of(120, 12)
    rows = [
        raw_row(order, misread_year_first(order.day.strftime("%m/%d/%y")) or order.day.strftime("%m/%d/%y"))
        for order in orders
    ]
    shop = Shop(con, {"repair_spreadsheet_damage": False}, orders=rows)
    assert shop.cells() == []
    assert shop.mended("orders") is shop.raw["orders"]
    assert proofs_as_markdown(shop.proofs) == "No sign of damage by a spreadsheet was found."


def test_a_clean_shop_is_handed_on_as_it_is(con: ibis.BaseBackend) -> None:
    shop = Shop(con, orders=[raw_row(order, order.day.isoformat()) for order in orders_of(60, 13)])
    assert rows_of(shop.proofs) == []
    assert all(shop.mended(noun) is table for noun, table in shop.raw.items())


def test_apostrophes_before_figures_are_taken_off_and_others_stay(con: ibis.BaseBackend) -> None:
    people = [
        {"customer_id": "'7210401", "postcode": "'02134", "phone": "'+49 89 1234", "name": "'t Hooft"},
        {"customer_id": "'abc", "postcode": "AB1 2CD", "phone": None, "name": "Bo"},
    ]
    shop = Shop(con, customers=people)
    assert shop.cells() == [
        ("customers", 2, "customer_id", "'7210401", "7210401"),
        ("customers", 2, "phone", "'+49 89 1234", "+49 89 1234"),
        ("customers", 2, "postcode", "'02134", "02134"),
    ]
    assert shop.column("customers", "name") == ["'t Hooft", "Bo"]


def us(postcode: str, **more: Any) -> Row:
    return {"customer_id": f"c{postcode}", "postcode": postcode, "country": "United States", **more}


WHOLE = [us(str(code)) for code in range(10_001, 10_031)]


@pytest.mark.parametrize(
    ("short", "mended"),
    [
        ([us("2134"), us("2139"), us("501")], {"2134": "02134", "2139": "02139", "501": "00501"}),
        ([us("2134"), us("2139")], {}),
        ([us("2134"), us("2139"), us("2140"), us("02141")], {}),
        ([us("8010", country="Austria")] * 4, {}),
        ([us(str(code)) for code in range(2100, 2130)], {}),
    ],
)
def test_zeros_of_postcodes_are_put_back_where_a_spreadsheet_stripped_them(
    con: ibis.BaseBackend, short: list[Row], mended: dict[str, str]
) -> None:
    shop = Shop(con, customers=[*WHOLE, *short])
    assert {before: after for _, _, _, before, after in shop.cells()} == mended


def test_zeros_of_identifiers_are_put_back_when_another_file_has_them(con: ibis.BaseBackend) -> None:
    people = [{"customer_id": f"{number:06d}", "name": "Ada"} for number in (17, 18, 19, 123456)]
    orders = [
        {"order_id": f"o{number}", "customer_id": str(number), "ordered_at": "2024-01-01"}
        for number in (17, 18, 19, 123456)
    ]
    shop = Shop(con, customers=people, orders=orders)
    assert shop.column("orders", "customer_id") == ["000017", "000018", "000019", "123456"]
    apart = Shop(
        con, customers=people, orders=[{**row, "customer_id": f"9{row['customer_id']}"} for row in orders]
    )
    assert apart.cells() == []


def test_two_orders_that_share_a_shortened_number_stay_two(con: ibis.BaseBackend) -> None:
    def row(day: str, number: str = "5.27762E+12", **more: Any) -> Row:
        return {"order_id": number, "ordered_at": day, "email": "ada@b.co", "gross_amount": "10.00", **more}

    orders = [row("2024-01-01"), row("2024-01-02"), row("2024-01-03", "5.3E+12"), row("2024-01-04", "17")]
    lines = [{"order_id": "5,27762e+12", "product": "Mug", "quantity": "1", "unit_price": "10"}] * 2
    lines = [
        {**line, "source_file": "orders.csv", "source_line": place} for place, line in enumerate(lines, 2)
    ]
    shop = Shop(con, orders=orders, order_items=lines)
    first, second, *others = shop.column("orders", "order_id")
    assert first != second
    assert others == ["5.3E+12", "17"]
    assert shop.column("order_items", "order_id") == [first, second]
    (note,) = {row["note"] for row in rows_of(shop.proofs)}
    assert "7 of 13 figures are lost" in note
    assert "2 records of different orders share such a number" in note
    found = cleaned_shop(
        {"orders": shop.mended("orders"), "order_items": shop.mended("order_items")}, shop.settings
    )
    assert len(rows_of(found["orders"])) == 4
    assert rows_of(found["quarantine"]) == []


def test_buyers_that_share_a_shortened_number_are_not_one_person(con: ibis.BaseBackend) -> None:
    people = [
        {"customer_id": "7.21E+12", "email": "ada@b.co", "name": "Ada"},
        {"customer_id": "7.21E+12", "email": "bo@b.co", "name": "Bo"},
        {"customer_id": "7.21E+12", "name": "Cy"},
        {"customer_id": "8.1E+12", "email": "di@b.co", "name": "Di"},
    ]
    orders = [
        {"order_id": "1", "customer_id": "7.21E+12", "email": "bo@b.co", "ordered_at": "2024-01-01"},
        {"order_id": "2", "customer_id": "7.21E+12", "ordered_at": "2024-01-01"},
        {"order_id": "3", "customer_id": "8.1E+12", "ordered_at": "2024-01-01"},
    ]
    shop = Shop(con, customers=people, orders=orders)
    assert shop.column("customers", "customer_id") == [
        None,
        None,
        "7.21E+12 (customers.csv, line 4)",
        "8.1E+12",
    ]
    assert shop.column("orders", "customer_id") == [None, None, "8.1E+12"]


def sheet(*rows: tuple[str | None, str | None, str]) -> dict[str, list[Row]]:
    """Orders and lines of a sheet: number, day and product of each row."""
    place = [{"source_file": "sheet.csv", "source_line": line} for line in range(2, 2 + len(rows))]
    orders = [
        {"order_id": number, "ordered_at": day, "email": day and "ada@b.co", **where}
        for (number, day, _), where in zip(rows, place, strict=True)
    ]
    lines = [
        {"order_id": number, "product": product, "quantity": "1", "unit_price": "5", **where}
        for (number, _, product), where in zip(rows, place, strict=True)
    ]
    return {"orders": orders, "order_items": lines}


def test_further_rows_of_an_order_take_its_number_from_above(con: ibis.BaseBackend) -> None:
    given = sheet(
        ("1", "2024-01-01", "Mug"),
        (None, None, "Bowl"),
        ("", None, "Card"),
        ("2", "2024-01-02", "Mug"),
        (" ", None, "Jug"),
    )
    shop = Shop(con, **given)
    assert shop.column("order_items", "order_id") == ["1", "1", "1", "2", "2"]
    mended = {noun: shop.mended(noun) for noun in ("orders", "order_items")}
    found = cleaned_shop(mended, shop.settings)
    assert [(row["order_id"], float(row["gross_amount"])) for row in rows_of(found["orders"], *PLACE)] == [
        ("1", 15.0),
        ("2", 10.0),
    ]
    assert [row["rule"] for row in rows_of(found["quarantine"])] == ["duplicate_key"] * 3 or [
        row["rule"] for row in rows_of(found["quarantine"])
    ] == ["exact_duplicate"] * 3


def test_rows_that_only_lack_their_number_are_not_taken_for_further_rows(con: ibis.BaseBackend) -> None:
    given = sheet(
        ("1", "2024-01-01", "Mug"),
        (None, "2024-01-01", "Bowl"),
        (None, "2024-01-03", "Card"),
        (None, "2024-01-04", "Jug"),
    )
    shop = Shop(con, **given)
    assert shop.cells() == []
    (proof,) = rows_of(shop.proofs)
    assert not proof["is_applied"]


def numbered(platform: str | None, days: list[str], file: str) -> list[Row]:
    """Orders 1001, 1002, … of a platform or, without one, of a list."""
    return [
        {"order_id": str(1001 + place), "ordered_at": day, "gross_amount": "5", "platform": platform,
         "source_file": file, "source_line": place + 2}
        for place, day in enumerate(days)
    ]  # fmt: skip


JANUARY = ["2024-01-01", "2024-01-05", "2024-01-09"]
JUNE = ["2024-06-01", "2024-06-05"]


@pytest.mark.parametrize(
    ("one", "other", "numbers"),
    [
        (("woocommerce", JANUARY), ("shopify", JUNE),
         ["woocommerce:1001", "woocommerce:1002", "1003", "shopify:1001", "shopify:1002"]),
        (("woocommerce", JANUARY), (None, JUNE),
         ["woocommerce:1001", "woocommerce:1002", "1003", "1001", "1002"]),
        ((None, JANUARY), (None, JUNE), ["1001", "1002", "1003", "b.csv:1001", "b.csv:1002"]),
        ((None, JANUARY), (None, JANUARY[:2]), ["1001", "1002", "1003", "1001", "1002"]),
        (("woocommerce", JANUARY), (None, JANUARY), ["1001", "1002", "1003"] * 2),
        (("etsy", JANUARY), ("etsy", JUNE), ["1001", "1002", "1003", "1001", "1002"]),
    ],
)  # fmt: skip
def test_a_number_is_qualified_only_where_it_means_two_orders(
    con: ibis.BaseBackend,
    one: tuple[str | None, list[str]],
    other: tuple[str | None, list[str]],
    numbers: list[str],
) -> None:
    orders = numbered(*one, "a.csv") + numbered(*other, "b.csv")
    shop = Shop(con, {"repair_spreadsheet_damage": False}, orders=orders)
    assert shop.column("orders", "order_id") == numbers


def test_lines_and_feedback_of_a_platform_follow_its_order_numbers(con: ibis.BaseBackend) -> None:
    orders = numbered("woocommerce", JANUARY, "a.csv") + numbered("shopify", JUNE, "b.csv")
    lines = [
        {"order_id": "1001", "product": "Mug", "platform": "shopify"},
        {"order_id": "1003", "platform": "shopify"},
    ]
    words = [{"order_id": "1002", "text": "lovely", "platform": "woocommerce"}]
    shop = Shop(con, orders=orders, order_items=lines, feedback=words)
    assert shop.column("order_items", "order_id") == ["shopify:1001", "1003"]
    assert shop.column("feedback", "order_id") == ["woocommerce:1002"]
    assert raw.ORDERS.column_names == [*shop.mended("orders").columns]


ODD_CELLS = st.sampled_from(
    [None, "", " ", "'", "'1", "1E+5", "9,9e+99", "0", "007", "1001", "#1001", "2024-13-45", "05/11/20",
     "2005-11-20", "29.02.2023", "1900-01-01", "9999-12-31", "12/12/2024 25:61",
     "nan", "1e999", "é\x00", "𝟙𝟚", "9" * 40]
)  # fmt: skip


def odd_rows(noun: str) -> st.SearchStrategy[list[Row]]:
    names = [
        name for name in RAW[noun].column_names if name not in ("is_synthetic", "source_file", "source_line")
    ]
    cells = st.fixed_dictionaries(dict.fromkeys(names, ODD_CELLS))
    return st.lists(
        cells | st.fixed_dictionaries({"ordered_at": ODD_CELLS} if noun == "orders" else {}), max_size=25
    )


@hypothesis_settings(max_examples=6)
@given(st.fixed_dictionaries({noun: odd_rows(noun) for noun in RAW}))
def test_no_cell_is_too_odd_and_no_row_gets_lost_or_doubled(shop: dict[str, list[Row]]) -> None:
    tables = {noun: table_of(kind, shop[noun]) for noun, kind in RAW.items()}
    repairs, proofs = find_repairs(tables, Settings())
    changed = {(row["raw_table"], row["source_line"], row["column_name"]) for row in rows_of(repairs)}
    assert {row["rule"] for row in rows_of(repairs)} <= {row["rule"] for row in rows_of(proofs)}
    for noun, table in tables.items():
        before, after = rows_of(table, *PLACE), rows_of(repaired(table, repairs, noun), *PLACE)
        assert len(before) == len(after)
        for one, other in zip(before, after, strict=True):
            differing = {name for name in one if one[name] != other[name]}
            assert {(noun, one["source_line"], name) for name in differing} <= changed
