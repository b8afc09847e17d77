"""The numbers at the top of the page: sales, orders, buyers, and who is expected back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis

from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.insights.money import takings
from custbehav_dagster.insights.returners import returners
from custbehav_dagster.insights.sales import add_months
from custbehav_dagster.insights.wording import count, money, percent
from custbehav_dagster.settings import Settings


@dataclass(frozen=True)
class Headline:
    """One number at the top: what it is, the number, what to keep in mind, where it comes from."""

    label: str
    value: str
    note: str
    source: str


def gather_headlines(
    orders: Rows, scores: Rows, as_of: date | None, currency: str, settings: Settings
) -> list[Headline]:
    """The headlines; none before the first purchase. Takes truth.orders up to `as_of` and churn.scores."""
    if as_of is None or not orders.table.is_purchase.any().to_pyarrow().as_py():
        return []
    year, before = _year_sums(orders, as_of, currency), dict[str, Any]()
    # A year that is known in part only would make any change look like growth.
    first_day = add_years(as_of, -2) + timedelta(days=1)
    if orders.table.order_date.min().to_pyarrow().as_py() < add_months(first_day, 1):
        before = _year_sums(orders, add_years(as_of, -1), currency)
    source = f"truth.orders, {orders.filter_text}"
    return [
        Headline(
            "Sales of the last 12 months",
            money(year["net"], currency),
            _beside(year["net"], before.get("net")) or "after refunds",
            f"{source}, purchases and refunds in {currency}",
        ),
        Headline(
            "Orders of the last 12 months",
            f"{year['orders']:,}",
            _beside(year["orders"], before.get("orders"), "fewer"),
            f"{source}, is_purchase",
        ),
        *_people_headlines(orders, scores, settings),
    ]


def _people_headlines(orders: Rows, scores: Rows, settings: Settings) -> list[Headline]:
    known = orders.table.filter(orders.table.is_purchase, orders.table.customer_id.notnull())
    people = known.group_by("customer_id").aggregate(orders=known.count())
    buyers = people.aggregate(all=people.count(), again=(people.orders > 1).sum()).to_pyarrow().to_pylist()[0]
    headlines = []
    source = f"truth.orders, {orders.filter_text}, is_purchase, customer_id IS NOT NULL"
    if buyers["all"]:
        again = f"{percent(buyers['again'] / buyers['all'])} bought more than once"
        headlines.append(Headline("Buyers so far", f"{buyers['all']:,}", again, source))
    found = returners(scores.table)
    if found.people:
        headlines.append(
            Headline(
                f"Expected back within {settings.horizon_days} days",
                f"about {found.expected:,.0f}",
                f"of {count(found.people, 'buyer')}; "
                f"95% sure: between {found.low:,.0f} and {found.high:,.0f}",
                f"churn.scores, {scores.filter_text}, sum of p_return",
            )
        )
    return headlines


def add_years(day: date, years: int) -> date:
    """The same day `years` later, 28 February where there is no 29th."""
    is_leap_day = day.month == 2 and day.day == 29
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)


def _year_sums(orders: Rows, last: date, currency: str) -> dict[str, Any]:
    """Net amount and purchases of the 12 months up to `last`."""
    first = add_years(last, -1) + timedelta(days=1)
    rows = takings(orders.table).filter(lambda t: t.order_date.between(ibis.date(first), ibis.date(last)))
    net = rows.shop_net_amount.sum().cast("float64")
    sums = rows.aggregate(net=net, orders=rows.is_purchase.sum()).to_pyarrow().to_pylist()[0]
    return {"net": sums["net"] or 0.0, "orders": sums["orders"] or 0}


def _beside(now: float, before: float | None, less: str = "less") -> str:
    if before is None or before <= 0:
        return ""
    change = now / before - 1
    if abs(change) < 0.005:
        return "the same as in the 12 months before"
    return f"{percent(abs(change))} {'more' if change > 0 else less} than in the 12 months before"
