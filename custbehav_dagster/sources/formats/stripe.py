"""Stripe's payments: a row per charge, which may pay for an order of another platform."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import read_amount
from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Records
from custbehav_dagster.sources.formats.buyers import with_buyers, written
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_email, looks_like_number

PLATFORM = "stripe"
FIELDS = (
    Field("id", ("id",)),
    Field("created_utc", ("Created (UTC)", "Created date (UTC)"), looks_like_date, "dates"),
    Field("created", ("Created", "Created date"), looks_like_date, "dates"),
    Field("amount", ("Amount",), looks_like_number, "amounts"),
    Field("amount_refunded", ("Amount Refunded",), looks_like_number, "amounts"),
    Field("currency", ("Currency",)),
    Field("tax", ("Tax", "Taxes on fee"), looks_like_number, "amounts"),
    Field("status", ("Status",)),
    Field("captured", ("Captured",)),
    Field("customer_id", ("Customer ID",)),
    Field("email", ("Customer Email",), looks_like_email, "mail addresses"),
    Field("card_name", ("Card Name", "Customer Name")),
    Field("card_postcode", ("Card Address Zip", "Card Address Postal Code")),
    Field("card_country", ("Card Address Country",)),
    Field("card_region", ("Card Address State",)),
    Field("recipient", ("Shipping Name",)),
    Field("recipient_postcode", ("Shipping Address Postal Code",)),
    Field("seller_message", ("Seller Message",)),
    Field("converted", ("Converted Amount",)),
    Field(
        "order_reference",
        (
            "order_id (metadata)",
            "order (metadata)",
            "Order ID (metadata)",
            "order_number (metadata)",
            "Order Number (metadata)",
            "Invoice ID",
        ),
    ),
    Field("description", ("Description",)),
)
_STATES = {
    "failed": ("requires_payment_method", "requires_action", "requires_confirmation", "incomplete", "blocked",
               "canceled", "cancelled", "failed", "expired"),
    "authorized": ("uncaptured", "requires_capture"),
    "partially refunded": ("partial refund", "partially refunded", "partial_refund"),
    "paid": ("paid", "succeeded", "disputed", "inquiry", "early fraud warning"),
}  # fmt: skip
"""Words of cleaning -> words of Stripe; a disputed payment stands until it is lost, which is a refund."""


def _status(cells: Cells) -> ir.StringValue:
    word = written(cells["status"]).lower()
    known = ibis.cases(*((word.isin(words), ours) for ours, words in _STATES.items()), else_=word)
    is_held = (cells["captured"].lower() == "false") & (known == "paid")
    return ibis.ifelse(is_held.fill_null(False), "authorized", known)


def _tables(cells: Cells) -> Records:
    in_utc = written(cells["created_utc"]) + " UTC"
    sales = cells.select(
        *("currency", "email", "customer_id"),
        order_id=written(cells["id"]),
        ordered_at=in_utc.coalesce(cells["created"]),
        gross_amount=cells["amount"],
        refund_amount=cells["amount_refunded"],
        status=_status(cells),
        channel=ibis.literal(PLATFORM),
        country=cells["card_country"],
        region=cells["card_region"],
        recipient_name=cells["recipient"],
        recipient_postcode=cells["recipient_postcode"],
        reference=written(cells["order_reference"]).coalesce(written(cells["description"])),
        name=cells["card_name"],
        postcode=cells["card_postcode"],
    )
    orders, customers = with_buyers(sales, PLATFORM)
    return {"orders": orders, "customers": customers}


STRIPE_PAYMENTS = Format(
    "stripe_payments",
    "Stripe's payments",
    FIELDS,
    (
        Group("the column id", ("id",), required=True),
        Group("the column Created (UTC)", ("created_utc", "created"), required=True),
        Group("the column Amount", ("amount",), required=True),
        Group("the column Currency", ("currency",), required=True),
        Group("the column Status", ("status",), required=True),
        Group(
            "a column of Stripe's, such as Amount Refunded or Seller Message",
            ("amount_refunded", "seller_message", "converted", "captured"),
            required=True,
        ),
    ),
    _tables,
    amount=lambda cells: read_amount(cells["amount"]),
    variant=lambda columns, head: "payments" if "created_utc" in columns else "payments, shop's clock",
)
