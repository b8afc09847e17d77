"""Columns of dates as written become UTC timestamps, with the evidence for day before month.

Each text is split into its date and its time of day; each part is read once per
distinct text (some thousand dates, at most 86,400 times) and joined back, so that
ten million rows cost no more Python than a few thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import Step, has_content, join_lookup, replaced
from custbehav_dagster.cleaning.date_order import CountedDate, decide_date_order
from custbehav_dagster.cleaning.date_text import parse_date_part, parse_time_part, parse_zoned_time
from custbehav_dagster.cleaning.timezones import add_local_time, local_day_offsets, plus_seconds
from custbehav_dagster.contract import cleaned
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.working import settled

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "DATE_COLUMNS",
    "date_evidence",
    "date_reader",
    "parse_date_part",
    "parse_dates",
    "parse_time_part",
]

DATE_COLUMNS = {
    "customers": ("signup_date",),
    "orders": ("ordered_at",),
    "feedback": ("created_at",),
    "subscribers": ("subscribed_at", "unsubscribed_at"),
}
"""Raw tables and their columns of dates as written."""

FEW_TEXTS, FEW_TEXTS_SHARE = 100_000, 0.4
"""Up to so many different texts, or so many for each row, are read as a whole, each once."""

MONTH_FIRST = "month first"


def _split(table: ir.Table, column: str, month_first_files: Sequence[str] = ()) -> ir.Table:
    """Add `_date_part` and `_time_part` of the text in `column`; the time is empty when there is none.

    Adds `_month_first` too, which is True for the files named.

    The time begins at the hour before the first colon. Without a colon it may be
    `T1015` after eight figures, or a spreadsheet's share of a day after five.
    """
    text = table[column]
    month_first = table.source_file.isin(month_first_files) if month_first_files else ibis.literal(False)
    table = table.mutate(
        _colon=text.find(":"), _point=text.find("."), _comma=text.find(","), _ninth=text.left(9).right(1),
        _month_first=month_first,
    )  # fmt: skip
    before_minutes = table[column].left(table._colon - 1).right(1)
    start = ibis.cases(
        (table._colon > 1, table._colon - ibis.ifelse(before_minutes.between("0", "9"), 2, 1)),
        (table._ninth == "T", 8),
        ((table._point == 5) & table[column].left(5).right(1).between("0", "9"), 5),
        # In `Mar 9, 2024` the comma stands in the same place.
        ((table._comma == 5) & table[column].left(5).try_cast("int64").notnull(), 5),
        else_=table[column].length(),
    )
    table = table.mutate(_start=start)
    rest = table[column].right(table[column].length() - table._start)
    # Parts of a second would make nearly every time of day a text of its own.
    has_fraction = rest.contains(".") & ~rest.startswith(".")
    return replaced(
        table,
        ("_colon", "_point", "_comma", "_ninth", "_start"),
        _date_part=table[column].left(table._start),
        _time_part=ibis.ifelse(has_fraction, rest.re_replace(r"\.\d+", ""), rest),
    )


def _counted_dates(table: ir.Table, column: str) -> Iterator[tuple[str, list[CountedDate]]]:
    """The distinct dates of each file, in the order of the files' names. Runs a query."""
    found = table.filter(has_content(table[column])).select("source_file", "source_line", column)
    if has_few_texts(table, column):
        # Parting each different text once is far cheaper than parting that of each row.
        found = found.group_by("source_file", column).aggregate(
            rows=found.count(), lines=found.source_line.sum(), numbered=found.source_line.count()
        )
    else:
        is_numbered = found.source_line.notnull().cast("int64")
        found = found.mutate(rows=ibis.literal(1, "int64"), lines=found.source_line, numbered=is_numbered)
    found = _split(found, column).rename(date_part="_date_part")
    groups = found.group_by("source_file", "date_part").aggregate(
        rows=found.rows.sum(), mean_line=found.lines.sum() / found.numbered.sum().nullif(0)
    )
    by_file: dict[str, list[CountedDate]] = defaultdict(list)
    for row in groups.order_by("source_file", "date_part").to_pyarrow().to_pylist():
        by_file[row["source_file"]].append(
            CountedDate(row["date_part"], row["rows"], row["mean_line"] or 0.0)
        )
    yield from by_file.items()


