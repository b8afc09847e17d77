"""Dates as people and programs write them become the right moment, or are said to be none."""

from __future__ import annotations

from datetime import date, datetime, time

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.cleaning.date_text import date_readings, parse_date_part, parse_time_part
from custbehav_dagster.cleaning.dates import date_evidence, parse_dates
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.shop_rows import Row, rows_of, table_of

# July: the shop's clock in London is an hour ahead of UTC.
DAY, MORNING = datetime(2024, 7, 8, 23), datetime(2024, 7, 9, 9, 15)
READ = {
    "2024-07-09": DAY,
    "2024/07/09": DAY,
    "2024.7.9": DAY,
    "20240709": DAY,
    "45482": DAY,
    "09/07/2024": DAY,
    "9.7.24": DAY,
    "9-7-2024": DAY,
    "07/13/2024": datetime(2024, 7, 12, 23),
    "9 July 2024": DAY,
    "9th of July 2024": DAY,
    "09-Jul-24": DAY,
    "Jul 9, 2024": DAY,
    "July 9th 2024": DAY,
    "2024 Jul 09": DAY,
    "Tue, 9 Jul 2024": DAY,
    "  2024-07-09  ": DAY,
    "'2024-07-09": DAY,
    "2024-01-09": datetime(2024, 1, 9),
    "2024-07-09 10:15": MORNING,
    "2024-07-09T10:15:00": MORNING,
    "2024-07-09T10:15:00.999": MORNING,
    "2024-07-09T10:15:00Z": datetime(2024, 7, 9, 10, 15),
    "2024-07-09T10:15:00+02:00": datetime(2024, 7, 9, 8, 15),
    "2024-07-09 10:15:00 -0700": datetime(2024, 7, 9, 17, 15),
    "20240709T091500Z": MORNING,
    "Jul 9, 2024 10:15:00 AM": MORNING,
    "Jul 9, 2024 1:15:00 PM PDT": datetime(2024, 7, 9, 20, 15),
    "09/07/2024 12:00 AM": DAY,
    "09/07/2024 12:00 PM": datetime(2024, 7, 9, 11),
    "09/07/2024 11:59 p.m.": datetime(2024, 7, 9, 22, 59),
    "45482.5": datetime(2024, 7, 9, 11),
    "45482,5": datetime(2024, 7, 9, 11),
    "45482,4271": datetime(2024, 7, 9, 9, 15, 1),
    "01/01/69": datetime(2069, 1, 1),
    "01/01/72": datetime(1972, 1, 1),
}
UNREADABLE = ("soon", "31/02/2024", "2024-13-01", "2024-01-01 25:00", "2024-01-01 10:15 Mars", "1/2",
              "13:15 PM",
              "29/02/2023", "1969-12-31", "2100-01-01", "0000-00-00",
              "2024-01-01 10:15:00 +15:00")  # fmt: skip


def evidence_for(rows: list[Row], **knobs: str) -> dict[str, Row]:
    """The evidence on the orders' dates, by file."""
    tables = {"orders": table_of(raw.ORDERS, rows)}
    return {row["source_file"]: row for row in rows_of(date_evidence(tables, Settings(**knobs)))}


def dated(texts: list[str | None], zone: str = "Europe/London", order: str = "day_first") -> list[Row]:
    """The moments that the texts of one file mean, in their order."""
    table = table_of(raw.ORDERS, [{"ordered_at": text} for text in texts])
    evidence = cleaned.DATE_EVIDENCE.empty()
    if order == "month_first":
        found = {"source_file": "orders.csv", "column_name": "ordered_at", "date_order": order}
        counts = dict.fromkeys(
            [c.name for c in cleaned.DATE_EVIDENCE.columns if c.name.endswith("values")], 0
        )
        evidence = table_of_evidence({**found, **counts, "decided_by": "figures"})
    return rows_of(parse_dates(table, "ordered_at", evidence, Settings(shop_timezone=zone)), "source_line")


def table_of_evidence(row: Row) -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist([row], schema=cleaned.DATE_EVIDENCE.schema.to_pyarrow()))


@pytest.fixture(scope="module")
def read_texts() -> dict[str | None, Row]:
    """All texts above in one file, read by London's clock."""
    texts: list[str | None] = [*READ, *UNREADABLE, None, "", "   "]
    return dict(zip(texts, dated(texts), strict=True))


