"""Money as files write it, understood well enough to add it up for the account of a file.

The account only compares what was read with what was kept; amounts that models
and pages use are typed in cleaning.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

MONEY = "decimal(18, 4)"


def read_amount(column: ir.StringColumn) -> ir.DecimalColumn:
    """Amount in `column`: "£12.50", "1,234.50", "12,50", "(3.00)"; NULL where it is none.

    A comma before one or two closing digits is a decimal comma, any other comma
    parts thousands. A minus sign anywhere, or brackets around it, make it negative.
    """
    digits = column.re_replace(r"[^0-9,.]", "")
    is_comma_decimal = digits.re_search(r",[0-9]{1,2}$")
    plain = ibis.ifelse(
        is_comma_decimal, digits.replace(".", "").replace(",", "."), digits.replace(",", "")
    ).try_cast(MONEY)
    is_negative = column.contains("-") | column.strip().startswith("(")
    return ibis.coalesce(column.try_cast(MONEY), ibis.ifelse(is_negative, -plain, plain))
