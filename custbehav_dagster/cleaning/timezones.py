"""Between the shop's clock and UTC, by small tables of offsets instead of a database's own time zones.

Offsets come from Python's zoneinfo, so every engine gives the same answer. A time
that a clock shows twice (or never) when summer time ends (or begins) is read as
zoneinfo reads it by default: with the offset from before the change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import join_lookup, replaced

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_YEAR, LAST_YEAR = 1970, 2099
"""The years that dates are read in."""

DAY_SECONDS = 86_400
EPOCH = date(1970, 1, 1)


class DayOffsets(NamedTuple):
    """Seconds ahead of UTC during one day: `before`, and `after` from second `switch` on."""

    before: int
    switch: int
    after: int


def _offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _day_offsets(offset_at: Callable[[int], int], before: int, after: int) -> DayOffsets:
    """Find the second of the day from which `offset_at` gives `after` instead of `before`."""
    if before == after:
        return DayOffsets(before, DAY_SECONDS, after)
    early, late = 0, DAY_SECONDS
    while late - early > 1:
        middle = (early + late) // 2
        if offset_at(middle) == before:
            early = middle
        else:
            late = middle
    return DayOffsets(before, late, after)


def local_day_offsets(zone: ZoneInfo, day: date) -> DayOffsets:
    """The offsets of one day as the shop's clock counts it; to get UTC, subtract."""
    start = datetime.combine(day, time(), zone)

    def offset_at(second: int) -> int:
        # Added to a time with a zone, a duration moves its hands, not the moment.
        return _offset(start + timedelta(seconds=second))

    return _day_offsets(offset_at, offset_at(0), offset_at(DAY_SECONDS - 1))


@lru_cache(maxsize=8)
def _utc_days(zone: ZoneInfo) -> pa.Table:
    """One row per UTC day from 1970 to 2099: the offsets to add to get the shop's time."""
    import pyarrow as pa

    def offset_at(epoch_second: int) -> int:
        return _offset(datetime.fromtimestamp(epoch_second, zone))

    # A day more at either end: where it is 1970 or 2099 by the shop's clock, it may not be by UTC.
    first = (date(FIRST_YEAR, 1, 1) - EPOCH).days - 1
    last = (date(LAST_YEAR, 12, 31) - EPOCH).days + 1
    starts = [offset_at(day * DAY_SECONDS) for day in range(first, last + 2)]
    before, after = starts[:-1], starts[1:]
    switch = [DAY_SECONDS] * len(before)
    # On all but a few days nothing changes.
    for place in (place for place, (one, other) in enumerate(pairwise(starts)) if one != other):
        midnight = (first + place) * DAY_SECONDS
        offsets = _day_offsets(
            lambda second, midnight=midnight: offset_at(midnight + second),  # type: ignore[misc]
            before[place],
            after[place],
        )
        switch[place] = offsets.switch
    return pa.table(
        {
            "utc_day": pa.array(range(first, last + 1), pa.int32()).cast(pa.date32()),
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
    days = ibis.memtable(_utc_days(zone))
    table = join_lookup(table, days, {"_utc_day": "utc_day"})
    moment = table[timestamp_column]
    offset = ibis.ifelse(second_of_day(moment) >= table.utc_switch, table.utc_after, table.utc_before)
    return replaced(table, ("_utc_day", *days.columns), **{name: plus_seconds(moment, offset)})
