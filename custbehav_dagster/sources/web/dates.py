"""Dates as pages write them, to ISO 8601; never a guess at day and month."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMED_MONTH = re.compile(
    r"(?:[a-z]+,\s*)?(?:(?P<month_first>[a-z]{3,9})\.?\s+(?P<day_second>\d{1,2})(?:st|nd|rd|th)?,?"
    r"|(?P<day_first>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month_second>[a-z]{3,9})\.?,?)\s+(?P<year>\d{4})",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
LONGEST_DATE = 64


def iso_date(text: str | None) -> str | None:
    """ISO 8601 form of a date or moment; None when there is none or it can be read in two ways.

    A moment with an offset is brought to UTC; one without stays as declared,
    since a page does not say where its clock hangs.
    """
    text = (text or "").strip()
    if not text or len(text) > LONGEST_DATE:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text).isoformat()
        found = _moment(text)
        if found is not None:
            return found
        return _day(text)
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> str | None:
    moment: datetime | None = None
    if re.match(r"\d{4}-\d{2}-\d{2}[T ]\d", text):
        moment = datetime.fromisoformat(text)
    elif re.match(r"([A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} \d", text):
        moment = parsedate_to_datetime(text)
    if moment is None:
        return None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return moment.isoformat(timespec="seconds")


def _day(text: str) -> str | None:
    if numbers := _YEAR_FIRST.fullmatch(text):
        return date(*(int(number) for number in numbers.groups())).isoformat()
    named = _NAMED_MONTH.fullmatch(text)
    if named is None:
        return None
    word = (named["month_first"] or named["month_second"]).lower()
    month = next((place for place, name in enumerate(MONTHS, 1) if _is_month(word, name)), None)
    if month is None:
        return None
    return date(int(named["year"]), month, int(named["day_first"] or named["day_second"])).isoformat()


def _is_month(word: str, name: str) -> bool:
    return word == name or word == name[:3] or (word == "sept" and name == "september")
