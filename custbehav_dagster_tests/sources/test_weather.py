"""Weather over real HTTP on loopback: only missing days are asked for, and a bad server is no disaster."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import ibis
import pytest

from custbehav_dagster.contract.outside import WEATHER
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.result import Fetched, SourceFailure
from custbehav_dagster.sources.weather import NO_PLACE, fetch_weather, places_of, years_of_orders

NOW = datetime(2024, 3, 10, tzinfo=UTC)
NEWEST = date(2024, 3, 5)
"""The last day the stand-in knows; later ones it leaves empty, as the archive does."""


class Archive:
    """Answers as Open-Meteo does; `spoilt` holds statuses or bodies to give before the good answers."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, str]] = []
        self.spoilt: list[int | bytes] = []

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        self.asked.append(asked)
        spoilt = self.spoilt.pop(0) if self.spoilt else None
        status = spoilt if isinstance(spoilt, int) else 200
        body = spoilt if isinstance(spoilt, bytes) else json.dumps({"daily": _days(asked)}).encode()
        handler.send_response(status)
        if status == 429:
            handler.send_header("retry-after", "7")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def _days(asked: dict[str, str]) -> dict[str, list[Any]]:
    start, end = date.fromisoformat(asked["start_date"]), date.fromisoformat(asked["end_date"])
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    known = [day <= NEWEST for day in days]
    return {
        "time": [day.isoformat() for day in days],
        "precipitation_sum": [1.5 if there else None for there in known],
        "temperature_2m_mean": [float(asked["latitude"]) if there else None for there in known],
        "sunshine_duration": [7200.0 if there else None for there in known],
    }


@pytest.fixture
def archive() -> Iterator[Archive]:
    stand_in = Archive()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stand_in.answer(self)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        stand_in.url = f"http://127.0.0.1:{server.server_port}/v1/archive"
        yield stand_in
        server.shutdown()
        thread.join()


def read(archive: Archive, first: str, last: str, known: Any = None, places: str = "London:51.5:-0.1",
         waits: list[float] | None = None) -> Fetched:  # fmt: skip
    settings = Settings(weather_url=archive.url, weather_places=places)
    waited = [] if waits is None else waits
    return fetch_weather(
        settings, date.fromisoformat(first), date.fromisoformat(last), known, NOW, waited.append
    )


def test_days_are_rows_of_the_contract_and_days_to_come_are_left_out(archive: Archive) -> None:
    fetched = read(archive, "2024-03-01", "2024-03-08")
    assert list(fetched.rows.columns) == WEATHER.column_names
    assert fetched.rows.day.tolist() == [f"2024-03-0{number}" for number in range(1, 6)]
    assert set(fetched.rows.sunshine_hours) == {2.0}
    assert not fetched.rows.is_synthetic.any()
    assert archive.asked[0]["timezone"] == "Europe/London"
    assert fetched.problems == []


def test_only_missing_days_are_asked_for(archive: Archive) -> None:
    known = read(archive, "2024-03-02", "2024-03-03").rows
    archive.asked.clear()
    rows = read(archive, "2024-03-01", "2024-03-05", known).rows
    assert [(one["start_date"], one["end_date"]) for one in archive.asked] == [
        ("2024-03-01", "2024-03-01"),
        ("2024-03-04", "2024-03-05"),
    ]
    assert rows.weather_id.is_unique
    assert len(rows) == 5
    archive.asked.clear()
    assert len(read(archive, "2024-03-01", "2024-03-05", rows).rows) == 5
    assert archive.asked == []


def test_a_busy_server_is_asked_again_after_the_time_it_names(archive: Archive) -> None:
    archive.spoilt = [429, 503]
    waits: list[float] = []
    assert len(read(archive, "2024-03-01", "2024-03-02", waits=waits).rows) == 2
    assert waits == [7.0, 2.0]


def test_a_place_that_fails_keeps_its_days_and_the_other_is_read(archive: Archive) -> None:
    places = "London:51.5:-0.1,Leeds:53.8:-1.5"
    known = read(archive, "2024-03-01", "2024-03-02", places=places).rows
    archive.spoilt = [500, 500, 500]
    fetched = read(archive, "2024-03-01", "2024-03-03", known, places)
    assert fetched.rows.groupby("place").size().to_dict() == {"Leeds": 3, "London": 2}
    assert fetched.problems == [
        "The weather of London was not read: its server answered 500; the next refresh asks again."
    ]


def _day(rain: str = "1", sun: str = "3600") -> bytes:
    told = f'"precipitation_sum": [{rain}], "temperature_2m_mean": [5], "sunshine_duration": [{sun}]'
    return f'{{"daily": {{"time": ["2024-03-01"], {told}}}}}'.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b'{"daily": {"time": ["x"]}}',
        b'{"daily": {}}',
        _day(rain="Infinity"),
        _day(rain="NaN"),
        _day(rain="-1"),
        _day(rain="1" + "0" * 400),
        _day(sun="90000"),
    ],
)
def test_an_answer_in_another_form_is_told_in_a_sentence(archive: Archive, body: bytes) -> None:
    archive.spoilt = [body]
    with pytest.raises(
        SourceFailure, match="The weather of London was not read: the answer is not in Open-Meteo"
    ):
        read(archive, "2024-03-01", "2024-03-02")


def test_days_that_were_not_asked_for_are_left(archive: Archive) -> None:
    archive.spoilt = [_day()]
    assert read(archive, "2024-03-02", "2024-03-03").rows.empty


def test_a_place_with_other_coordinates_loses_the_days_of_the_earlier_point(archive: Archive) -> None:
    known = read(archive, "2024-03-01", "2024-03-02", places="London:-51.5:-0.1").rows
    rows = read(archive, "2024-03-01", "2024-03-02", known, places="London:51.5:-0.1").rows
    assert rows.temperature_celsius.tolist() == [51.5, 51.5]


def test_a_silent_server_is_told_in_a_sentence() -> None:
    dead = Archive()
    dead.url = "http://127.0.0.1:9/v1/archive"
    with pytest.raises(SourceFailure, match="its server could not be reached"):
        read(dead, "2024-03-01", "2024-03-02")


def test_without_a_place_nothing_is_asked_and_nothing_made_up() -> None:
    fetched = fetch_weather(Settings(), date(2024, 3, 1), date(2024, 3, 2), None, NOW)
    assert fetched.rows.empty
    assert fetched.notes == [NO_PLACE]


@pytest.mark.parametrize(
    "written", ["London", "London:51.5", "London:north:0", ":1:2", "Pole:91:0", "X:1:181"]
)
def test_a_place_written_wrongly_is_named(written: str) -> None:
    with pytest.raises(ValueError, match="CUSTBEHAV_WEATHER_PLACES is no place; write it like"):
        places_of([written])


def test_two_places_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="names a place twice"):
        places_of(["A:1:2", "a:3:4"])


@pytest.mark.parametrize(
    ("written", "years"),
    [
        (["2023-11-04 12:19:55 -0700", "05/01/2024"], (2023, 2024)),
        (["03/04/24", "12 May 23"], (2015, 2024)),
        (["2001-01-01", "2099-01-01"], (2015, 2024)),
        (["2011-12-09", None, "20110101"], (2011, 2011)),
        ([], (2015, 2024)),
    ],
)
def test_the_years_of_orders_are_those_written_in_their_dates(
    con: ibis.BaseBackend, written: list[str | None], years: tuple[int, int]
) -> None:
    orders = ibis.memtable({"ordered_at": written}, schema={"ordered_at": "string"})
    assert years_of_orders(orders, NOW.date()) == years
