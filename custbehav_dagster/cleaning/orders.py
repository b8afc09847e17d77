"""Orders become typed, each with what was paid, what was given back, and its state.

Lines are cleaned first (`order_items`): orders of formats without totals are the sum
of their lines. Who a buyer is belongs to `identity`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.categories import is_yes, place_name, plain_word
from custbehav_dagster.cleaning.cells import (
    Step,
    data_columns,
    has_content,
    identifier,
    join_lookup,
    translator,
    value_by,
)
from custbehav_dagster.cleaning.currencies import currency_of_bare_amounts
from custbehav_dagster.cleaning.customers import buyer_identifier
from custbehav_dagster.cleaning.dates import date_reader, month_first_files
from custbehav_dagster.cleaning.missing import (
    is_too_empty,
    mark_imputed,
    number_fill_values,
    too_empty_reason,
    used_column_counts,
    word_reader,
)
from custbehav_dagster.cleaning.money import AMOUNT_TYPE, currency_reader, money_reader
from custbehav_dagster.cleaning.order_items import GOODS_KINDS, clean_order_items
from custbehav_dagster.cleaning.order_status import CENTS_TYPE, status_meaning, with_amounts, with_state
from custbehav_dagster.cleaning.overlaps import later_state, payment_verdicts, record_worth, told_of_order
from custbehav_dagster.cleaning.rules import Judged, Repetition, Rule, judge, repetition_hash, settle
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings

__all__ = ["clean_order_items", "clean_orders", "judge_orders"]

RATED_COLUMNS = ("order_id", "customer_id", "ordered_at", "gross_amount", "channel", "status", "region")
"""The columns that `min_fill_ratio` looks at."""

WRITTEN_COLUMNS = ("ordered_at", "gross_amount", "refund_amount")
"""Columns whose text is kept for the reasons."""

FEWEST_AMOUNTS = 20
FIRST_PLAUSIBLE_YEAR = 1995
"""Earlier dates in an export are slips of the pen or a program's zero."""


def _line_totals(raw_orders: ir.Table, cleaned_order_items: ir.Table) -> ir.Table:
    """Sums of the lines of orders whose record gives no amount, and whether there are goods among them."""
    without = raw_orders.filter(~has_content(raw_orders.gross_amount))
    wanted = without.select(order_id=identifier(without.order_id)).distinct()
    lines = cleaned_order_items.semi_join(wanted, "order_id")
    return lines.group_by(totals_order="order_id").aggregate(
        lines_total=lines.line_amount.sum().cast(AMOUNT_TYPE), has_goods=lines.kind.isin(GOODS_KINDS).any()
    )


def _amount_fill(
    raw_orders: ir.Table, totals: ir.Table, read_money: Step, settings: Settings
) -> Mapping[Hashable, float]:
    """What stands in for a missing amount, by file; only files that miss one are measured."""
    without = raw_orders.filter(~has_content(raw_orders.gross_amount))
    without = without.mutate(order_id=identifier(without.order_id)).anti_join(
        totals, [("order_id", "totals_order")]
    )
    files = without.select("source_file").distinct().to_pyarrow()["source_file"].to_pylist()
    if not files:
        return {}
    if settings.number_fill == "constant":
        return dict.fromkeys(files, settings.number_fill_constant)
    amounts = read_money(raw_orders.filter(raw_orders.source_file.isin(files)))
    amounts = amounts.filter(amounts.gross_amount > 0)
    return number_fill_values(amounts, "gross_amount", settings.number_fill, settings.number_fill_constant)


def _amount_limits(raw_orders: ir.Table, read_money: Step, factor: float) -> Mapping[Hashable, float]:
    """The amount above which an order is a slip of the keyboard, for the files that hold one.

    `factor` times the file's typical order, its geometric mean: one amount of
    999999.99 moves the mean of a small shop far, and this one hardly. A file with
    fewer than FEWEST_AMOUNTS orders has no typical one.
    """
    amounts = read_money(raw_orders)
    amounts = amounts.filter(amounts.gross_amount > 0)
    logs = amounts.gross_amount.cast("float64").ln()
    by_file = amounts.group_by("source_file").aggregate(
        typical=logs.mean(), largest=amounts.gross_amount.max().cast("float64"), amounts=amounts.count()
    )
    rows = by_file.filter(by_file.amounts >= FEWEST_AMOUNTS).to_pyarrow().to_pylist()
    limits = {row["source_file"]: factor * math.exp(row["typical"]) for row in rows}
    return {row["source_file"]: limits[row["source_file"]] for row in rows
            if row["largest"] > limits[row["source_file"]]}  # fmt: skip


