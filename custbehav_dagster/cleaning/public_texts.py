"""Texts that are not the shop's own come into one shape: labelled sentences, Reddit posts, web pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import attach, has_content, translator, trimmed
from custbehav_dagster.cleaning.dates import date_reader
from custbehav_dagster.cleaning.feedback import FEWEST_STARS, MOST_STARS, parse_rating
from custbehav_dagster.contract import cleaned

if TYPE_CHECKING:
    import pyarrow as pa

_WORD_RATINGS = {
    "neg": 1.0, "negative": 1.0, "bad": 1.0, "neutral": 3.0, "neu": 3.0, "mixed": 3.0,
    "pos": 5.0, "positive": 5.0, "good": 5.0,
}  # fmt: skip
# Ends of the scales that collections of labelled texts use.
_SCALES = ((0.0, 1.0), (-1.0, 1.0), (FEWEST_STARS, MOST_STARS), (0.0, 4.0), (-4.0, 4.0))
_REMOVED_BODIES = ("[removed]", "[deleted]")


def _number(label: str) -> float | None:
    try:
        return float(label.strip().replace(",", "."))
    except ValueError:
        return None


def label_scale(labels: Collection[str]) -> tuple[float, float] | None:
    """The ends of the scale that a collection's numeric labels lie on, worst and best; None without numbers.

    The same 1 is the best of 0/1, the worst of 1 to 5 and a bit above the middle of
    -4 to 4, so all labels of a collection are looked at together: the narrowest known
    scale that holds them is taken.
    """
    numbers = [number for number in map(_number, labels) if number is not None]
    if not numbers:
        return None
    low, high = min(numbers), max(numbers)
    return next((scale for scale in _SCALES if scale[0] <= low and high <= scale[1]), None)


def stars_of_label(label: str, scale: tuple[float, float] | None) -> float | None:
    """A label as 1 to 5 stars: words by meaning, numbers linearly on their scale; None when it is neither."""
    if (stars := _WORD_RATINGS.get(label.strip().lower())) is not None:
        return stars
    number = _number(label)
    if number is None or scale is None:
        return None
    worst, best = scale
    return FEWEST_STARS + (number - worst) / (best - worst) * (MOST_STARS - FEWEST_STARS)


def _label_lookup(labels: pa.Table) -> ir.Table:
    """Stars of each distinct label of each collection."""
    import pyarrow as pa

    by_source: dict[str, list[str]] = defaultdict(list)
    for row in labels.to_pylist():
        by_source[row["source"]].append(row["label"])
    rows = [
        {"label_source": source, "label_text": label, "rating": stars_of_label(label, label_scale(found))}
        for source, found in by_source.items()
        for label in found
    ]
    schema = pa.schema([("label_source", pa.string()), ("label_text", pa.string()), ("rating", pa.float64())])
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def _sentences(raw_sentiment_public: ir.Table) -> ir.Table:
    texts = raw_sentiment_public.mutate(source=raw_sentiment_public.source.fill_null(""))
    labels = texts.filter(texts.label.notnull()).select("source", "label").distinct().to_pyarrow()
    texts = attach(texts, _label_lookup(labels), {"source": "label_source", "label": "label_text"})
    return texts.select(
        text_id=ibis.literal("public_sentiment:") + texts.text_id,
        source_type=ibis.literal("public_sentiment"),
        created_at=texts.created_at,
        text=texts.text,
        rating=texts.rating,
        is_synthetic=texts.is_synthetic,
        provenance=texts.provenance,
    )


def _title_first(title: ir.StringValue, body: ir.StringValue) -> ir.StringValue:
    """Title, blank line, body, as far as they are there; the title once when the body begins with it."""
    title, body = trimmed(title), trimmed(body)
    both = ibis.ifelse(body.startswith(title), body, title + "\n\n" + body)
    return both.coalesce(title, body)


def _posts(raw_reddit_posts: ir.Table) -> ir.Table:
    posts = raw_reddit_posts
    body = ibis.ifelse(posts.body.isin(_REMOVED_BODIES), ibis.null("string"), posts.body)
    return posts.select(
        text_id=ibis.literal("reddit:") + posts.post_id,
        source_type=ibis.literal("reddit"),
        created_at=posts.created_at,
        text=_title_first(posts.title, body),
        rating=ibis.null("float64"),
        is_synthetic=posts.is_synthetic,
        provenance=posts.provenance,
    )


def _web_items(raw_web_content: ir.Table) -> ir.Table:
    items = translator(raw_web_content, "rating", parse_rating, "stars", "float64")(raw_web_content)
    return items.select(
        text_id=ibis.literal("web:") + items.content_id,
        source_type=ibis.literal("web"),
        created_at=items.published_at,
        text=_title_first(items.title, items.text),
        rating=items.stars,
        is_synthetic=items.is_synthetic,
        provenance=items.provenance,
    )


def clean_public_texts(
    raw_sentiment_public: ir.Table, raw_reddit_posts: ir.Table, raw_web_content: ir.Table
) -> ir.Table:
    """One row per public text that says something, keeping `contract.cleaned.PUBLIC_TEXTS`.

    Titles come first, HTML is removed, labels and declared ratings become 1 to 5 stars
    (0/1 and negative/positive are 1 and 5; other scales linearly), times without
    an offset are UTC. Texts of which nothing is left are dropped.
    """
    from custbehav_dagster.text.normalize import strip_html

    texts = ibis.union(
        _sentences(raw_sentiment_public),
        _posts(raw_reddit_posts),
        _web_items(raw_web_content),
        distinct=False,
    )
    # The reader of dates asks for a file; dates here are ISO 8601, so day and month never wait on one.
    texts = texts.mutate(source_file=texts.source_type)
    texts = date_reader(texts, "created_at", [], ZoneInfo("UTC"))(texts)
    texts = texts.mutate(text=strip_html(texts.text))
    return cleaned.PUBLIC_TEXTS.conform(texts.filter(has_content(texts.text)))
