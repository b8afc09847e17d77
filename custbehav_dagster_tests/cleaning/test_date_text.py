from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.cleaning.date_text import date_readings, parse_date_part, parse_time_part

MARCH_9 = date(2024, 3, 9)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-09", "2024-03-09T", "2024/03/09", "2024.3.9", "20240309", "9 Mar 2024", "9 March 2024 ",
        "09-Mar-24",
        "Mar 9, 2024", "March 9th, 2024", "Sat, 9 Mar 2024", "Saturday 9 March 2024 at", "9th of March 2024",
        "2024-Mar-09", "9Mar2024", "MAR 9 2024", "'2024-03-09", "45360",
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", ["day_first", "month_first"])
def test_a_date_that_names_its_month_is_the_same_in_both_orders(text: str, order: str) -> None:
    assert parse_date_part(text, order) == MARCH_9


@pytest.mark.parametrize("text", ["09/03/2024", "9-3-24", "09.03.2024", "9/3/2024,"])
def test_figures_are_read_by_the_order(text: str) -> None:
    assert parse_date_part(text, "day_first") == MARCH_9
    assert parse_date_part(text, "month_first") == date(2024, 9, 3)


@pytest.mark.parametrize("order", ["day_first", "month_first"])
def test_a_figure_above_twelve_is_a_day_whatever_the_order(order: str) -> None:
    assert parse_date_part("13/03/2024", order) == date(2024, 3, 13)
    assert parse_date_part("03/13/2024", order) == date(2024, 3, 13)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "31/02/2024", "2023-02-29", "32 Mar 2024", "9 Mar", "03/2024", "2024", "1969-12-31",
    "2100-01-01",
     "00/00/0000", "25568", "73051", "9/3-2024", "1 2 3", "9 Mär 2024"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date_part(text, "day_first") is None


@pytest.mark.parametrize(
    ("year", "full"), [("69", 2069), ("70", 1970), ("99", 1999), ("00", 2000), ("24", 2024)]
)
def test_years_of_two_figures_count_from_1970(year: str, full: int) -> None:
    assert parse_date_part(f"13/03/{year}", "day_first") == date(full, 3, 13)


def test_the_same_day_either_way_is_not_ambiguous() -> None:
    assert not date_readings("05/05/2024").is_ambiguous
    assert date_readings("05/06/2024").is_ambiguous
    assert not date_readings("2024-05-06").is_ambiguous


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, None)),
        ("10:15", (36_900, None)),
        ("T10:15:09", (36_909, None)),
        (" 10:15:09.123456", (36_909, None)),
        (".4166", (35_994, None)),
        (",4166", (35_994, None)),
        ("12:00 AM", (0, None)),
        ("12:30 pm", (45_000, None)),
        ("1:05:09 p.m.", (47_109, None)),
        ("10:15Z", (36_900, 0)),
        ("10:15:00 UTC", (36_900, 0)),
        ("12:19:55 -0700", (44_395, -420)),
        ("12:19+05:30", (44_340, 330)),
        ("12:19+01", (44_340, 60)),
        ("10:15:00 GMT+0100 (British Summer Time)", (36_900, 60)),
        ("10:15 PST", (36_900, -480)),
        ("T101509Z", (36_909, 0)),
        ("T1015", (36_900, None)),
        (".5", (43_200, None)),
        (".427083333", (36_900, None)),
        ("24:00", (86_400, None)),
    ],
)
def test_a_time_of_day_is_seconds_and_minutes_from_utc(text: str, expected: tuple[int, int | None]) -> None:
    assert parse_time_part(text) == expected


@pytest.mark.parametrize(
    "text",
    ["25:00", "24:01", "10:60", "10:15:60", "13:00 pm", "0:15 am", "10:15 XST", "10:15+15:00", "noon", "10"],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_time_part(text) is None


days = st.dates(date(1970, 1, 1), date(2099, 12, 31))
FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%dT",
    "%Y/%m/%d",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d %Y",
    "%a, %d %b %Y",
    "%Y%m%d",
)
DAY_FIRST, MONTH_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"), ("%m/%d/%Y", "%m-%d-%Y")


@given(days, st.sampled_from(FORMATS), st.sampled_from(["day_first", "month_first"]))
def test_any_day_written_with_its_month_named_or_year_first_is_read_back(
    day: date, form: str, order: str
) -> None:
    assert parse_date_part(day.strftime(form), order) == day


@given(days, st.sampled_from(DAY_FIRST), st.sampled_from(MONTH_FIRST))
def test_any_day_written_in_figures_is_read_back_in_its_own_order(day: date, first: str, second: str) -> None:
    assert parse_date_part(day.strftime(first), "day_first") == day
    assert parse_date_part(day.strftime(second), "month_first") == day


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_any_day_up_to_2069_survives_a_year_of_two_figures(day: date) -> None:
    assert parse_date_part(day.strftime("%d %b %y"), "day_first") == day


@given(st.integers(0, 86_399), st.sampled_from([None, 0, -420, 60, 330, 840]))
def test_any_second_of_the_day_is_read_back_with_its_offset(second: int, minutes: int | None) -> None:
    text = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    if minutes is not None:
        text += f" {'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    assert parse_time_part(text) == (second, minutes)


@given(st.integers(0, 86_399))
def test_any_second_of_the_day_is_read_back_from_the_twelve_hour_clock(second: int) -> None:
    hour, half = (second // 3600) % 12 or 12, "AM" if second < 43_200 else "PM"
    assert parse_time_part(f"{hour}:{second // 60 % 60:02}:{second % 60:02} {half}") == (second, None)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_without_an_error(text: str) -> None:
    parse_date_part(text, "day_first")
    parse_time_part(text)
