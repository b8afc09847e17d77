"""Insights about sales: the season, this year against last, who brings the money, refunds."""

from __future__ import annotations

import math
from datetime import date, timedelta

import ibis

from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.statistics import growth_interval
from custbehav_dagster.insights.wording import count, money, month_name, month_span, percent

MOST_YEARS = 5
COMPARED_MONTHS = 3
MANY_REFUNDS = 0.05
OUTLYING_FROM = 50
"""An order is odd when it is so many times as large as nine in ten of all."""
BENDS_FROM = 0.02
"""Odd orders are told when they make up this share of all sales."""


def add_months(month: date, months: int) -> date:
    """First day of the month that lies `months` after the month of a date."""
    index = month.year * 12 + month.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def full_months(orders: Rows, as_of: date) -> tuple[date, date] | None:
    """First day of the first and of the last month known in full; None when there is no such month."""
    first = orders.table.order_date.min().to_pyarrow().as_py()
    if first is None:
        return None
    begin = date(first.year, first.month, 1) if first.day == 1 else add_months(first, 1)
    end = add_months(as_of + timedelta(days=1), -1)
    return (begin, end) if begin <= end else None


def _between(rows: Rows, first: date, last: date) -> Rows:
    return rows.where(
        f"order_date BETWEEN DATE '{first}' AND DATE '{last}'",
        lambda t: t.order_date.between(ibis.date(first), ibis.date(last)),
    )


def _last_day(month: date) -> date:
    return add_months(month, 1) - timedelta(days=1)


