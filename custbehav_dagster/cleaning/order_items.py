"""Order lines become typed, and each is told apart as goods, shipping, fee, discount or adjustment."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import (
    PLACE,
    data_columns,
    has_content,
    identifier,
    row_text,
    single_spaced,
)
from custbehav_dagster.cleaning.missing import is_too_empty, too_empty_reason, used_column_counts
from custbehav_dagster.cleaning.money import AMOUNT_TYPE, money_reader
from custbehav_dagster.cleaning.rules import (
    Rule,
    duplicate_verdicts,
    judge,
    kept,
    rows_with_repeated,
    with_duplicates,
)
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings

RATED_COLUMNS = ("order_id", "product_id", "product", "quantity", "unit_price")
"""The columns that `min_fill_ratio` looks at."""

# Codes that stand for one thing only.
_CODES = {
    "shipping": ("POST", "DOT", "POSTAGE", "CARRIAGE", "SHIPPING", "DELIVERY"),
    "fee": ("AMAZONFEE", "BANK CHARGES", "CRUK"),
    "discount": ("DISCOUNT", "COUPON"),
    "adjustment": ("ADJUST", "ADJUST2", "MANUAL", "TEST001", "TEST002"),
}
# A single letter may as well be some shop's size or colour: it counts with its description.
_CODES_WITH_WORDS = {
    "shipping": {"C2": "carriage"},
    "discount": {"D": "discount"},
    "adjustment": {"M": "manual", "S": "samples", "B": "adjust bad debt"},
}
_DESCRIPTIONS = {
    "shipping": (
        "postage", "dotcom postage", "carriage", "next day carriage", "shipping", "delivery", "shipping fee",
        "delivery charge", "postage and packing", "postage & packing", "p&p",
    ),
    "fee": ("bank charges", "amazon fee", "cruk commission"),
    "discount": ("discount", "coupon"),
    "adjustment": ("adjustment", "adjust bad debt"),
}  # fmt: skip
GOODS_KINDS = ("product", "shipping", "discount")
"""What a sale consists of; an order of nothing but fees and adjustments is bookkeeping."""


def item_kind(
    product_id: ir.StringValue,
    product: ir.StringValue,
    quantity: ir.NumericValue,
    unit_price: ir.NumericValue,
    is_anonymous: ir.BooleanValue,
) -> ir.StringValue:
    """What a line is: product, shipping, fee, discount or adjustment.

    Codes and descriptions decide; then a price below zero, and a line without price that
    takes stock away or belongs to no customer, are adjustments. The rules were read
    off two years of one giftware shop (326,314 lines of Online Retail II): 1,728 of
    the 1,748 lines without price have no customer, and their descriptions say check,
    damaged, found, lost; `M` is always "Manual", `D` always "Discount".
    """
    code, words = product_id.upper().fill_null(""), product.lower().fill_null("")
    cases: list[tuple[ir.BooleanValue, str]] = []
    for kind in ("shipping", "fee", "discount", "adjustment"):
        named = code.isin(_CODES.get(kind, ())) | words.isin(_DESCRIPTIONS.get(kind, ()))
        for letter, word in _CODES_WITH_WORDS.get(kind, {}).items():
            named = named | ((code == letter) & words.isin(("", word)))
        cases.append((named, kind))
    cases.append(((unit_price < 0) | ((unit_price == 0) & ((quantity < 0) | is_anonymous)), "adjustment"))
    return ibis.cases(*cases, else_="product")


def _order_amounts(raw_orders: ir.Table, rows: ir.Table | None) -> ir.Table:
    """The amount of each order record that gives one, by the record's place; only for `rows` when given."""
    wanted = raw_orders if rows is None else raw_orders.semi_join(rows, PLACE)
    amounts = wanted.filter(has_content(wanted.gross_amount))
    amounts = money_reader(raw_orders, "gross_amount")(amounts)
    amounts = amounts.filter(amounts.gross_amount.notnull())
    return amounts.select(order_file="source_file", order_line="source_line", order_amount="gross_amount")


def _later_file_verdicts(raw_order_items: ir.Table) -> ir.Table | None:
    """Lines of an order that an earlier file already holds; None when there is only one file."""
    files = raw_order_items.select("source_file").distinct().to_pyarrow().num_rows
    if files < 2:
        return None
    lines = raw_order_items.select(*PLACE, order_id=identifier(raw_order_items.order_id))
    first = lines.group_by("order_id").aggregate(
        first_file=lines.source_file.min(), last_file=lines.source_file.max()
    )
    first = first.filter(first.first_file != first.last_file)
    later = lines.join(first, "order_id")
    later = later.filter(later.source_file != later.first_file)
    order, file = ibis.literal("The lines of order ") + later.order_id, later.first_file
    return later.select(
        *PLACE,
        rule=ibis.literal("duplicate_key"),
        fault_column=ibis.literal("order_id"),
        reason=order + " are already kept from " + file + ".",
    )


