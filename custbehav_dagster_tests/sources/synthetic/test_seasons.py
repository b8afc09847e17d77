"""The calendar of a gift shop."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources.synthetic.seasons import DAYS_BEYOND, Seasons, mothering_sunday

SEASONS = Seasons(date(2026, 10, 31))


def peak_on(day: date) -> float:
    return float(SEASONS.gift_peak[(day - SEASONS.first_day).days])


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2023, date(2023, 3, 19)),
        (2024, date(2024, 3, 10)),
        (2025, date(2025, 3, 30)),
        (2026, date(2026, 3, 15)),
    ],
)
def test_mothers_day_is_the_fourth_sunday_of_lent(year: int, day: date) -> None:
    assert mothering_sunday(year) == day


@pytest.mark.parametrize(
    ("last_day", "first_day"),
    [
        (date(2026, 10, 31), date(2023, 11, 1)),
        (date(2025, 12, 31), date(2023, 1, 1)),
        (date(2028, 2, 29), date(2025, 3, 1)),
        (date(2027, 2, 28), date(2024, 2, 29)),
    ],
)
def test_the_history_is_three_years_long(last_day: date, first_day: date) -> None:
    assert Seasons(last_day).first_day == first_day


def test_average_days_sum_to_the_days_of_the_history() -> None:
    assert SEASONS.at_end_of(SEASONS.last_day) == pytest.approx(SEASONS.days)
    assert (np.diff(SEASONS.elapsed) > 0).all()


@pytest.mark.parametrize(
    ("day", "low", "high"),
    [
        (date(2025, 7, 1), 0, 0),
        (date(2025, 11, 11), 0, 0),
        (date(2025, 12, 1), 0.4, 0.6),
        (date(2025, 12, 19), 1, 1),
        (date(2025, 12, 20), 0, 0),
        (date(2026, 3, 11), 0.75, 0.75),
        (date(2026, 3, 12), 0, 0),
    ],
)
def test_gift_seasons_rise_to_the_last_posting_day_and_stop(day: date, low: float, high: float) -> None:
    assert low <= peak_on(day) <= high


@given(st.integers(0, SEASONS.days - 1), st.floats(0, 0.99))
def test_a_moment_lies_on_the_day_whose_span_it_is_in(day: int, part: float) -> None:
    start, end = SEASONS.elapsed[day], SEASONS.elapsed[day + 1]
    assert SEASONS.day_numbers(np.array([start + part * (end - start)]))[0] == day


@pytest.mark.parametrize("days", [-SEASONS.days - 1, DAYS_BEYOND + 1])
def test_a_day_outside_the_calendar_is_refused_by_name(days: int) -> None:
    day = SEASONS.last_day + timedelta(days=days)
    with pytest.raises(ValueError, match=f"{day} is outside"):
        SEASONS.at_end_of(day)
