"""Text cells as files give them: trimmed, single-spaced, joined to values found once per distinct text.

What a cell means (a date, an amount, a yes) belongs to the module of that meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract.table import Table, provenance_columns

PROVENANCE = tuple(column.name for column in provenance_columns())
PLACE = ("source_file", "source_line")
"""The two columns that name a record."""

FEW_FILES = 20
LINES_OF_A_FILE = 10**12

# Any text whose first character comes after the blank (or the apostrophe) is not below these.
_AFTER_BLANK = "!"
_AFTER_APOSTROPHE = "("


def has_content(column: ir.StringValue) -> ir.BooleanValue:
    """True where the cell holds more than white space; never NULL."""
    # Trimming is the dear part, so only cells that begin with a blank are trimmed.
    return ibis.ifelse(column >= _AFTER_BLANK, True, column.strip() != "").fill_null(False)


def trimmed(column: ir.StringValue) -> ir.StringValue:
    """The cell without white space at its ends; NULL when nothing is left."""
    is_tidy = (column >= _AFTER_BLANK) & (column.right(1) > " ")
    return ibis.ifelse(is_tidy, column, column.strip().nullif(""))


def single_spaced(column: ir.StringValue) -> ir.StringValue:
    """The trimmed cell with each run of white space made one space."""
    text = trimmed(column)
    is_tidy = ~(text.contains("  ") | text.contains("\t") | text.contains("\n") | text.contains("\r"))
    return ibis.ifelse(is_tidy, text, text.re_replace(r"\s+", " "))


def identifier(column: ir.StringValue) -> ir.StringValue:
    """An identifier as one text whichever program wrote it.

    Spreadsheets put an apostrophe before figures to keep them as text, and data
    frames turn whole numbers with gaps into 13085.0; both marks are taken off.
    """
    is_tidy = (column >= _AFTER_APOSTROPHE) & (column.right(1) > " ") & ~column.endswith(".0")
    repaired = column.strip().re_replace(r"^'\s*", "").re_replace(r"^(\d+)\.0$", r"\1").nullif("")
    return ibis.ifelse(is_tidy, column, repaired)


def place_numbers(table: ir.Table) -> Callable[[ir.Table], ir.Value]:
    """One value for file and line, the same in every table; NULL for files that `table` has no rows of.

    A number wherever the files are few: ten million places to be joined then need a
    third of the memory. Runs a query over `table` now.
    """
    files = sorted(distinct_values(table, "source_file"))
    if len(files) > FEW_FILES:
        return lambda part: part.source_file + ":" + part.source_line.cast("string")
    starts: dict[Hashable, int] = {name: number * LINES_OF_A_FILE for number, name in enumerate(files)}
    return lambda part: value_by(part.source_file, starts, "int64") + part.source_line


def data_columns(contract: Table) -> list[str]:
    """The columns of a raw table that come from the file itself."""
    return [name for name in contract.column_names if name not in PROVENANCE]


def row_text(table: ir.Table, columns: Sequence[str]) -> ir.StringValue:
    """The row's values as one line: `order_id: 17 | ordered_at: 31/02/2024`, empty cells left out."""
    parts = [
        ibis.ifelse(has_content(table[name]), ibis.literal(f" | {name}: ") + table[name], "").fill_null("")
        for name in columns
    ]
    line = parts[0].concat(*parts[1:]) if len(parts) > 1 else parts[0]
    return line.re_replace(r"^ \| ", "").re_replace(r"\s+", " ")


def filled_count(table: ir.Table, columns: Sequence[str]) -> ir.IntegerValue:
    """How many of the named text columns hold something, in each row."""
    counts: list[ir.IntegerValue] = [has_content(table[name]).cast("int32") for name in columns]
    total = counts[0]
    for count in counts[1:]:
        total = total + count
    return total


def distinct_values(table: ir.Table, column: str) -> list[str]:
    """Every text in `column` once, NULL aside. Runs a query."""
    values = table.filter(table[column].notnull()).select(column).distinct().to_pyarrow()
    return values[column].to_pylist()


def replaced(table: ir.Table, drop: Collection[str] = (), **values: ir.Value) -> ir.Table:
    """The table with `values` put in and the columns in `drop` left out, as one projection."""
    kept = [name for name in table.columns if name not in drop and name not in values]
    return table.select(*kept, **values)


def join_lookup(table: ir.Table, lookup: ir.Table, on: Mapping[str, str]) -> ir.Table:
    """Left-join `lookup`, one row per key, to `table`; `on` maps columns of `table` to keys of `lookup`.

    All columns of `lookup` come along, its keys too, and must be new to `table`.
    """
    return table.left_join(lookup, list(on.items()))


def attach(table: ir.Table, lookup: ir.Table, on: Mapping[str, str]) -> ir.Table:
    """The same as `join_lookup`, but the keys of `lookup` may bear any name and are not kept."""
    keys = {f"{key}_of_lookup": key for key in on.values()}
    pairs = {mine: f"{key}_of_lookup" for mine, key in on.items()}
    return join_lookup(table, lookup.rename(keys), pairs).drop(*keys)


Step = Callable[[ir.Table], ir.Table]
"""Something learned from a whole table that can be done to it or to a part of it."""


def translator(
    table: ir.Table, column: str, function: Callable[[str], Any], name: str, type_name: str = "string"
) -> Step:
    """Learn `function` of every distinct text in `column`; the step adds it to a table as `name`.

    For columns of few distinct texts: `function` is called once for each. Runs a
    query over `table` now; NULL stays NULL.
    """
    import pyarrow as pa

    texts = distinct_values(table, column)
    values = pa.array([function(text) for text in texts], ibis.dtype(type_name).to_pyarrow())
    lookup = ibis.memtable(pa.table({"text": pa.array(texts, pa.string()), name: values}))
    return lambda part: attach(part, lookup, {column: "text"})


def value_by(
    column: ir.Value, values: Mapping[Hashable, Any], type_name: str, default: Any = None
) -> ir.Value:
    """`values[column]` for a handful of keys, else `default`."""
    fallback = ibis.literal(default, type_name) if default is not None else ibis.null(type_name)
    if not values:
        return fallback
    cases = [(column == key, ibis.literal(value, type_name)) for key, value in values.items()]
    return ibis.cases(*cases, else_=fallback)