def _implausible(orders: ir.Table, limits: Mapping[Hashable, float], factor: float) -> tuple[Rule, ...]:
    if not limits:
        return ()
    written = orders.gross_amount.cast(CENTS_TYPE).cast("string")
    limit = value_by(orders.source_file, limits, "float64")
    return (
        Rule("implausible_amount", "gross_amount", orders.gross_amount.cast("float64") > limit,
             ibis.literal("The amount ") + written + f" is over {factor:,.0f} times a typical order of the "
             "file: correct it there, or raise the setting implausible_amount_factor."),
    )  # fmt: skip


def _rules(orders: ir.Table, fillable_files: list[str], min_fill_ratio: float) -> tuple[Rule, ...]:
    too_early = orders.ordered_at.year() < FIRST_PLAUSIBLE_YEAR
    # What a refund gave back is never estimated: it stands in one of its two columns or nowhere.
    says_nothing = orders.is_refund & ~(orders.refund_amount != 0).fill_null(False)
    has_no_estimate = ~orders.is_refund & ~orders.source_file.isin(fillable_files)
    cannot_fill = orders.total.isnull() & ~orders.is_given_back & (says_nothing | has_no_estimate)
    written = {name: ibis.literal("'") + orders[f"{name}_text"] + "'" for name in WRITTEN_COLUMNS}
    return (
        Rule("missing_key", "order_id", orders.order_id.isnull(), "No order number."),
        Rule("missing_key", "ordered_at", ~has_content(orders.ordered_at_text), "No date."),
        Rule("unreadable_date", "ordered_at", orders.ordered_at_is_unreadable,
             ibis.literal("The date ") + written["ordered_at"] + " cannot be read."),
        Rule("unreadable_date", "ordered_at", too_early,
             ibis.literal("The date ") + written["ordered_at"]
             + f" is before {FIRST_PLAUSIBLE_YEAR}, so it is not the day of the order."),
        Rule("unreadable_amount", "gross_amount", orders.gross_amount_is_unreadable,
             ibis.literal("The amount ") + written["gross_amount"] + " cannot be read."),
        Rule("unreadable_amount", "refund_amount", orders.refund_amount_is_unreadable,
             ibis.literal("The refund ") + written["refund_amount"] + " cannot be read."),
        Rule("unreadable_amount", "gross_amount", (orders.total < 0) & ~orders.is_refund,
             ibis.literal("The amount ") + orders.total.cast(CENTS_TYPE).cast("string")
             + " is below zero, and nothing says that the order is a refund."),
        Rule("missing_key", "gross_amount", cannot_fill,
             "No amount, and nothing that it could be taken from."),
        Rule("min_fill_ratio", "", orders.is_too_empty, too_empty_reason(min_fill_ratio)),
    )  # fmt: skip


def _order_reader(raw_orders: ir.Table, totals: ir.Table, evidence: ir.Table, settings: Settings) -> Step:
    """Learn how the files write dates and amounts; the step reads and judges `raw_orders` or a part of it."""
    month_first = month_first_files(evidence, "ordered_at")
    read_dates = date_reader(raw_orders, "ordered_at", month_first, settings.timezone, day="order_date")
    read_money = money_reader(raw_orders, "gross_amount", "refund_amount", shop_currency=settings.currency)
    read_status = translator(raw_orders, "status", status_meaning, "meaning")
    used = used_column_counts(raw_orders, RATED_COLUMNS)
    fill = _amount_fill(raw_orders, totals, read_money, settings)
    factor = settings.implausible_amount_factor
    limits = _amount_limits(raw_orders, read_money, factor)

    def read(part: ir.Table) -> ir.Table:
        part = part.mutate(
            order_id=identifier(part.order_id),
            customer_id=buyer_identifier(part),
            is_too_empty=is_too_empty(part, RATED_COLUMNS, used, settings.min_fill_ratio),
            **{f"{name}_text": part[name] for name in WRITTEN_COLUMNS},
        )
        part = read_money(read_dates(part))
        part = with_state(join_lookup(read_status(part), totals, {"order_id": "totals_order"}))
        rules = _rules(part, sorted(map(str, fill)), settings.min_fill_ratio)
        part = judge(part, rules + _implausible(part, limits, factor))
        is_filled = part.total.isnull() & ~part.is_refund & ~part.is_given_back
        fill_value = value_by(part.source_file, fill, "float64").cast(AMOUNT_TYPE)
        return part.mutate(
            total=ibis.ifelse(is_filled, fill_value, part.total),
            imputed_columns=mark_imputed(part, "gross_amount", is_filled),
        )

    return read


