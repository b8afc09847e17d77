"""Empty cells: how many a row has, and filling them so that it can be seen.

Which columns may be filled at all is decided where a table is cleaned: an absent
e-mail, consent or refund means something and is never made up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import Step, filled_count, join_lookup, replaced, value_by

NumberFill = Literal["median", "mean", "constant"]
CategoryFill = Literal["mode", "constant"]


def fill_ratio(table: ir.Table, columns: Sequence[str]) -> ir.FloatingValue:
    """Share of the named text columns that hold something, 0 to 1 in each row."""
    return filled_count(table, columns) / float(len(columns))


def used_column_counts(table: ir.Table, columns: Sequence[str]) -> dict[Hashable, int]:
    """How many of the columns each file fills at all. Runs a query.

    A format that has no such column must not be held against its rows.
    """
    used = {name: (table[name].length() > 0).any().fill_null(False) for name in columns}
    rows = table.group_by("source_file").aggregate(**used).to_pyarrow().to_pylist()
    return {row["source_file"]: sum(row[name] for name in columns) for row in rows}


def is_too_empty(
    table: ir.Table, columns: Sequence[str], used: Mapping[Hashable, int], min_fill_ratio: float
) -> ir.BooleanValue:
    """True for rows that fill less than `min_fill_ratio` of those `columns` that their file uses at all.

    `used` comes from `used_column_counts`.
    """
    filled = filled_count(table, columns).cast("float64")
    return filled < value_by(table.source_file, used, "float64", 0.0) * min_fill_ratio


def too_empty_reason(min_fill_ratio: float) -> str:
    """The sentence for rows that `is_too_empty` finds."""
    return f"Less than {min_fill_ratio:.0%} of the cells that matter are filled."


def mark_imputed(table: ir.Table, column: str, is_filled: ir.BooleanValue) -> ir.StringValue:
    """`imputed_columns` of `table` with `column` added to the comma-separated names where `is_filled`."""
    marks = table.imputed_columns if "imputed_columns" in table.columns else ibis.literal("")
    added = ibis.ifelse(marks == "", column, marks + f",{column}")
    return ibis.ifelse(is_filled, added, marks)


def number_fill_values(
    table: ir.Table, column: str, method: NumberFill, constant: float, decimals: int = 2
) -> dict[Hashable, float]:
    """The number that fills empty cells of `column`, by file. Runs a query.

    Files without any number in the column are absent: there is nothing to measure.
    Rounded to `decimals`, so that the order of summing cannot show.
    """
    if method == "constant":
        files = table.select("source_file").distinct().to_pyarrow()["source_file"].to_pylist()
        return dict.fromkeys(files, constant)
    known = table.filter(table[column].notnull())
    numbers = known[column].cast("float64") if method == "median" else known[column]
    value = numbers.median() if method == "median" else numbers.mean()
    rows = known.group_by("source_file").aggregate(value=value.cast("float64")).to_pyarrow().to_pylist()
    return {row["source_file"]: float(round(Decimal(str(row["value"])), decimals)) for row in rows}


def category_fill_values(
    table: ir.Table,
    column: str,
    method: CategoryFill,
    constant: str,
    repair: Callable[[str], str | None] = str,
) -> dict[Hashable, str]:
    """The word that fills empty cells of `column`, by file: its commonest, of equals the first by alphabet.

    `repair` brings spellings of one word together first. Files that never fill the
    column are absent, whatever the method: there the absence is the format's. Runs a query.
    """
    return _commonest_words(counted_words(table, column), method, constant, repair)


def counted_words(table: ir.Table, column: str) -> list[tuple[str, str, int]]:
    """Each distinct text of `column` by file with its number of rows, as (file, text, rows). Runs a query."""
    known = table.filter(table[column].notnull())
    counts = known.group_by("source_file", column).aggregate(rows=known.count()).to_pyarrow().to_pylist()
    return [(row["source_file"], row[column], row["rows"]) for row in counts]


def _commonest_words(
    counted: list[tuple[str, str, int]],
    method: CategoryFill,
    constant: str,
    repair: Callable[[str], str | None],
) -> dict[Hashable, str]:
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for source_file, text, count in counted:
        if word := repair(text):
            rows[source_file][word] += count
    if method == "constant":
        return dict.fromkeys(rows, constant)
    return {file: min(words, key=lambda word: (-words[word], word)) for file, words in rows.items()}


def word_reader(
    table: ir.Table,
    column: str,
    repair: Callable[[str], str | None],
    fill: tuple[CategoryFill, str] | None = None,
) -> Step:
    """Learn the words in `column`; the step repairs them and fills the gaps, marked, when `fill` says how.

    `repair` is called once per distinct text. `fill` is the method and its constant.
    Runs a query over `table` now.
    """
    import pyarrow as pa

    counted = counted_words(table, column)
    texts = sorted({text for _, text, _ in counted})
    repaired = [repair(text) for text in texts]
    names = {
        f"{column}_written": pa.array(texts, pa.string()),
        f"{column}_repaired": pa.array(repaired, pa.string()),
    }
    lookup = ibis.memtable(pa.table(names))
    values = _commonest_words(counted, *fill, repair) if fill else {}

    def read(part: ir.Table) -> ir.Table:
        part = join_lookup(part, lookup, {column: f"{column}_written"})
        word = part[f"{column}_repaired"]
        if not fill:
            return replaced(part, names, **{column: word})
        filled = word.coalesce(value_by(part.source_file, values, "string"))
        marks = mark_imputed(part, column, word.isnull() & filled.notnull())
        return replaced(part, names, **{column: filled, "imputed_columns": marks})

    return read


def fill_by_file(table: ir.Table, column: str, values: Mapping[Hashable, Any]) -> ir.Table:
    """Fill the empty cells of `column` with the value of their file, and mark them in `imputed_columns`."""
    kind = str(table[column].type())
    value = value_by(table.source_file, values, kind)
    filled = table[column].coalesce(value)
    marks = mark_imputed(table, column, table[column].isnull() & filled.notnull())
    return table.mutate(**{column: filled, "imputed_columns": marks})


def fill_numbers(
    table: ir.Table, columns: Iterable[str], method: NumberFill, constant: float = 0.0
) -> ir.Table:
    """Fill empty numbers by the median or mean of their column in the same file, or by a constant.

    Adds the names of filled columns to `imputed_columns`. Runs queries over `table`;
    a file without any number in a column stays as it is unless the method is constant.
    """
    for column in columns:
        table = fill_by_file(table, column, number_fill_values(table, column, method, constant))
    return table


def fill_categories(
    table: ir.Table, columns: Iterable[str], method: CategoryFill, constant: str = "unknown"
) -> ir.Table:
    """Fill empty words by the commonest in the same file, or by a constant; NULL counts as empty.

    Adds the names of filled columns to `imputed_columns`. Runs queries over `table`;
    a file that never fills a column stays as it is.
    """
    for column in columns:
        table = fill_by_file(table, column, category_fill_values(table, column, method, constant))
    return table
