"""The shop's clock and UTC: offsets, days and seasons are those of its time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.cleaning.dates import parse_dates
from custbehav_dagster.cleaning.times import add_time_features, season_of
from custbehav_dagster.cleaning.timezones import add_local_time, local_day_offsets
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.shop_rows import rows_of, table_of

ZONES = ("Europe/London", "America/New_York", "Australia/Sydney", "Asia/Tehran")
DAYS = st.dates(date(1970, 1, 1), date(2099, 12, 31))


def in_utc_as_read(moments: list[datetime], zone: str) -> list[datetime]:
    """The moments as the reader of dates understands them by the clock of `zone`."""
    table = table_of(raw.ORDERS, [{"ordered_at": str(moment)} for moment in moments])
    evidence = cleaned.DATE_EVIDENCE.empty()
    read = parse_dates(table, "ordered_at", evidence, Settings(shop_timezone=zone))
    return [row["ordered_at"] for row in rows_of(read, "source_line")]


@pytest.mark.parametrize("zone", ZONES)
@given(day=DAYS, second=st.integers(0, 86_399))
def test_the_offset_of_any_local_moment_is_that_of_the_zone(zone: str, day: date, second: int) -> None:
    before, switch, after = local_day_offsets(ZoneInfo(zone), day)
    local = datetime.combine(day, time(), ZoneInfo(zone)) + timedelta(seconds=second)
    assert timedelta(seconds=after if second >= switch else before) == local.utcoffset()


def days_of_change(zone: str) -> list[date]:
    """The days of 2021 between whose midnights the zone's clocks are changed."""
    midnights = [datetime(2021, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=n) for n in range(365)]
    return [m.date() for m in midnights if m.utcoffset() != (m + timedelta(days=1)).utcoffset()]


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=2)
@given(
    random_moments=st.lists(
        st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30)).map(lambda m: m.replace(microsecond=0)),
        min_size=20,
    )
)
def test_tables_go_from_local_time_to_utc_and_back_as_the_zone_does(
    zone: str, random_moments: list[datetime]
) -> None:
    assert len(days_of_change(zone)) == 2
    # Into the next day too: in Tehran the clocks are changed at midnight.
    quarters = [timedelta(minutes=15 * number, seconds=-1) for number in range(1, 110)]
    moments = [datetime.combine(day, time()) + q for day in days_of_change(zone) for q in quarters]
    moments += random_moments
    read = in_utc_as_read(moments, zone)
    in_utc = [m.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for m in moments]
    assert read == in_utc
    table = ibis.memtable(pa.table({"place": range(len(read)), "at": pa.array(read, pa.timestamp("us"))}))
    shown = rows_of(add_local_time(table, "at", "local", ZoneInfo(zone)), "place")
    expected = [m.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for m in in_utc]
    assert [row["local"] for row in shown] == expected


@pytest.mark.parametrize(
    ("hemisphere", "seasons"),
    [("north", "winter spring summer autumn winter"), ("south", "summer autumn winter spring summer")],
)
def test_a_season_is_three_whole_months_of_its_hemisphere(hemisphere: str, seasons: str) -> None:
    months = ibis.memtable(pa.table({"month": pa.array([1, 2, *range(3, 13), None], pa.int64())}))
    found = rows_of(months.mutate(season=season_of(months.month, hemisphere)), "month")  # type: ignore[arg-type]
    first, second, third, fourth, last = seasons.split()
    expected = [first] * 2 + [second] * 3 + [third] * 3 + [fourth] * 3 + [last]
    assert [row["season"] for row in found] == [*expected, None]


def test_time_features_are_of_the_day_by_the_shops_clock_and_empty_for_no_time() -> None:
    # 23:30 UTC on Friday 31 May is Saturday 1 June in London.
    moments = pa.array([datetime(2024, 5, 31, 23, 30), None], pa.timestamp("us"))
    table = ibis.memtable(pa.table({"at": moments}))
    known, unknown = rows_of(add_time_features(table, "at", Settings()), "at")
    assert (known["day_of_week"], known["month"], known["season"]) == (5, 6, "summer")
    assert (unknown["day_of_week"], unknown["month"], unknown["season"]) == (None, None, None)
