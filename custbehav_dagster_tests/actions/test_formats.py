"""Files that mail tools import: right columns, harmless cells, nobody who was kept back."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.actions.formats import HEADINGS, safe_cells, write_list, write_suppression
from custbehav_dagster.contract.actions import WIN_BACK
from custbehav_dagster.contract.truth import CUSTOMERS
from custbehav_dagster_tests.actions.given import agreed
from custbehav_dagster_tests.forecasting.shops import customer, stored


def row(customer_id: str, **changes: Any) -> dict[str, Any]:
    told = {
        "customer_id": customer_id,
        "email": f"{customer_id}@example.com",
        "first_name": customer_id.title(),
        "action": "Write a note.",
        "reason": 'bought "once", 21 days ago',
        "suggested_product": "Mug",
        "window": "before 2026-12-01",
        "write_from": date(2026, 11, 21),
        "write_until": date(2026, 11, 30),
        "expected_value": None,
        "held_back": False,
        "is_synthetic": False,
    }
    return {**told, **changes}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_the_file_has_one_row_per_person_who_is_written_to(con: ibis.BaseBackend, tmp_path: Path) -> None:
    rows = [
        row("ann", expected_value=3.456),
        row("bob", held_back=True),
        row("cleo"),
        row("dan", expected_value=12.0),
    ]
    written = write_list(stored(con, WIN_BACK, rows), "win_back", tmp_path)
    assert (written.path, written.people, written.held_back) == (tmp_path / "win_back.csv", 3, 1)
    assert read(written.path) == [
        {
            "Email Address": f"{name}@example.com",
            "First Name": name.title(),
            "Action": "Write a note.",
            "Reason": 'bought "once", 21 days ago',
            "Suggested Product": "Mug",
            "Write From": "2026-11-21",
            "Write Until": "2026-11-30",
            "Expected Value": value,
            "Expected Value Low": "",
            "Expected Value High": "",
            "is_synthetic": "false",
        }
        for name, value in (("dan", "12.00"), ("ann", "3.46"), ("cleo", ""))
    ]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".csv"] == ["win_back.csv"]


def test_each_mail_tool_gets_the_columns_it_knows_and_nothing_longer_than_it_takes(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    long = "ö" * 200
    rows = [row("ann", reason=long), row("bob", held_back=True), row("=eve", first_name="=eve()")]
    write_list(stored(con, WIN_BACK, rows), "win_back", tmp_path)
    mailchimp = read(tmp_path / "mailchimp" / "win_back.csv")
    klaviyo = read(tmp_path / "klaviyo" / "win_back.csv")
    assert [person["Email Address"] for person in mailchimp] == [
        person["Email Address"] for person in klaviyo
    ]
    ann = next(person for person in mailchimp if person["First Name"] == "Ann")
    assert ann == {
        "Email Address": "ann@example.com",
        "First Name": "Ann",
        "Tags": "win_back",
        "Action": "Write a note.",
        "Reason": "ö" * 127,
        "Suggested Product": "Mug",
        "Write From": "2026-11-21",
        "Write Until": "2026-11-30",
        "Expected Value": "",
        "Expected Value Low": "",
        "Expected Value High": "",
        "Synthetic": "false",
    }
    assert klaviyo[0].keys() - mailchimp[0].keys() == {"Custbehav List"}
    for people in (mailchimp, klaviyo):
        addresses = [next(iter(person.values())) for person in people]
        assert len(addresses) == len(set(addresses)) == 2
        assert all(len(cell.encode()) <= 255 for person in people for cell in person.values())
        assert not any(cell.startswith("=") for person in people for cell in person.values())


def test_the_sheet_for_excel_holds_the_same_as_text_and_runs_nothing(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    from openpyxl import load_workbook

    rows = [row("ann", expected_value=3.5), row("eve", first_name="=1+1")]
    write_list(stored(con, WIN_BACK, rows), "win_back", tmp_path)
    path = tmp_path / "excel" / "win_back.xlsx"
    book = load_workbook(path)
    heading, *people = book["win_back"].iter_rows(values_only=True)
    assert list(heading) == list(HEADINGS.values())
    assert [(person[1], float(person[7]) if person[7] else None) for person in people] == [
        ("Ann", 3.5), ("'=1+1", None)
    ]  # fmt: skip
    assert {cell.data_type for line in book["win_back"].iter_rows() for cell in line} <= {"s", "n", "b", "d"}
    write_list(stored(con, WIN_BACK, []), "win_back", tmp_path)
    assert not path.exists()


def test_the_same_list_gives_the_same_bytes(con: ibis.BaseBackend, tmp_path: Path) -> None:
    rows = [row(name) for name in ("cleo", "ann", "bob")]
    first = write_list(stored(con, WIN_BACK, rows), "win_back", tmp_path / "a").path.read_bytes()
    again = write_list(stored(con, WIN_BACK, rows[::-1]), "win_back", tmp_path / "b").path.read_bytes()
    assert first == again


def test_a_list_without_people_is_a_file_with_headings(con: ibis.BaseBackend, tmp_path: Path) -> None:
    path = write_list(stored(con, WIN_BACK, []), "win_back", tmp_path).path
    assert next(csv.reader(path.read_text(encoding="utf-8").splitlines())) == list(HEADINGS.values())
    assert read(path) == []


def test_an_unknown_list_is_refused_by_name(con: ibis.BaseBackend, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"There is no list '\.\./win_back'"):
        write_list(stored(con, WIN_BACK, []), "../win_back", tmp_path)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("@here", "'@here"),
        ("＝1+1", "'＝1+1"),
        ("\t=1+1", "'=1+1"),
        ("\r\n=1+1", "'=1+1"),
        ("  =1+1", "'=1+1"),
        ("\u200b\ufeff=1+1", "'=1+1"),
        ("\u200c=1+1", "'\u200c=1+1"),
        ("-12.50", "-12.50"),
        ("+44", "+44"),
        ("two\r\nlines\there", "two lines here"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("O'Neil", "O'Neil"),
        ("", ""),
        (None, None),
    ],
)
def test_cells_are_harmless(cell: str | None, expected: str | None) -> None:
    assert safe_cells(pa.chunked_array([pa.array([cell], pa.string())])).to_pylist() == [expected]


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=12), max_size=5))
def test_no_cell_is_ever_run_or_broken_over_lines(cells: list[str]) -> None:
    for cell in safe_cells(pa.chunked_array([pa.array(cells, pa.string())])).to_pylist():
        assert len(cell.splitlines()) <= 1
        number = cell[1:].replace(".", "", 1)
        is_number = cell[:1] in ("+", "-") and number.isascii() and number.isdigit()
        assert is_number or cell[:1] not in tuple("=+-@\t\r＝＋－＠")


def test_hostile_names_survive_a_strict_reading(con: ibis.BaseBackend, tmp_path: Path) -> None:
    names = ['=cmd|"x"', "a,b;c", 'quote " in', "line\nbreak", "\u202eturned"]
    rows = [row(f"p{number}", first_name=name) for number, name in enumerate(names)]
    found = read(write_list(stored(con, WIN_BACK, rows), "win_back", tmp_path).path)
    assert [person["First Name"] for person in found] == [
        '\'=cmd|"x"',
        "a,b;c",
        'quote " in',
        "line break",
        "turned",
    ]


def test_the_suppression_file_holds_who_said_no_and_not_who_was_never_asked(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    records = [
        agreed("ann"),
        customer("bob", email="Bob@example.com", refused_marketing=True),
        customer("bob2", email="bob@example.com", refused_marketing=True),
        customer("eve", email="=eve@example.com", refused_marketing=True),
        customer("una", email="una@example.com", refused_marketing=False),
        customer("zoe", email="zoe@example.com"),
    ]
    written = write_suppression(stored(con, CUSTOMERS, records), tmp_path)
    assert written.people == 2
    assert read(tmp_path / "suppression.csv") == [
        {"Email Address": "'=eve@example.com"},
        {"Email Address": "bob@example.com"},
    ]
