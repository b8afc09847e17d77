"""Who is slipping away: people by where they stand with the shop, and what each group is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.insights.money import steady_sum
from custbehav_dagster.reporting.footnotes import Source, source_of

STATES = ("slipping", "due", "seasonal", "active", "new", "gift-only", "lapsed")
"""In the order in which an owner should read them."""


@dataclass(frozen=True)
class Slipping:
    """People, limits of the chance, and value within the horizon and a year, per state."""

    states: list[dict[str, Any]]
    source: Source

    @property
    def has_chances(self) -> bool:
        """Whether anybody has a probability."""
        return any(row["low"] is not None for row in self.states)


def gather_slipping(scores: Rows) -> Slipping:
    """Sum up churn.scores."""
    table = scores.table
    found = (
        table.group_by("state")
        .aggregate(
            people=table.count(),
            low=table.p_return.min(),
            high=table.p_return.max(),
            chance=table.p_return.mean(),
            worth=steady_sum(table.expected_value),
            worth_year=steady_sum(table.expected_value_year),
        )
        .to_pyarrow()
        .to_pylist()
    )
    for row in found:
        row["source"] = Source(
            scores.name, f"{scores.filter_text} AND state = '{row['state']}'", row["people"]
        )
    return Slipping(sorted(found, key=lambda row: (_place(row["state"]), row["state"])), source_of(scores))


def _place(state: str) -> int:
    return STATES.index(state) if state in STATES else len(STATES)
