"""Which orders count as sales, and in which currency they are added up."""

from __future__ import annotations

import ibis.expr.types as ir


def main_currency(orders: ir.Table, default: str) -> str:
    """The shop's currency, in which amounts may be added; `default` without orders.

    Takes `truth.orders`. Amounts as paid are in many currencies and never added.
    """
    return orders.shop_currency.max().to_pyarrow().as_py() or default


def steady_sum(column: ir.NumericColumn, decimals: int = 4) -> ir.FloatingScalar:
    """Sum floats as decimals: the same rows give the same sum, in whatever order they are read."""
    return column.cast(f"decimal(18, {decimals})").sum().cast("float64")


def takings(orders: ir.Table) -> ir.Table:
    """Rows of `truth.orders` that make up the takings: purchases, and refunds recorded by themselves."""
    return orders.filter(orders.is_purchase | (orders.status == "refund"))
