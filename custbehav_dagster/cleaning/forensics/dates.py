"""Order dates that a spreadsheet read with day, month and year in the wrong places, and their true reading.

Seen in real files: `05/11/20` (11 May 2020) taken year first and saved as `2005-11-20`; and day
and month changed places, always only where both can be a month. Whether that is what
happened is decided by `misplaced`, never by the look of a date alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.date_text import calendar_day
from custbehav_dagster.cleaning.dates import date_evidence, date_reader, month_first_files
from custbehav_dagster.cleaning.forensics.misplaced import Dated, Verdict, find_misplaced
from custbehav_dagster.cleaning.forensics.proof import Proof
from custbehav_dagster.cleaning.forensics.suspects import DATE_IN_FIGURES, notation_of, suspect_files
from custbehav_dagster.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

FIRST_YEAR = 1995

YEAR_FIRST_OF_MONTH_FIRST = "month_day_year_read_year_first"
YEAR_FIRST_OF_DAY_FIRST = "day_month_year_read_year_first"
SWAPPED = "day_and_month_swapped"
RULES = (YEAR_FIRST_OF_MONTH_FIRST, YEAR_FIRST_OF_DAY_FIRST, SWAPPED)

_WHAT = {
    YEAR_FIRST_OF_MONTH_FIRST: "month, day and year were read as year, month and day",
    YEAR_FIRST_OF_DAY_FIRST: "day, month and year were read as year, month and day",
    SWAPPED: "day and month changed places",
}
_EPOCH = date(1970, 1, 1)

Cell = dict[str, Any]
"""One cell to repair: source_line, before, after."""


def other_reading(day: date, rule: str) -> date | None:
    """The date that became `day` by the damage that `rule` names; None when none did."""
    figures = day.year % 100
    if rule == SWAPPED:
        return None if day.day == day.month else calendar_day(day.year, day.day, day.month, FIRST_YEAR)
    if not 2000 < day.year <= 2031:
        return None
    if rule == YEAR_FIRST_OF_MONTH_FIRST:
        found = calendar_day(2000 + day.day, figures, day.month, FIRST_YEAR)
    else:
        found = calendar_day(2000 + day.day, day.month, figures, FIRST_YEAR)
    return None if found == day else found


def find_damaged_dates(
    raw_orders: ir.Table, settings: Settings, skip: frozenset[str] = frozenset()
) -> tuple[pa.Table | None, list[Proof]]:
    """The order dates that a spreadsheet misread, file by file, with the figures.

    Args:
        raw_orders: keeps `contract.raw.ORDERS`.
        settings: day/month order where the file gives no evidence.
        skip: rules not to apply.

    Returns:
        The repairs as `source_file, source_line, before, after, rule, proof` (None when there
        are none), and one proof per file and rule that was weighed. Runs queries now: one over
        all files; only files whose dates are out of order are read row by row.
    """
    import pyarrow as pa

    rules = [rule for rule in RULES if rule not in skip]
    rows: list[dict[str, Any]] = []
    proofs: list[Proof] = []
    for source_file in suspect_files(raw_orders, settings) if rules else ():
        for proof, cells in _judge_file(raw_orders, source_file, settings, rules):
            proofs.append(proof)
            rows += [
                {"source_file": source_file, "rule": proof.rule, "proof": proof.sentence, **cell}
                for cell in cells
            ]
    return (pa.Table.from_pylist(rows) if rows else None), proofs


def read_days(table: ir.Table, settings: Settings, column: str) -> ir.Table:
    """The table with `column` read as a day, in the day/month order that the column itself shows."""
    # Read as if it were an order's date, so that one function decides the order for both columns.
    evidence = date_evidence({"orders": table.mutate(ordered_at=table[column])}, settings)
    read = date_reader(table, column, month_first_files(evidence, "ordered_at"), ZoneInfo("UTC"))
    return read(table).drop(f"{column}_is_unreadable")


def _rows_of(raw_orders: ir.Table, source_file: str, settings: Settings) -> pa.Table:
    """Line, order number, date as written and as read, day of shipping, of one file by line."""
    rows = raw_orders.filter(raw_orders.source_file == source_file)
    rows = rows.select(
        "source_file", "source_line", "order_id", "ordered_at", "shipped_at", written="ordered_at"
    )
    rows = ibis.memtable(rows.to_pyarrow())
    read = read_days(read_days(rows, settings, "ordered_at"), settings, "shipped_at")
    return read.order_by("source_line").to_pyarrow()


def _day_numbers(column: pa.ChunkedArray) -> np.ndarray:
    import numpy as np

    stamps = column.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return np.where(np.isnat(stamps), np.nan, stamps.astype("int64").astype(float))


def _notations(written: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """The number of each cell's notation, and the notations; worked out once per distinct text."""
    import numpy as np
    import pyarrow.compute as pc

    texts = pc.fill_null(written, "").combine_chunks().dictionary_encode()
    found = [notation_of(text) for text in texts.dictionary.to_pylist()]
    names, numbers = sorted(set(found)), texts.indices.to_numpy()
    places = {name: number for number, name in enumerate(names)}
    return np.array([places[name] for name in found], dtype="int64")[numbers], names


