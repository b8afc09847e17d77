"""Cells rewritten as the owner's mapping says: dates in figures, amounts with a decimal comma.

Only what a mapping states is rewritten; what a file shows by itself is judged in
cleaning.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

FIGURES = r"^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(\D.*)?$"
"""Two figures that are day and month, a year, and perhaps a time behind it."""
NEWEST_SHORT_YEAR = 69
"""Years of two figures up to this one are of this century, as elsewhere."""


def with_iso_dates(column: ir.StringValue, order: str) -> ir.StringValue:
    """'03/04/24 9:15' -> '2024-04-03 9:15' when `order` is 'day_first'.

    Dates that do not fit the order, and those in another notation, stay as they are.
    """
    first, second = (column.re_extract(FIGURES, number).lpad(2, "0") for number in (1, 2))
    day, month = (first, second) if order == "day_first" else (second, first)
    year, rest = column.re_extract(FIGURES, 3), column.re_extract(FIGURES, 4)
    century = ibis.ifelse(year.try_cast("int64") <= NEWEST_SHORT_YEAR, "20", "19")
    full_year = ibis.ifelse(year.length() == 2, century.concat(year), year)
    text = full_year.concat("-", month, "-", day, rest)
    is_possible = column.re_search(FIGURES) & (month.try_cast("int64") <= 12) & (day.try_cast("int64") <= 31)
    return ibis.ifelse(is_possible.fill_null(False), text, column)


def with_point_decimals(column: ir.StringValue, decimal: str) -> ir.StringValue:
    """'1.234,50 €' -> '1234.50 €' when `decimal` is ','; '1,234' -> '1234' when it is '.'."""
    if decimal == ",":
        return column.replace(".", "").replace(",", ".")
    return column.replace(",", "")
