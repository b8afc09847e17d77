"""Lists as files: a plain CSV, the import forms of mail tools, and a sheet for Excel.

What belongs here: columns, cells and files. Who is on a list is decided in `lists`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from custbehav_dagster.actions.consent import refused_addresses
from custbehav_dagster.contract.actions import LISTS, MAILED_LISTS
from custbehav_dagster.warehouse.files import atomic_path

FOLDER = "lists"
"""In data/processed."""

SUPPRESSION_FILE = "suppression.csv"
OVERVIEW_FILE = "overview.csv"
HEADINGS = {
    "email": "Email Address",
    "first_name": "First Name",
    "action": "Action",
    "reason": "Reason",
    "suggested_product": "Suggested Product",
    "write_from": "Write From",
    "write_until": "Write Until",
    "expected_value": "Expected Value",
    "expected_value_low": "Expected Value Low",
    "expected_value_high": "Expected Value High",
    "is_synthetic": "is_synthetic",
}
"""Headings by column, in the order of the file; the first two are those that Mailchimp knows by itself."""

PERSONAL_HEADINGS = {
    "first_name": "First Name",
    "order_id": "Order",
    "email": "Address For A Personal Answer",
    "action": "Action",
    "reason": "Reason",
    "text": "What They Wrote",
    "write_from": "Answer From",
    "write_until": "Answer Until",
    "expected_value": "Expected Value",
    "expected_value_low": "Expected Value Low",
    "expected_value_high": "Expected Value High",
    "is_synthetic": "is_synthetic",
}
"""Of the list for personal answers, by headings that no mail tool takes for an address to import."""

OVERVIEW_HEADINGS = {
    "list_name": "List",
    "people": "People",
    "held_back": "Left Out By Lot",
    "fitting": "Fit",
    "without_consent": "Of Them Without Consent",
    "resting": "On A List Lately",
    "left_for_later": "Left For Later",
    "expected_value": "Expected Value",
    "why_empty": "Why It Is Empty",
    "is_synthetic": "is_synthetic",
}

MAILCHIMP, KLAVIYO, EXCEL = "mailchimp", "klaviyo", "excel"
"""Folders beside the plain lists."""

MAIL_TOOLS = {
    # https://mailchimp.com/help/format-guidelines-for-your-import-file/
    MAILCHIMP: {"email": "Email Address", "first_name": "First Name", "tag": "Tags"},
    # https://help.klaviyo.com/hc/en-us/articles/115005078967: the first column has to be called so.
    KLAVIYO: {"email": "Email Address", "first_name": "First Name", "tag": "Custbehav List"},
}
"""Headings that each tool knows by itself; the others become fields of the same name there."""

OWN_FIELDS = {
    "action": "Action",
    "reason": "Reason",
    "suggested_product": "Suggested Product",
    "write_from": "Write From",
    "write_until": "Write Until",
    "expected_value": "Expected Value",
    "expected_value_low": "Expected Value Low",
    "expected_value_high": "Expected Value High",
    "is_synthetic": "Synthetic",
}
MOST_BYTES = 255
"""Mailchimp clips longer texts, in bytes, wherever that falls."""

MOST_SHEET_ROWS = 5_000
"""Longer lists are for mail tools, not for reading, and a sheet of them takes long to write."""

_LINE_BREAKS = r"[\x00-\x20\x7f-\xa0\x{2028}\x{2029}\x{3000}]+"
_HIDDEN = r"[\x{ad}\x{61c}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]+"
"""Marks without width that hide text or turn its direction; the joiners that Persian needs stay."""
_FORMULA = r"^[\x{200c}\x{200d}]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"
_PLAIN_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"


@dataclass(frozen=True)
class WrittenList:
    """A list as a file: how many people are in it, and how many were kept back and are not."""

    path: Path
    people: int
    held_back: int


def safe_cells(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts made harmless for spreadsheets: on one line, nothing hidden, no cell that is run as a formula.

    A cell that starts with = + - @ (of any width) gets an apostrophe in front, unless it is
    a plain number; tabs, returns and other control characters become single spaces.
    """
    shown = pc.replace_substring_regex(cells, _HIDDEN, "")
    line = pc.utf8_trim_whitespace(pc.replace_substring_regex(shown, _LINE_BREAKS, " "))
    runs = pc.and_(
        pc.match_substring_regex(line, _FORMULA), pc.invert(pc.match_substring_regex(line, _PLAIN_NUMBER))
    )
    marks = pc.if_else(pc.fill_null(runs, False), "'", "")
    return pc.binary_join_element_wise(marks, line, "")


