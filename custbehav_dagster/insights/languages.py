"""An insight about the languages that customers write in: whose words have no mood score."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.statistics import wilson_interval
from custbehav_dagster.insights.wording import count, percent
from custbehav_dagster.text.scorers import ENGLISH, SIGNS_ALONE

NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "zh": "Chinese",
}
"""Languages by ISO 639 code; of others the code is told."""


def words_are_read(texts: ir.Table) -> ir.BooleanValue:
    """Which texts have a score of their words, and not of their emoji alone or none."""
    return texts.sentiment.notnull() & (texts.sentiment_model != SIGNS_ALONE)


def in_english(texts: ir.Table) -> ir.BooleanValue:
    """Which texts are in English, or have no letters at all."""
    return words_are_read(texts) & texts.language.fill_null("en").isin(sorted(ENGLISH))


def feedback_not_scored(facts: Facts) -> Insight | None:
    """Which share of the shop's own feedback is in languages that no scorer reads."""
    rows = facts.feedback
    unscored = rows.table.filter(rows.table.sentiment.isnull())
    by_language = (
        unscored.group_by("language")
        .aggregate(texts=unscored.count())
        .order_by(ibis.desc("texts"), "language")
        .to_pyarrow()
        .to_pylist()
    )
    texts, silent = rows.count(), sum(row["texts"] for row in by_language)
    if silent < FLOOR:
        return None
    first = by_language[0]
    return Insight(
        "feedback_not_scored",
        "words",
        f"{percent(silent / texts)} of {count(texts, 'text')} of feedback are not in English and have no "
        f"mood score; the commonest other language is {_name(first['language'])} ({first['texts']:,}).",
        silent / texts,
        "share of texts",
        rows,
        "Read these yourself, or name a model that reads the language in CUSTBEHAV_SENTIMENT_TRANSFORMER.",
        wilson_interval(silent, texts),
        parameters={"texts": texts, "language": first["language"], "commonest": first["texts"]},
    )


def _name(language: str) -> str:
    return NAMES.get(language, f"“{language}”")
