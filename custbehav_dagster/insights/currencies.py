"""Insights about money in other currencies: what could not be added up, and how to mend it."""

from __future__ import annotations

from custbehav_dagster.insights.insight import Facts, Insight
from custbehav_dagster.insights.wording import count, percent


def orders_without_rate(facts: Facts) -> Insight | None:
    """Orders in a currency of which no rate is known, so that no sum holds them."""
    rows = facts.purchases.where("shop_net_amount IS NULL", lambda t: t.shop_net_amount.isnull())
    left_out = rows.count()
    if not left_out:
        return None
    names = rows.table.select("currency").distinct().order_by("currency").to_pyarrow()["currency"].to_pylist()
    share = left_out / facts.purchases.count()
    return Insight(
        "orders_without_rate",
        "data",
        f"{count(left_out, 'order is', 'orders are')} in {', '.join(names)}, {percent(share)} of all: "
        f"without a rate to {facts.currency} they are counted as orders but left out of every sum of money.",
        float(left_out),
        "orders",
        rows,
        "Put a file exchange_rates.csv with the columns date, currency and rate into data/raw (one unit of "
        f"the currency in {facts.currency}; the date may stay empty), then refresh.",
        parameters={"currencies": names, "share": share, "currency": facts.currency},
    )
