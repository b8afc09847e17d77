"""A recognised file becomes a Parquet file of text columns, with the line of each record.

Plain files go through DuckDB's CSV reader, the others through `records.py`; both
give the same table. Which column means what does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from custbehav_dagster.sources.records import LONGEST_SHOWN, Record, Run, read_runs
from custbehav_dagster.sources.scan import Scan

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_RECORDS = 50_000
BATCH_CHARACTERS = 16 << 20
NUL_SHOWN = "␀"


@dataclass(frozen=True)
class Staged:
    """Records of one file, as text, in the order of the file.

    Columns of `path`: `c0, c1, …` one per header cell (empty cells are NULL), and
    unless `is_numbered` is false `source_line`; a careful reading adds
    `column_name, reason, raw_text`, which are NULL for records that were accepted.
    Without `source_line`, row number r (from 0) stands on line r + 2.
    """

    path: Path
    rows_in: int
    rows_quarantined: int
    is_numbered: bool
    is_careful: bool

    def select(self) -> str:
        """SQL of the records with all columns, however they were read."""
        name = quoted(self.path)
        if self.is_careful:
            return f"SELECT * FROM read_parquet({name})"
        blanks = ", ".join(f"NULL::VARCHAR AS {column}" for column in ("column_name", "reason", "raw_text"))
        if self.is_numbered:
            return f"SELECT *, {blanks} FROM read_parquet({name})"
        return (
            f"SELECT * EXCLUDE (file_row_number), file_row_number + 2 AS source_line, {blanks} "
            f"FROM read_parquet({name}, file_row_number = true)"
        )


def quoted(text: object) -> str:
    """`text` as a literal of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def stage(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    scan: Scan,
    separator: str,
    header: Sequence[str],
    target: Path,
) -> Staged:
    """Write the records of the UTF-8 file `path` to the Parquet file `target`.

    The fast reading counts only if it gives as many records as the scan counted.

    Raises:
        LostLinesError: not every line was accounted for.
        OSError: the file cannot be read, or `target` not be written.
    """
    if scan.is_plain:
        try:
            return _stage_fast(connection, path, scan, separator, len(header), target)
        except (duckdb.Error, _CountDiffersError):
            target.unlink(missing_ok=True)
    return _stage_carefully(path, separator, header, target)


class _CountDiffersError(Exception):
    pass


def _stage_fast(
    connection: duckdb.DuckDBPyConnection, path: Path, scan: Scan, separator: str, width: int, target: Path
) -> Staged:
    import pyarrow.parquet as pq

    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(width))
    # No `new_line` is given: naming it makes DuckDB 2.0 read nothing from files that end lines in \r\n.
    connection.execute(
        f"COPY (FROM read_csv({quoted(path)}, auto_detect = false, columns = {{{columns}}}, header = false, "
        f"skip = 1, delim = {quoted(separator)}, quote = '\"', escape = '\"', comment = '', nullstr = '', "
        "allow_quoted_nulls = true, strict_mode = true, null_padding = false, ignore_errors = false)) "
        f"TO {quoted(target)} (FORMAT parquet, COMPRESSION snappy, PRESERVE_ORDER true)"
    )
    if pq.read_metadata(target).num_rows != scan.records:
        raise _CountDiffersError
    if scan.inner_lines.size:
        _number_lines(target, scan)
    return Staged(target, scan.records, 0, is_numbered=bool(scan.inner_lines.size), is_careful=False)


def _number_lines(path: Path, scan: Scan) -> None:
    """Add `source_line` to the staged records of a file that has line ends inside cells."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    aside = path.with_name(path.name + ".lines")
    try:
        with pq.ParquetFile(path) as source:
            schema = source.schema_arrow.append(pa.field("source_line", pa.int64()))
            with pq.ParquetWriter(aside, schema, compression="snappy") as writer:
                start = 1
                for batch in source.iter_batches(BATCH_RECORDS):
                    numbers = np.arange(start, start + batch.num_rows)
                    lines = numbers + 1 + np.searchsorted(scan.inner_lines, numbers)
                    writer.write_batch(pa.record_batch([*batch.columns, pa.array(lines)], schema=schema))
                    start += batch.num_rows
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _stage_carefully(path: Path, separator: str, header: Sequence[str], target: Path) -> Staged:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("source_line", pa.int64()),
            *((f"c{number}", pa.string()) for number in range(len(header))),
            ("column_name", pa.string()),
            ("reason", pa.string()),
            ("raw_text", pa.string()),
        ]
    )
    rows_in = rows_quarantined = 0
    with path.open("rb") as stream, pq.ParquetWriter(target, schema, compression="snappy") as writer:
        for batch in _batches(read_runs(stream, separator), separator, header):
            rows_in += len(batch.lines)
            rows_quarantined += len(batch.problems)
            writer.write_batch(batch.to_arrow(schema))
    return Staged(target, rows_in, rows_quarantined, is_numbered=True, is_careful=True)


class _Batch:
    """Records collected by column; `problems` holds the quarantined ones by their place."""

    def __init__(self, separator: str, header: Sequence[str]) -> None:
        self._separator, self._header = separator, header
        self.lines: list[int] = []
        self.columns: list[list[str]] = [[] for _ in header]
        self.problems: dict[int, Record] = {}
        self.characters = 0

    def add(self, part: Record | Run) -> None:
        """Take in a record, or many."""
        self.characters += len(part.text)
        if isinstance(part, Run):
            self.lines.extend(range(part.line, part.line + part.records))
            cells_by_column = part.columns(self._separator, len(self._header))
            for column, cells in zip(self.columns, cells_by_column, strict=True):
                column.extend(cells)
            return
        if part.problem:
            self.problems[len(self.lines)] = part
        self.lines.append(part.line)
        blanks = [""] * (len(self._header) - len(part.cells))
        for column, cell in zip(self.columns, part.cells + blanks, strict=True):
            column.append(cell)

    def to_arrow(self, schema: pa.Schema) -> pa.RecordBatch:
        """The batch with the columns of `schema`; empty cells are NULL."""
        import pyarrow as pa
        import pyarrow.compute as pc

        arrays: list[pa.Array] = [pa.array(self.lines, pa.int64())]
        for cells in self.columns:
            column = pa.array(cells, pa.string())
            arrays.append(pc.if_else(pc.equal(column, ""), None, column))
        columns_at_fault: list[str | None] = [None] * len(self.lines)
        reasons, texts = columns_at_fault.copy(), columns_at_fault.copy()
        for place, record in self.problems.items():
            columns_at_fault[place] = self._header[record.missing_from] if record.missing_from >= 0 else None
            reasons[place] = f"The record {record.problem}."
            texts[place] = record.text[:LONGEST_SHOWN].replace("\0", NUL_SHOWN)
        arrays += [pa.array(values, pa.string()) for values in (columns_at_fault, reasons, texts)]
        return pa.record_batch(arrays, schema=schema)


def _batches(parts: Iterable[Record | Run], separator: str, header: Sequence[str]) -> Iterator[_Batch]:
    """The records below the header, a bounded number at a time."""
    records = (part for part in parts if isinstance(part, Run) or part.cells or part.problem)
    next(records, None)
    batch = _Batch(separator, header)
    for part in records:
        batch.add(part)
        if batch.characters > BATCH_CHARACTERS or len(batch.lines) >= BATCH_RECORDS:
            yield batch
            batch = _Batch(separator, header)
    if batch.lines:
        yield batch
