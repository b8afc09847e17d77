"""Orders per day and place, with the weather and the calendar of that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import numpy as np

if TYPE_CHECKING:
    import pandas as pd

WEATHER_COLUMNS = ("precipitation_mm", "temperature_celsius", "sunshine_hours")
YEAR_DAYS = 365.25
LEAST_DAYS_FOR_A_YEAR = 371
"""53 weeks: with fewer, what a year does cannot be told from what a trend does."""
HARMONICS = 2
KNOT_DAYS_WITH_YEAR, KNOT_DAYS_WITHOUT = 182, 60


@dataclass(frozen=True)
class Days:
    """One row per place and day, places one after the other, days ascending within each.

    `day` counts from the first day; `counts` are orders; `place` numbers the places.
    """

    first: date
    day: np.ndarray
    place: np.ndarray
    counts: np.ndarray

    @property
    def dates(self) -> np.ndarray:
        """The days as numpy dates."""
        return np.datetime64(self.first, "D") + self.day


def order_days(purchases: ir.Table, as_of: date, places: list[str]) -> Days | None:
    """Purchases per day from the first one to `as_of`; None when there are none.

    An order belongs to the place that its region or country names, else to the first
    place; with `places` empty all of them are of one.
    """
    at = [ibis.ifelse(_names(purchases, name), number, None) for number, name in enumerate(places)]
    place = ibis.coalesce(*at, 0) if places else ibis.literal(0)
    counted = (
        purchases.mutate(place=place.cast("int64"))
        .group_by("order_date", "place")
        .aggregate(orders=lambda t: t.count())
        .to_pyarrow()
    )
    if not counted.num_rows:
        return None
    dates = counted["order_date"].to_numpy().astype("datetime64[D]")
    first = dates.min()
    span = int((np.datetime64(as_of, "D") - first).astype(int)) + 1
    if span < 1:
        return None
    table = np.zeros((max(1, len(places)), span))
    day = (dates - first).astype(int)
    seen = day < span
    np.add.at(table, (counted["place"].to_numpy()[seen], day[seen]), counted["orders"].to_numpy()[seen])
    return Days(
        first.item(),
        np.tile(np.arange(span), len(table)),
        np.repeat(np.arange(len(table)), span),
        table.ravel(),
    )


def _names(purchases: ir.Table, place: str) -> ir.BooleanValue:
    wanted = place.casefold()
    return (purchases.region.lower() == wanted).fill_null(False) | (
        purchases.country.lower() == wanted
    ).fill_null(False)


def weather_of(days: Days, weather: pd.DataFrame, places: list[str]) -> np.ndarray:
    """Shape (rows, 3): WEATHER_COLUMNS of each row of `days`, NaN where nothing is known."""
    told = np.full((len(places), int(days.day.max()) + 1, len(WEATHER_COLUMNS)), np.nan)
    day = (weather["day"].to_numpy().astype("datetime64[D]") - np.datetime64(days.first, "D")).astype(int)
    place = weather["place"].map({name: number for number, name in enumerate(places)})
    usable = place.notna().to_numpy() & (day >= 0) & (day < told.shape[1])
    values = weather[list(WEATHER_COLUMNS)].to_numpy(dtype="float64")
    told[place[usable].astype(int), day[usable]] = values[usable]
    return told.reshape(-1, len(WEATHER_COLUMNS))


def season_columns(days: Days) -> np.ndarray:
    """What season, weekday and slow growth do: ones, places, weekdays, two harmonics, a bent line.

    In a shop younger than 53 weeks the bends of the line, every 60 days, stand for the season.
    """
    span = int(days.day.max()) + 1
    columns = [np.ones(len(days.day))]
    columns += [(days.place == place).astype(float) for place in range(1, int(days.place.max()) + 1)]
    weekday = (days.dates.astype("datetime64[D]").astype(int) + 3) % 7
    columns += [(weekday == number).astype(float) for number in range(1, 7)]
    knot_days = KNOT_DAYS_WITHOUT
    if span >= LEAST_DAYS_FOR_A_YEAR:
        knot_days = KNOT_DAYS_WITH_YEAR
        angle = 2 * np.pi * days.dates.astype(int) / YEAR_DAYS
        for order in range(1, HARMONICS + 1):
            columns += [np.cos(order * angle), np.sin(order * angle)]
    scale = max(span, 2)
    knots = np.arange(0, span - knot_days / 2, knot_days)
    columns += [np.maximum(days.day - knot, 0) / scale for knot in knots]
    return np.column_stack(columns)


def unusual(values: np.ndarray, season: np.ndarray) -> np.ndarray:
    """How far values are from what is usual at that time of year (residuals of least squares)."""
    fitted, *_ = np.linalg.lstsq(season, values, rcond=None)
    return values - season @ fitted
