"""Small steps on tables that reading files needs in several places."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract import Table


def place_of(rows: ir.Table) -> ir.StringValue:
    """File and line as one text, which no other record shares."""
    return rows.source_file + ibis.literal(":") + rows.source_line.cast("string")


def as_table(contract: Table, rows: list[dict[str, object]]) -> ir.Table:
    """Rows in memory as a table that keeps the contract."""
    import pyarrow as pa

    return contract.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=contract.schema.to_pyarrow())))


def union_of(parts: list[ir.Table]) -> ir.Table:
    """All rows of `parts`, in their order; halved again and again, so that many parts do not nest deeply."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return union_of(parts[:middle]).union(union_of(parts[middle:]))