def _order_numbers(column: pa.ChunkedArray) -> np.ndarray:
    import numpy as np
    import pyarrow.compute as pc

    # A power of ten has lost the figures that tell one order from the next.
    is_power = pc.fill_null(pc.match_substring_regex(column, r"\d[eE]\+?\d"), False)
    figures = pc.replace_substring_regex(column, r"\D", "")
    usable = pc.and_(pc.invert(is_power), pc.match_substring_regex(figures, r"^\d{1,18}$"))
    numbers = pc.cast(pc.if_else(pc.fill_null(usable, False), figures, None), "float64")
    return numbers.to_numpy(zero_copy_only=False).astype(np.float64)


def _judge_file(
    raw_orders: ir.Table, source_file: str, settings: Settings, rules: list[str]
) -> Iterator[tuple[Proof, list[Cell]]]:
    """Weigh each rule against the dates as they stand after the rules before it."""
    import numpy as np

    rows = _rows_of(raw_orders, source_file, settings)
    written = rows["written"].to_pylist()
    day = _day_numbers(rows["ordered_at"])
    notation, names = _notations(rows["written"])
    records = Dated(
        day,
        np.full(len(day), np.nan),
        notation,
        _order_numbers(rows["order_id"]),
        rows["source_line"].to_numpy().astype(float),
        _day_numbers(rows["shipped_at"]),
    )
    # A year of two figures shows that the cell was left as text, so nobody took another figure for the year.
    has_full_year = np.array([name.endswith(("first", "last")) for name in names], dtype=bool)[notation]
    is_figures = np.array([name != "" for name in names], dtype=bool)[notation]
    may_change = dict.fromkeys(rules, has_full_year) | {SWAPPED: is_figures}
    is_left, is_settled = np.ones(len(day), dtype=bool), False
    for rule in _by_promise(records, may_change, rules):
        other = _others(records.day, may_change[rule] & is_left, rule)
        verdict = find_misplaced(replace(records, other=other), _spread(records, rule))
        if not verdict.misplaced or (not verdict.holds and is_settled):
            continue
        is_settled = is_settled or verdict.holds
        cells = np.flatnonzero(verdict.cells)
        proof = _proof(source_file, rule, verdict, len(cells), len(day))
        yield (
            proof,
            [
                {
                    "source_line": rows["source_line"][int(place)].as_py(),
                    "before": written[place],
                    "after": _rewritten(written[place], other[place]),
                }
                for place in cells
            ],
        )
        records = replace(records, day=np.where(verdict.cells, other, records.day))
        is_left = is_left & ~verdict.cells


def _spread(records: Dated, rule: str) -> float:
    """Days over which other readings scatter: the year for a swap, all the shop's years for a wrong year."""
    import numpy as np

    if rule == SWAPPED or np.isnan(records.day).all():
        return 365.0
    return max(365.0, float(np.nanquantile(records.day, 0.9) - np.nanquantile(records.day, 0.1)))


def _by_promise(records: Dated, may_change: dict[str, np.ndarray], rules: list[str]) -> list[str]:
    """The rules; of the two that read the year first, the one with more misplaced dates to explain first."""
    import numpy as np

    def explained(rule: str) -> int:
        other = _others(records.day, may_change[rule], rule)
        return int(np.sum(find_misplaced(replace(records, other=other), _spread(records, rule)).cells))

    year_first = [rule for rule in rules if rule != SWAPPED]
    if len(year_first) == 2:
        year_first.sort(key=explained, reverse=True)
    return year_first + [rule for rule in rules if rule == SWAPPED]


def _others(day: np.ndarray, may_change: np.ndarray, rule: str) -> np.ndarray:
    """The other reading of each day, worked out once per distinct day; NaN where there is none."""
    import numpy as np

    distinct, places = np.unique(day, return_inverse=True)
    found = [
        None if np.isnan(number) else other_reading(date.fromordinal(_EPOCH.toordinal() + int(number)), rule)
        for number in distinct
    ]
    numbers = np.array([np.nan if one is None else float((one - _EPOCH).days) for one in found])
    return np.where(may_change, numbers[places], np.nan)


def _rewritten(text: str, day: float) -> str:
    """The cell with its date as year-month-day, its time of day kept."""
    true = date.fromordinal(_EPOCH.toordinal() + int(day)).isoformat()
    return DATE_IN_FIGURES.sub(true, text, count=1)


def _proof(source_file: str, rule: str, verdict: Verdict, cells: int, rows: int) -> Proof:
    if verdict.holds:
        note = (
            f"In {cells:,} of {rows:,} order dates {_WHAT[rule]}, as a spreadsheet does; they were put back."
        )
    else:
        note = (
            f"{verdict.misplaced:,} order dates are out of place. That {_WHAT[rule]} is not shown: "
            f"{verdict.reason}. Nothing was changed."
        )
    return Proof("orders", source_file, "ordered_at", rule, verdict.holds, cells, verdict.statistics, note)


__all__ = ["RULES", "find_damaged_dates", "other_reading"]
