"""Etsy's "Orders" export, EtsySoldOrders….csv: one record per order, never an e-mail address.

In British English some columns are called otherwise (`Date Posted`, `Delivery City`), and columns come
and go over the years.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import read_amount
from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Head, Records, plain_name
from custbehav_dagster.sources.formats.buyers import full_name
from custbehav_dagster.sources.formats.etsy import PLATFORM, buyers, with_buyer
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number
from custbehav_dagster.sources.formats.platforms import (
    amount_text,
    as_written_or_sum,
    summed,
    without_order_number,
)


def _amount(name: str, *aliases: str) -> Field:
    return Field(name, aliases, looks_like_number, "amounts")


FIELDS = (
    Field("order_id", ("Order ID",)),
    Field("ordered_at", ("Sale Date",), looks_like_date, "dates"),
    _amount("order_total", "Order Total"),
    _amount("order_value", "Order Value"),
    Field("buyer_user_id", ("Buyer User ID",)),
    Field("buyer", ("Buyer",)),
    Field("full_name", ("Full Name",)),
    Field("first_name", ("First Name",)),
    Field("last_name", ("Last Name",)),
    Field("shipped_at", ("Date Shipped", "Date Posted", "Date Dispatched"), looks_like_date, "dates"),
    Field("region", ("Ship State", "Delivery State")),
    Field("postcode", ("Ship Zipcode", "Delivery Zipcode", "Delivery Postcode")),
    Field("country", ("Ship Country", "Delivery Country")),
    Field("currency", ("Currency",)),
    Field("discount", ("Discount Amount",)),
    Field("in_person_discount", ("InPerson Discount",)),
    Field("shipping_discount", ("Shipping Discount", "Delivery Discount")),
    Field("shipping", ("Shipping", "Delivery", "Postage")),
    Field("tax", ("Sales Tax",)),
    Field("vat", ("VAT Paid by Buyer",)),
    Field("status", ("Status",)),
    Field("fees", ("Card Processing Fees",)),
    Field("adjusted_total", ("Adjusted Order Total",)),
    Field("adjusted_fees", ("Adjusted Card Processing Fees",)),
    Field("adjusted_net", ("Adjusted Net Order Amount",)),
    Field("is_gift", ("Is Gift", "Gift")),
    Field("gift_message", ("Gift Message",)),
    Field("number_of_items", ("Number of Items",)),
    Field("order_net", ("Order Net",)),
)
_BRITISH = frozenset(
    plain_name(name) for name in ("Date Posted", "Delivery City", "Delivery State", "Delivery Country",
                                  "Delivery Zipcode", "Delivery Discount", "Delivery")
)  # fmt: skip
_WHOLE = ("order_total", "order_value", "buyer_user_id", "full_name", "shipped_at", "region", "postcode",
          "country", "currency", "discount", "shipping", "tax", "status", "fees", "adjusted_total", "buyer",
          "number_of_items")  # fmt: skip
"""Fields that every export has as it comes from Etsy."""


def _variant(columns: Mapping[str, int], head: Head) -> str:
    is_british = any(plain_name(name) in _BRITISH for name in head.header)
    is_trimmed = any(name not in columns for name in _WHOLE)
    return ("en-GB" if is_british else "en-US") + (", trimmed" if is_trimmed else "")


def _computed_total(cells: Cells) -> ir.DecimalValue:
    return summed(
        cells, ("order_value", "shipping", "tax"), ("discount", "in_person_discount", "shipping_discount")
    )


def _total(cells: Cells) -> ir.StringValue:
    """What the buyer paid: as written, else, when that column was cut away, worked out from its parts."""
    if "order_total" in cells:
        return cells["order_total"]
    has_value = cells["order_value"].notnull()
    return ibis.ifelse(has_value, amount_text(_computed_total(cells)), ibis.null("string"))


def _refund(cells: Cells) -> ir.StringValue:
    """What was given back: the total less the adjusted total.

    An adjusted total of 0 is written on orders that were never adjusted, too: it counts as
    a full refund only where another adjusted amount is there.
    """
    if "adjusted_total" not in cells:
        return ibis.null("string")
    adjusted = read_amount(cells["adjusted_total"]).fill_null(0)
    is_adjusted = adjusted != 0
    for name in ("adjusted_fees", "adjusted_net"):
        if name in cells:
            is_adjusted = is_adjusted | (read_amount(cells[name]) != 0).fill_null(False)
    refund = read_amount(_total(cells)) - adjusted
    return ibis.ifelse(is_adjusted, amount_text(refund), ibis.null("string"))


def _gift(cells: Cells) -> ir.StringValue:
    message = ibis.ifelse(cells["gift_message"].notnull(), "yes", ibis.null("string"))
    return cells["is_gift"].coalesce(message)


def _tables(cells: Cells) -> Records:
    name = cells["full_name"].coalesce(full_name(cells["first_name"], cells["last_name"]))
    orders = with_buyer(
        cells.select(
            *("order_id", "ordered_at", "shipped_at", "currency", "status", "region", "country"),
            *("buyer", "buyer_user_id"),
            gross_amount=_total(cells),
            refund_amount=_refund(cells),
            is_gift=_gift(cells),
            discount_amount=as_written_or_sum(cells, "discount", plus=("in_person_discount",)),
            shipping_amount=as_written_or_sum(cells, "shipping", minus=("shipping_discount",)),
            tax_amount=cells["tax"].coalesce(cells["vat"]),
            recipient_name=name,
            recipient_postcode=cells["postcode"],
        )
    )
    orders = orders.mutate(channel=ibis.literal(PLATFORM), platform=ibis.literal(PLATFORM))
    return {"orders": orders, "customers": buyers(orders)}


ETSY_ORDERS = Format(
    "etsy_sold_orders",
    "orders sold on Etsy",
    FIELDS,
    (
        Group("the column Sale Date", ("ordered_at",), required=True),
        Group("the column Order ID", ("order_id",), required=True),
        Group("the column Order Total", ("order_total", "order_value"), required=True),
        Group(
            "a column that only Etsy has, such as Buyer User ID or Number of Items",
            ("buyer_user_id", "buyer", "number_of_items", "order_net", "adjusted_total", "fees"),
            required=True,
        ),
        Group("the column Full Name", ("full_name", "first_name", "buyer")),
        Group("the column Ship Country", ("country",)),
        Group("the column Order Value", ("order_value",)),
    ),
    _tables,
    amount=lambda cells: read_amount(_total(cells)),
    reject=without_order_number,
    variant=_variant,
    contradiction=lambda columns, head: (
        "its records are items, not orders"
        if "itemname" in {plain_name(name) for name in head.header}
        else ""
    ),
)
