"""The data dictionary: every table and column, written from what the contract promises.

`python -m custbehav_dagster.contract.dictionary` writes `docs/data-dictionary.md`; a test
fails when the page and the contract differ.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from custbehav_dagster.contract import TABLES, Column, Table

PAGE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"

HEADING = """\
# Data dictionary

Every table that a refresh makes, as `layer.noun`: the layer is the schema in DuckDB and the group in the
Dagster UI. Read them from `data/warehouse/snapshot.duckdb`, which may be opened at any time. Written from
the contract by `python -m custbehav_dagster.contract.dictionary`.
"""


def dictionary() -> str:
    """The whole page, as Markdown."""
    by_layer = groupby(TABLES.values(), key=lambda table: table.layer)
    parts = [HEADING]
    for layer, tables in by_layer:
        parts.append(f"## {layer}\n")
        parts.extend(_table(table) for table in tables)
    return "\n".join(parts)


def _table(table: Table) -> str:
    rows = "\n".join(_row(column, table) for column in table.columns)
    key = f" Key: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    heading = f"### {table.layer}.{table.noun}\n\n{table.description}{key}\n"
    return f"{heading}\n| column | type | meaning |\n|---|---|---|\n{rows}\n"


def _row(column: Column, table: Table) -> str:
    limits = [
        "never empty" if not column.nullable or column.name in table.key else "",
        f"at least {column.minimum:g}" if column.minimum is not None else "",
        f"at most {column.maximum:g}" if column.maximum is not None else "",
        f"one of {', '.join(column.allowed)}" if column.allowed else "",
        "personal" if column.is_personal else "",
    ]
    told = "; ".join(limit for limit in limits if limit)
    meaning = f"{column.description} ({told})" if told else column.description
    return f"| `{column.name}` | {column.type} | {_escaped(meaning)} |"


def _escaped(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(dictionary())
