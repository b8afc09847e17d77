"""A recognised file becomes a Parquet file of text columns, with the line of each record.

Plain files go through DuckDB's CSV reader, the others through `records.py`; both
give the same table. Which column means what does not belong here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import numpy.typing as npt

from custbehav_dagster.sources.records import LONGEST_SHOWN, Record, Run, read_runs
from custbehav_dagster.sources.scan import Scan

if TYPE_CHECKING:
    import pyarrow as pa

Places = npt.NDArray[np.int64]
BATCH_RECORDS = 50_000
BATCH_CHARACTERS = 16 << 20
NUL_SHOWN = "␀"
TOTALS = "is a line of totals"
# DuckDB keeps tables in groups of 122,880 rows. Staged groups that are a little larger (it adds up to
# 2,047 rows to what is asked for) leave a small remainder each, and all of it is written a second time.
STAGED_GROUP_ROWS = 118_000


@dataclass(frozen=True)
class Shape:
    """How a file of text is to be read.

    Attributes:
        used: numbers of the columns to stage, ascending.
        surplus: empty cells that may follow those of the header.
        has_totals: whether the last record sums up the others.
        place: line of the original for lines of the text; None where they are the same.
    """

    separator: str
    header: tuple[str, ...]
    used: tuple[int, ...]
    surplus: int = 0
    has_totals: bool = False
    place: Callable[[Places], Places] | None = None


@dataclass(frozen=True)
class Staged:
    """Records of one file, as text, in the order of the file.

    Columns of `path`: `c0, c1, …`, one per header cell that is used (empty cells are
    NULL); a careful reading adds `source_line, column_name, reason, raw_text`, of which
    the last three are NULL for records that were accepted. After a fast one,
    `source_line` is in `lines`, row for row; without it, row number r (from 0) stands
    on line r + 2.
    """

    path: Path
    rows_in: int
    rows_quarantined: int
    is_careful: bool
    lines: Path | None = None

    def select(self) -> str:
        """SQL of the records with all columns, however they were read."""
        name = quoted(self.path)
        if self.is_careful:
            return f"SELECT * FROM read_parquet({name})"
        blanks = ", ".join(f"NULL::VARCHAR AS {column}" for column in ("column_name", "reason", "raw_text"))
        if self.lines is not None:
            # Both are read in the order of their rows; a join by row number would sort them first.
            return (
                f"SELECT *, {blanks} FROM read_parquet({name}) "
                f"POSITIONAL JOIN read_parquet({quoted(self.lines)})"
            )
        return (
            f"SELECT * EXCLUDE (file_row_number), file_row_number + 2 AS source_line, {blanks} "
            f"FROM read_parquet({name}, file_row_number = true)"
        )


def quoted(text: object) -> str:
    """`text` as a literal of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def stage(
    connection: duckdb.DuckDBPyConnection, path: Path, scan: Scan, shape: Shape, target: Path
) -> Staged:
    """Write the records of the UTF-8 file `path` to the Parquet file `target`.

    The fast reading counts only if it gives as many records as the scan counted.

    Raises:
        LostLinesError: not every line was accounted for.
        OSError: the file cannot be read, or `target` not be written.
    """
    if scan.is_plain and not shape.has_totals:
        try:
            return _stage_fast(connection, path, scan, shape, target)
        except (duckdb.Error, _CountDiffersError):
            target.unlink(missing_ok=True)
    return _stage_carefully(path, shape, target)


class _CountDiffersError(Exception):
    pass


def _stage_fast(
    connection: duckdb.DuckDBPyConnection, path: Path, scan: Scan, shape: Shape, target: Path
) -> Staged:
    import pyarrow.parquet as pq

    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(shape.header)))
    used = ", ".join(f"c{number}" for number in shape.used)
    # No `new_line` is given: naming it makes DuckDB 2.0 read nothing from files that end lines in \r\n.
    connection.execute(
        f"COPY (SELECT {used} FROM read_csv({quoted(path)}, auto_detect = false, columns = {{{columns}}}, "
        f"header = false, skip = 1, delim = {quoted(shape.separator)}, quote = '\"', escape = '\"', "
        "comment = '', nullstr = '', allow_quoted_nulls = true, strict_mode = true, null_padding = false, "
        f"ignore_errors = false)) TO {quoted(target)} (FORMAT parquet, COMPRESSION snappy, "
        f"PRESERVE_ORDER true, ROW_GROUP_SIZE {STAGED_GROUP_ROWS})"
    )
    if pq.read_metadata(target).num_rows != scan.records:
        raise _CountDiffersError
    if not scan.inner_lines.size and shape.place is None:
        return Staged(target, scan.records, 0, is_careful=False)
    return Staged(target, scan.records, 0, is_careful=False, lines=_write_lines(target, scan, shape))


