"""Which orders count as sales, and in which currency they are added up."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def main_currency(orders: ir.Table, default: str) -> str:
    """Currency of most purchases in `truth.orders`; `default` when there is none.

    Amounts in different currencies are never added: sums are over this one.
    """
    counted = (
        orders.filter(orders.is_purchase)
        .group_by("currency")
        .aggregate(purchases=lambda t: t.count())
        .order_by([ibis.desc("purchases"), "currency"])
        .limit(1)
        .to_pyarrow()
        .to_pylist()
    )
    return counted[0]["currency"] if counted else default


def steady_sum(column: ir.NumericColumn, decimals: int = 4) -> ir.FloatingScalar:
    """Sum floats as decimals: the same rows give the same sum, in whatever order they are read."""
    return column.cast(f"decimal(18, {decimals})").sum().cast("float64")


def takings(orders: ir.Table) -> ir.Table:
    """Rows of `truth.orders` that make up the takings: purchases, and refunds recorded by themselves."""
    return orders.filter(orders.is_purchase | (orders.status == "refund"))
