"""Etsy's reviews.json, one record per review; the container is opened before this sees it."""

from __future__ import annotations

import ibis

from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Records
from custbehav_dagster.sources.formats.etsy import PLATFORM
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_stars
from custbehav_dagster.sources.formats.platforms import unescaped, without_apostrophe
from custbehav_dagster.sources.rewriting import with_iso_dates

FIELDS = (
    Field("created_at", ("date_reviewed",), looks_like_date, "dates"),
    Field("rating", ("star_rating",), looks_like_stars, "stars"),
    Field("text", ("message",)),
    Field("order_id", ("order_id",)),
    Field("reviewer", ("reviewer",)),
)


def _tables(cells: Cells) -> Records:
    # The reviewer is a name as shown to the public, not the user name of the orders: the order tells
    # who it is.
    reviews = cells.select(
        "rating",
        # Always month first, which a handful of reviews may not show by themselves.
        created_at=with_iso_dates(cells["created_at"], "month_first"),
        text=unescaped(cells["text"]),
        order_id=without_apostrophe(cells["order_id"]),
        platform=ibis.literal(PLATFORM),
    )
    return {"feedback": reviews}


ETSY_REVIEWS = Format(
    "etsy_reviews",
    "reviews on Etsy",
    FIELDS,
    (
        Group("date_reviewed", ("created_at",), required=True),
        Group("star_rating", ("rating",), required=True),
        Group("message", ("text",)),
        Group("order_id", ("order_id",)),
        Group("reviewer", ("reviewer",)),
    ),
    _tables,
)
