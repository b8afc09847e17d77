"""Square's two sales exports: items detail, a row per line, and transactions, a row per payment.

Both tell of the same sales under the same Transaction ID; only transactions know tips.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import MONEY, read_amount
from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Records, Rejection
from custbehav_dagster.sources.formats.buyers import (
    FILE,
    extra_kind,
    money_text,
    unit_price,
    whole_text,
    with_buyers,
    written,
)
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number

PLATFORM = "square"
LAST_LINE = 10**12
REGULAR = ("regular", "regular price")
"""What Square calls the price of things that have one price only."""
UNNAMED = "Custom Amount"
"""What Square calls an amount that was typed in."""


def _amount(name: str, *aliases: str) -> Field:
    return Field(name, aliases, looks_like_number, "amounts")


_SHARED = (
    Field("date", ("Date",), looks_like_date, "dates"),
    Field("time", ("Time",)),
    Field("zone", ("Time Zone",)),
    _amount("gross_sales", "Gross Sales"),
    _amount("discounts", "Discounts"),
    _amount("net_sales", "Net Sales"),
    _amount("tax", "Tax"),
    Field("transaction_id", ("Transaction ID",)),
    Field("payment_id", ("Payment ID",)),
    Field("event_type", ("Event Type",)),
    Field("customer_id", ("Customer ID",)),
    Field("customer_name", ("Customer Name",)),
    Field("reference", ("Order Reference ID",)),
)
ITEM_FIELDS = (
    *_SHARED,
    Field("item", ("Item",)),
    Field("quantity", ("Qty", "Count"), looks_like_number, "numbers"),
    Field("price_point", ("Price Point Name",)),
    Field("sku", ("SKU",)),
)
TRANSACTION_FIELDS = (
    *_SHARED,
    _amount("tip", "Tip"),
    _amount("partial_refunds", "Partial Refunds"),
    _amount("collected", "Total Collected"),
    Field("status", ("Transaction Status",)),
)


def _moment(cells: Cells) -> ir.StringValue:
    """Date, time and zone as one text for the cleaner: `2024-03-10 14:05:00 Eastern Time (US & Canada)`."""
    date, time = written(cells["date"]), written(cells["time"])
    # A zone tells nothing of a date without a time.
    clock = ibis.literal(" ") + time + (ibis.literal(" ") + written(cells["zone"])).fill_null("")
    return date + clock.fill_null("")


def _is_refund(cells: Cells, amount: ir.DecimalValue) -> ir.BooleanValue:
    """By the event, where the file tells it, else by an amount below zero."""
    event = cells["event_type"].lower().strip().nullif("")
    return event.contains("refund").coalesce(amount < 0).fill_null(False)


def _sign(amount: ir.StringValue) -> ir.StringValue:
    """The currency sign of an amount."""
    return amount.re_replace(r"[\d.,()\s\-−]", "").nullif("")


def _sales(cells: Cells, is_refund: ir.BooleanValue, **more: ir.Value) -> ir.Table:
    """The records with what makes orders of them; `more` has `paid` and `given_back` of each."""
    return cells.select(
        *("customer_id", "reference"),
        order_id=written(cells["transaction_id"]),
        name=cells["customer_name"],
        ordered_at=_moment(cells),
        currency=_sign(cells["gross_sales"]),
        is_refund=is_refund,
        **more,
    )


def _orders(sales: ir.Table, sums: tuple[str, ...], texts: tuple[str, ...] = ()) -> ir.Table:
    """One order per transaction; refunds that bear a transaction of their own are records of their own."""
    firsts = ("customer_id", "reference", "name", "ordered_at", "currency", *texts)
    # A sale comes before what was given back of it, also when the file runs backwards.
    place = sales.source_line + ibis.ifelse(sales.is_refund, LAST_LINE, 0)
    is_sale = ~sales.is_refund
    orders = sales.group_by("order_id", *FILE).aggregate(
        **{name: sales[name].argmin(place) for name in firsts},
        **{name: sales[name].sum(where=is_sale) for name in sums},
        paid=sales.paid.sum(where=is_sale),
        given_back=sales.given_back.sum(),
        is_sale=is_sale.any(),
        source_line=sales.source_line.argmin(place),
    )
    return orders.mutate(
        **{name: money_text(orders[name]) for name in sums},
        gross_amount=money_text(ibis.ifelse(orders.is_sale, orders.paid, -orders.given_back)),
        refund_amount=ibis.ifelse(orders.is_sale, money_text(orders.given_back), ibis.null("string")),
        channel=ibis.literal(PLATFORM),
        email=ibis.null("string"),
    )


def _item_lines(cells: Cells) -> ir.Table:
    """A line per record; what was given back has units below zero."""
    gross, quantity = read_amount(cells["gross_sales"]), read_amount(cells["quantity"])
    one = ibis.literal(1).cast(MONEY)
    units = quantity.abs().nullif(one - one).coalesce(one)
    is_refund = _is_refund(cells, gross)
    point = written(cells["price_point"])
    point = ibis.ifelse(point.lower().isin(REGULAR), ibis.null("string"), point)
    name = written(cells["item"]).fill_null(UNNAMED)
    is_custom = name.lower() == UNNAMED.lower()
    order_id = written(cells["transaction_id"])
    within_sale = ibis.window(
        group_by=[order_id, cells.records.source_file], order_by=cells.records.source_line
    )
    return cells.select(
        order_id=order_id,
        # Tells lines apart that say the same: two pieces rung up one by one are no copies.
        line_number=(ibis.row_number().over(within_sale) + 1).cast("string"),
        product_id=written(cells["sku"]),
        product=name + (ibis.literal(", ") + point).fill_null(""),
        quantity=whole_text(ibis.ifelse(is_refund, -units, units)),
        discount_amount=money_text(read_amount(cells["discounts"]).abs()),
        unit_price=unit_price(gross, units),
        currency=_sign(cells["gross_sales"]),
        kind=ibis.ifelse(is_refund & is_custom, "adjustment", extra_kind(name).coalesce("product")),
        platform=ibis.literal(PLATFORM),
    )


def _line_total(cells: Cells) -> ir.DecimalValue:
    return read_amount(cells["net_sales"]) + read_amount(cells["tax"]).fill_null(0)


def _items_detail(cells: Cells) -> Records:
    total = _line_total(cells)
    is_refund = _is_refund(cells, total)
    sales = _sales(
        cells,
        is_refund,
        paid=total,
        given_back=ibis.ifelse(is_refund, total.abs(), 0),
        discount_amount=read_amount(cells["discounts"]).abs(),
        tax_amount=read_amount(cells["tax"]),
    )
    orders = _orders(sales, ("discount_amount", "tax_amount"))
    orders = orders.mutate(status=ibis.ifelse(orders.is_sale, "completed", "refund"))
    orders, customers = with_buyers(orders, PLATFORM)
    return {
        "orders": orders.order_by("source_file", "source_line"),
        "order_items": _item_lines(cells),
        "customers": customers,
    }


def _transactions(cells: Cells) -> Records:
    """A payment of which part was given back shows what was left; the part is its own column."""
    collected = read_amount(cells["collected"])
    partial = read_amount(cells["partial_refunds"]).abs().fill_null(0)
    is_refund = _is_refund(cells, collected)
    sales = _sales(
        cells,
        is_refund,
        paid=collected + partial,
        given_back=ibis.ifelse(is_refund, collected.abs(), partial),
        discount_amount=read_amount(cells["discounts"]).abs(),
        tax_amount=read_amount(cells["tax"]),
        tip_amount=read_amount(cells["tip"]),
        state=written(cells["status"]),
    )
    orders = _orders(sales, ("discount_amount", "tax_amount", "tip_amount"), ("state",))
    orders = orders.mutate(status=ibis.ifelse(orders.is_sale, orders.state.fill_null("completed"), "refund"))
    orders, customers = with_buyers(orders, PLATFORM)
    return {
        "orders": orders.order_by("source_file", "source_line"),
        "order_items": _refund_lines(cells, collected, is_refund),
        "customers": customers,
    }


def _refund_lines(cells: Cells, collected: ir.DecimalValue, is_refund: ir.BooleanValue) -> ir.Table:
    """What was given back, as lines of its order, so that each record can be found again."""
    lines = cells.select(
        order_id=written(cells["transaction_id"]),
        product=ibis.literal("Refund"),
        quantity=ibis.literal("-1"),
        unit_price=money_text(collected.abs()),
        currency=_sign(cells["collected"]),
        kind=ibis.literal("adjustment"),
        platform=ibis.literal(PLATFORM),
        is_refund=is_refund,
    )
    return lines.filter(lines.is_refund).drop("is_refund")


def _without_number(cells: Cells) -> Rejection:
    return Rejection(
        written(cells["transaction_id"]).isnull(), "transaction_id", "The record has no Transaction ID."
    )


_SALE = (
    Group("the column Date", ("date",), required=True),
    Group("the column Transaction ID", ("transaction_id",), required=True),
    Group("the column Gross Sales", ("gross_sales",), required=True),
    Group("the column Net Sales", ("net_sales",), required=True),
)
SQUARE_ITEMS = Format(
    "square_items",
    "Square's items detail",
    ITEM_FIELDS,
    (
        *_SALE,
        Group("the column Item", ("item",), required=True),
        Group("the column Qty", ("quantity",), required=True),
    ),
    _items_detail,
    amount=_line_total,
    reject=_without_number,
    currency=lambda cells: _sign(cells["gross_sales"]),
)
SQUARE_TRANSACTIONS = Format(
    "square_transactions",
    "Square's transactions",
    TRANSACTION_FIELDS,
    (
        *_SALE,
        Group("the column Total Collected", ("collected",), required=True),
        Group("the columns Payment ID or Tip", ("payment_id", "tip"), required=True),
    ),
    _transactions,
    amount=lambda cells: read_amount(cells["collected"]),
    reject=_without_number,
    currency=lambda cells: _sign(cells["collected"]),
)
