"""Shopify's orders export: one record per line item, of which only an order's first tells the order.

The 73, 78 and 79 columns of three years differ in what is not read here, too.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import read_amount
from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Head, Records
from custbehav_dagster.sources.formats.buyers import extra_kind, written
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number
from custbehav_dagster.sources.formats.platforms import (
    amount_text,
    guest_identifier,
    is_mail_address,
    without_apostrophe,
    without_order_number,
)
from custbehav_dagster.sources.formats.shopify import PLATFORM, consent_source

FIELDS = (
    Field("order_id", ("Name",)),
    Field("ordered_at", ("Created at",), looks_like_date, "dates"),
    Field("email", ("Email",)),
    Field("financial_status", ("Financial Status",)),
    Field("gross_amount", ("Total",), looks_like_number, "amounts"),
    Field("subtotal", ("Subtotal",), looks_like_number, "amounts"),
    Field("shipping_amount", ("Shipping",), looks_like_number, "amounts"),
    Field("tax_amount", ("Taxes",), looks_like_number, "amounts"),
    Field("discount_amount", ("Discount Amount",), looks_like_number, "amounts"),
    Field("refund_amount", ("Refunded Amount",), looks_like_number, "amounts"),
    Field("currency", ("Currency",)),
    Field("accepts_marketing", ("Accepts Marketing",)),
    Field("shipped_at", ("Fulfilled at",), looks_like_date, "dates"),
    Field("cancelled_at", ("Cancelled at",), looks_like_date, "dates"),
    Field("product", ("Lineitem name",)),
    Field("quantity", ("Lineitem quantity",), looks_like_number, "numbers"),
    Field("unit_price", ("Lineitem price",), looks_like_number, "amounts"),
    Field("line_discount", ("Lineitem discount",)),
    Field("product_id", ("Lineitem sku",)),
    Field("name", ("Billing Name",)),
    Field("postcode", ("Billing Zip",)),
    Field("billing_region", ("Billing Province Name", "Billing Province")),
    Field("billing_country", ("Billing Country",)),
    Field("billing_phone", ("Billing Phone",)),
    Field("phone", ("Phone",)),
    Field("recipient_name", ("Shipping Name",)),
    Field("recipient_postcode", ("Shipping Zip",)),
    Field("region", ("Shipping Province Name", "Shipping Province")),
    Field("country", ("Shipping Country",)),
    Field("shipping_phone", ("Shipping Phone",)),
    Field("notes", ("Notes",)),
    Field("note_attributes", ("Note Attributes",)),
    Field("outstanding_balance", ("Outstanding Balance",)),
    Field("payment_references", ("Payment References",)),
)
_WHOLE = tuple(one.name for one in FIELDS if one.name not in ("outstanding_balance", "payment_references"))
"""Fields that every export has as it comes from Shopify."""

_GIFT = r"(?i)(?:^|\n)\s*(?:is[ _-]?)?gift\s*:\s*(?:yes|true|1|on)\b|\bgift[ _-](?:message|note)\s*:\s*\S"
"""How apps of the shop's cart mark a gift among the notes."""


def _variant(columns: Mapping[str, int], head: Head) -> str:
    if any(name not in columns for name in _WHOLE):
        return "trimmed"
    if "payment_references" in columns:
        return "79 columns"
    return "78 columns" if "outstanding_balance" in columns else "73 columns"


def _tells_order(cells: Cells) -> ir.BooleanValue:
    """Whether a record is the one of its order that tells what the order came to."""
    telling = [name for name in ("gross_amount", "financial_status", "subtotal") if name in cells]
    return ibis.or_(*(cells[name].notnull() for name in telling)) if telling else ibis.literal(True)


def _lines(cells: Cells) -> ir.Table:
    lines = cells.select(
        *("order_id", "product", "quantity", "unit_price", "currency"),
        product_id=without_apostrophe(cells["product_id"]),
        discount_amount=cells["line_discount"],
        kind=extra_kind(cells["product"]),
        # Two equal lines of an order are two pieces, not one line written twice.
        line_number=cells.records.source_line.cast("string"),
        platform=ibis.literal(PLATFORM),
    )
    return lines.filter(lines.product.notnull() | lines.product_id.notnull() | lines.unit_price.notnull())


