"""Between the shop's clock and UTC, by small tables of offsets instead of a database's own time zones.

Offsets come from Python's zoneinfo, so every engine gives the same answer. A time
that a clock shows twice (or never) when summer time ends (or begins) is read as
zoneinfo reads it by default: with the offset from before the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import attach

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_YEAR, LAST_YEAR = 1970, 2099
"""The years that dates are read in."""

DAY_SECONDS = 86_400


class DayOffsets(NamedTuple):
    """Seconds ahead of UTC during one day: `before`, and `after` from second `switch` on."""

    before: int
    switch: int
    after: int


def _seconds(moment: datetime) -> int:
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _local_offset(zone: ZoneInfo, day: date, second: int) -> int:
    return _seconds((datetime.combine(day, time()) + timedelta(seconds=second)).replace(tzinfo=zone))


def _utc_offset(zone: ZoneInfo, day: date, second: int) -> int:
    moment = datetime.combine(day, time(), UTC) + timedelta(seconds=second)
    return _seconds(moment.astimezone(zone))


def _day_offsets(zone: ZoneInfo, day: date, is_utc_day: bool) -> DayOffsets:
    offset_at = _utc_offset if is_utc_day else _local_offset
    before, after = offset_at(zone, day, 0), offset_at(zone, day, DAY_SECONDS - 1)
    if before == after:
        return DayOffsets(before, DAY_SECONDS, after)
    early, late = 0, DAY_SECONDS - 1
    while late - early > 1:
        middle = (early + late) // 2
        if offset_at(zone, day, middle) == before:
            early = middle
        else:
            late = middle
    return DayOffsets(before, late, after)


def local_day_offsets(zone: ZoneInfo, days: Iterable[date]) -> list[DayOffsets]:
    """Offsets for days as the shop's clock counts them; to get UTC, subtract."""
    return [_day_offsets(zone, day, is_utc_day=False) for day in days]


@lru_cache(maxsize=8)
def _utc_days(zone: ZoneInfo) -> pa.Table:
    """One row per UTC day from 1970 to 2099: the offsets to add to get the shop's time."""
    import pyarrow as pa

    first, last = date(FIRST_YEAR, 1, 1) - timedelta(days=1), date(LAST_YEAR, 12, 31) + timedelta(days=1)
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    offsets = [_day_offsets(zone, day, is_utc_day=True) for day in days]
    before, switch, after = zip(*offsets, strict=True)
    return pa.table(
        {
            "utc_day": pa.array(days, pa.date32()),
            "utc_before": pa.array(before, pa.int32()),
            "utc_switch": pa.array(switch, pa.int32()),
            "utc_after": pa.array(after, pa.int32()),
        }
    )


def plus_seconds(moment: ir.TimestampValue, seconds: ir.IntegerValue) -> ir.TimestampValue:
    """`moment` moved by a number of seconds."""
    return moment + seconds.cast("int64").as_interval("s")


def second_of_day(moment: ir.TimestampValue) -> ir.IntegerValue:
    """Whole seconds since midnight."""
    return (moment.hour() * 3600 + moment.minute() * 60 + moment.second()).cast("int32")


def add_local_time(table: ir.Table, timestamp_column: str, name: str, zone: ZoneInfo) -> ir.Table:
    """Add the UTC timestamps of `timestamp_column` as `zone`'s clock shows them, as column `name`.

    NULL stays NULL; moments outside 1970 to 2099 become NULL.
    """
    table = table.mutate(_utc_day=table[timestamp_column].date())
    table = attach(table, ibis.memtable(_utc_days(zone)), {"_utc_day": "utc_day"})
    moment = table[timestamp_column]
    offset = ibis.ifelse(second_of_day(moment) >= table.utc_switch, table.utc_after, table.utc_before)
    return table.mutate(**{name: plus_seconds(moment, offset)}).drop(
        "_utc_day", "utc_before", "utc_switch", "utc_after"
    )
