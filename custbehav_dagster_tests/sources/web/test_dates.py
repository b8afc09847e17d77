"""Dates as pages write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources.web.dates import iso_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2024-03-04", "2024-03-04"),
        (" 2024-03-04 ", "2024-03-04"),
        ("2024-03-04T10:00:00Z", "2024-03-04T10:00:00+00:00"),
        ("2024-03-04T10:00:00.123+01:00", "2024-03-04T09:00:00+00:00"),
        ("2024-03-04 10:00", "2024-03-04T10:00:00"),
        ("Mon, 04 Mar 2024 10:00:00 +0100", "2024-03-04T09:00:00+00:00"),
        ("2024/3/4", "2024-03-04"),
        ("2024.03.04", "2024-03-04"),
        ("March 4, 2024", "2024-03-04"),
        ("Mar. 4th, 2024", "2024-03-04"),
        ("4 Sept 2024", "2024-09-04"),
        ("Monday, 4 March 2024", "2024-03-04"),
        ("29 February 2024", "2024-02-29"),
        ("29 February 2023", None),
        ("2024-13-01", None),
        ("2024-02-30T10:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("03/04/2024", None),
        ("4 Mai 2024", None),
        ("yesterday", None),
        ("2024", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_that_can_be_read_in_one_way_only_becomes_iso(written, iso) -> None:
    assert iso_date(written) == iso


@given(st.datetimes(timezones=st.timezones()))
def test_every_moment_in_iso_form_keeps_its_moment(moment) -> None:
    from datetime import UTC, datetime

    written = iso_date(moment.isoformat())
    try:
        in_utc = moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return
    assert written is not None
    assert datetime.fromisoformat(written) == in_utc


@given(st.text(max_size=80))
def test_no_text_raises_an_error(text) -> None:
    iso_date(text)