def busiest_month(facts: Facts) -> Insight | None:
    """Which calendar month sells most, over whole years back from the last full month."""
    months = full_months(facts.purchases, facts.as_of)
    if months is None:
        return None
    begin, end = months
    years = min(((end.year - begin.year) * 12 + end.month - begin.month + 1) // 12, MOST_YEARS)
    if years < 1:
        return None
    start = add_months(end, 1 - 12 * years)
    rows = _between(facts.takings, start, _last_day(end))
    by_month = (
        rows.table.group_by(calendar_month=rows.table.order_date.month())
        .aggregate(
            net=lambda t: t.shop_net_amount.sum().cast("float64"), orders=lambda t: t.is_purchase.sum()
        )
        .order_by("calendar_month")
        .to_pyarrow()
        .to_pylist()
    )
    total = sum(row["net"] for row in by_month)
    if sum(row["orders"] for row in by_month) < FLOOR or total <= 0:
        return None
    best = max(by_month, key=lambda row: row["net"])
    name, share = month_name(best["calendar_month"]), best["net"] / total
    before = month_name(best["calendar_month"] - 1 or 12)
    return Insight(
        "busiest_month",
        "sales",
        f"{name} is the busiest month: {percent(share)} of the year's sales, where an even month has "
        f"{percent(1 / 12)} ({month_span(start, end)}).",
        share,
        "share of net amount",
        rows,
        f"Have stock ready and write to past buyers in {before}, before {name} begins.",
        parameters={"month": best["calendar_month"], "start": str(start), "end": str(end), "even": 1 / 12},
    )


def sales_against_last_year(facts: Facts) -> Insight | None:
    """Orders of the newest full months beside the same months a year before."""
    months = full_months(facts.purchases, facts.as_of)
    if months is None:
        return None
    begin, end = months
    start = add_months(end, 1 - COMPARED_MONTHS)
    start_before, end_before = add_months(start, -12), add_months(end, -12)
    if start_before < begin:
        return None
    first, last, first_before, last_before = start, _last_day(end), start_before, _last_day(end_before)
    rows = facts.purchases.where(
        f"(order_date BETWEEN DATE '{first_before}' AND DATE '{last_before}' "
        f"OR order_date BETWEEN DATE '{first}' AND DATE '{last}')",
        lambda t: (
            t.order_date.between(ibis.date(first_before), ibis.date(last_before))
            | t.order_date.between(ibis.date(first), ibis.date(last))
        ),
    )
    is_new = rows.table.order_date >= ibis.date(first)
    counts = rows.table.aggregate(after=is_new.sum(), before=(~is_new).sum()).to_pyarrow().to_pylist()[0]
    before, after = counts["before"] or 0, counts["after"] or 0
    if min(before, after) < FLOOR:
        return None
    low, high = growth_interval(before, after)
    change, span = after / before - 1, month_span(start, end)
    chance = f"between {_more_or_fewer(low)} and {_more_or_fewer(high)}, allowing for chance"
    clear = low > 0 or high < 0
    advice = {
        (True, True): "Find out what brought the growth, and do more of it.",
        (True, False): "Ask what changed: fewer new buyers or fewer repeat orders? The sales pictures tell.",
    }.get((clear, change > 0), "The difference may be chance: look again in a month.")
    return Insight(
        "sales_against_last_year",
        "sales",
        f"{span} brought {after:,} orders, {_more_or_fewer(change)} than the {before:,} of the same months "
        f"a year before ({chance}).",
        change,
        "relative change of orders",
        rows,
        advice,
        (low, high),
        parameters={
            "start": str(start),
            "end": str(end),
            "after": after,
            "before": before,
            "direction": ("more" if change > 0 else "fewer") if clear else "unclear",
        },
    )


def _more_or_fewer(change: float) -> str:
    return f"{percent(abs(change))} {'more' if change >= 0 else 'fewer'}"


def top_tenth_share(facts: Facts) -> Insight | None:
    """How much of the money the best tenth of buyers brings."""
    rows = facts.takings.where("customer_id IS NOT NULL", lambda t: t.customer_id.notnull())
    people = rows.table.group_by("customer_id").aggregate(
        net=lambda t: t.shop_net_amount.sum().cast("float64"), orders=lambda t: t.is_purchase.sum()
    )
    buyers = people.filter(people.orders > 0)
    placed = buyers.mutate(
        place=ibis.row_number().over(ibis.window(order_by=buyers.net.desc())), people=buyers.count().over()
    )
    sums = (
        placed.aggregate(
            people=placed.count(),
            net=placed.net.sum(),
            best=placed.net.sum(where=placed.place * 10 < placed.people),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    # Where refunds have eaten what others brought, the best would have brought more than there is.
    if sums["people"] < FLOOR or sums["net"] <= 0 or sums["best"] > sums["net"]:
        return None
    top, share = math.ceil(sums["people"] / 10), sums["best"] / sums["net"]
    return Insight(
        "top_tenth_share",
        "sales",
        f"The {top:,} best buyers, a tenth of all, brought {percent(share)} of the money "
        f"({money(sums['best'], facts.currency)} of {money(sums['net'], facts.currency)}).",
        share,
        "share of net amount",
        rows,
        "Know these people by name: thank them, and let them see new work first.",
        parameters={"people": top, "best": sums["best"], "all": sums["net"]},
    )


def outlying_orders(facts: Facts) -> Insight | None:
    """Orders so large that they are more likely a slip of the keyboard than a sale."""
    known = facts.purchases.where("shop_gross_amount IS NOT NULL", lambda t: t.shop_gross_amount.notnull())
    table = known.table
    usual = table.shop_gross_amount.cast("float64").quantile(0.9)
    sums = table.aggregate(
        orders=table.count(), usual=usual, total=table.shop_gross_amount.sum().cast("float64")
    )
    found = sums.to_pyarrow().to_pylist()[0]
    if found["orders"] < FLOOR or found["usual"] <= 0:
        return None
    limit = round(OUTLYING_FROM * found["usual"], 2)
    rows = known.where(
        f"shop_gross_amount > {limit:.2f}", lambda t: t.shop_gross_amount.cast("float64") > limit
    )
    outliers = rows.table.aggregate(
        orders=rows.table.count(),
        largest=rows.table.shop_gross_amount.max().cast("float64"),
        total=rows.table.shop_gross_amount.sum().cast("float64"),
    )
    odd = outliers.to_pyarrow().to_pylist()[0]
    if not odd["orders"] or odd["total"] < BENDS_FROM * found["total"]:
        return None
    return Insight(
        "outlying_orders",
        "data",
        f"{count(odd['orders'], 'order is', 'orders are')} more than {OUTLYING_FROM} times as large as nine "
        f"in ten of all orders (the largest: {money(odd['largest'], facts.currency)}), "
        f"{percent(odd['total'] / found['total'])} of all sales together.",
        float(odd["orders"]),
        "orders",
        rows,
        "Check them in your shop first: one mistyped amount bends every sum on this page.",
        parameters={
            "times": OUTLYING_FROM,
            "largest": odd["largest"],
            "share": odd["total"] / found["total"],
        },
    )


def refund_share(facts: Facts) -> Insight | None:
    """How much of the takings is given back."""
    rows = facts.takings
    bought = rows.table.is_purchase
    given_back = ibis.ifelse(
        bought, rows.table.shop_gross_amount - rows.table.shop_net_amount, -rows.table.shop_net_amount
    )
    sums = (
        rows.table.aggregate(
            orders=bought.sum(),
            gross=ibis.ifelse(bought, rows.table.shop_gross_amount, 0).sum().cast("float64"),
            refunds=given_back.sum().cast("float64"),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if (sums["orders"] or 0) < FLOOR or sums["gross"] <= 0 or sums["refunds"] <= 0:
        return None
    share = sums["refunds"] / sums["gross"]
    return Insight(
        "refund_share",
        "sales",
        f"Refunds took back {percent(share)} of what was sold "
        f"({money(sums['refunds'], facts.currency)} of {money(sums['gross'], facts.currency)}).",
        share,
        "share of gross amount",
        rows,
        "Look up which products come back most, and mend their pictures, sizes or packing."
        if share > MANY_REFUNDS
        else "Nothing to do: this is little. Look again when it passes 5%.",
        parameters={"refunds": sums["refunds"], "gross": sums["gross"], "is_much": share > MANY_REFUNDS},
    )
