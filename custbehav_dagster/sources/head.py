"""The first part of a file: what kind of file it is, its separator, header and first records."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from custbehav_dagster.sources.encodings import decode_head, wide_encoding
from custbehav_dagster.sources.formats import Head
from custbehav_dagster.sources.records import Record, read_records

HEAD_BYTES = 256 << 10
SAMPLE_RECORDS = 200
SEPARATORS = ",;\t|"
MOST_CONTROL_BYTES = 0.05
"""Share of bytes that no text has, above which a file is no text."""
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1b")
FOREIGN_STARTS = (
    (b"PK\x03\x04", "is an Excel workbook or a ZIP archive; save each sheet as CSV"),
    (
        b"\xd0\xcf\x11\xe0",
        "is an old or locked Excel workbook; save it as .xlsx without a password, or as CSV",
    ),
    (b"\x1f\x8b", "is packed with gzip; unpack it"),
    (b"%PDF", "is a PDF; export the data as CSV"),
)
PAGE_STARTS = ("<!doctype", "<html", "<?xml", "<table")
MOST_LINES_ABOVE = 15
"""Titles, notes and the like that may stand above the header."""
MOST_HEADERS_TRIED = 8
USUAL_SHARE = 0.9
_ADDRESS = re.compile(r"\s*[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+\s*")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")
_WHOLE, _CENTS = re.compile(r"\s*-?\d+\s*"), re.compile(r"\s*\d\d\s*")


NO_HEAD = Head((), ())


@dataclass(frozen=True)
class Opening:
    """What the first part of a file shows; `problem` is set when it is no table of text.

    Attributes:
        first_line: line on which the header stands or blank lines before it begin; what is
            above is no part of the table. 0: the file has no header, and `head` names its column.
        surplus: empty cells that follow those of the header in each record.
    """

    separator: str = ","
    head: Head = NO_HEAD
    problem: str = ""
    first_line: int = 1
    surplus: int = 0


def read_openings(path: Path) -> Iterator[Opening]:
    """Ways to understand the first part of a file, the likeliest first.

    The first takes the first line that is not blank for the header, the others
    pass over lines of titles above it, or take the file for a list of addresses.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(HEAD_BYTES)
        is_whole = not file.read(1)
    problem = _no_table(start)
    if problem:
        yield Opening(problem=problem)
        return
    text = decode_head(start)
    yield _opening(text, is_whole)
    if addresses := _addresses(text):
        yield Opening(",", Head(("email",), tuple((one,) for one in addresses)), first_line=0)
        return
    for line, place in islice(_possible_headers(text), MOST_HEADERS_TRIED):
        opening = _opening(text[place:], is_whole)
        if not opening.problem and len(opening.head.header) > 1:
            yield replace(opening, first_line=line)


def _opening(text: str, is_whole: bool) -> Opening:
    separator, records = _best_separator(text.encode(errors="replace"), is_whole)
    if not records or records[0].problem:
        return Opening(problem="has a first line that cannot be read as a header")
    header, *others = records
    surplus = _surplus(others, len(header.cells), separator)
    if surplus:
        data = text.encode(errors="replace")
        _, *others = _first_records(data, separator, is_whole, surplus)
    sample = tuple(tuple(record.cells) for record in others if not record.problem)
    return Opening(separator, Head(tuple(header.cells), sample), surplus=surplus)


def _possible_headers(text: str) -> Iterator[tuple[int, int]]:
    """Lines below the first that is not blank, which may be a header, with their places in the text."""
    seen_first = False
    lines = _LINE.finditer(text)
    for number, found in enumerate(islice(lines, MOST_LINES_ABOVE + 1), start=1):
        line = found.group()
        if seen_first and any(separator in line for separator in SEPARATORS):
            yield number, found.start()
        seen_first = seen_first or bool(line.strip())


def _addresses(text: str) -> list[str]:
    """The first lines, when the file holds one mail address a line and nothing else; else none."""
    lines = [line for line in text.splitlines()[:SAMPLE_RECORDS] if line.strip()]
    if not lines or not _ADDRESS.fullmatch(lines[0]):
        return []
    found = [line for line in lines if _ADDRESS.fullmatch(line)]
    return found if len(found) >= USUAL_SHARE * len(lines) else []


def _surplus(records: list[Record], width: int, separator: str) -> int:
    """How many empty cells follow those of the header in nearly all records, as some exports have it."""
    rows = [_cells(record, separator) for record in records]
    counts = Counter(len(row) - width for row in rows if len(row) > width and not any(row[width:]))
    if not counts:
        return 0
    surplus, found = counts.most_common(1)[0]
    if found < USUAL_SHARE * len(rows) or _are_amounts_split([row for row in rows if len(row) > width]):
        return 0
    return surplus


def _cells(record: Record, separator: str) -> list[str]:
    if record.cells or not record.text:
        return record.cells
    return next(csv.reader([record.text.replace("\0", "")], delimiter=separator), [])


def _are_amounts_split(rows: list[list[str]]) -> bool:
    """Whether a column of whole numbers stands before one of two figures: amounts like 12,50 came apart."""
    return any(
        all(_WHOLE.fullmatch(row[number]) and _CENTS.fullmatch(row[number + 1]) for row in rows)
        for number in range(min(map(len, rows)) - 1)
    )


def _no_table(start: bytes) -> str:
    """What the file is when it cannot be a table of text, else ''."""
    if not start.strip():
        return "is empty"
    for magic, meaning in FOREIGN_STARTS:
        if start.startswith(magic):
            return meaning
    if not wide_encoding(start):
        controls = len(start) - len(start.translate(None, _CONTROLS))
        if controls > MOST_CONTROL_BYTES * len(start):
            return "is no text"
    text = decode_head(start).lstrip()
    if text[:16].casefold().startswith(PAGE_STARTS):
        return "is a web page or XML; export the data as CSV"
    return ""


def _best_separator(text: bytes, is_whole: bool) -> tuple[str, list[Record]]:
    """The separator with the most records that fit its header, then the most cells."""
    readings = {separator: _first_records(text, separator, is_whole) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: _fitness(readings[separator]))
    if readings[best] and len(readings[best][0].cells) < 2:
        # With no separator that parts anything, a header that one of them cannot read tells more.
        best = next((one for one in SEPARATORS if readings[one] and readings[one][0].problem), best)
    return best, readings[best]


def _first_records(text: bytes, separator: str, is_whole: bool, surplus: int = 0) -> list[Record]:
    records = [
        record
        for record in islice(read_records(io.BytesIO(text), separator, surplus), SAMPLE_RECORDS)
        if record.cells or record.problem
    ]
    # The last record of a part of a file may be cut off.
    return records if is_whole or len(records) < 2 or len(records) >= SAMPLE_RECORDS else records[:-1]


def _fitness(records: list[Record]) -> tuple[bool, float, int]:
    if not records or records[0].problem:
        return False, 0.0, 0
    width = len(records[0].cells)
    fitting = sum(1 for record in records if not record.problem) / len(records)
    return width > 1, fitting, width