def _write_lines(target: Path, scan: Scan, shape: Shape) -> Path:
    """The line of each record, beside the staged records, for files where it is not told by its number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = np.arange(1, scan.records + 1)
    lines = numbers + 1 + np.searchsorted(scan.inner_lines, numbers)
    if shape.place is not None:
        lines = shape.place(lines)
    path = target.with_name(target.name + ".lines")
    pq.write_table(pa.table({"source_line": pa.array(lines, pa.int64())}), path, use_dictionary=False)
    return path


def _stage_carefully(path: Path, shape: Shape, target: Path) -> Staged:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("source_line", pa.int64()),
            *((f"c{number}", pa.string()) for number in shape.used),
            ("column_name", pa.string()),
            ("reason", pa.string()),
            ("raw_text", pa.string()),
        ]
    )
    rows_in = rows_quarantined = 0
    with path.open("rb") as stream, pq.ParquetWriter(target, schema, compression="snappy") as writer:
        parts: Iterable[Record | Run] = read_runs(stream, shape.separator, shape.surplus)
        if shape.has_totals:
            parts = _with_totals_at_end(parts)
        for batch in _batches(parts, shape):
            rows_in += len(batch.lines)
            rows_quarantined += len(batch.problems)
            writer.write_batch(batch.to_arrow(schema))
    return Staged(target, rows_in, rows_quarantined, is_careful=True)


class _Batch:
    """Records collected by column; `problems` holds the quarantined ones by their place."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self.lines: list[int] = []
        self.columns: list[list[str]] = [[] for _ in shape.used]
        self.problems: dict[int, Record] = {}
        self.characters = 0

    def add(self, part: Record | Run) -> None:
        """Take in a record, or many."""
        self.characters += len(part.text)
        used = self._shape.used
        if isinstance(part, Run):
            self.lines.extend(range(part.line, part.line + part.records))
            cells_by_column = part.columns(self._shape.separator, len(self._shape.header))
            for column, number in zip(self.columns, used, strict=True):
                column.extend(cells_by_column[number])
            return
        if part.problem:
            self.problems[len(self.lines)] = part
        self.lines.append(part.line)
        cells = part.cells
        for column, number in zip(self.columns, used, strict=True):
            column.append(cells[number] if number < len(cells) else "")

    def to_arrow(self, schema: pa.Schema) -> pa.RecordBatch:
        """The batch with the columns of `schema`; empty cells are NULL."""
        import pyarrow as pa
        import pyarrow.compute as pc

        lines: list[int] | Places = self.lines
        if self._shape.place is not None:
            lines = self._shape.place(np.array(self.lines, np.int64))
        arrays: list[pa.Array] = [pa.array(lines, pa.int64())]
        for cells in self.columns:
            column = pa.array(cells, pa.string())
            arrays.append(pc.if_else(pc.equal(column, ""), None, column))
        columns_at_fault: list[str | None] = [None] * len(self.lines)
        reasons, texts = columns_at_fault.copy(), columns_at_fault.copy()
        for place, record in self.problems.items():
            missing = record.missing_from
            columns_at_fault[place] = self._shape.header[missing] if missing >= 0 else None
            reasons[place] = reason(record.problem)
            texts[place] = record.text[:LONGEST_SHOWN].replace("\0", NUL_SHOWN)
        arrays += [pa.array(values, pa.string()) for values in (columns_at_fault, reasons, texts)]
        return pa.record_batch(arrays, schema=schema)


def reason(problem: str) -> str:
    """The problem of a record as a sentence."""
    return f"The record {problem}."


def _with_totals_at_end(parts: Iterable[Record | Run]) -> Iterator[Record | Run]:
    """The same, with the last record that is not blank marked as what it is."""
    held: list[Record | Run] = []
    for part in parts:
        if isinstance(part, Run) or part.cells or part.problem:
            yield from held
            held = []
        held.append(part)
    if held and isinstance(held[0], Run):
        run = held[0]
        *others, last = run.text.removesuffix("\n").split("\n")
        if others:
            yield Run(run.line, run.records - 1, "\n".join(others) + "\n")
        held[0] = Record(run.line + run.records - 1, 1, [], last, "", -1)
    if held and isinstance(held[0], Record) and not held[0].problem:
        held[0] = held[0]._replace(cells=[], problem=TOTALS)
    yield from held


def _batches(parts: Iterable[Record | Run], shape: Shape) -> Iterator[_Batch]:
    """The records below the header, a bounded number at a time."""
    records = (part for part in parts if isinstance(part, Run) or part.cells or part.problem)
    next(records, None)
    batch = _Batch(shape)
    for part in records:
        batch.add(part)
        if batch.characters > BATCH_CHARACTERS or len(batch.lines) >= BATCH_RECORDS:
            yield batch
            batch = _Batch(shape)
    if batch.lines:
        yield batch
