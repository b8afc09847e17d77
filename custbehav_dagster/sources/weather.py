"""The weather of named places, day by day, from Open-Meteo's public archive.

No key is needed, and nothing of the shop is told but the place and the days. A day that
is known is not asked again; the archive gets a day about five days late, so the newest
ones come with later refreshes. API: https://open-meteo.com/en/docs/historical-weather-api
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from custbehav_dagster.contract.outside import WEATHER
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.contract_rows import conform_frame
from custbehav_dagster.sources.http_body import (
    ACCEPTED_PACKING,
    BrokenOffError,
    TooLargeError,
    TooSlowError,
    read_body,
)
from custbehav_dagster.sources.result import Fetched, SourceFailure

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

MOST_YEARS = 10
"""Older weather tells nothing of today's buyers."""
YEAR = r"(?:^|\D)((?:19|20)\d\d)(?:\D|$)"
MAX_BYTES = 20_000_000
ATTEMPTS = 3
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
WHOLE_ANSWER_FACTOR = 3
PASSING = (408, 425, 429, 500, 502, 503, 504)
COLUMN_OF = {
    "precipitation_sum": "precipitation_mm",
    "temperature_2m_mean": "temperature_celsius",
    "sunshine_duration": "sunshine_hours",
}
SECONDS_PER_HOUR = 3600
MOST_OF_A_DAY = {"precipitation_mm": (0, 2_000), "temperature_celsius": (-90, 60), "sunshine_hours": (0, 24)}
"""No day on Earth has less or more: whoever answers so is no weather archive."""


@dataclass(frozen=True)
class Place:
    """A point of the map with the name that orders know it by."""

    name: str
    latitude: float
    longitude: float


class _PassingError(Exception):
    """The server may answer the same question in a while; `wait` in seconds, if it said."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def years_of_orders(orders: ir.Table, today: date) -> tuple[int, int]:
    """First and last year written in the dates of raw.orders, at most MOST_YEARS, none to come.

    Dates are not read here, so that nothing waits for cleaning: a year of four digits is
    enough. Where dates have none, the last MOST_YEARS are taken.
    """
    written = orders.ordered_at.re_extract(YEAR, 1).nullif("").try_cast("int64")
    (found,) = orders.aggregate(first=written.min(), last=written.max()).to_pyarrow().to_pylist()
    last = min(found["last"] or today.year, today.year)
    return max(min(found["first"] or 0, last), last - MOST_YEARS + 1), last


def places_of(written: Iterable[str]) -> list[Place]:
    """Places written `name:latitude:longitude`, in degrees.

    Raises:
        ValueError: one is written in another way, or a name comes twice.
    """
    places = [_place(text) for text in written]
    if len({place.name.casefold() for place in places}) < len(places):
        raise ValueError("CUSTBEHAV_WEATHER_PLACES names a place twice.")
    return places


def _place(text: str) -> Place:
    name, *numbers = (part.strip() for part in text.rsplit(":", 2))
    try:
        latitude, longitude = (float(number) for number in numbers)
    except ValueError:
        latitude = longitude = float("nan")
    if not name or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(
            f"'{text}' in CUSTBEHAV_WEATHER_PLACES is no place; write it like London:51.51:-0.13."
        )
    return Place(name, latitude, longitude)


def fetch_weather(
    settings: Settings,
    first: date,
    last: date,
    known: pd.DataFrame | None,
    now: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Days `first` to `last` of every place: those in `known`, and the missing ones from the archive.

    Places that fail keep their known days and are named in `problems`.

    Raises:
        SourceFailure: no place could be read, and no day is known.
        ValueError: a place is written wrongly.
    """
    import pandas as pd

    places = places_of(settings.weather_places)
    if not places:
        return Fetched(conform_frame(_frame([]), WEATHER), "", notes=[NO_PLACE])
    asked_of = {place.name: _provenance(place, settings) for place in places}
    # A place that was written anew has other weather: what its earlier point had is not its own.
    kept = _frame([]) if known is None else known[known.provenance == known.place.map(asked_of)]
    parts, problems = [kept], []
    for place in places:
        has = set(kept.day[kept.place == place.name])
        for start, end in _gaps(first, last, has):
            try:
                parts.append(_frame(_days(place, start, end, settings, now, sleep)))
            except SourceFailure as failure:
                problems.append(str(failure))
                break
    rows = pd.concat([part for part in parts if len(part)] or [kept], ignore_index=True)
    if rows.empty and problems:
        raise SourceFailure(" ".join(problems))
    rows = rows.drop_duplicates("weather_id").sort_values("weather_id", ignore_index=True)
    return Fetched(conform_frame(rows, WEATHER), _server(settings), problems=problems)


NO_PLACE = (
    "No place is named in CUSTBEHAV_WEATHER_PLACES (like London:51.51:-0.13), so no weather was asked for."
)


