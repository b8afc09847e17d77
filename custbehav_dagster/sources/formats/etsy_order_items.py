"""Etsy's "Order Items" export, EtsySoldOrderItems….csv: one record per item sold.

It also tells the orders, so that it is enough by itself; where the orders' own export is
there too, that one says more of each and is preferred in cleaning.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import read_amount
from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Head, Records
from custbehav_dagster.sources.formats.buyers import extra_kind
from custbehav_dagster.sources.formats.etsy import PLATFORM, buyers, with_buyer
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number
from custbehav_dagster.sources.formats.platforms import (
    amount_text,
    unescaped,
    without_apostrophe,
    without_order_number,
)

FIELDS = (
    Field("order_id", ("Order ID",)),
    Field("ordered_at", ("Sale Date",), looks_like_date, "dates"),
    Field("product", ("Item Name",)),
    Field("buyer", ("Buyer",)),
    Field("quantity", ("Quantity",), looks_like_number, "numbers"),
    Field("unit_price", ("Price",), looks_like_number, "amounts"),
    Field("item_total", ("Item Total",), looks_like_number, "amounts"),
    Field("discount", ("Discount Amount",)),
    Field("shipping_discount", ("Shipping Discount", "Delivery Discount")),
    Field("shipping", ("Order Shipping", "Order Delivery")),
    Field("tax", ("Order Sales Tax",)),
    Field("vat", ("VAT Paid by Buyer",)),
    Field("currency", ("Currency",)),
    Field("transaction_id", ("Transaction ID",)),
    Field("listing_id", ("Listing ID",)),
    Field("paid_at", ("Date Paid",)),
    Field("shipped_at", ("Date Shipped", "Date Posted"), looks_like_date, "dates"),
    Field("recipient_name", ("Ship Name", "Delivery Name")),
    Field("region", ("Ship State", "Delivery State")),
    Field("postcode", ("Ship Zipcode", "Delivery Zipcode")),
    Field("country", ("Ship Country", "Delivery Country")),
    Field("variation", ("Variations",)),
    Field("product_id", ("SKU",)),
)
_WHOLE = tuple(one.name for one in FIELDS if one.name not in ("vat", "product_id", "paid_at"))
"""Fields that every export has as it comes from Etsy."""

_ORDER_AMOUNTS = ("shipping", "shipping_discount", "tax", "vat")
"""Amounts of the whole order, which its items repeat or only the first of them bears."""


def _variant(columns: Mapping[str, int], head: Head) -> str:
    return "trimmed" if any(name not in columns for name in _WHOLE) else "en-US"


def _line_total(cells: Cells) -> ir.DecimalValue:
    product = (read_amount(cells["quantity"]) * read_amount(cells["unit_price"])).cast("decimal(18, 4)")
    return read_amount(cells["item_total"]).coalesce(product)


def _lines(cells: Cells) -> ir.Table:
    return cells.select(
        *("quantity", "unit_price", "currency"),
        line_number=cells["transaction_id"],
        order_id=without_apostrophe(cells["order_id"]),
        product=unescaped(cells["product"]),
        product_id=cells["product_id"].coalesce(cells["listing_id"]),
        discount_amount=cells["discount"],
        variation=unescaped(cells["variation"]),
        kind=extra_kind(cells["product"]).fill_null("product"),
        platform=ibis.literal(PLATFORM),
    )


def _orders(cells: Cells) -> ir.Table:
    """One order for the items of a number: what is told of the order, once; what is the items', summed."""
    told = ("ordered_at", "shipped_at", "currency", "region", "country", "recipient_name", "buyer")
    rows = cells.select(
        *told,
        order_id=without_apostrophe(cells["order_id"]),
        recipient_postcode=cells["postcode"],
        line_total=_line_total(cells),
        line_discount=read_amount(cells["discount"]),
        **{f"order_{name}": read_amount(cells[name]) for name in _ORDER_AMOUNTS},
    )
    orders = rows.group_by("order_id", "source_file", "is_synthetic").aggregate(
        goods=rows.line_total.sum().fill_null(0),
        discount=rows.line_discount.sum().fill_null(0),
        **{name: rows[f"order_{name}"].max().fill_null(0) for name in _ORDER_AMOUNTS},
        **{
            name: rows[name].argmin(rows.source_line, where=rows[name].notnull())
            for name in (*told, "recipient_postcode")
        },
        source_line=rows.source_line.min(),
    )
    orders = with_buyer(orders.mutate(buyer_user_id=ibis.null("string")))
    shipping, tax = orders.shipping - orders.shipping_discount, orders.tax + orders.vat
    return orders.mutate(
        gross_amount=amount_text(orders.goods - orders.discount + shipping + tax),
        discount_amount=amount_text(orders.discount),
        shipping_amount=amount_text(shipping),
        tax_amount=amount_text(tax),
        channel=ibis.literal(PLATFORM),
        platform=ibis.literal(PLATFORM),
    ).order_by("source_file", "source_line")


def _tables(cells: Cells) -> Records:
    orders = _orders(cells)
    return {"order_items": _lines(cells), "orders": orders, "customers": buyers(orders)}


ETSY_ORDER_ITEMS = Format(
    "etsy_sold_order_items",
    "items sold on Etsy",
    FIELDS,
    (
        Group("the column Sale Date", ("ordered_at",), required=True),
        Group("the column Order ID", ("order_id",), required=True),
        Group("the column Item Name", ("product",), required=True),
        Group("the column Price", ("unit_price", "item_total"), required=True),
        Group(
            "a column that only Etsy has, such as Listing ID or Transaction ID",
            ("transaction_id", "listing_id", "variation"),
            required=True,
        ),
        Group("the column Quantity", ("quantity",)),
        Group("the column Buyer", ("buyer", "recipient_name")),
        Group("the column Order Shipping", ("shipping",)),
    ),
    _tables,
    amount=_line_total,
    reject=without_order_number,
    variant=_variant,
)
