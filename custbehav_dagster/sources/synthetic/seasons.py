"""When a gift shop sells: every day's weight, with the peaks before Christmas and Mother's Day.

Buying runs on the shop's own clock, in *average days*: a busy day counts for
more than one, a quiet one for less, and over the history they sum to the number
of days. A steady rate per average day becomes a seasonal one per calendar day,
and chances stay simple formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from dateutil.easter import easter

HISTORY_YEARS = 3
DAYS_BEYOND = 1_100
"""Days after the last one that chances can look ahead, the longest horizon of the settings."""

# Monday to Sunday.
_WEEKDAY_WEIGHTS = np.array([0.95, 0.92, 0.95, 1.0, 1.0, 1.05, 1.13])
# January to December, without the peaks.
_MONTH_WEIGHTS = np.array([0.72, 0.9, 0.95, 0.92, 0.95, 0.9, 0.85, 0.82, 0.95, 1.08, 1.2, 1.1])


def mothering_sunday(year: int) -> date:
    """Mother's Day in the United Kingdom: the fourth Sunday of Lent, three weeks before Easter."""
    return easter(year) - timedelta(days=21)


@dataclass(frozen=True)
class Seasons:
    """The days of a history that ends, inclusively, with `last_day`, and their weights."""

    last_day: date

    @cached_property
    def first_day(self) -> date:
        """First day of the history."""
        # The day before a year's 29 February is in the calendar of every year.
        last_day = self.last_day - timedelta(days=(self.last_day.month, self.last_day.day) == (2, 29))
        return last_day.replace(year=last_day.year - HISTORY_YEARS) + timedelta(days=1)

    @property
    def days(self) -> int:
        """Days of the history, and its length in average days as well."""
        return (self.last_day - self.first_day).days + 1

    @cached_property
    def gift_peak(self) -> np.ndarray:
        """Per day, from 0 (an ordinary day) to 1 (the height of a gift season)."""
        calendar = self._calendar
        peak = np.zeros(len(calendar))
        for year in range(self.first_day.year, self.last_day.year + 5):
            christmas, mothers_day = date(year, 12, 25), mothering_sunday(year)
            valentine = date(year, 2, 14)
            for feast, posting, length, height in (
                (christmas, 6, 38, 1.0),
                (mothers_day, 4, 18, 0.75),
                (valentine, 4, 10, 0.3),
            ):
                # Parcels take some days: orders rise towards the last posting day, then stop short.
                days_before = (np.datetime64(feast) - calendar).astype(int)
                rising = np.clip(1 - (days_before - posting) / length, 0, 1) * (days_before >= posting)
                peak = np.maximum(peak, height * rising)
        return peak

    @cached_property
    def elapsed(self) -> np.ndarray:
        """Average days gone by before each calendar day, and after the last one."""
        calendar = self._calendar
        months = calendar.astype("datetime64[M]").astype(int) % 12
        # Day 0 of the epoch was a Thursday.
        weekdays = (calendar.astype(int) + 3) % 7
        weights = _WEEKDAY_WEIGHTS[weekdays] * _MONTH_WEIGHTS[months] * (1 + 2.2 * self.gift_peak)
        weights /= weights[: self.days].mean()
        return np.concatenate([[0.0], np.cumsum(weights)])

    @property
    def _calendar(self) -> np.ndarray:
        return np.datetime64(self.first_day) + np.arange(self.days + DAYS_BEYOND)

    def day_numbers(self, average_days: np.ndarray) -> np.ndarray:
        """Calendar days since the first day at which so many average days have gone by."""
        numbers = np.searchsorted(self.elapsed, average_days, side="right") - 1
        return np.clip(numbers, 0, self.days - 1).astype(np.int32)

    def at_end_of(self, day: date) -> float:
        """Average days gone by at the end of `day`.

        Raises:
            ValueError: the day is before the history or more than `DAYS_BEYOND` days after it.
        """
        number = (day - self.first_day).days + 1
        if not 0 <= number < len(self.elapsed):
            raise ValueError(
                f"{day} is outside the made-up history, which runs from {self.first_day} to {self.last_day}"
            )
        return float(self.elapsed[number])
