"""Pictures of orders: what they bring, who places them, how often a person comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.figures.months import newest_months
from custbehav_dagster.figures.style import (
    BLUE,
    GREY,
    ORANGE,
    SKY,
    VERMILLION,
    Labels,
    canvas,
    count_axis,
    leave_headroom,
    legend_above,
    month_axis,
    thin_spines,
    write_beside,
)
from custbehav_dagster.insights.money import main_currency
from custbehav_dagster.insights.wording import (
    FEW,
    count,
    listed,
    money,
    month_and_year,
    month_span,
    percent,
    share_or_count,
    short_money,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from custbehav_dagster.settings import Settings

MANY_PURCHASES = 6
CUT_FROM = 10
"""A month this many times above the middle one is cut off, lest the others cannot be seen."""


def amounts_by_month(orders: ir.Table, settings: Settings) -> pd.DataFrame:
    """Sum net amount (refunds taken off) and count purchases per month, in the shop's currency.

    `currency` and `last_day` (newest order's day) are the same in every row.
    """
    currency = main_currency(orders, settings.currency)
    rows = orders.filter(orders.shop_net_amount.notnull())
    rows = rows.mutate(month_start=rows.order_date.truncate("M"))
    counted = (
        rows.group_by("month_start")
        .aggregate(
            net_amount=rows.shop_net_amount.sum().cast("float64"),
            purchases=rows.is_purchase.sum(),
            last_day=rows.order_date.max(),
        )
        .order_by("month_start")
        .to_pyarrow()
        .to_pandas()
    )
    last_day = counted["last_day"].max() if len(counted) else None
    return newest_months(counted.drop(columns="last_day")).assign(currency=currency, last_day=last_day)


def draw_orders_by_month(months: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the net amount and the number of purchases of each month."""
    import pandas as pd
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    currency = months["currency"].iloc[0]
    last_day = pd.Timestamp(months["last_day"].iloc[0])
    best = months.index[int(months["net_amount"].argmax())]
    first, last = months.index[0], months.index[-1]
    amount = money(months["net_amount"].max(), currency)
    headline = f"The best month was {month_and_year(best)}: {amount} after refunds"
    note = f"{count(months['purchases'].sum(), 'order')}, {month_span(first, last)}."
    unfinished = not last_day.is_month_end
    if unfinished:
        note += f" Grey: {month_and_year(last)} is known only up to day {last_day.day}."
    grid: dict[str, Any] = {"nrows": 2, "height_ratios": [3, 2], "sharex": True}
    cut = _cut_months(months)
    if cut.any():
        names = listed(month_and_year(month) for month in months.index[cut.to_numpy()])
        headline = f"Check {names}: far above all other months"
        note += " Bars that end in a number are cut off: check whether an amount there is mistyped."
    figure, (top, bottom) = canvas(headline, note, labels, height_inches=5.4, **grid)
    positions = range(len(months))
    colours = [BLUE] * len(months)
    order_colours = [SKY] * len(months)
    if unfinished:
        colours[-1] = order_colours[-1] = GREY
    top.bar(positions, months["net_amount"], color=colours, width=0.8)
    _cut_off(top, months["net_amount"], cut, currency)
    top.axhline(0, color=GREY, linewidth=0.8)
    top.set_ylabel("net amount\n(after refunds)")
    top.yaxis.set_major_locator(MaxNLocator(nbins=5))
    top.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value, currency)))
    bottom.bar(positions, months["purchases"], color=order_colours, width=0.8)
    bottom.set_ylabel("orders")
    count_axis(bottom.yaxis, steps=4)
    month_axis(bottom, list(months.index))
    for axes in (top, bottom):
        thin_spines(axes)
    figure.align_ylabels()
    return figure


def _cut_months(months: pd.DataFrame) -> pd.Series:
    """Months that would flatten all others: far above the middle month, and few."""
    net = months["net_amount"]
    huge = net > CUT_FROM * net[net > 0].median()
    return huge & (huge.sum() * 4 <= len(net))


