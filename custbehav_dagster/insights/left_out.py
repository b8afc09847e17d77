"""How many rows of the files were not used: those that say nothing new, and those that were lost."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir

COPIES = ("exact_duplicate", "overlapping_export")
"""Rules that leave a row out because what it says stands elsewhere."""


@dataclass(frozen=True)
class LeftOut:
    """Rows of files, each counted once however many tables it would have fed."""

    unusable: int
    repeated: int


def rows_left_out(left_out: ir.Table) -> LeftOut:
    """Sum up cleaned.quarantine."""
    rows = left_out.mutate(is_repeated=_is_repeated(left_out))
    rows = rows.group_by("source_file", "source_line").aggregate(is_repeated=rows.is_repeated.all())
    sums = rows.aggregate(
        unusable=(~rows.is_repeated).sum().fill_null(0), repeated=rows.is_repeated.sum().fill_null(0)
    )
    (found,) = sums.to_pyarrow().to_pylist()
    return LeftOut(found["unusable"], found["repeated"])


def unusable_rows(left_out: ir.Table) -> ir.Table:
    """The rows of cleaned.quarantine that say what stands nowhere else."""
    return left_out.filter(~_is_repeated(left_out))


def _is_repeated(left_out: ir.Table) -> ir.BooleanValue:
    # A second record of a customer is a repetition too: the person is there.
    is_known_person = (left_out.raw_table == "customers") & (left_out.rule == "duplicate_key")
    return left_out.rule.isin(COPIES) | is_known_person