def _copied_lines(raw_order_items: ir.Table) -> ir.Table:
    """Lines that repeat an earlier line of the same order in the same file, value for value."""
    columns = [*data_columns(raw.ORDER_ITEMS), "source_file"]
    content: Any = ibis.struct({name: raw_order_items[name] for name in columns})
    # Numbers in place of long texts keep the search for repetitions small in memory.
    repeated = rows_with_repeated(raw_order_items, content.hash())
    line = repeated.mutate(line_text=row_text(repeated, columns), rule=ibis.null("string"))
    return duplicate_verdicts(line, "line_text", "line_text", PLACE, "line of the order")


def judge_order_items(
    raw_order_items: ir.Table, raw_orders: ir.Table, settings: Settings, rows: ir.Table | None = None
) -> ir.Table:
    """The raw lines with figures read, and the rule that leaves each out, if any.

    A line without a price takes the amount of the order record it stands in, and an
    empty quantity is one, so that neither needs to be left out. `rows`, a part of
    `raw_order_items`, is judged in its place when given.
    """
    used = used_column_counts(raw_order_items, RATED_COLUMNS)
    lines = raw_order_items if rows is None else rows
    lines = lines.mutate(
        order_id=identifier(lines.order_id),
        is_too_empty=is_too_empty(lines, RATED_COLUMNS, used, settings.min_fill_ratio),
        quantity_text=lines.quantity,
        price_text=lines.unit_price,
    )
    lines = money_reader(raw_order_items, "quantity", "unit_price")(lines)
    amounts = _order_amounts(raw_orders, rows)
    lines = lines.left_join(
        amounts, [lines.source_file == amounts.order_file, lines.source_line == amounts.order_line]
    ).drop("order_file", "order_line")
    no_price = lines.unit_price.isnull() & lines.order_amount.isnull()
    rules = (
        Rule("missing_key", "order_id", lines.order_id.isnull(), "No order number."),
        Rule("unreadable_amount", "quantity", lines.quantity_is_unreadable,
             ibis.literal("The quantity '") + lines.quantity_text + "' is no number."),
        Rule("unreadable_amount", "unit_price", lines.unit_price_is_unreadable,
             ibis.literal("The price '") + lines.price_text + "' is no amount."),
        Rule("missing_key", "unit_price", no_price, "No price, and no amount of the order to take it from."),
        Rule("min_fill_ratio", "", lines.is_too_empty, too_empty_reason(settings.min_fill_ratio)),
    )  # fmt: skip
    judged = with_duplicates(judge(lines, rules), _copied_lines(raw_order_items))
    later = _later_file_verdicts(raw_order_items)
    return judged if later is None else with_duplicates(judged, later)


def _priced(lines: ir.Table) -> ir.Table:
    """Fill quantity and unit price.

    Where the amount comes from the order record, it also says whether goods went
    out or came back, and a quantity of zero is taken as not given.
    """
    one = ibis.literal(1).cast(AMOUNT_TYPE)
    from_order = lines.unit_price.isnull()
    size = lines.quantity.abs().nullif(one - one).coalesce(one)
    signed = ibis.ifelse(lines.order_amount < 0, -size, size)
    share = (lines.order_amount.abs().cast("float64") / size.cast("float64")).cast(AMOUNT_TYPE)
    quantity = ibis.ifelse(from_order, signed, lines.quantity.coalesce(one))
    # Through the type that engines give the product, since a cast to the same type is lost.
    product = (quantity * lines.unit_price).cast("decimal(38, 8)").cast(AMOUNT_TYPE)
    return lines.mutate(
        quantity=quantity,
        unit_price=ibis.ifelse(from_order, share, lines.unit_price),
        line_amount=ibis.ifelse(from_order, lines.order_amount, product),
    )


def clean_order_items(raw_order_items: ir.Table, raw_orders: ir.Table, settings: Settings) -> ir.Table:
    """One typed row per order line, keeping `contract.cleaned.ORDER_ITEMS`.

    Args:
        raw_order_items: keeps `contract.raw.ORDER_ITEMS`.
        raw_orders: keeps `contract.raw.ORDERS`: gives lines without a price the amount
            of their own order record (same file and line), and tells which orders
            have no customer.
        settings: `min_fill_ratio`.

    Left out are copies of a line within its order, and lines of an order that an
    earlier file (by name) already holds.
    """
    lines = _priced(kept(judge_order_items(raw_order_items, raw_orders, settings)))
    has_buyer = has_content(raw_orders.customer_id) | has_content(raw_orders.email)
    anonymous = (
        raw_orders.filter(~has_buyer)
        .select(anonymous_file="source_file", anonymous_order=identifier(raw_orders.order_id))
        .distinct()
    )
    lines = lines.left_join(
        anonymous,
        [lines.source_file == anonymous.anonymous_file, lines.order_id == anonymous.anonymous_order],
    )
    lines = lines.mutate(
        product_id=identifier(lines.product_id).upper(), product=single_spaced(lines.product)
    )
    kind = item_kind(
        lines.product_id, lines.product, lines.quantity, lines.unit_price, lines.anonymous_order.notnull()
    )
    return cleaned.ORDER_ITEMS.conform(lines.mutate(kind=kind))
