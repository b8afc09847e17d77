"""An insight about the languages that customers write in: whose words have no mood score."""

from __future__ import annotations

import ibis

from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.statistics import wilson_interval
from custbehav_dagster.insights.wording import count, percent


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
        f"mood score; the commonest other language is '{first['language']}' ({first['texts']:,}).",
        silent / texts,
        "share of texts",
        rows,
        "Read these yourself, or name a model that reads the language in CUSTBEHAV_SENTIMENT_TRANSFORMER.",
        wilson_interval(silent, texts),
        parameters={"texts": texts, "language": first["language"], "commonest": first["texts"]},
    )
