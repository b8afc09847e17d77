"""A time of day may name its zone as the tz database, a shop program or a city does."""

from __future__ import annotations

import pytest

from custbehav_dagster.cleaning.date_text import parse_zoned_time
from custbehav_dagster.cleaning.zone_names import COMMON_NAMES, zone_name


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("14:05:09 Eastern Time (US & Canada)", (50_709, None, "America/New_York")),
        ("2:05 PM Pacific Time (US & Canada)", (50_700, None, "America/Los_Angeles")),
        ("14:05 America/Argentina/Buenos_Aires", (50_700, None, "America/Argentina/Buenos_Aires")),
        ("10:05 australia/sydney", (36_300, None, "Australia/Sydney")),
        ("10:05 New Delhi", (36_300, None, "Asia/Kolkata")),
        ("10:05 London", (36_300, None, "Europe/London")),
        ("10:05 EST", (36_300, -300, None)),
        ("10:05 -0700", (36_300, -420, None)),
        ("10:05", (36_300, None, None)),
        ("", (0, None, None)),
    ],
)
def test_a_time_is_read_with_its_offset_or_its_zone(
    text: str, meant: tuple[int, int | None, str | None]
) -> None:
    assert parse_zoned_time(text) == meant


@pytest.mark.parametrize("text", ["25:00 London", "10:05 Narnia", "10:05 UTC London", "London"])
def test_what_is_no_time_or_no_zone_is_not_read(text: str) -> None:
    assert parse_zoned_time(text) is None


def test_every_common_name_means_one_zone_that_exists() -> None:
    names = [name for names in COMMON_NAMES.values() for name in names]
    assert len(names) == len(set(names))
    assert all(zone_name(zone.lower()) == zone for zone in COMMON_NAMES)
