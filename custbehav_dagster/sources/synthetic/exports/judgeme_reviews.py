"""A shop's reviews as Judge.me exports them."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.writing import FILE_QUIRKS, local_text, records, write_table

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

HEADERS = {
    "export": (
        "title", "body", "rating", "review_date", "source", "curated", "reviewer_name", "reviewer_email",
        "product_id", "product_handle", "reply", "reply_date", "picture_urls", "ip_address", "location",
        "metaobject_handle",
    ),
    "import template": (
        "title", "body", "rating", "review_date", "reviewer_name", "reviewer_email", "product_id",
        "product_handle", "reply", "picture_urls",
    ),
}  # fmt: skip
VARIANTS = tuple(HEADERS)
QUIRKS = FILE_QUIRKS | {"titles", "spam"}
SPAM = {
    "body": "Buy cheap watches",
    "rating": "5",
    "review_date": "2024-01-05 09:00:00 UTC",
    "curated": "spam",
    "reviewer_name": "Bot",
    "product_handle": "mug",
}


def write_judgeme_reviews(
    shop: ExportShop, folder: Path, variant: str = "export", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write judgeme_reviews.csv; 'spam' adds a review that Judge.me holds back (its export alone says so)."""
    rows = [_row(review, quirks) for review in records(shop.feedback)]
    if "spam" in quirks and variant == "export":
        rows.insert(1, SPAM)
    return [write_table(folder / "judgeme_reviews.csv", HEADERS[variant], rows, quirks)]


def handle_of(product: str) -> str:
    """The name of a product in its address."""
    return "-".join("".join(sign if sign.isalnum() else " " for sign in product.lower()).split())


def _row(review: dict[str, Any], quirks: Set[str]) -> dict[str, str]:
    return {
        "title": "In short" if "titles" in quirks else "",
        "body": review["text"],
        "rating": str(review["rating"]),
        "review_date": local_text(review["written_at"], "UTC", "%Y-%m-%d %H:%M:%S UTC"),
        "source": "email",
        "curated": "ok",
        "reviewer_name": review["name"],
        "reviewer_email": review["email"] or "",
        "product_id": "7012345678",
        "product_handle": handle_of(review["product"]),
        "reply": "Thank you!",
        "location": "US",
    }
