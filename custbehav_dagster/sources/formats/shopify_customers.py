"""Shopify's customers export, of both generations of headers."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Head, Records
from custbehav_dagster.sources.formats.buyers import full_name
from custbehav_dagster.sources.formats.looks import looks_like_number
from custbehav_dagster.sources.formats.platforms import (
    guest_identifier,
    is_mail_address,
    without_apostrophe,
)
from custbehav_dagster.sources.formats.shopify import PLATFORM, consent_source

FIELDS = (
    Field("customer_id", ("Customer ID",)),
    Field("first_name", ("First Name",)),
    Field("last_name", ("Last Name",)),
    Field("email", ("Email",)),
    Field("accepts_marketing", ("Accepts Email Marketing", "Accepts Marketing")),
    Field("accepts_sms", ("Accepts SMS Marketing",)),
    Field("total_spent", ("Total Spent",), looks_like_number, "amounts"),
    Field("total_orders", ("Total Orders",), looks_like_number, "numbers"),
    Field(
        "region", ("Province", "Default Address Province", "Province Code", "Default Address Province Code")
    ),
    Field("country", ("Country", "Default Address Country", "Country Code", "Default Address Country Code")),
    Field("postcode", ("Zip", "Default Address Zip")),
    Field("phone", ("Phone",)),
    Field("address_phone", ("Default Address Phone",)),
    Field("tax_exempt", ("Tax Exempt",)),
    Field("tags", ("Tags",)),
)


def _variant(columns: Mapping[str, int], head: Head) -> str:
    return "2023 and later" if any(name.startswith("Default Address") for name in head.header) else "2022"


def _identifier(cells: Cells) -> ir.StringValue:
    """The identifier; NULL where the mail address stands for it, made from the line as a last resort."""
    line = ibis.literal("customer ") + cells.records.source_line.cast("string")
    last_resort = ibis.ifelse(
        is_mail_address(cells["email"]), ibis.null("string"), guest_identifier(PLATFORM, line)
    )
    return without_apostrophe(cells["customer_id"]).coalesce(last_resort)


def _tables(cells: Cells) -> Records:
    customers = cells.select(
        *("email", "region", "country", "accepts_marketing"),
        customer_id=_identifier(cells),
        name=full_name(cells["first_name"], cells["last_name"]),
        postcode=without_apostrophe(cells["postcode"]),
        phone=without_apostrophe(cells["phone"].coalesce(cells["address_phone"])),
        consent_source=consent_source(
            cells["accepts_marketing"], "Shopify, customer accepts e-mail marketing"
        ),
        platform=ibis.literal(PLATFORM),
    )
    return {"customers": customers}


SHOPIFY_CUSTOMERS = Format(
    "shopify_customers",
    "customers of a Shopify shop",
    FIELDS,
    (
        Group("the column Accepts Email Marketing", ("accepts_marketing",), required=True),
        Group("the column Total Spent", ("total_spent", "total_orders"), required=True),
        Group("Accepts SMS Marketing or Tax Exempt", ("accepts_sms", "tax_exempt"), required=True),
        Group("Customer ID, Email or Phone", ("customer_id", "email", "phone"), required=True),
        Group("First Name or Last Name", ("first_name", "last_name")),
        Group("a column of the address", ("country", "postcode", "region")),
    ),
    _tables,
    variant=_variant,
)
