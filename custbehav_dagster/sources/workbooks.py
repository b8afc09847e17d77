"""Excel workbooks as rows of text: dates in ISO 8601, numbers in full, formulas by their saved results."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.converted import Row

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_COLUMNS = 2_000
LARGEST_PART_BYTES = 128 << 20
UNSAVED_FORMULA = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
FIGURES_OF_A_NUMBER = 15
"""Excel keeps no more."""


class UnreadableWorkbookError(Exception):
    """The message completes "The file …"."""


@dataclass
class Sheet:
    """A sheet of a workbook; its counts are known once its rows have been read."""

    name: str
    is_hidden: bool
    rows: Iterator[Row]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """What the reader should know of it."""
        errors, unsaved = self.counts.get("errors", 0), self.counts.get("unsaved", 0)
        said = ["The sheet is hidden."] if self.is_hidden else []
        if errors:
            cells = "cell" if errors == 1 else "cells"
            said.append(f"{errors:,} {cells} with an Excel error such as #N/A read as empty.")
        if unsaved:
            formulas = "formula has" if unsaved == 1 else "formulas have"
            said.append(
                f"{unsaved:,} {formulas} no saved result and read as empty: open it in Excel and save it."
            )
        return " ".join(said)


def read_sheets(path: Path, most_rows: int | None = None) -> Iterator[Sheet]:
    """The sheets of a workbook, in its order; each has to be read before the next.

    Args:
        path: the workbook.
        most_rows: stop reading each sheet there; None: read it whole.

    Raises:
        UnreadableWorkbookError: it is damaged, or wider than any export.
    """
    # A path would be judged by the ending of its name.
    with path.open("rb") as file, warnings.catch_warnings():
        # What openpyxl warns of (styles, validation rules, pictures it leaves out) does not touch the cells.
        warnings.simplefilter("ignore")
        with _damage_told():
            import openpyxl

            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        with closing(workbook):
            for sheet in workbook.worksheets:
                counts = {"unsaved": _unsaved_formulas(path, sheet)}
                hidden = sheet.sheet_state != "visible"
                yield Sheet(sheet.title, hidden, _rows(sheet, counts, most_rows), counts)


class _damage_told:  # noqa: N801
    """Turn whatever the parser raises over a damaged workbook into one sentence."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        # Each fault of XML, numbers or references has an error of its own there, and none is documented.
        if isinstance(error, Exception) and not isinstance(error, UnreadableWorkbookError):
            raise UnreadableWorkbookError(
                "is a damaged Excel workbook; open it in Excel and save it again"
            ) from error


def _unsaved_formulas(path: Path, sheet: ReadOnlyWorksheet) -> int:
    """How many formulas of a sheet come without their result, as programs other than Excel write them.

    The parser gives such a cell as an empty one, so that it has to be seen before.
    """
    with _damage_told(), zipfile.ZipFile(path) as archive:
        part = getattr(sheet, "_worksheet_path", "")
        if part not in archive.namelist() or archive.getinfo(part).file_size > LARGEST_PART_BYTES:
            return 0
        return len(UNSAVED_FORMULA.findall(archive.read(part)))


def _rows(sheet: ReadOnlyWorksheet, counts: dict[str, int], most_rows: int | None) -> Iterator[Row]:
    with _damage_told():
        # Programs other than Excel often write a wrong size of the sheet.
        sheet.reset_dimensions()
        found = iter(sheet.iter_rows(max_row=most_rows))
    number = 0
    while True:
        with _damage_told():
            cells = next(found, None)
        if cells is None:
            return
        number += 1
        if len(cells) > MOST_COLUMNS:
            raise UnreadableWorkbookError(
                f"has a sheet of more than {MOST_COLUMNS:,} columns; export it as CSV"
            )
        yield number, [_text(cell, counts) for cell in cells]


def _text(cell: Any, counts: dict[str, int]) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if cell.data_type == "e":
            counts["errors"] = counts.get("errors", 0) + 1
            return ""
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return _number(value, cell.number_format or "")
    return _moment(value, cell.number_format or "")


def _number(value: float | Decimal, number_format: str) -> str:
    """In full, without the noise of binary fractions; with the zeros that its format puts before it."""
    text = str(value)
    if not isinstance(value, int):
        text = format(Decimal(format(value, f".{FIGURES_OF_A_NUMBER}g")), "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
    is_padded = len(number_format) > 1 and set(number_format) == {"0"}
    return text.zfill(len(number_format)) if is_padded else text


def _moment(value: datetime | date | time | timedelta | object, number_format: str) -> str:
    if isinstance(value, datetime):
        is_day = value.time() == time() and not any(sign in number_format.casefold() for sign in "hs")
        if value.microsecond:
            # Days are stored as fractions, so that a whole second may come out a little before or behind it.
            value = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        return value.date().isoformat() if is_day else value.isoformat(" ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
