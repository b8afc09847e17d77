"""The first part of a file: what kind of file it is, its separator, header and first records."""

from __future__ import annotations

import io
from dataclasses import dataclass
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
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook; save each sheet as CSV"),
    (b"\x1f\x8b", "is packed with gzip; unpack it"),
    (b"%PDF", "is a PDF; export the data as CSV"),
)


NO_HEAD = Head((), ())


@dataclass(frozen=True)
class Opening:
    """What the first part of a file shows; `problem` is set when it is no table of text."""

    separator: str = ","
    head: Head = NO_HEAD
    problem: str = ""


def read_opening(path: Path) -> Opening:
    """Look at the first part of a file.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(HEAD_BYTES)
        is_whole = not file.read(1)
    problem = _no_table(start)
    if problem:
        return Opening(problem=problem)
    text = decode_head(start).encode()
    separator, records = _best_separator(text, is_whole)
    if not records or records[0].problem:
        return Opening(problem="has a first line that cannot be read as a header")
    header, *others = records
    sample = tuple(tuple(record.cells) for record in others if not record.problem)
    return Opening(separator, Head(tuple(header.cells), sample))


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
    if decode_head(start).lstrip()[:1] in ("{", "["):
        return "is JSON, which is not read yet; export the data as CSV"
    return ""


def _best_separator(text: bytes, is_whole: bool) -> tuple[str, list[Record]]:
    """The separator with the most records that fit its header, then the most cells."""
    readings = {separator: _first_records(text, separator, is_whole) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: _fitness(readings[separator]))
    if readings[best] and len(readings[best][0].cells) < 2:
        # With no separator that parts anything, a header that one of them cannot read tells more.
        best = next((one for one in SEPARATORS if readings[one] and readings[one][0].problem), best)
    return best, readings[best]


def _first_records(text: bytes, separator: str, is_whole: bool) -> list[Record]:
    records = [
        record
        for record in islice(read_records(io.BytesIO(text), separator), SAMPLE_RECORDS)
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
