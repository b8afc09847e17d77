"""Pieces of the sentences in lists: days, counts and amounts as text of a table."""

from __future__ import annotations

from datetime import date
from typing import overload

import ibis
import ibis.expr.types as ir

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


@overload
def said_day(day: date) -> str: ...
@overload
def said_day(day: ir.DateValue) -> ir.StringValue: ...
def said_day(day: date | ir.DateValue) -> str | ir.StringValue:
    """A day as it is read aloud, such as `5 March 2026`; the same on every computer."""
    if isinstance(day, date):
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    month = ibis.cases(*((day.month() == number, name) for number, name in enumerate(MONTHS, 1)))
    return day.day().cast("string") + " " + month + " " + day.year().cast("string")


def text_of(before: str, value: ir.Value, after: str = "") -> ir.StringValue:
    """A value between two words; NULL where it is."""
    return ibis.literal(before) + value.cast("string") + after


def days_ago(days: ir.IntegerValue) -> ir.StringValue:
    """`12 days ago`, and what one says of the newest days."""
    return ibis.cases(
        (days == 0, "on the last known day"), (days == 1, "1 day ago"), else_=text_of("", days, " days ago")
    )
