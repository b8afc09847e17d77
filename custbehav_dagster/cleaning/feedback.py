"""The shop's own reviews and messages become typed; the words stay as written but for HTML."""

from __future__ import annotations

import re
from collections.abc import Hashable

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import (
    Step,
    data_columns,
    has_content,
    identifier,
    replaced,
    row_text,
    translator,
)
from custbehav_dagster.cleaning.customers import buyer_identifier
from custbehav_dagster.cleaning.dates import date_reader, month_first_files
from custbehav_dagster.cleaning.missing import (
    fill_by_file,
    is_too_empty,
    number_fill_values,
    too_empty_reason,
    used_column_counts,
)
from custbehav_dagster.cleaning.rules import Judged, Repetition, Rule, judge, repetition_hash, settle
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings

RATED_COLUMNS = ("customer_id", "order_id", "created_at", "text", "rating")
"""The columns that `min_fill_ratio` looks at."""

FEWEST_STARS, MOST_STARS = 1.0, 5.0

_FIGURE = re.compile(r"^(\d+(?:[.,]\d+)?)\s*(?:/\s*(\d+)|out of (\d+)|of (\d+)|stars?|★+|⭐+)?$")


def parse_rating(text: str) -> float | None:
    """Stars from 1 to 5 in a text: `4`, `4,5`, `4 stars`, `4/5`, `8 out of 10`, `★★★★☆`; else None.

    A rating out of another number than five is brought to five: 8/10 is 4, and
    0/10, which no stars can say, is 1.
    """
    text = text.strip().strip("'").lower()
    if re.fullmatch(r"[★⭐]{1,5}[☆✩\ufe0f]*", text):
        return float(len(re.findall("[★⭐]", text)))
    match = _FIGURE.match(text)
    if not match:
        return None
    value = float(match[1].replace(",", "."))
    best = float(match[2] or match[3] or match[4] or MOST_STARS)
    if best != MOST_STARS:
        if best == 0 or value > best:
            return None
        return max(value / best * MOST_STARS, FEWEST_STARS)
    return value if FEWEST_STARS <= value <= MOST_STARS else None


def _duplicate_key(table: ir.Table) -> ir.StringValue:
    """What makes two rows one: the identifier; without one, everything they say, if writer or order is known.

    Two unknown people may well write "Great!", so nothing else is taken as a copy.
    """
    is_known = has_content(table.customer_id) | has_content(table.order_id)
    content = ibis.ifelse(is_known, row_text(table, data_columns(raw.FEEDBACK)), ibis.null("string"))
    return identifier(table.feedback_id).coalesce(content)


def judge_feedback(raw_feedback: ir.Table, evidence: ir.Table, settings: Settings) -> Judged:
    """One typed row per review or message, keeping `contract.cleaned.FEEDBACK`, and the rows left out.

    Computed now. Takes what `clean_feedback` takes. Of several rows with one
    identifier the first by file and line stays.
    """
    from custbehav_dagster.text.normalize import strip_html

    read_dates = date_reader(
        raw_feedback, "created_at", month_first_files(evidence, "created_at"), settings.timezone
    )
    read_stars = translator(raw_feedback, "rating", parse_rating, "stars", "float64")
    used = used_column_counts(raw_feedback, RATED_COLUMNS)
    feedback = raw_feedback.mutate(
        feedback_id=identifier(raw_feedback.feedback_id),
        is_too_empty=is_too_empty(raw_feedback, RATED_COLUMNS, used, settings.min_fill_ratio),
        text=strip_html(raw_feedback.text).fill_null(""),
        key_hash=repetition_hash(_duplicate_key(raw_feedback)),
    )
    feedback = read_stars(read_dates(feedback))
    feedback = replaced(feedback, ("stars",), rating=feedback.stars)
    says_nothing = (feedback.text == "") & feedback.rating.isnull()
    rules = (
        Rule("missing_key", "text", says_nothing, "Neither words nor a rating from 1 to 5."),
        Rule("min_fill_ratio", "", feedback.is_too_empty, too_empty_reason(settings.min_fill_ratio)),
    )
    feedback = fill_by_file(judge(feedback, rules), "rating", _star_fill(raw_feedback, read_stars, settings))
    place = feedback.source_file + ":" + feedback.source_line.cast("string")
    feedback = feedback.mutate(
        feedback_id=feedback.feedback_id.coalesce(place),
        customer_id=buyer_identifier(feedback),
        order_id=identifier(feedback.order_id),
    )
    repetition = Repetition(_duplicate_key, data_columns(raw.FEEDBACK), "piece of feedback", "feedback_id")
    return settle(cleaned.FEEDBACK, feedback, raw_feedback, repetition)


def _star_fill(raw_feedback: ir.Table, read_stars: Step, settings: Settings) -> dict[Hashable, float]:
    """The stars that stand in for a missing rating, by file."""
    ratings = read_stars(raw_feedback.select("source_file", "rating"))
    known = ratings.filter(ratings.stars.notnull())
    fill = number_fill_values(known, "stars", settings.number_fill, settings.number_fill_constant)
    # A constant may be any number, stars may not.
    return {file: min(max(value, FEWEST_STARS), MOST_STARS) for file, value in fill.items()}


def clean_feedback(raw_feedback: ir.Table, evidence: ir.Table, settings: Settings) -> ir.Table:
    """One typed row per review or message, keeping `contract.cleaned.FEEDBACK`.

    Args:
        raw_feedback: keeps `contract.raw.FEEDBACK`.
        evidence: keeps `contract.cleaned.DATE_EVIDENCE`.
        settings: fill of ratings, `min_fill_ratio`, time zone.

    A missing rating is filled as `number_fill` says, from the ratings in the same
    file, and marked; a file without any rating stays without. A date or rating that
    cannot be read is taken as missing: the words still count. Rows without an
    identifier get one of file and line. Computed now.
    """
    return judge_feedback(raw_feedback, evidence, settings).kept
