"""A shop's orders, and what a spreadsheet makes of their dates: the truth is kept beside."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
FIRST_DAY = date(2008, 3, 1)


@dataclass
class Order:
    """One order as it really was."""

    number: int
    day: date
    sent: date | None


def orders_of(count: int, seed: int, days: int = 1400, with_shipping: bool = True) -> list[Order]:
    """Orders whose numbers rise with time, sent within nine days; at most a day out of turn."""
    chance = random.Random(seed)
    moments = sorted(chance.uniform(0, days) for _ in range(count))
    found, number = [], 1_410_000_000
    for moment in moments:
        number += chance.randint(1, 90_000)
        day = FIRST_DAY + timedelta(days=int(moment + chance.uniform(0, 1)))
        sent = day + timedelta(days=chance.randint(0, 9)) if with_shipping else None
        found.append(Order(number, day, sent))
    return found


def misread_year_first(text: str) -> str | None:
    """`05/11/20` as a spreadsheet saves it that takes the year to come first; None where that is no date."""
    first, second, third = (int(figures) for figures in text.split("/"))
    try:
        return date(2000 + first, second, third).isoformat()
    except ValueError:
        return None


def swapped(day: date) -> str | None:
    """The day saved with day and month in each other's place; None where that is no date."""
    try:
        return day.replace(month=day.day, day=day.month).isoformat()
    except ValueError:
        return None


def raw_row(order: Order, written: str) -> Row:
    """The order as a raw row, its date as written."""
    return {
        "order_id": str(order.number),
        "ordered_at": written,
        "shipped_at": order.sent and order.sent.strftime("%m/%d/%Y"),
        "gross_amount": "10.00",
        "email": f"buyer{order.number % 97}@example.org",
    }
