"""Whether a table keeps its contract, counted in one pass over it.

What belongs here: rules that hold for any table because its contract says so.
Rules about one table alone stand beside that table's asset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir

from custbehav_dagster.contract.table import Column, Table


@dataclass(frozen=True)
class Verdict:
    """How a rule came out: rows that break it, and where."""

    rule: str
    broken_rows: int
    details: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """No row breaks the rule."""
        return self.broken_rows == 0

    @property
    def sentence(self) -> str:
        """The outcome for a person to read."""
        if self.holds:
            return "Holds for every row."
        where = ", ".join(f"{name}: {count:,}" for name, count in self.details.items() if count)
        return f"Broken by {self.broken_rows:,} rows ({where})."


KEYS_UNIQUE = "keys_unique"
VALUES_WITHIN_CONTRACT = "values_within_contract"


def rules_of(contract: Table) -> list[str]:
    """Names of the rules that a contract implies."""
    has_limits = any(
        not column.nullable or (column.minimum, column.maximum, column.allowed) != (None, None, None)
        for column in contract.columns
    )
    return [KEYS_UNIQUE] * bool(contract.key) + [VALUES_WITHIN_CONTRACT] * has_limits


def judge(contract: Table, table: ir.Table) -> list[Verdict]:
    """Count the rows of `table` that break each rule of its contract."""
    counts: dict[str, Any] = {"rows": table.count()}
    if contract.key:
        counts["keys"] = table.select(*contract.key).distinct().count().as_scalar()
    for column in contract.columns:
        for limit, broken in _broken_limits(column, table[column.name]).items():
            counts[f"{column.name} {limit}"] = table.count(where=broken)
    (found,) = table.aggregate(**counts).to_pyarrow().to_pylist()
    rows = found.pop("rows")
    verdicts = []
    if contract.key:
        repeated = rows - found.pop("keys")
        verdicts.append(Verdict(KEYS_UNIQUE, repeated, {", ".join(contract.key): repeated}))
    if VALUES_WITHIN_CONTRACT in rules_of(contract):
        verdicts.append(Verdict(VALUES_WITHIN_CONTRACT, sum(found.values()), found))
    return verdicts


def _broken_limits(column: Column, value: ir.Value) -> dict[str, ir.BooleanValue]:
    broken: dict[str, ir.BooleanValue] = {}
    if not column.nullable:
        broken["is empty"] = value.isnull()
    if column.minimum is not None:
        broken[f"is below {column.minimum:g}"] = value < column.minimum
    if column.maximum is not None:
        broken[f"is above {column.maximum:g}"] = value > column.maximum
    if column.allowed is not None:
        broken["is not one of the allowed words"] = value.notin(column.allowed)
    return broken