def _cut_off(axes: Axes, net: pd.Series, cut: pd.Series, currency: str) -> None:
    """End the axis above the other months and write the height of the bars that go beyond."""
    if not cut.any():
        return
    highest = 1.3 * net[~cut].max()
    axes.set_ylim(min(0, 1.1 * net.min()), highest)
    for position, (amount, is_cut) in enumerate(zip(net.tolist(), cut.tolist(), strict=True)):
        if is_cut:
            look = {"color": "white", "rotation": 90, "ha": "center", "va": "top", "weight": "bold"}
            write_beside(axes, short_money(amount, currency), position, highest, right=0, up=-5, **look)


def first_and_repeat_by_month(orders: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count per month the people who bought for the first time, and the purchases of those who came back."""
    first = orders.group_by("customer_id").aggregate(first_date=orders.order_date.min())
    first_by_month = (
        first.mutate(month_start=first.first_date.truncate("M"))
        .group_by("month_start")
        .aggregate(first_orders=lambda t: t.count())
    )
    all_by_month = (
        orders.mutate(month_start=orders.order_date.truncate("M"))
        .group_by("month_start")
        .aggregate(purchases=lambda t: t.count())
    )
    joined = all_by_month.left_join(first_by_month, "month_start").drop("month_start_right")
    # A month in which nobody was new is missing on the right, and none is not unknown.
    counted = joined.mutate(first_orders=joined.first_orders.fill_null(0)).to_pyarrow().to_pandas()
    return newest_months(counted.sort_values("month_start"))


def draw_customers_first_and_repeat(months: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the orders of each month, first ones and repeat ones stacked."""
    repeats = months["purchases"] - months["first_orders"]
    window = min(12, len(months))
    recent, recent_repeats = months["purchases"].iloc[-window:].sum(), repeats.iloc[-window:].sum()
    when = "In the last 12 months" if len(months) > 12 else "So far"
    repeated = share_or_count(recent_repeats, recent)
    headline = f"{when} {repeated} orders came from people who had bought before"
    if recent >= FEW:
        headline = f"{when} {repeated} of orders came from people who had bought before"
    note = (
        "Sales that are not tied to a person are left out. "
        "The earliest months look newer than they are: what came before them is unknown."
    )
    figure, (axes,) = canvas(headline, note, labels)
    positions = range(len(months))
    axes.bar(positions, months["first_orders"], color=ORANGE, width=0.8, label="first order of a person")
    axes.bar(positions, repeats, bottom=months["first_orders"], color=BLUE, width=0.8, label="repeat order")
    axes.set_ylabel("orders")
    leave_headroom(axes, months["purchases"].max())
    legend_above(axes, 2)
    count_axis(axes.yaxis)
    month_axis(axes, list(months.index))
    thin_spines(axes)
    return figure


def people_by_purchases(orders: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count people by how often they bought; six times and more together."""
    people = orders.group_by("customer_id").aggregate(purchases=orders.count())
    return (
        people.group_by(purchases=ibis.least(people.purchases, MANY_PURCHASES))
        .aggregate(people=lambda t: t.count())
        .order_by("purchases")
        .to_pyarrow()
        .to_pandas()
    )


def draw_purchases_per_customer(counted: pd.DataFrame, labels: Labels) -> Figure:
    """Draw how many people bought once, twice, and so on."""
    people = counted.set_index("purchases")["people"].reindex(range(1, MANY_PURCHASES + 1), fill_value=0)
    everything = people.sum()
    once = f"{people[1]:,} of" if everything < FEW else f"{percent(people[1] / everything)} of"
    headline = f"{once} {count(everything, 'customer')} have bought only once so far"
    if everything == 1:
        headline = f"There is one customer so far, with {count(counted['purchases'].iloc[0], 'purchase')}"
    figure, (axes,) = canvas(
        headline, "People by the number of their purchases; sales not tied to a person are left out.", labels
    )
    axes.bar(people.index, people, color=[VERMILLION, *[BLUE] * (MANY_PURCHASES - 1)], width=0.75)
    for purchases, how_many in zip(range(1, MANY_PURCHASES + 1), people.tolist(), strict=True):
        text = f"{how_many:,}\n({percent(how_many / everything)})" if how_many else "0"
        write_beside(axes, text, purchases, how_many, right=0, up=4, ha="center", va="bottom")
    axes.set_xticks(people.index, ["once", "twice", "3 times", "4 times", "5 times", "6 or more"])
    axes.margins(y=0.18)
    axes.set_ylabel("people")
    count_axis(axes.yaxis)
    thin_spines(axes)
    return figure