def write_list(table: ir.Table, name: str, folder: Path) -> WrittenList:
    """Write `<folder>/<name>.csv` from a table of layer actions, and its other forms in folders beside it.

    People held back are not in the file. The likeliest to be worth it come first,
    then by address. The list for personal answers has no form for mail tools.

    Raises:
        ValueError: there is no list of that name.
    """
    if name not in LISTS:
        raise ValueError(f"There is no list '{name}'; there are {', '.join(LISTS)}.")
    held_back = int(table.held_back.sum().fill_null(0).to_pyarrow().as_py())
    wanted = table.filter(~table.held_back).order_by(
        [ibis.desc("expected_value", nulls_first=False), "email", "customer_id"]
    )
    headings = HEADINGS if name in MAILED_LISTS else PERSONAL_HEADINGS
    rows = wanted.select(*headings).to_pyarrow()
    path = folder / f"{name}.csv"
    plain = _named(rows, headings)
    _write_csv(plain, path)
    for tool, known in MAIL_TOOLS.items():
        form = folder / tool / path.name
        if name in MAILED_LISTS:
            _write_csv(_for_tool(rows, name, known), form)
        else:
            form.unlink(missing_ok=True)
    _write_sheet(plain, folder / EXCEL / f"{name}.xlsx")
    return WrittenList(path, rows.num_rows, held_back)


def write_suppression(customers: ir.Table, folder: Path) -> WrittenList:
    """Write `<folder>/suppression.csv`: addresses of people who said no, left or bounced, in order."""
    rows = refused_addresses(customers).order_by("email").to_pyarrow()
    path = folder / SUPPRESSION_FILE
    _write_csv(pa.table({HEADINGS["email"]: safe_cells(rows.column("email"))}), path)
    return WrittenList(path, rows.num_rows, 0)


def write_overview(table: ir.Table, folder: Path) -> Path:
    """Write `<folder>/overview.csv` from actions.list_overview: each list's length, and why it is empty."""
    rows = table.order_by("priority").select(*OVERVIEW_HEADINGS).to_pyarrow()
    _write_csv(_named(rows, OVERVIEW_HEADINGS), folder / OVERVIEW_FILE)
    return folder / OVERVIEW_FILE


def _named(rows: pa.Table, headings: dict[str, str]) -> pa.Table:
    """The columns under their headings: texts harmless, amounts with two decimals, the rest as it is."""
    columns = {}
    for column, heading in headings.items():
        cells = rows.column(column)
        if pa.types.is_floating(cells.type):
            cells = pc.round(cells, 2).cast(pa.decimal128(18, 2))
        elif pa.types.is_string(cells.type):
            cells = safe_cells(cells)
        columns[heading] = cells
    return pa.table(columns)


def _for_tool(rows: pa.Table, name: str, known: dict[str, str]) -> pa.Table:
    tag = pa.chunked_array([pa.array([name] * rows.num_rows, pa.string())])
    headings = {**known, **OWN_FIELDS}
    form = _named(rows.append_column("tag", tag), headings)
    return pa.table({heading: _clipped(form.column(heading).cast("string")) for heading in headings.values()})


def _clipped(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts of at most MOST_BYTES in UTF-8, no character cut in two."""
    if not len(cells) or (pc.max(pc.binary_length(cells)).as_py() or 0) <= MOST_BYTES:
        return cells
    clipped = [
        text.encode()[:MOST_BYTES].decode(errors="ignore") if text is not None else None
        for text in cells.to_pylist()
    ]
    return pa.chunked_array([pa.array(clipped, pa.string())])


def _write_sheet(rows: pa.Table, path: Path) -> None:
    """The plain list for Excel, every text as text; none for an empty list or one too long to look at."""
    if not 0 < rows.num_rows <= MOST_SHEET_ROWS:
        path.unlink(missing_ok=True)
        return
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(path.stem[:31])
    sheet.freeze_panes = "A2"
    sheet.append(rows.column_names)
    for row in rows.to_pylist():
        sheet.append(list(row.values()))
    with atomic_path(path) as temporary:
        book.save(temporary)


def _write_csv(rows: pa.Table, path: Path) -> None:
    from pyarrow import csv

    with atomic_path(path) as temporary:
        csv.write_csv(rows, temporary, csv.WriteOptions(quoting_style="needed"))