def _by_order(cells: Cells) -> ir.Table:
    """What only all lines of an order together tell: where its own record stands, its tips, its wrapping."""
    kind = extra_kind(cells["product"])
    paid = (read_amount(cells["quantity"]) * read_amount(cells["unit_price"])).cast("decimal(18, 4)")
    rows = cells.select(
        "order_id",
        kind=kind,
        # Few lines are tips, and reading amounts is the dear part.
        tip=ibis.ifelse(kind == "tip", paid, ibis.null("decimal(18, 4)")),
        tells=_tells_order(cells),
    )
    found = rows.group_by("order_id", order_file=rows.source_file).aggregate(
        telling_line=rows.source_line.min(where=rows.tells),
        first_line=rows.source_line.min(),
        tips=rows.tip.sum(),
        is_wrapped=(rows.kind == "gift_wrap").any().fill_null(False),
    )
    return found.select(
        "order_file",
        "is_wrapped",
        order_line=found.telling_line.coalesce(found.first_line),
        tip_amount=amount_text(found.tips),
    )


def _orders(cells: Cells) -> ir.Table:
    email = written(cells["email"])
    guest = guest_identifier(PLATFORM, cells["order_id"])
    own = cells.select(
        *("order_id", "ordered_at", "gross_amount", "refund_amount", "currency", "region", "country"),
        *("discount_amount", "shipping_amount", "tax_amount", "shipped_at", "recipient_name", "name"),
        *("billing_region", "billing_country", "accepts_marketing"),
        email=email,
        customer_id=ibis.ifelse(is_mail_address(email), ibis.null("string"), guest),
        status=ibis.ifelse(cells["cancelled_at"].notnull(), "cancelled", cells["financial_status"]),
        notes=cells["notes"].fill_null("") + "\n" + cells["note_attributes"].fill_null(""),
        recipient_postcode=without_apostrophe(cells["recipient_postcode"]),
        postcode=without_apostrophe(cells["postcode"]),
        phone=without_apostrophe(cells["phone"].coalesce(cells["billing_phone"], cells["shipping_phone"])),
    )
    found = _by_order(cells)
    orders = own.inner_join(found, [own.source_file == found.order_file, own.source_line == found.order_line])
    is_gift = orders.is_wrapped | orders.notes.re_search(_GIFT)
    return orders.mutate(
        is_gift=ibis.ifelse(is_gift, "yes", "no"),
        channel=ibis.literal(PLATFORM),
        platform=ibis.literal(PLATFORM),
    ).order_by("source_file", "source_line")


def _customers(orders: ir.Table) -> ir.Table:
    """One record per mail address and file, and one per order without; the newest order's consent counts."""
    who = orders.customer_id.coalesce(orders.email.strip().lower())
    rows = orders.mutate(
        who=who,
        region=orders.billing_region,
        country=orders.billing_country,
        name=orders.name.coalesce(orders.recipient_name),
    )
    firsts = ("customer_id", "email", "name", "postcode", "region", "country", "phone")
    people = rows.group_by("who", "source_file", "is_synthetic").aggregate(
        **{name: rows[name].argmin(rows.source_line, where=rows[name].notnull()) for name in firsts},
        accepts_marketing=rows.accepts_marketing.argmax(
            rows.ordered_at, where=rows.accepts_marketing.notnull()
        ),
        source_line=rows.source_line.min(),
    )
    return people.mutate(
        consent_source=consent_source(people.accepts_marketing, "Shopify, accepted when ordering"),
        platform=ibis.literal(PLATFORM),
    ).order_by("source_file", "source_line")


def _tables(cells: Cells) -> Records:
    orders = _orders(cells)
    return {"order_items": _lines(cells), "orders": orders, "customers": _customers(orders)}


def _amount(cells: Cells) -> ir.DecimalValue:
    """The order's total on the record that tells it; the further lines add nothing to it."""
    nothing = ibis.literal(0).cast("decimal(18, 4)")
    return ibis.ifelse(cells["gross_amount"].isnull(), nothing, read_amount(cells["gross_amount"]))


SHOPIFY_ORDERS = Format(
    "shopify_orders",
    "orders of a Shopify shop",
    FIELDS,
    (
        Group("the column Name", ("order_id",), required=True),
        Group("the column Created at", ("ordered_at",), required=True),
        Group("a Lineitem column", ("product", "quantity", "unit_price"), required=True),
        Group("Total, Subtotal or Lineitem price", ("gross_amount", "subtotal", "unit_price"), required=True),
        Group("the column Financial Status", ("financial_status",)),
        Group("the column Email", ("email",)),
        Group("a Billing or Shipping column", ("name", "recipient_name", "country", "postcode")),
    ),
    _tables,
    amount=_amount,
    reject=without_order_number,
    variant=_variant,
)
