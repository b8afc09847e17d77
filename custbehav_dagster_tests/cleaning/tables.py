"""Small literal tables in a real DuckDB file, for the tests of cleaning."""

from __future__ import annotations

from itertools import count
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from custbehav_dagster.cleaning.dates import date_evidence
from custbehav_dagster.contract import Table
from custbehav_dagster.settings import Settings

Row = dict[str, Any]
_numbers = count()


def stored(con: ibis.BaseBackend, contract: Table, *rows: Row, file: str = "shop.csv") -> ir.Table:
    """The rows as a stored table of `contract`: what a row leaves out is empty, lines count from 2."""
    provenance = {"is_synthetic": False, "source_file": file}
    filled = [{**provenance, "source_line": line, **row} for line, row in enumerate(rows, start=2)]
    data = pa.Table.from_pylist(filled, schema=contract.schema.to_pyarrow())
    return written(con, ibis.memtable(data))


def written(con: ibis.BaseBackend, expression: ir.Table) -> ir.Table:
    """The expression as a stored table, as a step of the refresh leaves it for the next."""
    return con.create_table(f"table_{next(_numbers)}", expression)


def rows_of(expression: ir.Table, *columns: str) -> list[Any]:
    """The values of the columns, row by row; bare values for one column. Order as the query gives it."""
    rows = expression.select(*columns).to_pyarrow().to_pylist()
    return [row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns) for row in rows]


def by(expression: ir.Table, key: str, *columns: str) -> dict[Any, Any]:
    """The values of the columns by the value of `key`."""
    keyed = rows_of(expression, key, *columns)
    return {row[0]: row[1] if len(columns) == 1 else row[1:] for row in keyed}


def evidence_of(settings: Settings | None = None, **tables: ir.Table) -> ir.Table:
    """What `date_evidence` finds in the raw tables."""
    return date_evidence(tables, settings or Settings())
