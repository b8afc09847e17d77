"""Real rows before synthetic ones: the two never mix in a number or a picture."""

from __future__ import annotations

import ibis.expr.types as ir


def prefer_real(table: ir.Table) -> tuple[ir.Table, bool]:
    """Keep the real rows when there are any, else the synthetic ones.

    Returns the rows, and True when they are synthetic. A table without rows
    counts as real: there is nothing made up in it.
    """
    has_real, has_synthetic = (
        table.aggregate(real=(~table.is_synthetic).any(), synthetic=table.is_synthetic.any())
        .to_pyarrow()
        .to_pylist()[0]
        .values()
    )
    is_synthetic = bool(has_synthetic) and not has_real
    return table.filter(table.is_synthetic == is_synthetic), is_synthetic
