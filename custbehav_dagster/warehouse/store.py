"""The DuckDB file behind one connection: whole tables in, tables out, a snapshot for readers.

The only place besides the file readers that speaks DuckDB's own SQL.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.common.exceptions import TableNotFound

from custbehav_dagster.contract import TABLES, Table
from custbehav_dagster.warehouse.files import TEMPORARY_MARK, atomic_path

if TYPE_CHECKING:
    import pandas as pd
    from ibis.backends.duckdb import Backend


class ShrunkenSource(Exception):
    """A table would lose more than half of its real rows; the message is for the owner."""


@dataclass(frozen=True)
class Written:
    """What a write did: rows now in the table, and how its columns changed in words."""

    rows: int
    schema_change: str


def quoted(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A text as a quoted SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


class Warehouse:
    """One open DuckDB file. Made by `open_warehouse`, by the process that holds the lock."""

    def __init__(self, backend: Backend, path: Path) -> None:
        self.backend = backend
        self.path = path
        self._tables: dict[tuple[str, str], ir.Table] = {}

    def run(self, sql: str, parameters: list[object] | None = None) -> list[tuple]:
        """Run one statement to its end and give its rows: DuckDB 2 allows no unfinished results."""
        return self.backend.con.execute(sql, parameters or []).fetchall()

    def has(self, layer: str, noun: str) -> bool:
        """Whether the table is there."""
        return bool(self._columns(layer, noun))

    def table(self, layer: str, noun: str) -> ir.Table:
        """The table as an expression.

        Raises:
            LookupError: it has not been made yet.
        """
        # Each table is asked for by its readers and its checks; only a write changes its columns.
        if (layer, noun) not in self._tables:
            try:
                self._tables[layer, noun] = self.backend.table(noun, database=layer)
            except TableNotFound as error:
                raise LookupError(
                    f"The table {layer}.{noun} has not been made yet; materialize it first."
                ) from error
        return self._tables[layer, noun]

    def earlier(self, contract: Table) -> ir.Table:
        """The table as the last refresh left it; one without rows before it was ever made."""
        is_there = self.has(contract.layer, contract.noun)
        return self.table(contract.layer, contract.noun) if is_there else contract.empty()

    def first_rows(self, layer: str, noun: str, how_many: int) -> list[dict[str, Any]]:
        """The first rows of a table that is there, by column."""
        target = f"{quoted(layer)}.{quoted(noun)}"
        rows = self.run(f"SELECT * FROM {target} LIMIT {how_many}")
        columns = self.table(layer, noun).columns
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def write(
        self, layer: str, noun: str, content: ir.Table | pd.DataFrame, *, allow_shrink: bool = True
    ) -> Written:
        """Replace the table by `content` in one transaction, columns matched by name.

        Raises:
            ShrunkenSource: `allow_shrink` is False and fewer than half of the real
                rows of the last time are left; the old table stays.
        """
        table = content if isinstance(content, ir.Table) else ibis.memtable(content)
        if (layer, noun) in TABLES:
            table = TABLES[layer, noun].conform(table)
        query = self._compile(table)
        target = f"{quoted(layer)}.{quoted(noun)}"
        self._tables.pop((layer, noun), None)
        before = self._columns(layer, noun)
        real_before = self._real_rows(target, before)
        self.run("BEGIN TRANSACTION")
        try:
            self.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(layer)}")
            (written,) = self.run(f"CREATE OR REPLACE TABLE {target} AS {query}")
            rows = self._count(target)
            if written[0] != rows:
                raise RuntimeError(f"{layer}.{noun}: {written[0]} rows written but {rows} found")
            after = self._columns(layer, noun)
            if not allow_shrink:
                _refuse_shrinking(layer, noun, real_before, self._real_rows(target, after))
            self.run("COMMIT")
        except BaseException:
            self.run("ROLLBACK")
            raise
        return Written(rows, _schema_change(before, after))

    def export(self, layer: str, noun: str, target: Path) -> None:
        """Write the table to a CSV or Parquet file, by the file's ending, in the order of its key."""
        key = TABLES[layer, noun].key or tuple(self._columns(layer, noun))
        order = ", ".join(quoted(column) for column in key)
        options = "FORMAT parquet" if target.suffix == ".parquet" else "FORMAT csv, HEADER"
        with atomic_path(target) as temporary:
            self.run(
                f"COPY (SELECT * FROM {quoted(layer)}.{quoted(noun)} ORDER BY {order}) "
                f"TO {literal(temporary)} ({options})"
            )

    def publish(self, snapshot: Path) -> None:
        """Replace the readers' snapshot by the tables as they are now, atomically.

        Raises:
            OSError: the copy could not be written; the old snapshot stays.
        """
        with atomic_path(snapshot) as temporary:
            self.copy_to(temporary)

    def copy_to(self, target: Path) -> None:
        """Copy the tables as they are now into a file that others can open, replacing `target` if it exists.

        Raises:
            OSError: the copy could not be written.
        """
        # All that was written goes into the one file, which then is copied as it is: copying the
        # tables one by one takes fifty times as long.
        self.run("CHECKPOINT")
        _copy_elsewhere(self.path, target)

    def _compile(self, table: ir.Table) -> str:
        # Tables made of frames are known to the connection only after this.
        self.backend._run_pre_execute_hooks(table)
        return str(self.backend.compile(table))

    def _count(self, target: str) -> int:
        ((rows,),) = self.run(f"SELECT count(*) FROM {target}")
        return int(rows)

    def _columns(self, layer: str, noun: str) -> dict[str, str]:
        # A fifth of the time that information_schema takes, for each of some hundred questions a run.
        try:
            described = self.run(f"DESCRIBE {quoted(layer)}.{quoted(noun)}")
        except duckdb.CatalogException:
            return {}
        return {name: kind for name, kind, *_ in described}

    def _real_rows(self, target: str, columns: dict[str, str]) -> int:
        if "is_synthetic" not in columns:
            return self._count(target) if columns else 0
        return self._count(f"{target} WHERE NOT is_synthetic")


