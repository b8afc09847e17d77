"""Etsy's "Currently for sale listings" export: one record per product on offer."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Head, Records
from custbehav_dagster.sources.formats.etsy import PLATFORM
from custbehav_dagster.sources.formats.looks import looks_like_number
from custbehav_dagster.sources.formats.platforms import unescaped, without_apostrophe

FIELDS = (
    Field("title", ("TITLE",)),
    Field("description", ("DESCRIPTION",)),
    Field("price", ("PRICE",), looks_like_number, "amounts"),
    Field("currency", ("CURRENCY_CODE",)),
    Field("quantity", ("QUANTITY",)),
    Field("tags", ("TAGS",)),
    Field("materials", ("MATERIALS",)),
    Field("product_id", ("SKU",)),
    Field("listing_id", ("LISTING_ID",)),
    Field("image", ("IMAGE1",)),
    Field("variation_type", ("VARIATION 1 TYPE",)),
)


def _variant(columns: Mapping[str, int], head: Head) -> str:
    wanted = (one.name for one in FIELDS if one.name != "listing_id")
    return "whole" if all(name in columns for name in wanted) else "trimmed"


def _tables(cells: Cells) -> Records:
    product_id = without_apostrophe(cells["product_id"])
    listings = cells.select(
        *("price", "currency", "quantity", "tags", "materials"),
        product_id=product_id,
        listing_id=without_apostrophe(cells["listing_id"]).coalesce(product_id),
        title=unescaped(cells["title"]),
        description=unescaped(cells["description"]),
        platform=ibis.literal(PLATFORM),
    )
    return {"listings": listings}


ETSY_LISTINGS = Format(
    "etsy_listings",
    "listings on Etsy",
    FIELDS,
    (
        Group("the column TITLE", ("title",), required=True),
        Group("the column PRICE", ("price",), required=True),
        Group("the column CURRENCY_CODE", ("currency",), required=True),
        Group("TAGS, MATERIALS or IMAGE1", ("tags", "materials", "image"), required=True),
        Group("the column DESCRIPTION", ("description",)),
        Group("the column QUANTITY", ("quantity",)),
    ),
    _tables,
    variant=_variant,
)
