"""Who ordered after something happened to them: a text they wrote, a list they were on."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def who_ordered_within(rows: ir.Table, orders: ir.Table, day: str, days: int) -> ir.Table:
    """The rows whose `customer_id` has a purchase in (`day`, `day` + `days`].

    Takes any table with `customer_id` and the date column `day`, and truth.orders.
    """
    bought = orders.filter(orders.is_purchase, orders.customer_id.notnull()).select(
        "order_date", _buyer="customer_id"
    )
    last_day = (rows[day] + ibis.interval(days=days)).cast("date")
    return rows.semi_join(
        bought,
        [rows.customer_id == bought._buyer, bought.order_date > rows[day], bought.order_date <= last_day],
    )
