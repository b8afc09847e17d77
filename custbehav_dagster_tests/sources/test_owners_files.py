"""Files as owners really keep them: read whole, or told in a sentence, and never the end of a refresh."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import ibis
import pytest

from custbehav_dagster.cleaning.order_items import clean_order_items
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources import formats
from custbehav_dagster.sources.formats import Head, recognise
from custbehav_dagster.sources.formats.buyers import with_buyers
from custbehav_dagster.sources.formats.own import ORDERS as OWN_ORDERS
from custbehav_dagster.sources.inbox import read_inbox
from custbehav_dagster_tests.sources.inbox_folder import CUSTOMERS, ORDERS, account, check_balance, put, rows


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    return Settings(data_dir=str(tmp_path))


def test_records_of_a_json_list_on_one_line_are_told_apart_by_their_numbers(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    reviews = [{"date": "2024-01-05", "review": text, "stars": 5} for text in ("Lovely", "Broke")]
    put(settings, "reviews.json", json.dumps(reviews))
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["feedback"], "text", "source_line") == [("Lovely", 1), ("Broke", 2)]
    assert "each has its number in place of a line" in account(inbox)["reviews.json"]["note"]
    check_balance(inbox)


def test_a_mapping_of_columns_alone_is_enough(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "shop.csv", "OrderNo,Tag,Wert\n7,2024-01-05,12.50\n")
    put(settings, "shop.csv.yaml", "columns: {order_id: OrderNo, ordered_at: Tag, gross_amount: Wert}")
    assert rows(read_inbox(con, settings).tables["orders"], "order_id", "gross_amount") == [("7", "12.50")]


def broken(*_: object) -> dict[str, ibis.Table]:
    raise KeyError("orderno")


@pytest.mark.parametrize("part", ["variant", "build"])
def test_a_fault_within_one_format_costs_its_file_and_no_other(
    con: ibis.BaseBackend, settings: Settings, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    bad = replace(OWN_ORDERS, **{part: broken})
    others = tuple(bad if one is OWN_ORDERS else one for one in formats.FORMATS)
    monkeypatch.setattr(formats.recognise, "__defaults__", (others, formats.NO_HINTS))
    put(settings, "orders.csv", ORDERS)
    put(settings, "people.csv", CUSTOMERS)
    inbox = read_inbox(con, settings)
    assert len(rows(inbox.tables["customers"])) == 2
    row = account(inbox)["orders.csv"]
    assert "Through a fault of this program" in row["note"]
    assert (row["rows_in"], row["rows_kept"], row["rows_quarantined"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Order No,Date,Amount", "own_orders"),
        ("Invoice no,Invoice date,Total", "own_orders"),
        ("Bestellnummer,Datum,Betrag,E-Mail-Adresse", "own_orders"),
        ("Numéro de commande,Date de commande,Montant", "own_orders"),
        ("Número de pedido,Fecha,Importe", "own_orders"),
        ("Customer No,Name,Customer since", "own_customers"),
        ("Review no,Date written,Review text", "own_feedback"),
    ],
)
def test_usual_names_of_columns_are_known(header: str, expected: str) -> None:
    match = recognise(Head(tuple(header.split(",")), ())).match
    assert match is not None
    assert match.format.name == expected


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


SALES = [["Beleg", "Date", "Amount"], ["7", "2024-01-05", "12.50"]]
PEOPLE = [["customer_id", "name", "email"], ["1", "Ann", "ann@example.org"]]


def test_the_mapping_of_a_workbook_is_used_for_the_sheets_that_it_fits(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    put(settings, "market sales.xlsx", workbook({"Market": SALES, "People": PEOPLE}))
    note = account(read_inbox(con, settings))["market sales.xlsx/Market"]["note"]
    assert "a mapping market sales.xlsx.yaml beside market sales.xlsx can say" in note
    put(settings, "market sales.xlsx.yaml", "columns: {order_id: Beleg}")
    inbox = read_inbox(con, settings)
    assert len(rows(inbox.tables["orders"])) == len(rows(inbox.tables["customers"])) == 1
    assert "which the file lacks" not in account(inbox)["market sales.xlsx/People"]["note"]


def test_a_mapping_that_fits_no_sheet_is_told(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "book.xlsx", workbook({"People": PEOPLE}))
    put(settings, "book.xlsx.yaml", "columns: {order_id: Beleg}")
    assert "which the file lacks" in account(read_inbox(con, settings))["book.xlsx/People"]["note"]


@pytest.mark.parametrize("header", ["Name,Colour,Wheels", "date,town,rain", "title,shelf,pages"])
def test_one_common_column_resembles_nothing(con: ibis.BaseBackend, settings: Settings, header: str) -> None:
    put(settings, "other.csv", f"{header}\nx,y,z\n")
    note = account(read_inbox(con, settings))["other.csv"]["note"]
    assert "resembles no format" in note
    assert f"It has the columns {header.replace(',', ', ')}." in note


@pytest.mark.parametrize(
    ("amounts", "total", "kept", "kind"),
    [
        (("£12.50", "£3.00"), "£15.50", "15.5000", "added up"),
        (("12,50", "3,00"), "15,50", "15.5000", "added up"),
        (("£15.50", "£15.50"), "£15.50", "15.5000", "counted once"),
    ],
)
def test_rows_of_one_order_are_put_together_with_their_money(
    con: ibis.BaseBackend, settings: Settings, amounts: tuple[str, str], total: str, kept: str, kind: str
) -> None:
    lines = [
        f"7;2024-01-05;{amount};{what};C1" for amount, what in zip(amounts, ("Mug", "Bowl"), strict=True)
    ]
    put(settings, "orders.csv", "\n".join(["order_id;date;amount;product;customer_id", *lines]))
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["orders"], "order_id", "gross_amount", "source_line") == [("7", total, 2)]
    assert rows(inbox.tables["order_items"], "product") == [("Mug",), ("Bowl",)]
    row = account(inbox)["orders.csv"]
    assert kind in row["note"]
    assert str(row["amount_kept"]) == str(row["amount_in_file"]) == kept
    check_balance(inbox)


@pytest.mark.parametrize(
    ("rows_of_order", "prices"),
    [
        (("12.50;1;Mug", "3.00;2;Bowl"), ["12.5000", "1.5000"]),
        (("12,50;1;Mug", "10,00;3;Bowl"), ["12.5000", "3.3333"]),
        (("15.00;1;Mug", "15.00;1;Bowl", "15.00;2;Card"), ["5.0000", "5.0000", "2.5000"]),
    ],
)
def test_every_line_of_an_order_has_its_price(
    con: ibis.BaseBackend, settings: Settings, rows_of_order: tuple[str, ...], prices: list[str]
) -> None:
    lines = [f"7;2024-01-05;{row};C1" for row in rows_of_order]
    put(settings, "orders.csv", "\n".join(["order_id;date;amount;quantity;product;customer_id", *lines]))
    inbox = read_inbox(con, settings)
    items = clean_order_items(inbox.tables["order_items"], inbox.tables["orders"], settings)
    assert [str(price) for (price,) in rows(items, "unit_price")] == prices


@pytest.mark.parametrize(
    "second", ["7,2024-01-05,12.50,Mug,C1", "7,2024-01-06,3,Bowl,C1", "7,2024-01-05,3,Bowl,C2"]
)
def test_copies_and_rows_of_another_day_or_buyer_are_not_put_together(
    con: ibis.BaseBackend, settings: Settings, second: str
) -> None:
    first = "7,2024-01-05,12.50,Mug,C1"
    put(settings, "orders.csv", f"order_id,date,amount,product,customer_id\n{first}\n{second}\n")
    assert len(rows(read_inbox(con, settings).tables["orders"])) == 2


@pytest.mark.parametrize(
    ("amount", "product", "status"),
    [("-5", "Return: mug", "refund"), ("5", "Return: mug", None), ("-5", "Mug", None)],
)
def test_an_amount_below_zero_that_speaks_of_a_return_is_a_refund(
    con: ibis.BaseBackend, settings: Settings, amount: str, product: str, status: str | None
) -> None:
    put(settings, "orders.csv", f"order_id,date,amount,product\n7,2024-01-05,{amount},{product}\n")
    assert rows(read_inbox(con, settings).tables["orders"], "status") == [(status,)]


def test_guests_of_shortened_order_numbers_stay_apart() -> None:
    sales = ibis.memtable(
        {
            "order_id": ["3,001E+09", "3,001E+09", "3001"],
            "customer_id": [None] * 3,
            "email": [None] * 3,
            "name": ["Ann", "Bob", "Cid"],
            "source_file": ["a.csv"] * 3,
            "source_line": [2, 3, 4],
            "is_synthetic": [False] * 3,
        },
        schema={
            **dict.fromkeys(("order_id", "customer_id", "email", "name", "source_file"), "string"),
            "source_line": "int64",
            "is_synthetic": "boolean",
        },
    )
    told, _ = with_buyers(sales, "shop")
    assert rows(told, "customer_id") == [
        ("guest:shop:a.csv:2",),
        ("guest:shop:a.csv:3",),
        ("guest:shop:3001",),
    ]


def test_an_apostrophe_before_a_mail_address_is_left_out(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "people.csv", "customer_id,name,email\n1,Ann,'ann@example.org\n")
    assert rows(read_inbox(con, settings).tables["customers"], "email") == [("ann@example.org",)]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("cleaned_members_export_1.csv", "cleaned"),
        ("box/unsubscribed_members_export_1.csv", "unsubscribed"),
        ("subscribed_members_export_1.csv", "subscribed"),
        ("my list.csv", "subscribed"),
    ],
)
def test_the_name_of_a_mailchimp_file_tells_who_has_left(
    con: ibis.BaseBackend, settings: Settings, name: str, state: str
) -> None:
    put(settings, name, "Email Address,OPTIN_TIME,LEID\na@example.org,2024-01-05 10:00:00,1\n")
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["subscribers"], "status") == [(state,)]
    assert account(inbox)[name]["variant"] == state


def test_rows_of_one_order_need_no_buyer(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "orders.csv", "order_id,date,amount,sku\n7,2024-01-05,9,A\n7,2024-01-05,9,B\n")
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["orders"], "gross_amount") == [("9",)]
    assert str(account(inbox)["orders.csv"]["amount_kept"]) == "9.0000"
