"""Recognising and reading a table of sentences with labels: CSV in its many dialects, or Parquet.

Here belongs how bytes become columns. Where the bytes come from, and what the rows
mean, is in `public_sentiment`. Nothing loops over rows in Python.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from custbehav_dagster.sources.result import SourceFailure

if TYPE_CHECKING:
    import pyarrow as pa

ALIASES: dict[str, tuple[str, ...]] = {
    "text": (
        "text",
        "sentence",
        "review",
        "content",
        "review_text",
        "reviewtext",
        "comment",
        "body",
        "message",
    ),
    "label": ("label", "sentiment", "rating", "class", "polarity", "stars", "score", "target"),
    "source": ("source", "collection", "dataset"),
    "created_at": ("created_at", "date", "timestamp", "published_at", "written_at"),
    "is_synthetic": ("is_synthetic",),
}
"""Names of each column, normalized, the likelier first; the first two are needed."""
DELIMITERS = (",", "\t", ";", "|")
PARQUET_MARK = b"PAR1"
COMPRESSED_MARKS = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
HEAD_BYTES = 65_536
LARGEST_RECORD_BYTES = 1 << 24
LONGEST_LABEL = 40


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written, and where its columns are."""

    encoding: str
    delimiter: str
    has_quotes: bool
    skipped_lines: int
    width: int
    columns: dict[str, int]


def read_labelled(open_file: Callable[[], pa.NativeFile], name: str) -> tuple[pa.Table, list[str]]:
    """Read the columns text and label, and source, created_at and is_synthetic where present, as text.

    `open_file` gives the bytes afresh each time; `name` is used in sentences. Returns
    the table, and a sentence if lines were left out.

    Raises:
        SourceFailure: it is no such table, or more of it is unreadable than readable.
    """
    import pyarrow as pa

    with open_file() as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(COMPRESSED_MARKS):
        raise SourceFailure(f"{name} is compressed or a spreadsheet; unpack it or save it as CSV first.")
    try:
        if head.startswith(PARQUET_MARK):
            return _read_parquet(open_file, name), []
        return _read_delimited(open_file, _dialect(head, name), name)
    except (pa.ArrowException, UnicodeError, OSError) as fault:
        raise SourceFailure(
            f"{name} could not be read as a table; it may be damaged or cut short."
        ) from fault


def _find_columns(header: list[str]) -> dict[str, int]:
    """Where each column stands in the header, by the likeliest of its names."""
    normalized = [re.sub(r"[^0-9a-z]+", "_", title.strip().lower()).strip("_") for title in header]
    return {
        column: next(normalized.index(alias) for alias in aliases if alias in normalized)
        for column, aliases in ALIASES.items()
        if any(alias in normalized for alias in aliases)
    }


def _need(columns: dict[str, int], header: list[str], name: str) -> dict[str, int]:
    missing = [column for column in ("text", "label") if column not in columns]
    if not missing:
        return columns
    found = ", ".join(f"'{title.strip()[:40]}'" for title in header[:10]) + (
        ", …" if len(header) > 10 else ""
    )
    needed = " and ".join(
        f"one named {', '.join(ALIASES[column][:3])} or {ALIASES[column][3]}" for column in missing
    )
    raise SourceFailure(f"{name} has the columns {found}; it needs {needed}.")


def _dialect(head: bytes, name: str) -> Dialect:
    """Tell encoding, delimiter and columns from the first bytes."""
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    # str.splitlines would also split at characters that stand inside sentences, such as U+0085.
    lines = re.split("\r\n|\r|\n", head.decode(encoding, errors="replace").removeprefix("\ufeff"))
    if len(head) == HEAD_BYTES and len(lines) > 1:
        del lines[-1]  # the end of the piece cuts it somewhere
    if any("\0" in line for line in lines):
        raise SourceFailure(f"{name} is not a text file; a CSV or Parquet file is needed.")
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise SourceFailure(f"{name} is empty.")
    if lines[first].lstrip().startswith("<"):
        raise SourceFailure(f"{name} is a web page, not a table; give the address of the CSV file itself.")
    headers = {mark: next(csv.reader([lines[first]], delimiter=mark)) for mark in DELIMITERS}
    for delimiter, header in headers.items():
        columns = _find_columns(header)
        if "text" in columns and "label" in columns:
            return Dialect(encoding, delimiter, True, first + 1, len(header), columns)
    if _is_text_tab_label(lines):
        return Dialect(encoding, "\t", False, 0, 2, {"text": 0, "label": 1})
    header = max(headers.values(), key=len)
    _need(_find_columns(header), header, name)
    raise AssertionError("a header with both columns was taken above")