def date_evidence(tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table:
    """Decide the order of day and month for every file and date column.

    Args:
        tables: raw tables by noun (customers, orders, feedback, subscribers; others are ignored).
        settings: `ambiguous_date_order` decides where the file does not.

    Returns:
        A table that keeps `contract.cleaned.DATE_EVIDENCE`; columns without any
        value have no row. Counts are of rows.
    """
    import pyarrow as pa

    rows = []
    for noun, columns in DATE_COLUMNS.items():
        for column in columns:
            if noun not in tables:
                continue
            for source_file, counted in _counted_dates(tables[noun], column):
                decision = decide_date_order(counted, settings.ambiguous_date_order)
                rows.append({"source_file": source_file, "column_name": column, **vars(decision)})
    if not rows:
        return cleaned.DATE_EVIDENCE.empty()
    schema = cleaned.DATE_EVIDENCE.schema.to_pyarrow()
    return cleaned.DATE_EVIDENCE.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=schema)))


def month_first_files(evidence: ir.Table, column: str) -> list[str]:
    """The files whose dates in `column` are month first, by the evidence. Runs a query."""
    chosen = evidence.filter((evidence.column_name == column) & (evidence.date_order == "month_first"))
    return sorted(chosen.source_file.to_pyarrow().to_pylist())


def _day_lookup(parts: pa.Table, zone: ZoneInfo) -> ir.Table:
    """One row per distinct date and order: midnight, and what the clock is ahead of UTC that day."""
    import pyarrow as pa

    texts, month_first = parts["date_part"].to_pylist(), parts["month_first"].to_pylist()
    days = [
        parse_date_part(text, "month_first" if flag else "day_first")
        for text, flag in zip(texts, month_first, strict=True)
    ]
    offsets = {day: local_day_offsets(zone, day) for day in set(days) if day}
    of_day = [offsets[day] if day else None for day in days]
    return ibis.memtable(
        pa.table(
            {
                "day_text": pa.array(texts, pa.string()),
                "day_month_first": pa.array(month_first, pa.bool_()),
                "day_start": pa.array(
                    [day and datetime.combine(day, time()) for day in days], pa.timestamp("us")
                ),
                "day_before": pa.array([item and item.before for item in of_day], pa.int32()),
                "day_switch": pa.array([item and item.switch for item in of_day], pa.int32()),
                "day_after": pa.array([item and item.after for item in of_day], pa.int32()),
                "day_is_blank": pa.array([not text.strip() for text in texts], pa.bool_()),
            }
        )
    )


def _zone_lookup(parts: pa.Table, zones: list[str]) -> ir.Table:
    """`_day_lookup` for each zone that the column names, so that it can stand in for the shop's own."""
    lookups = [
        _day_lookup(parts, ZoneInfo(zone)).select(
            zone_name=ibis.literal(zone),
            zone_text="day_text",
            zone_month_first="day_month_first",
            zone_before="day_before",
            zone_switch="day_switch",
            zone_after="day_after",
        )
        for zone in zones
    ]
    return lookups[0].union(*lookups[1:]) if len(lookups) > 1 else lookups[0]


def _clock_lookup(texts: list[str]) -> tuple[ir.Table, list[str]]:
    """One row per distinct time of day: seconds since midnight, seconds ahead of UTC and zone if it says so.

    Also returns the zones that are named; without any the table has no column for them.
    """
    import pyarrow as pa

    times = [parse_zoned_time(text) for text in texts]
    offsets = [None if found is None or found[1] is None else found[1] * 60 for found in times]
    zones = [found and found[2] for found in times]
    columns = {
        "clock_text": pa.array(texts, pa.string()),
        "clock_second": pa.array([found and found[0] for found in times], pa.int32()),
        "clock_offset": pa.array(offsets, pa.int32()),
    }
    if any(zones):
        columns["clock_zone"] = pa.array(zones, pa.string())
    return ibis.memtable(pa.table(columns)), sorted({zone for zone in zones if zone})


def _with_zone_offsets(part: ir.Table, zones: ir.Table) -> ir.Table:
    """Put the offsets of the zone that a row names in place of the shop's own."""
    keys = {"_date_part": "zone_text", "_month_first": "zone_month_first", "clock_zone": "zone_name"}
    part = join_lookup(part, zones, keys)
    names = ("before", "switch", "after")
    offsets = {f"day_{name}": part[f"zone_{name}"].coalesce(part[f"day_{name}"]) for name in names}
    return replaced(part, ("clock_zone", *zones.columns), **offsets)


def has_few_texts(table: ir.Table, column: str) -> bool:
    """Whether texts repeat so often that reading each once as a whole is best. Runs a query."""
    counted = table.aggregate(rows=table.count(), texts=table[column].approx_nunique())
    (found,) = counted.to_pyarrow().to_pylist()
    return (found["texts"] or 0) <= max(FEW_TEXTS, found["rows"] * FEW_TEXTS_SHARE)


