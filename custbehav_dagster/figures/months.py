"""Months as rows: truncating, filling gaps, keeping the newest ones."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import ibis.expr.types as ir

if TYPE_CHECKING:
    import pandas as pd

    from custbehav_dagster.settings import Settings

NEWEST_MONTHS = 36
"""A picture shows at most this many months, the newest: more cannot be read at its size."""


def with_text_month(texts: ir.Table, settings: Settings) -> ir.Table:
    """Keep texts with a date and add `month_start`, the first day of their month in the shop's time zone."""
    from custbehav_dagster.cleaning.times import local_date

    dated = local_date(texts.filter(texts.created_at.notnull()), "created_at", "local_date", settings)
    return dated.mutate(month_start=dated.local_date.truncate("M"))


def months_between(first: date, last: date) -> list[date]:
    """List the first days of all months from `first` to `last`, both included."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [date(index // 12, index % 12 + 1, 1) for index in range(start, end + 1)]


def every_month(counted: pd.DataFrame) -> pd.DataFrame:
    """Bring a frame with `month_start` to one row per month, gaps as 0, indexed by the month's first day."""
    by_month = counted.set_index("month_start").sort_index()
    if by_month.empty:
        return by_month
    return by_month.reindex(months_between(by_month.index[0], by_month.index[-1]), fill_value=0)


def newest_months(counted: pd.DataFrame) -> pd.DataFrame:
    """Do the same and keep the newest 36 months."""
    return every_month(counted).iloc[-NEWEST_MONTHS:]
