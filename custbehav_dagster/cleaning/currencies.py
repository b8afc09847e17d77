"""Amounts in the shop's own currency, by the owner's rates; without a rate there is no amount.

Amounts as paid stay beside them. Nothing here knows files or people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import attach, has_content
from custbehav_dagster.cleaning.forensics.dates import read_days
from custbehav_dagster.cleaning.money import named_currency
from custbehav_dagster.contract import cleaned
from custbehav_dagster.settings import Settings

RATE_TYPE = "decimal(18, 8)"
AMOUNT_TYPE = "decimal(18, 2)"
STANDING = ("completed", "pending")
ENOUGH = 0.5
"""Share of the orders that must be in a currency, or convert to it, for it to be the shop's."""


def clean_exchange_rates(raw_rates: ir.Table, settings: Settings) -> ir.Table:
    """One row per currency and day from which its rate holds, keeping `contract.cleaned.EXCHANGE_RATES`.

    Args:
        raw_rates: keeps `contract.raw.EXCHANGE_RATES`. A rate without a day holds where no dated
            one does; one whose day cannot be read is left out. Of two rates of one day the later
            in the file counts.
        settings: day/month order where the file gives no evidence.

    Runs queries now: the table is one that a person typed.
    """
    import pyarrow as pa

    rows = raw_rates.select("source_file", "source_line", "currency", "rate", "rate_date")
    rows = rows.mutate(is_dated=has_content(rows.rate_date)).order_by(["source_file", "source_line"])
    given = rows.to_pyarrow()
    if not given.num_rows:
        return cleaned.EXCHANGE_RATES.empty()
    read = read_days(ibis.memtable(given), settings, "rate_date").order_by(["source_file", "source_line"])
    found: dict[tuple[str, Any], dict[str, Any]] = {}
    for row in read.to_pyarrow().to_pylist():
        rate, day = _rate(row["rate"]), row["rate_date"] and row["rate_date"].date()
        if rate is not None and (day or not row["is_dated"]):
            code = row["currency"].strip().upper()
            place = {name: row[name] for name in ("source_file", "source_line")}
            found[code, day] = {"currency": code, "rate_date": day, "rate": rate, **place}
    if not found:
        return cleaned.EXCHANGE_RATES.empty()
    schema = cleaned.EXCHANGE_RATES.schema.to_pyarrow()
    return cleaned.EXCHANGE_RATES.conform(
        ibis.memtable(pa.Table.from_pylist([*found.values()], schema=schema))
    )


def _rate(text: str | None) -> Decimal | None:
    """The rate to eight decimals; None for what is no number above zero."""
    try:
        rate = Decimal((text or "").strip().replace(",", ".")).quantize(Decimal("1e-8"))
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and 0 < rate < 10**9 else None


def is_currency_given(settings: Settings) -> bool:
    """Whether the owner set the currency, by the environment, `.env` or the run's config."""
    return "currency" in settings.model_fields_set


def currency_of_bare_amounts(raw_orders: ir.Table, settings: Settings) -> str:
    """The currency of orders that name none.

    It is the one that was set; else the commonest by the codes on the shop's other
    orders, and where no order has a code, by the signs beside their amounts.

    Args:
        raw_orders: keeps `contract.raw.ORDERS`.
        settings: `currency`.

    Runs one or two queries.
    """
    if is_currency_given(settings):
        return settings.currency
    written = raw_orders.filter(has_content(raw_orders.currency)).select(text="currency")
    amounts = raw_orders.filter(has_content(raw_orders.gross_amount)).select(text="gross_amount")
    signs = amounts.filter(amounts.text.try_cast(AMOUNT_TYPE).isnull())
    signs = signs.mutate(text=signs.text.re_replace(r"[\d.,()+−\s-]", ""))
    for texts in (written, signs):
        found: Counter[str] = Counter()
        for row in texts.group_by("text").aggregate(rows=texts.count()).to_pyarrow().to_pylist():
            if code := named_currency(row["text"], settings.currency):
                found[code] += row["rows"]
        if found:
            return min(found, key=lambda code: (-found[code], code))
    return settings.currency


def shop_currency(
    orders_by_currency: Mapping[str, int], rated: set[str], configured: str, is_given: bool = False
) -> str:
    """The currency that sums are made in.

    It is the configured one where the owner gave it. Else it is so unless most orders are
    neither in it nor have a rate: a shop that never set its currency sells in the one that
    most of its orders bear.
    """
    if is_given:
        return configured
    total = sum(orders_by_currency.values())
    covered = sum(count for name, count in orders_by_currency.items() if name == configured or name in rated)
    if not total or covered >= ENOUGH * total:
        return configured
    return min(orders_by_currency, key=lambda name: (-orders_by_currency[name], name))


def with_shop_amounts(orders: ir.Table, rates: ir.Table, settings: Settings) -> ir.Table:
    """Add `shop_currency`, `shop_gross_amount` and `shop_net_amount`, NULL where no rate is known.

    Args:
        orders: keeps `contract.cleaned.ORDERS`.
        rates: keeps `contract.cleaned.EXCHANGE_RATES`; the rate of an order is the newest up to
            its day, else the one without a day.
        settings: `currency`.

    Runs two small queries now; a shop of one currency is not joined with anything.
    """
    standing = orders.status.isin(STANDING) & (orders.gross_amount > 0)
    counted = (
        orders.group_by("currency").aggregate(rows=standing.cast("int64").sum()).to_pyarrow().to_pylist()
    )
    rated = set(rates.select("currency").distinct().to_pyarrow()["currency"].to_pylist())
    own = shop_currency(
        {row["currency"]: row["rows"] for row in counted},
        rated,
        settings.currency,
        is_currency_given(settings),
    )
    orders = orders.mutate(shop_currency=ibis.literal(own))
    foreign = {row["currency"] for row in counted} - {own}
    names = {"shop_gross_amount": "gross_amount", "shop_net_amount": "net_amount"}
    if not foreign:
        return orders.mutate(**{ours: orders[name] for ours, name in names.items()})
    is_own = orders.currency == own
    if not foreign & rated:
        nothing = ibis.null(AMOUNT_TYPE)
        return orders.mutate(
            **{ours: ibis.ifelse(is_own, orders[name], nothing) for ours, name in names.items()}
        )
    joined = attach(
        orders, _rates_by_day(orders, rates, own), {"currency": "currency", "order_date": "order_date"}
    )
    amounts = {
        ours: ibis.ifelse(
            joined.currency == own, joined[name], (joined[name] * joined.day_rate).round(2).cast(AMOUNT_TYPE)
        )
        for ours, name in names.items()
    }
    return joined.mutate(**amounts).drop("day_rate")


def _rates_by_day(orders: ir.Table, rates: ir.Table, own: str) -> ir.Table:
    """The rate of each foreign currency on each day that has an order: `currency, order_date, day_rate`."""
    days = orders.filter(orders.currency != own).select("currency", "order_date").distinct()
    holding = rates.select(rated="currency", since="rate_date", rate="rate")
    pairs = days.join(
        holding,
        [days.currency == holding.rated, holding.since.isnull() | (holding.since <= days.order_date)],
    )
    newest_first = ibis.window(
        group_by=["currency", "order_date"], order_by=[pairs.since.desc(nulls_first=False)]
    )
    ranked = pairs.mutate(place=ibis.row_number().over(newest_first))
    first = ranked.filter(ranked.place == 0)
    return first.select("currency", "order_date", day_rate=first.rate.cast(RATE_TYPE))
