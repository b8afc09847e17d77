"""Archives, workbooks and JSON lists are read as if each table in them were a file, with exact lines."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources import archives, staging
from custbehav_dagster.sources.inbox import has_shop_file, read_inbox
from custbehav_dagster.sources.manifest import record_generated
from custbehav_dagster_tests.sources.inbox_folder import CUSTOMERS, ORDERS, account, check_balance, put, rows


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    return Settings(data_dir=str(tmp_path))


def zipped(members: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


MEMBER = b"PK\1\2\x14\3\x14\0\0\0"
"""Start of an entry in the list of members, up to the mark that it is locked."""


def test_each_member_of_an_archive_is_a_file_of_its_own(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "export.zip", zipped({
        "orders.csv": ORDERS + "1,2\n",
        "people/list.txt": CUSTOMERS.encode("utf-16"),
        "__MACOSX/._orders.csv": b"\0\5\x16\7",
        ".DS_Store": b"\0",
        "readme.md": "hello",
        "photo.jpg": b"\xff\xd8" + bytes(range(32)) * 9,
    }))  # fmt: skip
    inbox = read_inbox(con, settings)
    assert has_shop_file(settings)
    found = account(inbox)
    assert {name: (row["format"], row["rows_in"]) for name, row in found.items()} == {
        "export.zip/orders.csv": ("own_orders", 3),
        "export.zip/people/list.txt": ("own_customers", 2),
        "export.zip/photo.jpg": ("unknown", 0),
    }
    assert rows(inbox.quarantine, "source_file", "source_line") == [("export.zip/orders.csv", 4)]
    assert rows(inbox.tables["orders"], "order_id", "source_line") == [("007", 2), ("O2", 3)]
    check_balance(inbox)
    inbox.close()
    assert list(settings.warehouse_path.parent.glob(".*")) == []


def test_archives_in_archives_are_opened_once_and_no_deeper(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    inner = zipped({"orders.csv": ORDERS})
    put(settings, "two.zip", zipped({"inner.zip": inner, "three.zip": zipped({"inner.zip": inner})}))
    found = account(read_inbox(con, settings))
    assert found["two.zip/inner.zip/orders.csv"]["rows_kept"] == 2
    assert "archive in an archive in an archive" in found["two.zip/three.zip/inner.zip"]["note"]


def test_names_in_an_archive_never_lead_outside_and_never_clash(
    con: ibis.BaseBackend, settings: Settings, tmp_path: Path
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, name in enumerate(
            ("../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "evil.csv", "./evil.csv")
        ):
            archive.writestr(name, f"order_id,date,amount\n{number},2024-01-05,1\n")
    put(settings, "a.zip", file.getvalue())
    before = set(tmp_path.parent.rglob("*evil*"))
    inbox = read_inbox(con, settings)
    assert sorted(account(inbox)) == [
        "a.zip/C:/evil.csv", "a.zip/etc/evil.csv",
        "a.zip/evil.csv", "a.zip/evil.csv (2)", "a.zip/evil.csv (3)",
    ]  # fmt: skip
    assert len(rows(inbox.tables["orders"])) == 5
    assert set(tmp_path.parent.rglob("*evil*")) == before


def test_bombs_are_refused_before_anything_is_unpacked(
    con: ibis.BaseBackend, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 20)
    monkeypatch.setattr(archives, "MOST_BYTES", 64 << 20)
    put(settings, "ratio.zip", zipped({"zeros.csv": b"0" * (20 << 20)}))
    put(settings, "many.zip", zipped({f"{number}.csv": ORDERS for number in range(21)}))
    put(
        settings,
        "nested.zip",
        zipped({"many.zip": zipped({f"{number}.csv": ORDERS for number in range(20)})}),
    )
    put(settings, "large.zip", zipped({f"{n}.csv": bytes(range(256)) * (80 << 10) for n in range(4)}, 0))
    put(settings, "good.csv", ORDERS)
    inbox = read_inbox(con, settings)
    notes = {name: row["note"] for name, row in account(inbox).items()}
    assert "unpacks to" in notes["ratio.zip"]
    assert "more than 20 files" in notes["many.zip"]
    assert "more than 20 files" in notes["nested.zip/many.zip"]
    assert "when unpacked" in notes["large.zip"]
    assert len(rows(inbox.tables["orders"])) == 2


@pytest.mark.parametrize(
    ("damage", "note"),
    [
        (lambda data: data[: len(data) // 2], "damaged ZIP archive"),
        (lambda data: data.replace(b"Mug", b"Jug"), "damaged in its archive"),
        (lambda data: data[:6] + b"\1" + data[7:].replace(MEMBER, MEMBER[:8] + b"\1\0"), "password"),
        (lambda data: zipped({}), "no files in it"),
    ],
    ids=["cut off", "wrong checksum", "locked", "empty"],
)  # fmt: skip
def test_archives_that_cannot_be_opened_are_a_sentence(
    con: ibis.BaseBackend, settings: Settings, damage: Any, note: str
) -> None:
    put(settings, "a.zip", damage(zipped({"orders.csv": ORDERS}, zipfile.ZIP_STORED)))
    put(settings, "good.csv", CUSTOMERS)
    inbox = read_inbox(con, settings)
    (row,) = [row for name, row in account(inbox).items() if name.startswith("a.zip")]
    assert note in row["note"]
    assert (row["format"], row["rows_in"]) == ("unknown", 0)
    assert len(rows(inbox.tables["customers"])) == 2


def test_a_generated_file_in_an_archive_is_still_generated(con: ibis.BaseBackend, settings: Settings) -> None:
    made = put(settings, "orders.csv", ORDERS)
    record_generated(settings.raw_path, [made])
    made.unlink()
    put(settings, "kept.zip", zipped({"orders.csv": ORDERS}))
    assert not has_shop_file(settings)
    assert account(read_inbox(con, settings))["kept.zip/orders.csv"]["is_synthetic"]


def test_every_sheet_of_a_workbook_is_read_with_its_own_row_numbers(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(
        Sales=[
            [], ["Sales of 2024"], [],
            ["Order number", "Date", "Amount", "Postcode", "Item", None],
            [1001, date(2024, 1, 5), 12.5, "LS1", "Mug"],
            [],
            ["007", datetime(2024, 1, 6, 9, 30), 0.1 + 0.2, None, "Cup,\nlarge"],
            [123456789012, datetime(2024, 1, 7), 3, None, None, "a note"],
        ],
        People=[["customer_id", "name", "phone"], [1, "Ann", "0123"], [2, "Bob", 5]],
        Empty=[],
    )))  # fmt: skip
    book["Sales"].merge_cells("A2:E2")
    book["People"]["C3"].number_format = "0000"
    book["People"].sheet_state = "hidden"
    put(settings, "book.xlsx", saved(book))
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["orders"], "order_id", "ordered_at", "gross_amount", "source_line") == [
        ("1001", "2024-01-05", "12.5", 5),
        ("007", "2024-01-06 09:30:00", "0.3", 7),
        ("123456789012", "2024-01-07 00:00:00", "3", 8),
    ]
    assert rows(inbox.tables["order_items"], "product") == [("Mug",), ("Cup,\nlarge",), (None,)]
    assert rows(inbox.tables["customers"], "customer_id", "phone", "source_line") == [
        ("1", "0123", 2),
        ("2", "0005", 3),
    ]
    found = account(inbox)
    assert sorted(found) == ["book.xlsx/People", "book.xlsx/Sales"]
    assert "The sheet is hidden." in found["book.xlsx/People"]["note"]
    assert "1 line above the header passed over." in found["book.xlsx/Sales"]["note"]
    check_balance(inbox)


def test_formulas_count_by_their_saved_results_and_errors_as_empty(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    data = workbook(Sales=[["order_id", "date", "amount"], ["1", "2024-01-05", 7], ["2", "2024-01-06", 8]])
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    sheet = sheet.replace(b'<c r="C2" t="n"><v>7</v></c>', b'<c r="C2"><f>3+4</f><v>7.5</v></c>')
    sheet = sheet.replace(b'<c r="C3" t="n"><v>8</v></c>', b'<c r="C3" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    parts["xl/worksheets/sheet1.xml"] = sheet
    put(settings, "book.xlsx", zipped(parts))
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["orders"], "gross_amount") == [("7.5",), (None,)]
    assert "1 cell with an Excel error" in account(inbox)["book.xlsx/Sales"]["note"]


def test_formulas_without_a_saved_result_are_told(con: ibis.BaseBackend, settings: Settings) -> None:
    book = workbook(
        Sales=[["order_id", "date", "amount"], ["1", "2024-01-05", "=3+4"], ["2", "2024-01-06", 8]]
    )
    put(settings, "book.xlsx", book)
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["orders"], "gross_amount") == [(None,), ("8",)]
    assert "1 formula has no saved result" in account(inbox)["book.xlsx/Sales"]["note"]


def test_a_damaged_workbook_is_a_sentence(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "book.xlsx", zipped({"[Content_Types].xml": "<Types>", "xl/workbook.xml": "<nothing"}))
    put(settings, "open/~$book.xlsx", b"owner")
    assert account(read_inbox(con, settings)).keys() == {"book.xlsx"}
    assert "damaged Excel workbook" in account(read_inbox(con, settings))["book.xlsx"]["note"]


def test_a_workbook_in_an_archive_is_read(con: ibis.BaseBackend, settings: Settings) -> None:
    book = workbook(Sheet1=[["order_id", "date", "amount"], ["1", date(2024, 1, 5), 7]])
    put(settings, "a.zip", zipped({"book.xlsx": book}))
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["orders"], "source_file", "gross_amount") == [("a.zip/book.xlsx/Sheet1", "7")]


REVIEWS = """[
  {"reviewer": "Ann", "date_reviewed": "01/05/2024", "star_rating": 5, "order_id": 12,
   "message": "Lovely,\\nreally"},

  {"reviewer": "Bob", "date_reviewed": "01/06/2024", "star_rating": 4.50,
   "message": null, "order_id": 34567890123456789,
   "extra": {"seen": [true, 1.10]}}
]"""


@pytest.mark.parametrize(
    "wrap", ["{}", '{{"count": 2, "reviews": {}}}', '{{"data": {{"all": {}}}, "x": []}}']
)
def test_json_lists_are_read_with_the_line_of_each_object(
    con: ibis.BaseBackend, settings: Settings, wrap: str
) -> None:
    put(settings, "reviews.json", wrap.format(REVIEWS))
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["feedback"], "order_id", "created_at", "rating", "text", "source_line") == [
        ("12", "2024-01-05", "5", "Lovely,\nreally", 2),
        ("34567890123456789", "2024-01-06", "4.50", None, 5),
    ]
    row = account(inbox)["reviews.json"]
    assert (row["format"], row["rows_in"], row["rows_kept"]) == ("etsy_reviews", 2, 2)
    assert "Not used: " in row["note"]
    check_balance(inbox)


def test_objects_one_below_the_other_are_a_list_too(con: ibis.BaseBackend, settings: Settings) -> None:
    lines = [{"order_id": f"0{number}", "date": "2024-01-05", "amount": number} for number in (1, 2)]
    put(settings, "orders.jsonl", "\n".join(json.dumps(line) for line in lines))
    orders = read_inbox(con, settings).tables["orders"]
    assert rows(orders, "order_id", "source_line") == [("01", 1), ("02", 2)]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('[{"a": 1},\n{"a": ', "damaged or breaks off at line 2"),
        ('[{"a": 1} {"a": 2}]', "damaged or breaks off at line 1"),
        ("[1, 2]", "list of bare values"),
        ("[]", "empty list"),
        ('{"a": 1}', "no list of records"),
        ('{"a": [{"x": 1}], "b": [{"x": 1}]}', "2 lists of records"),
        ("[" * 100_000, "damaged or breaks off"),
    ],
)
def test_json_that_is_no_list_of_records_is_a_sentence(
    con: ibis.BaseBackend, settings: Settings, text: str, note: str
) -> None:
    put(settings, "some.json", text)
    assert note in account(read_inbox(con, settings))["some.json"]["note"]


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=9)
words = cells.filter(lambda text: bool(text.strip()))


@hypothesis_settings(max_examples=12)
@given(st.lists(st.tuples(words, words | st.just(None), st.integers(0, 3)), min_size=1, max_size=6))
def test_what_is_written_as_json_is_read_back_cell_by_cell(
    con: ibis.BaseBackend, settings: Settings, orders: list[tuple[str, str | None, int]]
) -> None:
    objects = [
        {"order_id": name, "date": "2024-01-05", "amount": 1, "product": what} for name, what, _ in orders
    ]
    text, line, places = "[", 1, []
    for record, (_, _, blank_lines) in zip(objects, orders, strict=True):
        text += "\n" * blank_lines
        line += blank_lines
        places.append(line)
        text += json.dumps(record, ensure_ascii=False) + ","
    put(settings, "orders.json", text.removesuffix(",") + "]")
    inbox = read_inbox(con, settings)
    if len(set(places)) < len(places):
        places = list(range(1, len(places) + 1))
    kept = inbox.tables["order_items"].to_pyarrow().to_pylist()
    assert [(row["order_id"], row["product"], row["source_line"]) for row in kept] == [
        (name, what, place) for (name, what, _), place in zip(orders, places, strict=True)
    ]
    inbox.close()


def test_an_archive_that_changes_while_it_is_read_waits(
    con: ibis.BaseBackend, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(settings, "a.zip", zipped({"orders.csv": ORDERS}))
    original = staging.scan_file

    def growing(*args: Any) -> Any:
        with path.open("ab") as file:
            file.write(b"\0")
        return original(*args)

    monkeypatch.setattr(staging, "scan_file", growing)
    inbox = read_inbox(con, settings)
    assert "still being written" in account(inbox)["a.zip/orders.csv"]["note"]
    assert rows(inbox.tables["orders"]) == []


def test_money_in_an_archive_is_counted_to_the_cent(con: ibis.BaseBackend, settings: Settings) -> None:
    put(
        settings,
        "a.zip",
        zipped({"o.csv": "order_id,date,amount,x\n1,2024-01-05,1.10,\n2,2024-01-06,2.20\n"}),
    )
    inbox = read_inbox(con, settings)
    row = account(inbox)["a.zip/o.csv"]
    assert (row["amount_in_file"], row["amount_kept"]) == (Decimal("3.30"), Decimal("1.10"))
    assert inbox.amounts.to_pyarrow().to_pylist() == [
        {
            "source_file": "a.zip/o.csv",
            "currency": "GBP",
            "amount_in_file": Decimal("3.3000"),
            "amount_kept": Decimal("1.1000"),
            "amount_quarantined": Decimal("2.2000"),
        }
    ]
