"""Cells and files as export programs and spreadsheets write them, and the damage they do on the way."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from custbehav_dagster.warehouse.files import atomic_path

if TYPE_CHECKING:
    import pandas as pd

Cells = Mapping[str, str]

FILE_QUIRKS = frozenset(
    {"byte_order_mark", "windows_line_ends", "extra_columns", "reordered_columns", "semicolons"}
)
"""What may be odd about any file, whatever it holds; `write_table` does these."""

_EXTRA = {"Imported By": "a helper", "Row Colour": "", "Internal, old": "x"}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a true table, each by the names of its columns."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def write_table(
    path: Path, header: Sequence[str], rows: Sequence[Cells], quirks: Set[str] = frozenset()
) -> Path:
    """Write rows as CSV below a header; a cell that a row does not name is empty.

    Of `quirks` those in `FILE_QUIRKS` are done.
    """
    header = list(header)
    if "extra_columns" in quirks:
        header += _EXTRA
        rows = [{**_EXTRA, **row} for row in rows]
    if "reordered_columns" in quirks:
        random.Random(len(header)).shuffle(header)
    text = io.StringIO()
    ends = "\r\n" if "windows_line_ends" in quirks else "\n"
    separator = ";" if "semicolons" in quirks else ","
    writer = csv.writer(text, delimiter=separator, lineterminator=ends)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return write_text(path, text.getvalue(), quirks)


def write_text(path: Path, text: str, quirks: Set[str] = frozenset()) -> Path:
    """Write a text as UTF-8, with a byte order mark when `quirks` has 'byte_order_mark'."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = text.encode("utf-8-sig" if "byte_order_mark" in quirks else "utf-8")
    with atomic_path(path) as temporary:
        temporary.write_bytes(encoded)
    return path


def local_text(moment: datetime | None, timezone: str, pattern: str) -> str:
    """A moment by the clock of a place, in a pattern of `strftime`; '' for None."""
    return moment.astimezone(ZoneInfo(timezone)).strftime(pattern) if moment else ""


def money_text(amount: Decimal, style: str = "plain") -> str:
    """`1234.50` plain, `$1,234.50` with style 'sign', `1.234,50` with style 'comma'."""
    if style == "sign":
        return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"
    if style == "comma":
        return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{amount:.2f}"


def as_spreadsheet_number(identifier: str) -> str:
    """A long number as a spreadsheet shows it after the file was opened and saved: `5.27762E+12`."""
    return f"{float(identifier):.5E}"


def with_apostrophe(text: str | None) -> str:
    """A cell with the mark that keeps a spreadsheet from taking it for a number; '' stays ''."""
    return f"'{text}" if text else ""


def as_swapped_date(text: str) -> str:
    """A day written month/day/year with two figures each, saved by a spreadsheet that expects the year first.

    `05/11/20`, the 11th of May 2020, becomes `2005-11-20`. What is no day that way round stays as it is.
    """
    try:
        return datetime.strptime(text, "%y/%m/%d").strftime("%Y-%m-%d")
    except ValueError:
        return text
