"""Which files to look at record by record for misread dates: those whose dates are out of order.

Works on the distinct dates of each file, so that a large file in good order costs one query.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import has_content
from custbehav_dagster.cleaning.date_text import DateOrder, parse_date_part
from custbehav_dagster.cleaning.forensics.proof import rank_correlation
from custbehav_dagster.settings import Settings

if TYPE_CHECKING:
    import numpy as np

MOST_ROWS = 1_048_575
"""A spreadsheet holds no more: a longer file has not been through one."""
FEW_ROWS = 50_000
"""Up to here a look at every record costs nothing to speak of."""
SOME_ORDER = 0.8
LAST_SURE_DAY = 12
"""No month has a higher number: days after it cannot have changed places with one."""
CLEARLY_EARLIER = 26
"""Two readings of one date differ by 27 days or more, so no misread date escapes this."""
PREFIX = 10
"""Characters of a cell that are looked at: enough for any date in figures."""
DATE_IN_FIGURES = re.compile(r"^\s*'?\s*(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?!\d)")

Group = dict[str, Any]
"""One distinct beginning of a date cell, with its records and where they lie."""


def notation_of(text: str) -> str:
    """The way a date is written: separator, and where its year of four figures stands; '' for words."""
    match = DATE_IN_FIGURES.match(text)
    if not match:
        return ""
    place = "first" if len(match[1]) == 4 else "last" if len(match[4]) == 4 else "short"
    return f"{match[2]} {place}"


def suspect_files(raw_orders: ir.Table, settings: Settings) -> list[str]:
    """Files whose dates are out of order or written in more than one way. Runs one query."""
    rows = raw_orders.filter(~raw_orders.is_synthetic & has_content(raw_orders.ordered_at))
    # Figures alone are much the commoner; only what is no number as it stands is searched for its figures.
    plain = rows.order_id.replace("#", "").try_cast("float64")
    number = plain.coalesce(rows.order_id.re_replace(r"\D", "").try_cast("float64"))
    line = rows.source_line.cast("float64")
    groups = rows.group_by("source_file", prefix=rows.ordered_at.left(PREFIX)).aggregate(
        rows=rows.count(),
        shipped=rows.shipped_at.count(),
        **{f"number_{how}": getattr(number, how)() for how in ("min", "max")},
        **{f"line_{how}": getattr(line, how)() for how in ("min", "max")},
    )
    by_file: dict[str, list[Group]] = defaultdict(list)
    for row in groups.to_pyarrow().to_pylist():
        by_file[row["source_file"]].append(row)
    return [name for name in sorted(by_file) if _is_suspect(by_file[name], settings.ambiguous_date_order)]


def _is_suspect(groups: list[Group], fallback: DateOrder) -> bool:
    rows = sum(group["rows"] for group in groups)
    notations = {notation_of(group["prefix"]) for group in groups} - {""}
    if rows > MOST_ROWS or not notations:
        return False
    read = [(group, day) for group in groups if (day := _loosely_read(group["prefix"], fallback))]
    days = [day for _, day in read]
    # Several notations in a short file are looked at all the same: a part of it may have been typed anew.
    is_plain = len(notations) == 1 or rows > FEW_ROWS
    if is_plain and any(_rises(days, *place) for place in _places([group for group, _ in read])):
        return False
    return rows <= FEW_ROWS or any(group["shipped"] for group in groups) or _is_in_some_order(read)


def _loosely_read(prefix: str, fallback: DateOrder) -> date | None:
    match = DATE_IN_FIGURES.match(prefix)
    return parse_date_part(match[0] if match else prefix, fallback)


def _places(groups: list[Group]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """First and last place of the records of each group: by number and by line, upward and downward."""
    import numpy as np

    for name in ("number", "line"):
        first, last = (
            np.array([group[f"{name}_{how}"] for group in groups], dtype=float) for how in ("min", "max")
        )
        yield first, last
        yield -last, -first


def _rises(days: list[date], first: np.ndarray, last: np.ndarray) -> bool:
    """Whether records rise with their dates: none comes before one that is CLEARLY_EARLIER days older."""
    import numpy as np

    if np.isnan(first).any():
        return False
    numbers = np.array([day.toordinal() for day in days])
    order = np.argsort(numbers, kind="stable")
    numbers, first, last = numbers[order], first[order], last[order]
    highest = np.maximum.accumulate(last)
    earlier = np.searchsorted(numbers, numbers - CLEARLY_EARLIER, side="right") - 1
    return bool((first >= highest[earlier])[earlier >= 0].all())


def _is_in_some_order(read: list[tuple[Group, date]]) -> bool:
    """Whether any part of the dates that one damage leaves whole, or spoils whole, follows number or line.

    Without such a part nothing could prove a repair of a file that tells no shipping.
    """
    import numpy as np

    days = np.array([day.toordinal() for _, day in read], dtype=float)
    notations = np.array([notation_of(group["prefix"]) for group, _ in read])
    parts = [np.array([day.day > LAST_SURE_DAY for _, day in read])]
    parts += [notations == name for name in np.unique(notations)]
    # The year of a misread date is its day or month: put back, it is the last two figures that tell it.
    year_last = np.array([day.day * 400 + day.month * 31 + day.year % 100 for _, day in read], dtype=float)
    for first, last in _places([group for group, _ in read]):
        middle = (first + last) / 2
        found = [rank_correlation(middle[part], days[part]) for part in parts]
        found.append(rank_correlation(middle, year_last))
        if max(map(abs, found)) >= SOME_ORDER:
            return True
    return False
