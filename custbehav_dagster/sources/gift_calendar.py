"""Public holidays and the days for which people buy presents, in the shop's country.

Holidays come from the library `holidays`; gift seasons are rules of the calendar. Where
a country keeps a day otherwise than most, it is named here; for countries that are not
named, the most common rule holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from custbehav_dagster.contract.outside import CALENDAR_EVENTS

if TYPE_CHECKING:
    import pandas as pd

RULE = "rule of the calendar"
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
CHRISTMAS_COUNTRIES_NOT = ("IR", "SA", "AF", "YE", "LY", "DZ", "TN", "MA", "KW", "QA", "OM", "IL")
"""Where 25 December is no day of presents for most."""
NOWRUZ_COUNTRIES = ("IR", "AF", "TJ", "UZ", "AZ", "TM", "KZ", "KG")
LENT_MOTHERS = ("GB", "IE", "IM", "JE", "GG")
MARCH_MOTHERS = (
    "AE",
    "BH",
    "DZ",
    "EG",
    "IQ",
    "JO",
    "KW",
    "LB",
    "LY",
    "OM",
    "PS",
    "QA",
    "SA",
    "SY",
    "TN",
    "YE",
)
FIRST_SUNDAY_OF_MAY = ("ES", "PT", "HU", "LT", "RO", "ZA")
LAST_SUNDAY_OF_MAY = ("FR", "SE", "DZ", "MG")
MOTHERS_ON_DAY = {"PL": (5, 26), "MX": (5, 10), "GT": (5, 10), "SV": (5, 10)}
MARCH_FATHERS = ("ES", "IT", "PT", "HR", "BE", "BO")
SEPTEMBER_FATHERS = ("AU", "NZ", "FJ", "PG")
ZONES_OF_A_COUNTRY = {
    "US": "US",
    "Canada": "CA",
    "Australia": "AU",
    "Brazil": "BR",
    "Mexico": "MX",
    "Chile": "CL",
}
"""Older names of time zones that begin with the country, as US/Eastern."""
EARLIER_ZONES = {
    "Asia/Calcutta": "IN",
    "Asia/Katmandu": "NP",
    "Asia/Rangoon": "MM",
    "Asia/Saigon": "VN",
    "America/Buenos_Aires": "AR",
    "Atlantic/Faeroe": "FO",
    "Europe/Belfast": "GB",
    "Europe/Kiev": "UA",
    "Eire": "IE",
    "GB": "GB",
    "Iran": "IR",
    "Israel": "IL",
    "Japan": "JP",
    "NZ": "NZ",
    "Portugal": "PT",
    "Turkey": "TR",
}
"""Time zones by names that are still in use and no longer in the list of countries."""


def _weekday_of(year: int, month: int, weekday: int, which: int) -> date:
    """The `which`-th (from 1; -1 is the last) such weekday of a month; Monday is 0."""
    if which > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def mothers_day(year: int, country: str) -> date:
    """Mother's Day as the country keeps it; the second Sunday of May where nothing else is known."""
    from dateutil.easter import easter

    if country in LENT_MOTHERS:
        return easter(year) - timedelta(days=21)
    if country in MARCH_MOTHERS:
        return date(year, 3, 21)
    if country in MOTHERS_ON_DAY:
        return date(year, *MOTHERS_ON_DAY[country])
    if country in FIRST_SUNDAY_OF_MAY:
        return _weekday_of(year, 5, 6, 1)
    if country in LAST_SUNDAY_OF_MAY:
        last = _weekday_of(year, 5, 6, -1)
        # France puts it off by a week when it falls on Pentecost.
        return last + timedelta(days=7) if country == "FR" and last == easter(year) + timedelta(49) else last
    return _weekday_of(year, 5, 6, 2)


