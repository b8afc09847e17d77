"""Features of a moment on the shop's own calendar: day, weekday, month, season."""

from __future__ import annotations

from typing import Literal

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import replaced
from custbehav_dagster.cleaning.timezones import add_local_time
from custbehav_dagster.settings import Settings

SEASON_OF_MONTH = {
    "north": {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)},
    "south": {"winter": (6, 7, 8), "spring": (9, 10, 11), "summer": (12, 1, 2), "autumn": (3, 4, 5)},
}
"""Meteorological seasons: whole months."""


def season_of(month: ir.IntegerValue, hemisphere: Literal["north", "south"]) -> ir.StringValue:
    """Season of a month number (1 to 12) by hemisphere; NULL for NULL."""
    seasons = SEASON_OF_MONTH[hemisphere]
    return ibis.cases(
        *((month.isin(months), name) for name, months in seasons.items()), else_=ibis.null("string")
    )


def local_date(table: ir.Table, timestamp_column: str, name: str, settings: Settings) -> ir.Table:
    """Add the day on the shop's calendar of a UTC timestamp, as column `name`."""
    table = add_local_time(table, timestamp_column, "_local_time", settings.timezone)
    return replaced(table, ("_local_time",), **{name: table._local_time.date()})


def add_time_features(table: ir.Table, timestamp_column: str, settings: Settings) -> ir.Table:
    """Add `day_of_week` (0 is Monday), `month` (1 to 12) and `season` of the shop's local day.

    A NULL timestamp gives NULL features.
    """
    table = local_date(table, timestamp_column, "_day", settings)
    month = table._day.month().cast("int64")
    return replaced(
        table,
        ("_day",),
        day_of_week=table._day.day_of_week.index().cast("int64"),
        month=month,
        season=season_of(month, settings.hemisphere),
    )
