"""How far the data can be trusted: files read, rows left out and why, what is a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.insights.left_out import rows_left_out
from custbehav_dagster.reporting.footnotes import Source, source_of_table

MOST_FILES, MOST_REASONS = 40, 12


@dataclass(frozen=True)
class Trust:
    """What came in and what of it was used.

    `files` and `unknown_files` are rows of raw.ingested_files; `set_aside` has a file, a number
    of rows and either a `reason` in words or a `rule` of a `table`; `repaired` has a rule and its cells.
    """

    files: list[dict[str, Any]]
    unknown_files: list[dict[str, Any]]
    more_files: int
    rows_in: int
    rows_unusable: int
    rows_repeated: int
    cells_repaired: int
    set_aside: list[dict[str, Any]]
    files_source: Source
    left_out_source: Source
    repairs_source: Source


def gather_trust(files: ir.Table, unreadable: ir.Table, left_out: ir.Table, repairs: ir.Table) -> Trust:
    """Sum up raw.ingested_files, raw.quarantine, cleaned.quarantine and cleaned.repairs."""
    listing = files.order_by("source_file").to_pyarrow().to_pylist()
    aside = rows_left_out(left_out)
    repairs_source = source_of_table("cleaned.repairs", repairs)
    return Trust(
        files=listing[:MOST_FILES],
        unknown_files=[file for file in listing if file["format"] == "unknown"],
        more_files=max(0, len(listing) - MOST_FILES),
        rows_in=sum(file["rows_in"] for file in listing),
        rows_unusable=int(unreadable.count().to_pyarrow().as_py()) + aside.unusable,
        rows_repeated=aside.repeated,
        cells_repaired=repairs_source.rows or 0,
        set_aside=_reasons(unreadable, left_out),
        files_source=source_of_table("raw.ingested_files", files),
        left_out_source=source_of_table("cleaned.quarantine", left_out),
        repairs_source=repairs_source,
    )


def _reasons(unreadable: ir.Table, left_out: ir.Table) -> list[dict[str, Any]]:
    """The commonest reasons why rows were set aside; the rows themselves are not shown."""
    found = [
        {"file": row["source_file"], "reason": row["reason"], "rows": row["rows"]}
        for row in _commonest(unreadable, "source_file", "reason")
    ] + [
        {"file": row["source_file"], "table": row["raw_table"], "rule": row["rule"], "rows": row["rows"]}
        for row in _commonest(left_out, "source_file", "raw_table", "rule")
    ]
    return sorted(found, key=lambda row: (-row["rows"], row["file"], row.get("reason", row.get("rule"))))[
        :MOST_REASONS
    ]


def _commonest(table: ir.Table, *columns: str) -> list[dict[str, Any]]:
    counted = table.group_by(*columns).aggregate(rows=table.count())
    return counted.order_by(ibis.desc("rows"), *columns).limit(MOST_REASONS).to_pyarrow().to_pylist()
