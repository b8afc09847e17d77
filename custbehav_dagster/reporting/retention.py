"""Retention by cohort as rows to show: the newest months, shaded by how many came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

MONTHS_SHOWN = 18
SHADES = 5
FULL_SHADE = 0.5
"""From this share on a cell has the darkest shade: hardly any shop has more."""
FEW = 10
"""Of fewer people a share says nothing: they are counted, and not shaded."""


@dataclass(frozen=True)
class Cell:
    """How many of a cohort came back within `days`; `share` is None while that is not known."""

    days: int
    returned: int | None
    share: float | None
    low: float | None
    high: float | None
    shade: int


@dataclass(frozen=True)
class Cohort:
    """People who first bought in the month of `first_day`."""

    first_day: date
    people: int
    cells: list[Cell]
    is_synthetic: bool


def newest_cohorts(cohorts: ir.Table) -> list[Cohort]:
    """The MONTHS_SHOWN newest months of insights.cohorts, the newest first."""
    rows = cohorts.order_by([ibis.desc("cohort"), "within_days"]).to_pyarrow().to_pylist()
    by_month: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        by_month.setdefault(row["cohort"], []).append(row)
    return [
        Cohort(month, cells[0]["people"], [_cell(cell) for cell in cells], cells[0]["is_synthetic"])
        for month, cells in list(by_month.items())[:MONTHS_SHOWN]
    ]


def _cell(row: dict[str, Any]) -> Cell:
    share = row["share"]
    is_told = share is not None and row["people"] >= FEW
    shade = min(SHADES, round(SHADES * share / FULL_SHADE)) if is_told else 0
    return Cell(row["within_days"], row["returned"], share, row["share_low"], row["share_high"], shade)
