"""Rules that leave a raw row out, applied in one place for the cleaner and the quarantine alike.

A judged table is the raw rows with what was read of them, and `rule`, `fault_column`
and `reason`, which are NULL for the rows that stay. Cleaners keep those, the
quarantine takes the others: the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import PLACE, join_lookup, replaced

VERDICT = ("rule", "fault_column", "reason")


class Rule(NamedTuple):
    """Rows where `is_broken` are left out, for `reason`; `column` is empty when it is the whole row."""

    name: str
    column: str
    is_broken: ir.BooleanValue
    reason: ir.StringValue | str


def judge(table: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """Add the verdict: the first rule that a row breaks, NULL when it breaks none."""
    nothing = ibis.null("string")
    return table.mutate(
        rule=ibis.cases(*((rule.is_broken, rule.name) for rule in rules), else_=nothing),
        fault_column=ibis.cases(*((rule.is_broken, rule.column) for rule in rules), else_=nothing).nullif(""),
        reason=ibis.cases(*((rule.is_broken, rule.reason) for rule in rules), else_=nothing),
    )


def kept(judged: ir.Table) -> ir.Table:
    """The rows that no rule leaves out."""
    return judged.filter(judged.rule.isnull())


def rows_with_repeated(table: ir.Table, key: ir.Value) -> ir.Table:
    """The rows whose key, NULL aside, occurs more than once: usually few, and all that duplicates concern."""
    # The keys alone are counted: were the whole rows shared by both sides of the join, they would
    # be written out in between.
    keys = table.select(_key=key)
    counts = keys.filter(keys._key.notnull()).group_by("_key").aggregate(_rows=lambda rows: rows.count())
    return table.mutate(_key=key).semi_join(counts.filter(counts._rows > 1), "_key").drop("_key")


def duplicate_verdicts(
    repeated: ir.Table,
    key: str,
    content: str,
    order_by: Sequence[ir.Value | str],
    noun: str,
    key_name: str = "",
) -> ir.Table:
    """Of the rows that share `key`, all but the first by `order_by`: their place and verdict.

    Args:
        repeated: judged rows; those already left out neither win nor lose.
        key: column that must be unique.
        content: column with the whole row as text: a row equal to an earlier one is an
            exact duplicate, another row of the same key is a duplicate key.
        order_by: which row of a key is kept.
        noun: what a row is, for the reason.
        key_name: the key's name, for the reason, when it is not `key`.

    Returns:
        `source_file, source_line, rule, fault_column, reason`.
    """
    # Bad rows are ranked last rather than filtered out before ranking: a filter would be
    # moved below the search for repetitions, and judge the whole table for a few rows.
    table = repeated.mutate(_is_bad=repeated.rule.notnull())
    within_key = ibis.window(group_by=key, order_by=["_is_bad", *order_by])
    within_copy = ibis.window(group_by=[key, content], order_by=["_is_bad", *order_by])
    ranked = table.select(
        *PLACE,
        _key=table[key],
        _is_bad=table._is_bad,
        _rank=ibis.row_number().over(within_key),
        _copy=ibis.row_number().over(within_copy),
        _first_file=table.source_file.first().over(within_key),
        _first_line=table.source_line.first().over(within_key).cast("string"),
    )
    key_name = key_name or key
    losers = ranked.filter((ranked._rank > 0) & ~ranked._is_bad)
    place = losers._first_file + ", line " + losers._first_line
    is_copy = losers._copy > 0
    return losers.select(
        *PLACE,
        rule=ibis.ifelse(is_copy, "exact_duplicate", "duplicate_key"),
        fault_column=ibis.ifelse(is_copy, ibis.null("string"), key_name),
        reason=ibis.ifelse(
            is_copy,
            ibis.literal(f"It repeats another {noun} word for word; the one kept is in ") + place + ".",
            ibis.literal(f"Another {noun} has the {key_name} ")
            + losers._key
            + "; the one kept is in "
            + place
            + ".",
        ),
    )


def with_duplicates(judged: ir.Table, duplicates: ir.Table) -> ir.Table:
    """Add the verdicts on duplicates to a judged table, whose own verdicts come first."""
    found = duplicates.rename({f"duplicate_{name}": name for name in (*PLACE, *VERDICT)})
    place = {name: f"duplicate_{name}" for name in PLACE}
    joined = join_lookup(judged, found, place)
    verdict = {name: joined[name].coalesce(joined[f"duplicate_{name}"]) for name in VERDICT}
    return replaced(joined, found.columns, **verdict)
