"""Rows of an outside source as its contract says them, in memory and as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.contract import Table
from custbehav_dagster.warehouse.files import atomic_path

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PANDAS_TYPES = {"string": "str", "int64": "Int64", "boolean": "bool", "float64": "float64"}
"""pandas' name of each type that the raw tables of outside sources use."""


def conform_frame(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Exactly the columns of `table`, in its order and types; any other column is left behind.

    Raises:
        KeyError: a column of the contract is missing.
    """
    return rows[table.column_names].astype({c.name: PANDAS_TYPES[c.type] for c in table.columns})


def plain_rows(rows: pd.DataFrame | None) -> list[dict[str, Any]]:
    """The rows as dicts, with None where a value is missing."""
    if rows is None or rows.empty:
        return []
    plain = rows.astype(object).where(rows.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def arrow_rows(rows: pd.DataFrame, table: Table) -> pa.Table:
    """The rows as Arrow, with the columns and types of `table`."""
    import pyarrow as pa

    return pa.Table.from_pandas(
        conform_frame(rows, table), schema=table.schema.to_pyarrow(), preserve_index=False
    )


def write_csv(rows: pd.DataFrame, table: Table, target: Path) -> Path:
    """Write the columns of `table` as UTF-8 CSV, whole or not at all; same rows, same bytes.

    Texts are quoted, so that line ends inside them survive, and a missing one
    differs from an empty one.
    """
    import pyarrow.csv

    with atomic_path(target) as temporary:
        pyarrow.csv.write_csv(arrow_rows(rows, table), temporary)
    return target