def fathers_day(year: int, country: str) -> date:
    """Father's Day as the country keeps it; the third Sunday of June where nothing else is known."""
    if country in MARCH_FATHERS:
        return date(year, 3, 19)
    if country in SEPTEMBER_FATHERS:
        return _weekday_of(year, 9, 6, 1)
    return _weekday_of(year, 6, 6, 3)


def _black_friday(year: int, country: str) -> date:
    return _weekday_of(year, 11, 3, 4) + timedelta(days=1)


SEASONS: dict[str, tuple[Callable[[int, str], date], int, int]] = {
    "Valentine's Day": (lambda year, country: date(year, 2, 14), 14, 1),
    "Nowruz": (lambda year, country: date(year, 3, 20), 21, 1),
    "Mother's Day": (mothers_day, 18, 1),
    "Father's Day": (fathers_day, 14, 1),
    "Back to school": (lambda year, country: date(year, 9, 1), 21, -7),
    "Black Friday": (_black_friday, 3, -3),
    "Christmas": (lambda year, country: date(year, 12, 25), 35, 3),
}
"""The day of each gift season; people shop from so many days before it until so many before it."""


def _is_kept(event: str, country: str) -> bool:
    if event == "Nowruz":
        return country in NOWRUZ_COUNTRIES
    return event != "Christmas" or country not in CHRISTMAS_COUNTRIES_NOT


@cache
def _country_of_zone() -> dict[str, str]:
    from importlib.resources import files

    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return {row[2]: row[0] for row in rows}


def country_of_timezone(zone: str) -> str | None:
    """ISO 3166 code of the country whose time zone has this IANA name; None for UTC and the like."""
    named = _country_of_zone().get(zone) or EARLIER_ZONES.get(zone)
    return named or ZONES_OF_A_COUNTRY.get(zone.split("/")[0])


def known_country(code: str) -> str:
    """The ISO 3166 code; GB for UK, which many write.

    Raises:
        ValueError: no country has it.
    """
    country = {"UK": "GB", "EL": "GR"}.get(code, code)
    if country not in _country_of_zone().values():
        raise ValueError(f"'{code}' is no country's code such as GB, US or IR")
    return country


def calendar_events(years: Iterable[int], country: str | None) -> pd.DataFrame:
    """Holidays and gift seasons of these years, as contract.raw.CALENDAR_EVENTS says.

    None without a country, and for years before 1990 or after 2100, in which no shop has orders.
    """
    import pandas as pd

    wanted = sorted(year for year in set(years) if EARLIEST_YEAR <= year <= LATEST_YEAR)
    rows = [*_holidays(wanted, country), *_gift_seasons(wanted, country)] if country else []
    return pd.DataFrame(rows, columns=CALENDAR_EVENTS.column_names)


def _holidays(years: list[int], country: str) -> list[dict[str, object]]:
    import holidays

    if country not in holidays.list_supported_countries():
        return []
    # What only a part of the country keeps is left out: a shop's buyers live in all of it.
    told = holidays.country_holidays(country, years=years)
    return [
        _event(country, name, "public holiday", day, day, day, f"holidays {holidays.__version__}")
        for day, name in sorted(told.items())
    ]


def _gift_seasons(years: list[int], country: str) -> list[dict[str, object]]:
    rows = []
    for event, (day_of, first, last) in SEASONS.items():
        if _is_kept(event, country):
            for year in years:
                day = day_of(year, country)
                start, end = day - timedelta(days=first), day - timedelta(days=last)
                rows.append(_event(country, event, "gift season", day, start, end, RULE))
    return rows


def _event(
    country: str, event: str, kind: str, day: date, start: date, end: date, provenance: str
) -> dict[str, object]:
    return {
        # A gift season may bear the name of a public holiday of the same day, as Nowruz in Iran.
        "event_id": f"{kind}: {event} {day.isoformat()}",
        "country": country,
        "event": event,
        "kind": kind,
        "day": day,
        "window_start": start,
        "window_end": end,
        "is_synthetic": False,
        "provenance": provenance,
    }
