"""Tables computed once and kept aside while a step works on, gone when nothing refers to them.

What belongs here: how an engine keeps such a table. When it pays to keep one is
decided where the query is written.
"""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_numbers = itertools.count(1)
_unused: list[tuple[weakref.ref[Any], str]] = []


def settled(table: ir.Table) -> ir.Table:
    """The rows of `table`, computed now and only once, however often the result is used.

    They last as long as an expression made of the result; on DuckDB in memory, and
    beyond its limit in a file that goes with the connection. The space of tables
    without use is given back when the next one is made, or by `drop_unused`.
    """
    backend: Any = table._find_backend(use_default=True)
    if backend.name != "duckdb":
        return table.cache()
    drop_unused()
    name = f"custbehav_working_{next(_numbers)}"
    # Tables made of frames are known to the connection only after this.
    backend._run_pre_execute_hooks(table)
    # ibis would make an empty table first and insert then, which takes several times as long.
    backend.raw_sql(f"CREATE TEMP TABLE {name} AS {backend.compile(table)}")
    kept: ir.Table = backend.table(name, database="temp.main")
    # Only noted: a statement must not be sent from wherever an expression happens to end.
    weakref.finalize(kept.op(), _unused.append, (weakref.ref(backend), name)).atexit = False
    return kept


def drop_unused() -> None:
    """Give back the space of settled tables that nothing refers to any more."""
    import duckdb

    while _unused:
        reference, name = _unused.pop()
        backend: Backend | None = reference()
        if backend is not None:
            try:
                backend.raw_sql(f"DROP TABLE IF EXISTS temp.main.{name}")
            except duckdb.Error:
                # The connection was closed, and its temporary tables went with it.
                continue