def _with_currency(orders: ir.Table, raw_orders: ir.Table, settings: Settings) -> ir.Table:
    """The currency by the row's code, else by the sign beside its amount, else that of bare amounts."""
    orders = currency_reader(raw_orders, "currency", "named_currency", settings.currency)(orders)
    currency = orders.named_currency.coalesce(orders.gross_amount_currency)
    return orders.mutate(currency=currency.coalesce(currency_of_bare_amounts(raw_orders, settings)))


def _with_words(orders: ir.Table, raw_orders: ir.Table, settings: Settings) -> ir.Table:
    """Repair channels and places; fill channels and regions by their file's commonest."""
    fill = (settings.category_fill, settings.category_fill_constant)
    orders = word_reader(raw_orders, "channel", plain_word, fill)(orders)
    orders = word_reader(raw_orders, "region", place_name, fill)(orders)
    return word_reader(raw_orders, "country", place_name)(orders)


def judge_orders(
    raw_orders: ir.Table, cleaned_order_items: ir.Table, evidence: ir.Table, settings: Settings
) -> Judged:
    """One typed row per order number, keeping `contract.cleaned.ORDERS`, and the rows left out.

    Computed now. Takes what `clean_orders` takes. Of several good records with one
    order number, the one of the later state stays (`overlaps.later_state`), then one that
    tells its state before one that does not; of equals the first by file and line.
    """
    totals = _line_totals(raw_orders, cleaned_order_items)
    orders = _order_reader(raw_orders, totals, evidence, settings)(raw_orders)
    orders = _with_currency(_with_words(orders, raw_orders, settings), raw_orders, settings)
    orders = with_amounts(orders)
    orders = translator(raw_orders, "is_gift", is_yes, "is_gift_order", "boolean")(orders)
    is_gift = orders.is_gift_order.fill_null(False)
    orders = orders.mutate(is_gift=is_gift, key_hash=repetition_hash(orders.order_id))
    repetition = Repetition(
        lambda rows: identifier(rows.order_id),
        data_columns(raw.ORDERS),
        "order",
        "order_id",
        # A record of the order itself tells its state; one made from its lines does not.
        first=lambda rows: later_state(rows) + has_content(rows.status).cast("int64"),
        file_worth=record_worth,
        told=told_of_order,
    )
    return settle(cleaned.ORDERS, orders, raw_orders, repetition, later=payment_verdicts(orders, raw_orders))


def clean_orders(
    raw_orders: ir.Table, cleaned_order_items: ir.Table, evidence: ir.Table, settings: Settings
) -> ir.Table:
    """One typed row per order number, keeping `contract.cleaned.ORDERS`.

    Args:
        raw_orders: keeps `contract.raw.ORDERS`.
        cleaned_order_items: keeps `contract.cleaned.ORDER_ITEMS`; summed for orders
            whose record gives no amount.
        evidence: keeps `contract.cleaned.DATE_EVIDENCE`.
        settings: fills, `min_fill_ratio`, time zone, currency.

    `order_status` tells how states and refunds are settled. A missing amount of an
    order with neither lines nor refund is filled as `number_fill` says, a missing
    channel or region as `category_fill` says; both are measured within the same file
    and marked in `imputed_columns`. The currency is the row's code or sign, else the
    one set, else the commonest of the other orders. Computed now.
    """
    return judge_orders(raw_orders, cleaned_order_items, evidence, settings).kept
