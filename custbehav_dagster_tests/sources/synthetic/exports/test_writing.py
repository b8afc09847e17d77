"""Cells and files as export programs and spreadsheets write them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from custbehav_dagster.sources.synthetic.exports.writing import (
    FILE_QUIRKS,
    as_spreadsheet_number,
    as_swapped_date,
    local_text,
    money_text,
    with_apostrophe,
    write_table,
)


@pytest.mark.parametrize(
    ("amount", "style", "text"),
    [
        ("1234.5", "plain", "1234.50"),
        ("1234.5", "sign", "$1,234.50"),
        ("-45", "sign", "-$45.00"),
        ("1234.5", "comma", "1.234,50"),
        ("0", "comma", "0,00"),
    ],
)
def test_money_is_written_in_the_style_of_the_file(amount: str, style: str, text: str) -> None:
    assert money_text(Decimal(amount), style) == text


@pytest.mark.parametrize(
    ("written", "saved"),
    [
        ("05/11/20", "2005-11-20"),
        ("12/01/24", "2012-01-24"),
        ("05/13/20", "05/13/20"),
        ("05/11/2020", "05/11/2020"),
    ],
)
def test_a_spreadsheet_swaps_the_dates_that_it_can_misread(written: str, saved: str) -> None:
    assert as_swapped_date(written) == saved


def test_long_numbers_and_leading_zeros_suffer_as_they_do_in_spreadsheets() -> None:
    assert as_spreadsheet_number("5277620123456") == "5.27762E+12"
    assert (with_apostrophe("02134"), with_apostrophe(None)) == ("'02134", "")


@pytest.mark.parametrize(("month", "text"), [(1, "2024-01-15 04:00 -0800"), (7, "2024-07-15 05:00 -0700")])
def test_a_moment_is_written_by_the_clock_of_the_place(month: int, text: str) -> None:
    moment = datetime(2024, month, 15, 12, tzinfo=UTC)
    assert local_text(moment, "America/Los_Angeles", "%Y-%m-%d %H:%M %z") == text
    assert local_text(None, "America/Los_Angeles", "%Y") == ""


@pytest.mark.parametrize("quirk", ["", *sorted(FILE_QUIRKS)])
def test_a_file_holds_the_same_cells_whatever_is_odd_about_it(tmp_path: Path, quirk: str) -> None:
    rows = [{"name": 'Ann, "the first"\nLee', "order": "1"}, {"name": "Zoë"}]
    path = write_table(tmp_path / "new" / "a.csv", ("name", "order", "note"), rows, {quirk})
    separator = ";" if quirk == "semicolons" else ","
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file, delimiter=separator))
    assert [(row["name"], row["order"], row["note"]) for row in read] == [
        ('Ann, "the first"\nLee', "1", ""),
        ("Zoë", "", ""),
    ]
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") == (quirk == "byte_order_mark")
    assert (b"\r\n" in content) == (quirk == "windows_line_ends")
    assert (list(read[0])[:3] != ["name", "order", "note"]) == (quirk == "reordered_columns")
