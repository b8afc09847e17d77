"""What a table of the warehouse promises: its columns, types, key and limits.

The single place from which column descriptions, data checks and the data
dictionary are made. Nothing here reads or writes data.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

PERSONAL = frozenset(
    {
        "email",
        "name",
        "phone",
        "postcode",
        "text",
        "text_clean",
        "text_stemmed",
        "raw_text",
        "title",
        "body",
        "first_name",
        "recipient_name",
        "recipient_postcode",
        "variation",
        "best_example",
        "worst_example",
        "telling_words",
        "before",
        "after",
    }
)
"""Columns that may hold personal data, by name: never shown in logs, metadata or previews."""


@dataclass(frozen=True)
class Column:
    """One column: an ibis type name, what it means (with unit), and its limits."""

    name: str
    type: str
    description: str
    nullable: bool = True
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None

    @property
    def is_personal(self) -> bool:
        """The column may hold personal data."""
        return self.name in PERSONAL


@dataclass(frozen=True)
class Table:
    """One table `layer.noun`: one row per `key`, with the columns in this order."""

    layer: str
    noun: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]

    @property
    def schema(self) -> ibis.Schema:
        """Names and types of the columns, in order."""
        return ibis.schema({column.name: column.type for column in self.columns})

    def conform(self, table: ir.Table) -> ir.Table:
        """Select this table's columns by name, in order, cast to their types.

        A column that `table` does not have becomes NULL when it is nullable.

        Raises:
            ValueError: a column that may not be NULL is missing.
        """
        missing = [c.name for c in self.columns if not c.nullable and c.name not in table.columns]
        if missing:
            raise ValueError(f"{self.layer}.{self.noun} needs the columns {', '.join(missing)}")
        return table.select(
            **{
                column.name: (
                    table[column.name].cast(column.type)
                    if column.name in table.columns
                    else ibis.null(column.type)
                )
                for column in self.columns
            }
        )

    def empty(self) -> ir.Table:
        """A table of no rows with this table's columns and types."""
        import pyarrow as pa

        schema = self.schema.to_pyarrow()
        return ibis.memtable(pa.Table.from_pylist([], schema=schema))


def provenance_columns() -> tuple[Column, ...]:
    """Where a row came from: the same three columns on every shop table."""
    return (
        Column(
            "is_synthetic", "boolean", "true when the row was generated, not the shop's own", nullable=False
        ),
        Column("source_file", "string", "file in data/raw that the row was read from", nullable=False),
        Column(
            "source_line", "int64", "line in that file where the record starts; 1 is the first", minimum=1
        ),
    )