def _gaps(first: date, last: date, known: set[str]) -> list[tuple[date, date]]:
    """Spans of days between `first` and `last` that are not known: one before them, one after."""
    if not known:
        return [(first, last)] if first <= last else []
    oldest, newest = date.fromisoformat(min(known)), date.fromisoformat(max(known))
    spans = [(first, min(last, oldest - timedelta(days=1))), (max(first, newest + timedelta(days=1)), last)]
    return [(start, end) for start, end in spans if start <= end]


def _days(
    place: Place,
    start: date,
    end: date,
    settings: Settings,
    now: datetime,
    sleep: Callable[[float], None],
) -> list[dict[str, Any]]:
    wait = FIRST_WAIT_SECONDS
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _asked_once(place, start, end, settings, now)
        except _PassingError as fault:
            if attempt == ATTEMPTS:
                raise SourceFailure(
                    f"The weather of {place.name} was not read: {fault}; the next refresh asks again."
                ) from None
            sleep(min(LONGEST_WAIT_SECONDS, wait if fault.wait is None else fault.wait))
            wait *= 2
    raise AssertionError("the last attempt returns or raises")


def _asked_once(
    place: Place, start: date, end: date, settings: Settings, now: datetime
) -> list[dict[str, Any]]:
    import json

    import requests

    question = {
        "latitude": str(place.latitude),
        "longitude": str(place.longitude),
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "daily": ",".join(COLUMN_OF),
        "timezone": settings.shop_timezone,
    }
    headers = {"User-Agent": settings.web_user_agent, "Accept-Encoding": ACCEPTED_PACKING}
    seconds = settings.weather_timeout_seconds
    try:
        with requests.get(
            settings.weather_url, params=question, headers=headers, timeout=seconds, stream=True
        ) as answer:
            body = read_body(answer, MAX_BYTES, time.monotonic() + seconds * WHOLE_ANSWER_FACTOR)
            if answer.status_code in PASSING:
                raise _PassingError(
                    f"its server answered {answer.status_code}",
                    _retry_after(answer.headers.get("retry-after")),
                )
            if answer.status_code != 200:
                raise SourceFailure(
                    f"The weather of {place.name} was not read: its server answered {answer.status_code}; "
                    "check CUSTBEHAV_WEATHER_PLACES and CUSTBEHAV_WEATHER_URL."
                )
    except (requests.Timeout, TooSlowError):
        raise _PassingError("its server took too long to answer") from None
    except (requests.ConnectionError, BrokenOffError):
        raise _PassingError("its server could not be reached") from None
    except (requests.RequestException, TooLargeError):
        raise SourceFailure(
            f"The weather of {place.name} was not read: check CUSTBEHAV_WEATHER_URL."
        ) from None
    try:
        rows = _rows(place, json.loads(body)["daily"], now, _provenance(place, settings))
        return [row for row in rows if start.isoformat() <= row["day"] <= end.isoformat()]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise SourceFailure(
            f"The weather of {place.name} was not read: the answer is not in Open-Meteo's form."
        ) from None


def _rows(place: Place, daily: dict[str, list[Any]], now: datetime, provenance: str) -> list[dict[str, Any]]:
    """A row per day of which anything is told; the archive leaves its newest days empty.

    Raises:
        ValueError, KeyError, TypeError, OverflowError: it is not the weather of days.
    """
    rows = []
    columns = [daily[name] for name in COLUMN_OF]
    for day, *values in zip(daily["time"], *columns, strict=True):
        told = {
            column: None if value is None else float(value)
            for column, value in zip(COLUMN_OF.values(), values, strict=True)
        }
        if told["sunshine_hours"] is not None:
            told["sunshine_hours"] /= SECONDS_PER_HOUR
        if all(value is None for value in told.values()):
            continue
        _check_plausible(told)
        rows.append(
            {
                "weather_id": f"{place.name} {day}",
                "place": place.name,
                "day": date.fromisoformat(day).isoformat(),
                **told,
                "fetched_at": now.isoformat(timespec="seconds"),
                "is_synthetic": False,
                "provenance": provenance,
            }
        )
    return rows


def _check_plausible(told: dict[str, float | None]) -> None:
    for column, (least, most) in MOST_OF_A_DAY.items():
        value = told[column]
        if value is not None and not (math.isfinite(value) and least <= value <= most):
            raise ValueError(f"{column} is {value}")


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=WEATHER.column_names)


def _retry_after(header: str | None) -> float | None:
    return float(header) if header and header.strip().isdigit() else None


def _provenance(place: Place, settings: Settings) -> str:
    return f"{_server(settings)} at {place.latitude}, {place.longitude}"


def _server(settings: Settings) -> str:
    return urlsplit(settings.weather_url).hostname or "the configured address"
