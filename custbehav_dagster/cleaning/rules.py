"""Rules that leave a raw row out, applied once for the cleaner and the quarantine alike.

A judged table is the raw rows with what was read of them, and `rule`, `fault_column`
and `reason`, which are NULL for the rows that stay. Cleaners keep those, the
quarantine takes the others: the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import PLACE, replaced, row_text
from custbehav_dagster.contract import Table
from custbehav_dagster.warehouse.working import settled

VERDICT = ("rule", "fault_column", "reason")


class Rule(NamedTuple):
    """Rows where `is_broken` are left out, for `reason`; `column` is empty when it is the whole row."""

    name: str
    column: str
    is_broken: ir.BooleanValue
    reason: ir.StringValue | str


class Repetition(NamedTuple):
    """What makes two rows of a raw table one.

    Attributes:
        key: the value that must be unique, of raw rows; NULL is never repeated.
        columns: all that a row says: a row equal to an earlier one in them is an exact
            duplicate, another row of the same key is a duplicate key.
        noun: what a row is, for the reason.
        key_name: the key's name, for the reason.
        first: the row where it is highest stays; of equals, the first by file and line stays.
        file_worth: where files overlap, the file whose rows of the key reach the highest worth
            comes before all, then the later by name; rows of the others are told as
            `overlapping_export`.
        told: what two rows of a key may contradict each other in, of raw rows by name; the
            reason says where they do.
    """

    key: Callable[[ir.Table], ir.StringValue]
    columns: Sequence[str]
    noun: str
    key_name: str
    first: Callable[[ir.Table], ir.Value] | None = None
    file_worth: Callable[[ir.Table], ir.IntegerValue] | None = None
    told: Callable[[ir.Table], dict[str, ir.StringValue]] | None = None


class Judged(NamedTuple):
    """A raw table after its rules.

    Attributes:
        kept: the rows that stay, keeping their contract.
        left_out: the others: `source_file, source_line, rule, fault_column, reason`.
    """

    kept: ir.Table
    left_out: ir.Table


def judge(table: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """Add the verdict: the first rule that a row breaks, NULL when it breaks none."""
    table = table.mutate(_broken=ibis.cases(*((rule.is_broken, place) for place, rule in enumerate(rules))))

    def chosen(values: Sequence[ir.StringValue | str]) -> ir.StringValue:
        return ibis.cases(
            *((table._broken == place, value) for place, value in enumerate(values)),
            else_=ibis.null("string"),
        )

    return replaced(
        table,
        ("_broken",),
        rule=chosen([rule.name for rule in rules]),
        fault_column=chosen([rule.column for rule in rules]).nullif(""),
        reason=chosen([rule.reason for rule in rules]),
    )


def repetition_hash(key: ir.StringValue) -> ir.IntegerValue:
    """A number that is the same for equal keys; NULL for none."""
    # Numbers in place of long texts keep the search for repetitions small in memory.
    return ibis.cases((key.notnull(), key.hash()))


def settle(
    contract: Table,
    judged: ir.Table,
    raw_rows: ir.Table,
    repetition: Repetition,
    later: ir.Table | None = None,
    packed: bool = False,
) -> Judged:
    """Compute a judged table, once, and part the rows that stay from those left out.

    Args:
        contract: what the rows that stay keep.
        judged: all rows of `raw_rows` with the columns of `contract`, VERDICT, and
            `key_hash`, the `repetition_hash` of the key.
        raw_rows: the rows as they were, to compare them word for word.
        repetition: what must not be repeated.
        later: further verdicts on rows that no rule and no repetition leaves out.
        packed: several rows may come from one record of a file (`2× Mug, 1× Card`). A verdict
            names a record, so they stay or go together.
    """
    columns = {column.name: judged[column.name].cast(column.type) for column in contract.columns}
    verdict = {name: judged[name] for name in VERDICT}
    table = settled(judged.select(**columns, **verdict, key_hash=judged.key_hash))
    kept = table.filter(table.rule.isnull())
    left_out = table.filter(table.rule.notnull()).select(*PLACE, *VERDICT)
    if packed and left_out.limit(1).to_pyarrow().num_rows:
        left_out = settled(_one_per_place(left_out))
        kept = kept.anti_join(left_out, PLACE)
    repeated = _repeated_rows(kept, raw_rows)
    if repeated is not None:
        duplicates = settled(_one_per_place(_duplicate_verdicts(repeated, repetition)))
        kept, left_out = kept.anti_join(duplicates, PLACE), left_out.union(duplicates)
    if later is not None:
        more = settled(_one_per_place(later.semi_join(kept, PLACE)))
        kept, left_out = kept.anti_join(more, PLACE), left_out.union(more)
    return Judged(contract.conform(kept), settled(left_out))


def _one_per_place(verdicts: ir.Table) -> ir.Table:
    """One verdict per record of a file."""
    firsts = verdicts.mutate(fault_column=verdicts.fault_column.fill_null(""))
    firsts = firsts.group_by(list(PLACE)).aggregate(
        rule=firsts.rule.argmin(firsts.reason),
        fault_column=firsts.fault_column.argmin(firsts.reason),
        reason=firsts.reason.min(),
    )
    return firsts.mutate(fault_column=firsts.fault_column.nullif(""))


def _repeated_rows(kept: ir.Table, raw_rows: ir.Table) -> ir.Table | None:
    """The raw rows, of those kept, whose key occurs more than once; None when there are none."""
    keys = kept.filter(kept.key_hash.notnull()).select(*PLACE, "key_hash")
    counts = keys.group_by("key_hash").aggregate(rows=keys.count())
    places = settled(keys.semi_join(counts.filter(counts.rows > 1), "key_hash").select(*PLACE))
    if not places.count().to_pyarrow().as_py():
        return None
    # Apart, or the engine would put together the text of every row for the few that are asked for.
    return settled(raw_rows.semi_join(places, PLACE))


def _contradiction(rows: ir.Table, names: Sequence[str]) -> ir.StringValue:
    """` They differ: status paid here, refunded there.`; empty where rows and the ones kept agree."""
    parts: list[ir.StringValue] = []
    for name in names:
        here, there = rows[f"_here_{name}"], rows[f"_there_{name}"]
        is_same = (here == there) | (here.try_cast("float64") == there.try_cast("float64")).fill_null(False)
        told = ibis.literal(f"; {name} ") + here + " here, " + there + " there"
        parts.append(ibis.ifelse((~is_same).fill_null(False), told, ""))
    told = parts[0].concat(*parts[1:]).re_replace("^; ", "")
    return ibis.ifelse(told == "", "", ibis.literal(" They differ: ") + told + ".")


def _duplicate_verdicts(repeated: ir.Table, repetition: Repetition) -> ir.Table:
    """Of the rows that share a key, all but the first: their place and verdict."""
    table = repeated.mutate(_key=repetition.key(repeated), _content=row_text(repeated, repetition.columns))
    order: list[ir.Value | str] = [*PLACE]
    if repetition.first is not None:
        table = table.mutate(_first=repetition.first(table))
        order.insert(0, ibis.desc("_first"))
    if repetition.file_worth is not None:
        table = table.mutate(_worth=repetition.file_worth(table))
        table = table.mutate(_worth=table._worth.max().over(group_by=["_key", "source_file"]))
        # The file once only: of two directions of one column, the last would count.
        order = [ibis.desc("_worth"), ibis.desc("source_file"), *order[: -len(PLACE)], "source_line"]
    within_key = ibis.window(group_by="_key", order_by=order)
    within_copy = ibis.window(group_by=["_key", "_content"], order_by=order)
    told = repetition.told(table) if repetition.told is not None else {}
    ranked = table.mutate(**{f"_here_{name}": value for name, value in told.items()})
    ranked = ranked.select(
        *PLACE,
        "_key",
        *(f"_here_{name}" for name in told),
        **{
            f"_there_{name}": ranked[f"_here_{name}"].first(include_null=True).over(within_key)
            for name in told
        },
        _rank=ibis.row_number().over(within_key),
        _copy=ibis.row_number().over(within_copy),
        _first_file=table.source_file.first().over(within_key),
        _first_line=table.source_line.first().over(within_key).cast("string"),
    )
    # Two equal lines in one record are two of the thing.
    is_apart = (ranked.source_file != ranked._first_file) | (
        ranked.source_line.cast("string") != ranked._first_line
    )
    overlaps = ranked.source_file != ranked._first_file
    ranked = ranked.mutate(
        _overlaps=overlaps if repetition.file_worth else ibis.literal(False), _is_apart=is_apart
    )
    losers = ranked.filter((ranked._rank > 0) & ranked._key.notnull() & ranked._is_apart)
    place = losers._first_file + ", line " + losers._first_line
    is_copy = losers._copy > 0
    noun, key_name = repetition.noun, repetition.key_name
    copied = ibis.literal(f"It repeats another {noun} word for word; the one kept is in ") + place + "."
    shared = ibis.literal(f"Another {noun} has the {key_name} ") + losers._key
    differ = _contradiction(losers, [*told]) if told else ibis.literal("")
    return losers.select(
        *PLACE,
        rule=ibis.cases(
            (losers._overlaps, "overlapping_export"), (is_copy, "exact_duplicate"), else_="duplicate_key"
        ),
        fault_column=ibis.ifelse(is_copy, ibis.null("string"), key_name),
        reason=ibis.ifelse(is_copy, copied, shared + "; the one kept is in " + place + "." + differ),
    )
