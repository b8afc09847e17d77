"""One date or one time of day as people and programs write them, in plain Python.

Whole columns are the concern of `dates`, which calls these once per distinct text.
Dates are English or figures; the years are 1970 to 2099.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal, NamedTuple

from custbehav_dagster.cleaning.timezones import DAY_SECONDS, FIRST_YEAR, LAST_YEAR
from custbehav_dagster.cleaning.zone_names import zone_name

DateOrder = Literal["day_first", "month_first"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(\d{4}|\d{2})"
_WEEKDAY = re.compile(
    r"^(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)(?:day|nesday|rsday|sday|urday)?[,.]?\s+"
)
_YEAR_FIRST = re.compile(r"^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_FIGURES = re.compile(rf"^(\d{{1,2}})([-/.])(\d{{1,2}})\2{_YEAR}$")
_DAY_NAMED_MONTH = re.compile(rf"^(\d{{1,2}})(?:st|nd|rd|th)?[\s-]*(?:of\s+)?{_MONTH}[\s,-]*{_YEAR}$")
_NAMED_MONTH_DAY = re.compile(rf"^{_MONTH}[\s-]*(\d{{1,2}})(?:st|nd|rd|th)?[\s,-]+{_YEAR}$")
_YEAR_NAMED_MONTH = re.compile(rf"^(\d{{4}})[\s-]*{_MONTH}[\s-]*(\d{{1,2}})$")
_SERIAL = re.compile(r"^\d{5}$")
# Day 0 of a spreadsheet's count, which takes 1900 for a leap year; right from March 1900 on.
_SERIAL_START = date(1899, 12, 30)

_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:([ap])\.?m\.?)?\s*(.*)$")
_COMPACT_TIME = re.compile(r"^(\d{2})(\d{2})(\d{2})?()(?:[.,]\d+)?\s*(z|[+-]\d{2}:?(?:\d{2})?)?$")
_DAY_SHARE = re.compile(r"^[.,]\d+$")
_OFFSET = re.compile(r"^(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?$")
# The only letters for zones that a standard defines without doubt (RFC 5322, section 4.3).
_ZONE_MINUTES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip
_LARGEST_OFFSET_MINUTES = 14 * 60


class Readings(NamedTuple):
    """What a text means day first and month first; equal when there is no doubt, None when it is no date."""

    day_first: date | None
    month_first: date | None

    @property
    def is_ambiguous(self) -> bool:
        """True when the two readings are different days."""
        return None not in self and self.day_first != self.month_first


def calendar_day(year: int, month: int, day: int, first_year: int = FIRST_YEAR) -> date | None:
    """The day, or None when there is none such, or none of `first_year` to LAST_YEAR."""
    if not first_year <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _full_year(text: str) -> int:
    """A year of two figures counts from 1970: 70 to 99 are 19xx, 00 to 69 are 20xx."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (1900 if year >= 70 else 2000)


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3]) + 1


def _certain_date(text: str) -> date | None:
    """Forms that say themselves which figure is the month."""
    if match := _YEAR_FIRST.match(text):
        return calendar_day(int(match[1]), int(match[3]), int(match[4]))
    if match := _COMPACT.match(text):
        return calendar_day(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_NAMED_MONTH.match(text):
        return calendar_day(_full_year(match[3]), _month_number(match[2]), int(match[1]))
    if match := _NAMED_MONTH_DAY.match(text):
        return calendar_day(_full_year(match[3]), _month_number(match[1]), int(match[2]))
    if match := _YEAR_NAMED_MONTH.match(text):
        return calendar_day(int(match[1]), _month_number(match[2]), int(match[3]))
    if _SERIAL.match(text):
        day = _SERIAL_START + timedelta(days=int(text))
        return calendar_day(day.year, day.month, day.day)
    return None


def date_readings(text: str) -> Readings:
    """Both readings of the date part of a text, such as `09/03/2024`, `Sat, 9 Mar 2024` or `2024-03-09T`.

    Five figures alone are a spreadsheet's day count (25569 is 1 January 1970): no
    other date is written so.
    """
    text = text.strip().strip("'").strip().lower()
    text = _WEEKDAY.sub("", text)
    text = re.sub(r"(?:,|\bat|(?<=\d)t)$", "", text).strip().rstrip(",")
    if match := _FIGURES.match(text):
        first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
        return Readings(calendar_day(year, second, first), calendar_day(year, first, second))
    certain = _certain_date(text)
    return Readings(certain, certain)


def parse_date_part(text: str, order: DateOrder) -> date | None:
    """The day that `text` means; `order` decides only where the figures leave a choice. None: no date."""
    readings = date_readings(text)
    if order == "day_first":
        return readings.day_first or readings.month_first
    return readings.month_first or readings.day_first


def _offset_minutes(text: str) -> int | None:
    """Minutes ahead of UTC. Raises ValueError for a zone that is not known."""
    if not text:
        return None
    if text in _ZONE_MINUTES:
        return _ZONE_MINUTES[text]
    match = _OFFSET.match(text)
    if not match:
        raise ValueError(f"'{text}' is not a known time zone")
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes > _LARGEST_OFFSET_MINUTES:
        raise ValueError(f"'{text}' is further from UTC than any place")
    return -minutes if match[1] == "-" else minutes


def _seconds_of(match: re.Match[str]) -> int:
    """Seconds since midnight. Raises ValueError when no clock shows it."""
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            raise ValueError(f"no hour {hour} before or after noon")
        hour = hour % 12 + (12 if match[4] == "p" else 0)
    seconds = hour * 3600 + minute * 60 + second
    if minute > 59 or second > 59 or seconds > DAY_SECONDS:
        raise ValueError("no such time")
    return seconds


def parse_time_part(text: str) -> tuple[int, int | None] | None:
    """Seconds since midnight and minutes ahead of UTC (None: the shop's own clock).

    Takes `10:15`, `10:15:09.123 PM`, `T101500Z`, `10:15 -0700`, `10:15:00 GMT+0100 (…)`, and
    a spreadsheet's share of a day, `.4271` or `,4271`. Parts of a second are dropped. Empty text
    is midnight. None: no time.
    """
    text = re.sub(r"\(.*\)$", "", text.strip().lower()).strip()
    text = text.removeprefix("t")
    if not text:
        return 0, None
    if _DAY_SHARE.match(text):
        return round(float(text.replace(",", ".")) * DAY_SECONDS), None
    match = _TIME.match(text) or _COMPACT_TIME.match(text)
    if not match:
        return None
    try:
        return _seconds_of(match), _offset_minutes((match[5] or "").replace(" ", ""))
    except ValueError:
        return None


def parse_zoned_time(text: str) -> tuple[int, int | None, str | None] | None:
    """The same as `parse_time_part`, and the zone of the tz database that the text names, else None.

    Takes `10:15:09 Eastern Time (US & Canada)` and `10:15 PM Europe/London` as well.
    """
    found = parse_time_part(text)
    if found:
        return *found, None
    # The name may hold blanks, so each of them may be where it begins.
    words = re.sub(r"\(.*\)$", "", text.strip().lower()).split()
    for place in range(1, len(words)):
        if zone := zone_name(" ".join(words[place:])):
            found = parse_time_part(" ".join(words[:place]))
            return (found[0], None, zone) if found and found[1] is None else None
    return None
