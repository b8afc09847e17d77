"""Order lines become typed, and each is told apart as goods, shipping, fee, discount or adjustment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import (
    PLACE,
    attach,
    data_columns,
    has_content,
    identifier,
    place_numbers,
    row_text,
    single_spaced,
)
from custbehav_dagster.cleaning.missing import is_too_empty, too_empty_reason, used_column_counts
from custbehav_dagster.cleaning.money import AMOUNT_TYPE, money_reader
from custbehav_dagster.cleaning.overlaps import line_verdicts
from custbehav_dagster.cleaning.rules import Judged, Repetition, Rule, judge, settle
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings

RATED_COLUMNS = ("order_id", "product_id", "product", "quantity", "unit_price")
"""The columns that `min_fill_ratio` looks at."""

CONTENT = (*data_columns(raw.ORDER_ITEMS), "source_file")
"""All that a line says: lines of one file that are equal in these are copies."""

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


def _order_amounts(raw_orders: ir.Table, number: Callable[[ir.Table], ir.Value]) -> ir.Table:
    """The amount of each order record that gives one, by the record's place."""
    amounts = raw_orders.select(*PLACE, "gross_amount").filter(has_content(raw_orders.gross_amount))
    amounts = money_reader(raw_orders, "gross_amount")(amounts)
    amounts = amounts.filter(amounts.gross_amount.notnull())
    return amounts.select(place=number(amounts), order_amount="gross_amount")


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


def _read(raw_order_items: ir.Table, raw_orders: ir.Table, settings: Settings) -> ir.Table:
    """The raw lines with figures read, and the rule that leaves each out, if any.

    A line without a price takes the amount of the order record it stands in, and an
    empty quantity is one, so that neither needs to be left out.
    """
    used = used_column_counts(raw_order_items, RATED_COLUMNS)
    content: Any = ibis.struct({name: raw_order_items[name] for name in CONTENT})
    lines = raw_order_items.mutate(
        order_id=identifier(raw_order_items.order_id),
        is_too_empty=is_too_empty(raw_order_items, RATED_COLUMNS, used, settings.min_fill_ratio),
        quantity_text=raw_order_items.quantity,
        price_text=raw_order_items.unit_price,
        key_hash=content.hash(),
    )
    lines = money_reader(raw_order_items, "quantity", "unit_price")(lines)
    number = place_numbers(raw_orders)
    lines = lines.mutate(order_place=number(lines))
    lines = attach(lines, _order_amounts(raw_orders, number), {"order_place": "place"}).drop("order_place")
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
    return judge(lines, rules)


def judge_order_items(raw_order_items: ir.Table, raw_orders: ir.Table, settings: Settings) -> Judged:
    """One typed row per order line, keeping `contract.cleaned.ORDER_ITEMS`, and the lines left out.

    Computed now. Takes what `clean_order_items` takes.
    """
    lines = _priced(_read(raw_order_items, raw_orders, settings))
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
    # A format that tells what a line is knows better than the line's words.
    kind = ibis.ifelse(lines.kind.isin(cleaned.ITEM_KINDS), lines.kind, kind)
    repetition = Repetition(lambda rows: row_text(rows, CONTENT), CONTENT, "line of the order", "line")
    later = line_verdicts(raw_order_items)
    return settle(
        cleaned.ORDER_ITEMS, lines.mutate(kind=kind), raw_order_items, repetition, later, packed=True
    )


def clean_order_items(raw_order_items: ir.Table, raw_orders: ir.Table, settings: Settings) -> ir.Table:
    """One typed row per order line, keeping `contract.cleaned.ORDER_ITEMS`.

    Args:
        raw_order_items: keeps `contract.raw.ORDER_ITEMS`.
        raw_orders: keeps `contract.raw.ORDERS`: gives lines without a price the amount
            of their own order record (same file and line), and tells which orders
            have no customer.
        settings: `min_fill_ratio`.

    Left out are copies of a line within its order, and lines of an order that another
    file tells better (`overlaps`). Computed now.
    """
    return judge_order_items(raw_order_items, raw_orders, settings).kept
