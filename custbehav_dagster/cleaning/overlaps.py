"""The same order in several files: which record of it stays, whose lines count, which payment is its own.

Exports overlap: a yearly and a monthly file, a list of orders and a list of lines, a shop's orders
and the card payments for them. An order counts once; what is left out names the record that stays.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import (
    PLACE,
    data_columns,
    filled_count,
    has_content,
    identifier,
    trimmed,
)
from custbehav_dagster.cleaning.customers import mail_address
from custbehav_dagster.cleaning.order_status import ENDED_WORDS
from custbehav_dagster.contract import raw

RULE = "overlapping_export"
PAYMENT_PLATFORMS = ("stripe", "paypal")
"""They know payments; where a shop's own export has the order, that one stays."""

AMOUNT_WORTH, STATUS_WORTH = 10_000, 1_000
ENDED_WORTH, REFUND_WORTH, MOST_CENTS = 10**15, 10**5, 10**9
NEAREST_SECONDS = 24 * 3600
REFERRED_SECONDS = 7 * 24 * 3600
_NUMBER_AT_END = r"#?([A-Za-z]{0,6}-?\d[\w-]*)\s*$"


def _refunded_cents(orders: ir.Table) -> ir.IntegerValue:
    """What a raw record says was given back, in cents, to compare one record with another; 0 for nothing."""
    figures = orders.refund_amount.fill_null("").re_replace(r"[^0-9.,]", "")
    decimals = figures.re_extract(r"[.,](\d{1,2})0*$", 1).fill_null("")
    whole = figures.re_replace(r"[.,]\d{1,2}0*$", "").re_replace(r"[.,]", "")
    cents = (whole + (decimals + "00").left(2)).try_cast("int64").fill_null(0)
    return ibis.least(cents, MOST_CENTS)


def later_state(orders: ir.Table) -> ir.IntegerValue:
    """How far a raw order record knows the order to have come: cancelled or refunded, then by the refund.

    0 for a record without an amount above zero: it gives money back for an order and is not the order.
    """
    is_order = orders.gross_amount.re_search(r"^[^-−(]*[1-9]").fill_null(False)
    status = trimmed(orders.status).lower().re_replace(r"[-_\s]+", " ")
    has_ended = status.isin(ENDED_WORDS).fill_null(False).cast("int64")
    state = has_ended * ENDED_WORTH + _refunded_cents(orders) * REFUND_WORTH
    return ibis.ifelse(is_order, state, 0)


def told_of_order(orders: ir.Table) -> dict[str, ir.StringValue]:
    """What two raw records of an order may contradict each other in; a refund of nothing is 0."""
    return {
        "gross_amount": trimmed(orders.gross_amount),
        "refund_amount": trimmed(orders.refund_amount).fill_null("0"),
        "status": trimmed(orders.status).lower(),
    }


def record_worth(orders: ir.Table) -> ir.IntegerValue:
    """How much a raw order record says: the later state first, then a total of its own, a state, cells.

    Exports are taken at different times: the one that knows of a refund or a cancellation
    is the later one, however few its columns. A record made from order lines has no total
    and no state: the sum of lines lacks postage, discounts and refunds.
    """
    total = has_content(orders.gross_amount).cast("int32") * AMOUNT_WORTH
    status = has_content(orders.status).cast("int32") * STATUS_WORTH
    return later_state(orders) + total + status + filled_count(orders, data_columns(raw.ORDERS))


def line_verdicts(raw_order_items: ir.Table) -> ir.Table | None:
    """Verdicts on lines of orders that several files hold: the lines of one file stay.

    It is the file that prices most of the order's goods, then the one with most stock codes (a
    report without them may share one sum among the lines), then the one that has most lines,
    then the later by name. None when there is only one file. Runs a query.
    """
    if raw_order_items.select("source_file").distinct().limit(2).to_pyarrow().num_rows < 2:
        return None
    lines = raw_order_items.select(
        *PLACE,
        order_id=identifier(raw_order_items.order_id),
        is_priced=has_content(raw_order_items.unit_price)
        & (raw_order_items.kind != "adjustment").fill_null(True),
        has_code=has_content(raw_order_items.product_id),
    )
    files = lines.group_by("order_id", "source_file").aggregate(
        priced=lines.is_priced.cast("int64").sum(),
        codes=lines.has_code.cast("int64").sum(),
        lines=lines.count(),
    )
    best_first = ibis.window(
        group_by="order_id",
        order_by=[ibis.desc(name) for name in ("priced", "codes", "lines", "source_file")],
    )
    best = files.mutate(
        files=files.source_file.count().over(group_by="order_id"), rank=ibis.row_number().over(best_first)
    )
    best = best.filter((best.files > 1) & (best["rank"] == 0))
    best = best.select(kept_order="order_id", kept_file="source_file")
    others = lines.join(best, [lines.order_id == best.kept_order])
    others = others.filter(others.source_file != others.kept_file)
    order = ibis.literal("The lines of order ") + others.order_id
    return others.select(
        *PLACE,
        rule=ibis.literal(RULE),
        fault_column=ibis.literal("order_id"),
        reason=order + " are already kept from " + others.kept_file + ".",
    )


