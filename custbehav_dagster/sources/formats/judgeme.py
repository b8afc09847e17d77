"""Judge.me's reviews, as it exports them and as it takes them in."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Records, Rejection
from custbehav_dagster.sources.formats.buyers import written
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_email, looks_like_stars

PLATFORM = "judge.me"
FIELDS = (
    Field("review_id", ("review_id", "id")),
    Field("title", ("title",)),
    Field("body", ("body",)),
    Field("rating", ("rating",), looks_like_stars, "stars"),
    Field("created_at", ("review_date", "created_at"), looks_like_date, "dates"),
    Field("curated", ("curated",)),
    Field("name", ("reviewer_name",)),
    Field("email", ("reviewer_email",), looks_like_email, "mail addresses"),
    Field("product_id", ("product_id",)),
    Field("product", ("product_title", "product_handle")),
    Field("source", ("source",)),
    Field("reply", ("reply",)),
)


def _text(cells: Cells) -> ir.StringValue:
    """Title and body, each on a line of its own."""
    title, body = written(cells["title"]), written(cells["body"])
    return written((title + "\n").fill_null("") + body.fill_null(""))


def _tables(cells: Cells) -> Records:
    return {
        "feedback": cells.select(
            *("created_at", "rating", "email", "product"),
            feedback_id=cells["review_id"],
            text=_text(cells),
            platform=ibis.literal(PLATFORM),
        )
    }


def _spam(cells: Cells) -> Rejection:
    return Rejection(
        cells["curated"].lower().strip() == "spam", "curated", "Judge.me holds the review for spam."
    )


JUDGEME_REVIEWS = Format(
    "judgeme_reviews",
    "Judge.me's reviews",
    FIELDS,
    (
        Group("the column body", ("body",), required=True),
        Group("the column rating", ("rating",), required=True),
        Group("the column review_date", ("created_at",), required=True),
        Group("the column reviewer_name or reviewer_email", ("name", "email"), required=True),
        Group("the column product_id or product_handle", ("product_id", "product"), required=True),
    ),
    _tables,
    reject=_spam,
    variant=lambda columns, head: "export" if "curated" in columns else "import template",
)
