"""How the shop is doing: the numbers at the top, and the months behind them with the season taken out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis

from custbehav_dagster.figures.months import NEWEST_MONTHS, months_between
from custbehav_dagster.figures.sales import amounts_by_month, first_and_repeat_by_month
from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.insights.money import takings
from custbehav_dagster.insights.returners import returners
from custbehav_dagster.insights.sales import add_months, full_months
from custbehav_dagster.insights.season import take_out_season
from custbehav_dagster.reporting.footnotes import Source, source_of
from custbehav_dagster.settings import Settings
from custbehav_dagster.wording.words import Message


@dataclass(frozen=True)
class Headline:
    """One number at the top: what it is, the number, what to keep in mind, where it comes from."""

    label: Message
    value: Message
    note: Message | None
    source: Source


@dataclass(frozen=True)
class Month:
    """One month: sales after refunds, the same without its season, first and repeat orders of people."""

    first_day: date
    net: float
    adjusted: float | None
    first_orders: int
    repeat_orders: int
    is_whole: bool


@dataclass(frozen=True)
class Doing:
    """The newest months, and in a sentence where sales go when the season is left aside."""

    headlines: list[Headline]
    months: list[Month]
    direction: Message | None
    money_source: Source | None
    people_source: Source | None


def gather_doing(orders: Rows, scores: Rows, as_of: date | None, settings: Settings) -> Doing:
    """Sum up truth.orders (up to `as_of`) and churn.scores; empty before the first purchase."""
    if as_of is None or not orders.table.is_purchase.any().to_pyarrow().as_py():
        return Doing([], [], None, None, None)
    takings_source = source_of(
        orders.where("(is_purchase OR status = 'refund')", lambda t: t.is_purchase | (t.status == "refund"))
    )
    known = orders.where(
        "is_purchase AND customer_id IS NOT NULL", lambda t: t.is_purchase & t.customer_id.notnull()
    )
    people_source = source_of(known)
    headlines = [
        *_sales_headlines(orders, as_of, takings_source),
        *_people_headlines(known, scores, people_source, settings),
    ]
    months, direction = _months(orders, known, as_of, settings)
    return Doing(headlines, months, direction, takings_source, people_source)


def _sales_headlines(orders: Rows, as_of: date, source: Source) -> list[Headline]:
    year, before = _year_sums(orders, as_of), dict[str, Any]()
    # A year that is known in part only would make any change look like growth.
    first_day = add_years(as_of, -2) + timedelta(days=1)
    if orders.table.order_date.min().to_pyarrow().as_py() < add_months(first_day, 1):
        before = _year_sums(orders, add_years(as_of, -1))
    return [
        Headline(
            Message("headline.sales"),
            Message("value.money", {"value": year["net"]}),
            _beside(year["net"], before.get("net")) or Message("headline.after_refunds"),
            source,
        ),
        Headline(
            Message("headline.orders"),
            Message("value.number", {"value": year["orders"]}),
            _beside(year["orders"], before.get("orders"), "fewer"),
            source,
        ),
    ]


def _people_headlines(known: Rows, scores: Rows, source: Source, settings: Settings) -> list[Headline]:
    people = known.table.group_by("customer_id").aggregate(orders=known.table.count())
    buyers = people.aggregate(all=people.count(), again=(people.orders > 1).sum()).to_pyarrow().to_pylist()[0]
    headlines = []
    if buyers["all"]:
        again = Message("headline.bought_again", {"share": buyers["again"] / buyers["all"]})
        value = Message("value.number", {"value": buyers["all"]})
        headlines.append(Headline(Message("headline.buyers"), value, again, source))
    with_chance = scores.where("p_return IS NOT NULL", lambda t: t.p_return.notnull())
    found = returners(with_chance.table)
    if found.people:
        headlines.append(
            Headline(
                Message("headline.expected_back", {"days": settings.horizon_days}),
                Message("value.about", {"value": found.expected}),
                Message("headline.expected_note",
                        {"people": found.people, "low": found.low, "high": found.high}),
                source_of(with_chance),
            )
        )  # fmt: skip
    return headlines


def add_years(day: date, years: int) -> date:
    """The same day `years` later, 28 February where there is no 29th."""
    is_leap_day = day.month == 2 and day.day == 29
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)


def _year_sums(orders: Rows, last: date) -> dict[str, Any]:
    """Net amount and purchases of the 12 months up to `last`."""
    first = add_years(last, -1) + timedelta(days=1)
    rows = takings(orders.table).filter(lambda t: t.order_date.between(ibis.date(first), ibis.date(last)))
    net = rows.shop_net_amount.sum().cast("float64")
    sums = rows.aggregate(net=net, orders=rows.is_purchase.sum()).to_pyarrow().to_pylist()[0]
    return {"net": sums["net"] or 0.0, "orders": sums["orders"] or 0}


def _beside(now: float, before: float | None, less: str = "less") -> Message | None:
    if before is None or before <= 0:
        return None
    change = now / before - 1
    if abs(change) < 0.005:
        return Message("headline.same")
    return Message("headline.change", {"change": abs(change), "how": "more" if change > 0 else less})


def _months(orders: Rows, known: Rows, as_of: date, settings: Settings) -> tuple[list[Month], Message | None]:
    """The newest months, gaps as 0, and where they lead; the season is judged on all whole months."""
    by_month = amounts_by_month(takings(orders.table), settings)
    people = first_and_repeat_by_month(known.table, settings)
    whole = full_months(orders.where("is_purchase", lambda t: t.is_purchase), as_of)
    adjusted: dict[date, float] = {}
    direction = Message("doing.season_unknown")
    if whole:
        months = [month for month in months_between(*whole) if month in by_month.index]
        net = [float(by_month["net_amount"][month]) for month in months]
        found = take_out_season(months[0].month, net) if months else None
        if found:
            adjusted = dict(zip(months, found.adjusted, strict=True))
            clear = "up" if found.low > 0 else "down" if found.high < 0 else "unclear"
            direction = Message(
                "doing.season",
                {"direction": clear, "change": found.change, "low": found.low, "high": found.high},
            )
    rows = []
    for month in (
        months_between(by_month.index[0], by_month.index[-1])[-NEWEST_MONTHS:] if len(by_month) else ()
    ):
        first, all_orders = (
            (int(people["first_orders"][month]), int(people["purchases"][month]))
            if month in people.index else (0, 0)
        )  # fmt: skip
        is_whole = whole is not None and whole[0] <= month <= whole[1]
        net_amount = float(by_month["net_amount"][month])
        rows.append(Month(month, net_amount, adjusted.get(month), first, all_orders - first, is_whole))
    return rows, direction