def _is_text_tab_label(lines: list[str]) -> bool:
    """Whether every line is a sentence, a tab and a short label: the layout without header."""
    pairs = [line.split("\t") for line in lines if line.strip()]
    return all(len(pair) == 2 and 0 < len(pair[1].strip()) <= LONGEST_LABEL for pair in pairs)


def _is_utf8(open_file: Callable[[], pa.NativeFile]) -> bool:
    """Whether all of the file is UTF-8; it has to be known beforehand, since the reader cannot go back."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with open_file() as file:
            while piece := file.read(LARGEST_RECORD_BYTES):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_delimited(
    open_file: Callable[[], pa.NativeFile], dialect: Dialect, name: str
) -> tuple[pa.Table, list[str]]:
    import pyarrow.compute as pc

    table, lost = _parse(open_file, dialect)
    runs_on = _runs_on(table, dialect.delimiter)
    swallowing = table.filter(runs_on)
    line_ends = [pc.sum(pc.count_substring(swallowing[column], "\n")).as_py() for column in ("text", "label")]
    lost += len(swallowing) + sum(count or 0 for count in line_ends)
    table = table.filter(pc.invert(runs_on))
    if lost > len(table):
        raise SourceFailure(
            f"{name} cannot be read: {lost:,} of its lines do not have the columns of the first one; "
            "check its quotation marks and separators."
        )
    if not lost:
        return table, []
    what, they = ("line", "was left out: it does") if lost == 1 else ("lines", "were left out: they do")
    return table, [
        f"{lost:,} {what} of {name} {they} not have the columns of the first line, "
        "or a quotation mark is never closed."
    ]


def _parse(open_file: Callable[[], pa.NativeFile], dialect: Dialect) -> tuple[pa.Table, int]:
    """The wanted columns of every record as wide as the header, and how many lines the others take."""
    import pyarrow as pa
    import pyarrow.csv

    lost_lines: list[int] = []

    def leave_out(row: pyarrow.csv.InvalidRow) -> str:
        lost_lines.append(row.text.count("\n") + 1)
        return "skip"

    encoding = dialect.encoding
    if encoding == "utf-8" and not _is_utf8(open_file):
        encoding = "cp1252"
    titles = [f"column {index}" for index in range(dialect.width)]
    wanted = {column: titles[index] for column, index in dialect.columns.items()}
    with open_file() as file:
        table = pyarrow.csv.read_csv(
            file,
            pyarrow.csv.ReadOptions(
                column_names=titles,
                skip_rows=dialect.skipped_lines,
                encoding=encoding,
                block_size=LARGEST_RECORD_BYTES,
            ),
            pyarrow.csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char='"' if dialect.has_quotes else False,
                newlines_in_values=dialect.has_quotes,
                invalid_row_handler=leave_out,
            ),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(titles, pa.string()), include_columns=list(wanted.values())
            ),
        )
    return table.rename_columns(list(wanted)), sum(lost_lines)


def _runs_on(table: pa.Table, delimiter: str) -> pa.ChunkedArray:
    """Which records hold other records, because a quotation mark in them is never closed.

    Known by a label that spans lines, or a text in which a line ends (or starts)
    with a delimiter and one of the file's labels.
    """
    import pyarrow.compute as pc

    broken_label = pc.or_(pc.match_substring(table["label"], "\n"), pc.match_substring(table["label"], "\r"))
    labels = pc.unique(table["label"].filter(pc.invert(broken_label))).to_pylist()
    labels = [label for label in labels if label.strip() and len(label) <= LONGEST_LABEL]
    if not 0 < len(labels) <= 50:
        return broken_label
    label, mark = "|".join(re.escape(value) for value in labels), re.escape(delimiter)
    pattern = f'{mark}"?(?:{label})"?[\r\n]|[\r\n]"?(?:{label})"?{mark}'
    return pc.or_(broken_label, pc.match_substring_regex(table["text"], pattern))


def _read_parquet(open_file: Callable[[], pa.NativeFile], name: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet

    with open_file() as file:
        parquet = pyarrow.parquet.ParquetFile(file)
        header = parquet.schema_arrow.names
        columns = _need(_find_columns(header), header, name)
        table = parquet.read(columns=[header[index] for index in columns.values()])
    ordered = table.select([header[index] for index in columns.values()]).rename_columns(list(columns))
    return ordered.cast(pa.schema([(column, pa.string()) for column in columns]))
