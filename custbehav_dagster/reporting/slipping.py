"""Who is slipping away: people by verdict, and what each group is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.insights.money import steady_sum
from custbehav_dagster.reporting.footnotes import Source, source_of

VERDICTS = ("likely back", "may come back", "slipping away", "probably gone", "new", "not enough data")
"""In the order in which an owner should read them."""


@dataclass(frozen=True)
class Slipping:
    """People, limits of the chance and value per verdict."""

    verdicts: list[dict[str, Any]]
    source: Source

    @property
    def has_chances(self) -> bool:
        """Whether anybody has a probability."""
        return any(row["low"] is not None for row in self.verdicts)


def gather_slipping(scores: Rows) -> Slipping:
    """Sum up churn.scores."""
    return Slipping(_verdicts(scores), source_of(scores))


def _verdicts(scores: Rows) -> list[dict[str, Any]]:
    table = scores.table
    found = (
        table.group_by("verdict")
        .aggregate(
            people=table.count(),
            low=table.p_return.min(),
            high=table.p_return.max(),
            worth=steady_sum(table.expected_value),
        )
        .to_pyarrow()
        .to_pylist()
    )
    for row in found:
        row["source"] = Source(
            scores.name, f"{scores.filter_text} AND verdict = '{row['verdict']}'", row["people"]
        )
    return sorted(found, key=lambda row: (_place(row["verdict"]), row["verdict"]))


def _place(verdict: str) -> int:
    return VERDICTS.index(verdict) if verdict in VERDICTS else len(VERDICTS)
