"""Which of two figures is the day: decided once per file and column, and said in a sentence.

Works on the distinct dates of a column with their counts; knows no tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import StatisticsError, correlation

from custbehav_dagster.cleaning.date_text import DateOrder, date_readings

# Fewer dates line up by chance too often: among 8 in random order, a rank
# correlation of 0.8 either way comes up about twice in a hundred.
MINIMUM_DATES_FOR_ROW_ORDER = 8
MINIMUM_CORRELATION = 0.8
CLEAR_DIFFERENCE = 0.2

_WORDS = {"day_first": "day first", "month_first": "month first"}


@dataclass(frozen=True)
class CountedDate:
    """One distinct date text, how many rows have it, and the mean of their lines."""

    text: str
    rows: int
    mean_line: float


@dataclass(frozen=True)
class Decision:
    """The order taken for one column, with the counts (in rows) behind it."""

    date_order: DateOrder
    decided_by: str
    day_first_values: int
    month_first_values: int
    ambiguous_values: int
    unreadable_values: int
    note: str


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for position in range(start, end + 1):
            ranks[order[position]] = (start + end) / 2 + 1
        start = end + 1
    return ranks


def _rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's rank correlation; 0 when one side does not vary."""
    try:
        return correlation(_ranks(first), _ranks(second))
    except StatisticsError:
        return 0.0


def row_order_correlation(dates: Sequence[date], lines: Sequence[float]) -> float:
    """How well lines follow dates, 0 to 1, within years.

    The year is the same in both readings and would hide the difference, so it is
    the mean of the rank correlations within each year, weighted by distinct dates.
    Files that run from new to old count as well as those from old to new.
    """
    by_year: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for day, line in zip(dates, lines, strict=True):
        by_year[day.year].append((day.toordinal(), line))
    weighted = [
        len(pairs) * _rank_correlation([day for day, _ in pairs], [line for _, line in pairs])
        for pairs in by_year.values()
        if len(pairs) > 2
    ]
    counted = sum(len(pairs) for pairs in by_year.values() if len(pairs) > 2)
    return abs(sum(weighted)) / counted if counted else 0.0


def _by_row_order(counted: Sequence[CountedDate]) -> tuple[DateOrder, str] | None:
    """The order whose dates follow the rows clearly better, with the figures; None when neither does."""
    readings = [(item, date_readings(item.text)) for item in counted]
    if sum(reading.is_ambiguous for _, reading in readings) < MINIMUM_DATES_FOR_ROW_ORDER:
        return None
    readable = [
        (item.mean_line, reading) for item, reading in readings if reading.day_first and reading.month_first
    ]
    lines = [line for line, _ in readable]
    by_day = row_order_correlation([reading.day_first for _, reading in readable if reading.day_first], lines)
    by_month = row_order_correlation(
        [reading.month_first for _, reading in readable if reading.month_first], lines
    )
    best, other = max(by_day, by_month), min(by_day, by_month)
    if best < MINIMUM_CORRELATION or best - other < CLEAR_DIFFERENCE:
        return None
    return ("day_first" if by_day > by_month else "month_first"), f"{best:.2f} against {other:.2f}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def decide_date_order(counted: Sequence[CountedDate], fallback: DateOrder) -> Decision:
    """Decide the order of day and month for one column of one file.

    First by dates that can be read one way only, then by the order of the rows,
    else by `fallback`. Where the figures speak for both, the majority decides.
    """
    day_first = month_first = ambiguous = unreadable = 0
    for item in counted:
        reading = date_readings(item.text)
        day_first += item.rows * (reading.month_first is None and reading.day_first is not None)
        month_first += item.rows * (reading.day_first is None and reading.month_first is not None)
        ambiguous += item.rows * reading.is_ambiguous
        unreadable += item.rows * (reading.day_first is None and reading.month_first is None)
    order: DateOrder = fallback
    decided_by = "setting"
    why = "as the setting ambiguous_date_order says, since nothing in the file decides it"
    if day_first != month_first:
        order = "day_first" if day_first > month_first else "month_first"
        decided_by = "figures"
        why = f"since {_count(max(day_first, month_first), 'other')} can only be so"
        if minority := min(day_first, month_first):
            why += (
                f", though {minority:,} can only be the other way round: the file mixes both, please check it"
            )
    elif ambiguous and (found := _by_row_order(counted)):
        order, figures = found
        decided_by = "row order"
        why = f"since the rows then follow the calendar (rank correlation {figures})"
    note = f"{_count(ambiguous, 'date')} could be read both ways; taken {_WORDS[order]} {why}."
    if not ambiguous:
        note = "No date could be read both ways."
    if unreadable:
        note += f" {_count(unreadable, 'value')} could not be read as a date."
    return Decision(order, decided_by, day_first, month_first, ambiguous, unreadable, note)