@contextmanager
def open_warehouse(path: Path, memory_limit: str = "1GB", *, read_only: bool = False) -> Iterator[Warehouse]:
    """Open the DuckDB file. A writer must hold `lock.writer_lock` around it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # DuckDB merges nested selections itself; ibis doing so first takes a tenth of a small refresh.
    ibis.options.sql.fuse_selects = False
    spill = path.with_name(f".spill{TEMPORARY_MARK}{os.getpid()}")
    backend = ibis.duckdb.connect(
        path, read_only=read_only, memory_limit=memory_limit, temp_directory=str(spill)
    )
    try:
        yield Warehouse(backend, path)
    finally:
        backend.disconnect()


def _copy_elsewhere(source: Path, target: Path) -> None:
    """Copy a file in a process of its own: closing it in this one would drop DuckDB's lock on it."""
    copy = "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])"
    command = [sys.executable, "-I", "-S", "-c", copy, str(source), str(target)]
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if ended.returncode:
        why = ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"]
        raise OSError(f"{source.name} could not be copied to {target.parent}: {why[-1]}")


def _refuse_shrinking(layer: str, noun: str, before: int, after: int) -> None:
    if after * 2 < before:
        raise ShrunkenSource(
            f"{layer}.{noun} would shrink from {before:,} real rows to {after:,}; the old table was kept. "
            "If files were taken out of data/raw on purpose, set CUSTBEHAV_ALLOW_SHRINK=true for one run."
        )


def _schema_change(before: dict[str, str], after: dict[str, str]) -> str:
    if not before or before == after:
        return ""
    added = [f"added {name}" for name in after if name not in before]
    removed = [f"removed {name}" for name in before if name not in after]
    retyped = [
        f"{name} from {before[name]} to {kind}"
        for name, kind in after.items()
        if name in before and before[name] != kind
    ]
    return "; ".join(added + removed + retyped) or "columns in another order"
