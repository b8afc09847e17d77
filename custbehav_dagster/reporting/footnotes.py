"""Where each number on the page comes from: table, rows, how many; told once each, as footnotes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir

from custbehav_dagster.insights.evidence import Rows


@dataclass(frozen=True)
class Source:
    """The rows behind a number: a table, a condition to be put after WHERE, and how many rows that is."""

    table: str
    condition: str = "TRUE"
    rows: int | None = None


def source_of(rows: Rows) -> Source:
    """The rows as a source, counted."""
    return Source(rows.name, rows.filter_text, rows.count())


def source_of_table(name: str, table: ir.Table, condition: str = "TRUE") -> Source:
    """A whole table as a source, or `table` filtered by the same condition, counted."""
    return Source(name, condition, int(table.count().to_pyarrow().as_py()))


def source_of_insight(insight: Mapping[str, Any]) -> Source:
    """The evidence of a row of insights.practical_insights."""
    return Source(insight["evidence_table"], insight["evidence_filter"], insight["evidence_rows"])


@dataclass
class Footnotes:
    """Numbers sources in the order in which the page names them; the same source has one number."""

    sources: list[Source] = field(default_factory=list)

    def number(self, source: Source) -> int:
        """Number of the source, from 1."""
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source) + 1