@pytest.mark.parametrize("text", READ)
def test_a_date_means_this_moment_by_the_clock_of_london(read_texts: dict[str, Row], text: str) -> None:
    assert read_texts[text]["ordered_at"] == READ[text]
    assert not read_texts[text]["ordered_at_is_unreadable"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_date_is_said_to_be_unreadable(read_texts: dict[str, Row], text: str) -> None:
    assert read_texts[text]["ordered_at"] is None
    assert read_texts[text]["ordered_at_is_unreadable"]


@pytest.mark.parametrize("text", [None, "", "   "])
def test_an_empty_date_is_empty_and_not_unreadable(
    read_texts: dict[str | None, Row], text: str | None
) -> None:
    assert read_texts[text]["ordered_at"] is None
    assert not read_texts[text]["ordered_at_is_unreadable"]


@pytest.mark.parametrize(("year", "meant"), [("00", 2000), ("69", 2069), ("70", 1970), ("99", 1999)])
def test_a_year_of_two_figures_counts_from_1970(year: str, meant: int) -> None:
    assert parse_date_part(f"5 May {year}", "day_first") == date(meant, 5, 5)


def test_a_file_said_to_be_month_first_is_read_so_where_the_figures_leave_a_choice() -> None:
    read = [row["ordered_at"] for row in dated(["03/04/2024", "13/04/2024"], "UTC", "month_first")]
    assert read == [datetime(2024, 3, 4), datetime(2024, 4, 13)]


# Only month first do these dates rise with their lines.
RISING = ("01/05", "02/03", "03/01", "04/06", "05/02", "06/07", "07/03", "08/01", "09/05")
FILES = {
    "figures_day.csv": ["13/02/2024", "03/04/2024", "03/04/2024"],
    "figures_month.csv": ["02/13/2024", "03/04/2024"],
    "mixed.csv": ["13/02/2024", "14/02/2024", "02/15/2024", "01/02/2024"],
    "tie.csv": ["13/02/2024", "02/15/2024"],
    "rows.csv": [f"{day}/2024" for day in RISING],
    "rows_falling.csv": [f"{day}/2024" for day in reversed(RISING)],
    "too_few_rows.csv": [f"{day}/2024" for day in RISING[:7]],
    "nothing.csv": ["03/04/2024", "soon", "05/05/2024"],
    "iso.csv": ["2024-03-04"],
}
DECIDED = {
    "figures_day.csv": ("day_first", "figures"),
    "figures_month.csv": ("month_first", "figures"),
    "mixed.csv": ("day_first", "figures"),
    "tie.csv": ("setting", "setting"),
    "rows.csv": ("month_first", "row order"),
    "rows_falling.csv": ("month_first", "row order"),
    "too_few_rows.csv": ("setting", "setting"),
    "nothing.csv": ("setting", "setting"),
    "iso.csv": ("setting", "setting"),
}


@pytest.fixture(scope="module", params=["day_first", "month_first"])
def setting_and_evidence(request: pytest.FixtureRequest) -> tuple[str, dict[str, Row]]:
    """The evidence of all files, under either setting."""
    rows = [
        {"source_file": file, "source_line": line, "ordered_at": text}
        for file, texts in FILES.items()
        for line, text in enumerate(texts, start=2)
    ]
    return request.param, evidence_for(rows, ambiguous_date_order=request.param)


@pytest.mark.parametrize("file", FILES)
def test_figures_decide_before_row_order_and_row_order_before_the_setting(
    setting_and_evidence: tuple[str, dict[str, Row]], file: str
) -> None:
    setting, evidence = setting_and_evidence
    order, decided_by = DECIDED[file]
    assert evidence[file]["date_order"] == (setting if order == "setting" else order)
    assert evidence[file]["decided_by"] == decided_by


def test_doubts_are_counted_by_rows_and_told(setting_and_evidence: tuple[str, dict[str, Row]]) -> None:
    evidence = setting_and_evidence[1]
    day, nothing = evidence["figures_day.csv"], evidence["nothing.csv"]
    assert (day["day_first_values"], day["month_first_values"], day["ambiguous_values"]) == (1, 0, 2)
    assert day["note"].startswith("2 dates could be read both ways; taken day first since 1 other")
    # 05/05 is the same day either way.
    assert (nothing["ambiguous_values"], nothing["unreadable_values"]) == (1, 1)
    assert "the setting ambiguous_date_order" in nothing["note"]
    assert "1 value could not be read as a date." in nothing["note"]
    assert "the file mixes both, please check it" in evidence["mixed.csv"]["note"]
    assert evidence["iso.csv"]["note"] == "No date could be read both ways."


WRITTEN = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d %Y", "%a, %d %b %Y",
           "%Y %b %d", "'%Y-%m-%d")  # fmt: skip
DAYS = st.dates(date(1970, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_any_day_written_in_any_form_is_read_back(day: date) -> None:
    for form in WRITTEN:
        assert set(date_readings(day.strftime(form))) == {day}, form
    for separator in "/-.":
        day_first, month_first = (separator.join(("%d", "%m", "%Y")), separator.join(("%m", "%d", "%Y")))
        assert parse_date_part(day.strftime(day_first), "day_first") == day
        assert parse_date_part(day.strftime(month_first), "month_first") == day


@given(st.times(), st.integers(-14 * 60, 14 * 60))
def test_any_time_of_day_written_in_any_form_is_read_back(moment: time, offset: int) -> None:
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    for form in ("%H:%M:%S", "T%H%M%S", "%I:%M:%S %p", "%H:%M:%S.%f"):
        assert parse_time_part(moment.strftime(form)) == (seconds, None), form
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    assert parse_time_part(moment.strftime("T%H:%M:%S") + zone) == (seconds, offset)
