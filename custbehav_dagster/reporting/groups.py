"""Groups of buyers, and how people moved between them since the refresh before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.reporting.footnotes import Source, source_of

MOST_MOVES = 12


@dataclass(frozen=True)
class Groups:
    """Rows of a table of profiles, and of the newest moves; `moved_from` is None before a second refresh.

    `stayed` counts the people whose group is the same as before.
    """

    rows: list[dict[str, Any]]
    source: Source
    by_recency: bool
    moves: list[dict[str, Any]]
    moved: int
    stayed: int
    moved_from: date | None
    moves_source: Source | None


def gather_groups(rfm: ir.Table, by_amount: ir.Table, transitions: ir.Table) -> Groups:
    """Take segments.rfm_profiles (segments.segment_profiles where there is none) and segment_transitions."""
    profiles = real_rows("segments.rfm_profiles", rfm)
    by_recency = profiles.count() > 0
    if not by_recency:
        profiles = real_rows("segments.segment_profiles", by_amount)
    newest = transitions.as_of_to.max().to_pyarrow().as_py()
    moves: list[dict[str, Any]] = []
    moves_source = None
    if newest is not None:
        rows = real_rows("segments.segment_transitions", transitions).where(
            f"as_of_to = DATE '{newest}'", lambda t: t.as_of_to == ibis.date(newest)
        )
        moves = (
            rows.table.order_by([ibis.desc("people"), "from_segment", "to_segment"]).to_pyarrow().to_pylist()
        )
        moves_source = source_of(rows)
    changed = [row for row in moves if row["from_segment"] != row["to_segment"]]
    return Groups(
        rows=profiles.table.order_by("segment").to_pyarrow().to_pylist(),
        source=source_of(profiles),
        by_recency=by_recency,
        moves=changed[:MOST_MOVES],
        moved=sum(row["people"] for row in changed),
        stayed=sum(row["people"] for row in moves) - sum(row["people"] for row in changed),
        moved_from=moves[0]["as_of_from"] if moves else None,
        moves_source=moves_source,
    )
