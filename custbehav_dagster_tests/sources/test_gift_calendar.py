"""Days of presents, as printed calendars have them."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from custbehav_dagster.contract.outside import CALENDAR_EVENTS
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.gift_calendar import (
    SEASONS,
    calendar_events,
    country_of_timezone,
    fathers_day,
    mothers_day,
)


@pytest.mark.parametrize(
    ("country", "year", "day"),
    [
        ("GB", 2024, date(2024, 3, 10)),
        ("GB", 2025, date(2025, 3, 30)),
        ("US", 2025, date(2025, 5, 11)),
        ("DE", 2024, date(2024, 5, 12)),
        ("FR", 2024, date(2024, 5, 26)),
        ("FR", 2023, date(2023, 6, 4)),
        ("ES", 2025, date(2025, 5, 4)),
        ("PL", 2025, date(2025, 5, 26)),
        ("EG", 2025, date(2025, 3, 21)),
    ],
)
def test_mothers_day_is_when_the_country_keeps_it(country: str, year: int, day: date) -> None:
    assert mothers_day(year, country) == day


@pytest.mark.parametrize(
    ("country", "day"), [("GB", date(2025, 6, 15)), ("AU", date(2025, 9, 7)), ("IT", date(2025, 3, 19))]
)
def test_fathers_day_is_when_the_country_keeps_it(country: str, day: date) -> None:
    assert fathers_day(2025, country) == day


def test_holidays_and_gift_seasons_of_two_years_are_rows_of_the_contract() -> None:
    events = calendar_events([2024, 2025], "GB")
    assert list(events.columns) == CALENDAR_EVENTS.column_names
    assert events.event_id.is_unique
    assert not events.is_synthetic.any()
    assert (events.window_start <= events.window_end).all()
    seasons = events[events.kind == "gift season"].event
    assert set(seasons) == set(SEASONS) - {"Nowruz"}
    assert (seasons.value_counts() == 2).all()
    black_friday = events[events.event == "Black Friday"].day
    assert set(black_friday) == {date(2024, 11, 29), date(2025, 11, 28)}
    christmas = events[(events.event == "Christmas Day") & (events.kind == "public holiday")]
    assert set(christmas.day) == {date(2024, 12, 25), date(2025, 12, 25)}


def test_a_persian_shop_has_nowruz_and_no_christmas() -> None:
    assert set(calendar_events([2025], "IR").event) >= {"Nowruz"}
    assert "Christmas" not in set(calendar_events([2025], "IR").event)


@pytest.mark.parametrize("country", ["IR", "IN", "LT"])
def test_a_holiday_and_a_gift_season_of_one_name_and_day_are_two_events(country: str) -> None:
    events = calendar_events(range(2023, 2027), country)
    assert events.duplicated(["event", "day"]).any()
    assert events.event_id.is_unique


def test_a_country_that_is_none_is_named_and_the_uk_is_understood() -> None:
    assert Settings(country="UK").country == "GB"
    with pytest.raises(ValidationError, match="'ZZ' is no country's code such as GB"):
        Settings(country="ZZ")


def test_no_country_no_calendar() -> None:
    assert calendar_events([2025], None).empty
    assert calendar_events([3000], "GB").empty


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/London", "GB"),
        ("Asia/Tehran", "IR"),
        ("UTC", None),
        ("EST", None),
        ("America/New_York", "US"),
        ("US/Eastern", "US"),
        ("Asia/Calcutta", "IN"),
    ],
)
def test_the_time_zone_names_the_country(zone: str, country: str | None) -> None:
    assert country_of_timezone(zone) == country
