"""A shop's reviews and listings as Etsy gives them."""

from __future__ import annotations

import json
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.sources.synthetic.exports.etsy_order_items import title_cell
from custbehav_dagster.sources.synthetic.exports.writing import (
    FILE_QUIRKS,
    local_text,
    money_text,
    records,
    write_table,
    write_text,
)

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

REVIEW_NAMES = ("reviewer", "date_reviewed", "star_rating", "message", "order_id")
REVIEW_VARIANTS = ("json", "csv")
REVIEW_QUIRKS = frozenset({"byte_order_mark", "entities"})
LISTING_HEADER = (
    "TITLE", "DESCRIPTION", "PRICE", "CURRENCY_CODE", "QUANTITY", "TAGS", "MATERIALS",
    *(f"IMAGE{number}" for number in range(1, 11)),
    "VARIATION 1 TYPE", "VARIATION 1 NAME", "VARIATION 1 VALUES",
    "VARIATION 2 TYPE", "VARIATION 2 NAME", "VARIATION 2 VALUES", "SKU",
)  # fmt: skip
LISTING_VARIANTS = ("whole",)
LISTING_QUIRKS = FILE_QUIRKS | {"entities"}


def write_etsy_reviews(
    shop: ExportShop, folder: Path, variant: str = "json", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write reviews.json, or with variant 'csv' the same records as reviews.csv."""
    title = title_cell(quirks)
    reviews = [
        {
            "reviewer": review["name"].split()[0],
            "date_reviewed": local_text(review["written_at"], shop.timezone, "%m/%d/%Y"),
            "star_rating": review["rating"],
            "message": title(review["text"]),
            "order_id": int(review["order_id"]),
        }
        for review in records(shop.feedback)
    ]
    if variant == "json":
        text = json.dumps(reviews, ensure_ascii=False, indent=2)
        return [write_text(folder / "reviews.json", text, quirks)]
    rows = [{name: str(cell) for name, cell in review.items()} for review in reviews]
    return [write_table(folder / "reviews.csv", REVIEW_NAMES, rows, quirks)]


def write_etsy_listings(
    shop: ExportShop, folder: Path, variant: str = "whole", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write EtsyListingsDownload.csv."""
    title = title_cell(quirks)
    rows = []
    for listing in records(shop.listings):
        kind, _, values = (listing["variation"] or "").partition(":")
        rows.append(
            {
                "TITLE": title(listing["title"]),
                "DESCRIPTION": title(listing["description"]),
                "PRICE": money_text(listing["price"]),
                "CURRENCY_CODE": listing["currency"],
                "QUANTITY": str(listing["quantity"]),
                "TAGS": listing["tags"],
                "MATERIALS": listing["materials"],
                "IMAGE1": f"https://example.com/{listing['listing_id']}.jpg",
                "VARIATION 1 TYPE": "Custom Property" if kind else "",
                "VARIATION 1 NAME": kind,
                "VARIATION 1 VALUES": values,
                "SKU": listing["product_id"] or "",
            }
        )
    return [write_table(folder / "EtsyListingsDownload.csv", LISTING_HEADER, rows, quirks)]