def payment_verdicts(orders: ir.Table, raw_orders: ir.Table) -> ir.Table | None:
    """Verdicts on card payments whose order another export holds.

    A payment belongs to an order that its text names, or to the one of the same mail address
    nearest in time, within a day; currency and amount must agree in both cases. Two equal
    payments are not both taken for one order, unless they name it.

    Args:
        orders: judged orders, with the columns of `contract.raw.ORDERS`, amounts and moments read.
        raw_orders: keeps `contract.raw.ORDERS`; tells whether there is anything to compare.

    Returns:
        `source_file, source_line, rule, fault_column, reason`; None when there are no payments
        beside other orders. Runs a query.
    """
    platforms = raw_orders.select("platform").distinct().to_pyarrow()["platform"].to_pylist()
    payers = [name for name in platforms if name and name.strip().lower() in PAYMENT_PLATFORMS]
    if not payers or len(payers) == len(platforms):
        return None
    good = orders.filter(orders.rule.isnull())
    good = good.select(
        *PLACE,
        "currency",
        "gross_amount",
        "ordered_at",
        number=good.order_id,
        short_number=good.order_id.re_replace(r"^[#\s]+", "").lower(),
        address=mail_address(good.email),
        reference=good.reference.re_extract(_NUMBER_AT_END, 1).lower().nullif(""),
        is_payment=good.platform.isin(payers).fill_null(False),
    )
    payments = good.filter(good.is_payment).select(
        "currency", "gross_amount", "address", "reference", *PLACE, paid_at="ordered_at"
    )
    bought = good.filter(~good.is_payment).select(
        "number",
        "short_number",
        "ordered_at",
        order_currency="currency",
        order_amount="gross_amount",
        order_address="address",
        order_file="source_file",
        order_line="source_line",
    )
    return _verdicts(_matches(payments, bought))


def _matches(payments: ir.Table, bought: ir.Table) -> ir.Table:
    """Payments with an order each; how far apart in seconds; whether the payment names it."""
    pairs = payments.join(
        bought,
        [
            payments.currency == bought.order_currency,
            payments.gross_amount == bought.order_amount,
            (payments.reference == bought.short_number) | (payments.address == bought.order_address),
        ],
    )
    apart = pairs.paid_at.delta(pairs.ordered_at, unit="second").abs()
    names_it = (pairs.reference == pairs.short_number).fill_null(False)
    pairs = pairs.mutate(apart=apart, names_it=names_it)
    return pairs.filter(
        (pairs.names_it & (pairs.apart <= REFERRED_SECONDS)) | (pairs.apart <= NEAREST_SECONDS)
    )


def _verdicts(pairs: ir.Table) -> ir.Table:
    nearest = [ibis.desc("names_it"), "apart"]
    by_payment = ibis.window(group_by=list(PLACE), order_by=[*nearest, "order_file", "order_line"])
    by_order = ibis.window(group_by=["order_file", "order_line"], order_by=[*nearest, *PLACE])
    ranked = pairs.mutate(
        of_payment=ibis.row_number().over(by_payment), of_order=ibis.row_number().over(by_order)
    )
    found = ranked.filter((ranked.of_payment == 0) & (ranked.names_it | (ranked.of_order == 0)))
    place = found.order_file + ", line " + found.order_line.cast("string")
    return found.select(
        *PLACE,
        rule=ibis.literal(RULE),
        fault_column=ibis.null("string"),
        reason=ibis.literal("It is the payment of order ")
        + found.number
        + ", which is kept from "
        + place
        + ".",
    )