def _split_reader(
    table: ir.Table, column: str, month_first_files: Sequence[str], zone: ZoneInfo, day: str
) -> Step:
    """`date_reader` by the two parts of each text, for columns where nearly each text is another."""
    parts = table.filter(table[column].notnull()).select("source_file", column)
    parts = _split(parts, column, month_first_files)
    days = parts.select(date_part="_date_part", month_first="_month_first").distinct().to_pyarrow()
    times = parts.select("_time_part").distinct().to_pyarrow()["_time_part"].to_pylist()
    day_lookup, (clock_lookup, zone_names) = _day_lookup(days, zone), _clock_lookup(times)
    zone_lookup = _zone_lookup(days, zone_names) if zone_names else None
    helpers = ("_date_part", "_time_part", "_month_first", *day_lookup.columns, *clock_lookup.columns)

    def read(part: ir.Table) -> ir.Table:
        part = _split(part, column, month_first_files)
        part = join_lookup(part, day_lookup, {"_date_part": "day_text", "_month_first": "day_month_first"})
        part = join_lookup(part, clock_lookup, {"_time_part": "clock_text"})
        if zone_lookup is not None:
            part = _with_zone_offsets(part, zone_lookup)
        local_offset = ibis.ifelse(part.clock_second >= part.day_switch, part.day_after, part.day_before)
        offset = part.clock_offset.coalesce(local_offset)
        moment = plus_seconds(part.day_start, part.clock_second - offset)
        is_blank = (part.day_is_blank & (part._time_part == "")).fill_null(True)
        is_unreadable = (part.day_start.isnull() | part.clock_second.isnull()) & ~is_blank
        part = replaced(part, helpers, **{column: moment, f"{column}_is_unreadable": is_unreadable})
        return _with_day(part, column, day, zone) if day else part

    return read


def _with_day(table: ir.Table, column: str, day: str, zone: ZoneInfo) -> ir.Table:
    table = add_local_time(table, column, "_local_time", zone)
    return replaced(table, ("_local_time",), **{day: table._local_time.date()})


def date_reader(
    table: ir.Table, column: str, month_first_files: Sequence[str], zone: ZoneInfo, day: str = ""
) -> Step:
    """Learn every distinct date and time in `column`; the step reads them in `table` or a part of it.

    The step replaces `column` by a UTC timestamp and adds `{column}_is_unreadable`:
    something is written there, but no date. Empty cells become NULL. With `day`, it
    adds under that name the day on the calendar of `zone`. Runs queries over `table` now.
    """
    if not has_few_texts(table, column):
        return _split_reader(table, column, month_first_files, zone, day)
    known = table.filter(table[column].notnull())
    # One file stands for all of its kind: only the order of day and month is the file's.
    texts = known.select(source_file=_kind_of_file(known, month_first_files), text=column).distinct()
    texts = settled(texts.select("source_file", **{column: "text"}, text="text"))
    kinds = [MONTH_FIRST] if month_first_files else []
    lookup = settled(_split_reader(texts, column, kinds, zone, day)(texts))
    found = {"text": "_written", "source_file": "_kind", column: "_moment"}
    found |= {f"{column}_is_unreadable": "_is_unreadable"} | ({day: "_day"} if day else {})
    lookup = lookup.select(**{new: old for old, new in found.items()})
    keys = {column: "_written"} | ({"_kind_here": "_kind"} if month_first_files else {})

    def read(part: ir.Table) -> ir.Table:
        if month_first_files:
            part = part.mutate(_kind_here=_kind_of_file(part, month_first_files))
        part = join_lookup(part, lookup, keys)
        values = {column: part._moment, f"{column}_is_unreadable": part._is_unreadable.fill_null(False)}
        if day:
            values[day] = part._day
        helpers = (*lookup.columns, *(("_kind_here",) if month_first_files else ()))
        return replaced(part, helpers, **values)

    return read


def _kind_of_file(table: ir.Table, month_first_files: Sequence[str]) -> ir.StringValue:
    if not month_first_files:
        return ibis.literal("")
    return ibis.ifelse(table.source_file.isin(month_first_files), MONTH_FIRST, "")


def parse_dates(table: ir.Table, column: str, evidence: ir.Table, settings: Settings) -> ir.Table:
    """Replace the dates as written in `column` by UTC timestamps.

    Adds `{column}_is_unreadable`. A date without a time is midnight by the shop's
    clock (`settings.timezone`), and so is a time without an offset from UTC by that
    clock; parts of a second are dropped. `evidence` is what `date_evidence` gave;
    files it does not name are taken day first. `table` needs the column `source_file`.
    """
    return date_reader(table, column, month_first_files(evidence, column), settings.timezone)(table)
