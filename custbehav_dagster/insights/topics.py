"""What texts are about: topics with a name, by source, with mood, stars, time and what changes.

The shop's own feedback and public texts are never counted together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract import interest
from custbehav_dagster.insights.aspects_trends import MONTHS_IN_MONTHS, months_between, period_start
from custbehav_dagster.insights.comparisons import sure_by_holm
from custbehav_dagster.insights.evidence import end_of_day
from custbehav_dagster.insights.keywords import real_first
from custbehav_dagster.insights.languages import words_are_read
from custbehav_dagster.insights.lately import writers_of
from custbehav_dagster.insights.statistics import Z95, wilson_interval
from custbehav_dagster.insights.topics_model import FEWEST_TEXTS, Topics, find_topics
from custbehav_dagster.insights.topics_names import Forms, says_little, topic_name
from custbehav_dagster.settings import Settings

SOURCES = ("internal_feedback", "reddit", "web")
"""Labelled public sentences are left out: they are no talk of any time or trade."""
MOST_TEXTS = 20_000
"""More texts than these change no share by a point; the ones read are chosen by their hash."""
LONGEST_EXAMPLE = 240
SHORTEST_EXAMPLE = 40
"""Characters of a text that may be shown as an example."""

Row = dict[str, Any]


def topic_tables(texts: ir.Table, as_of: date, settings: Settings) -> dict[str, ir.Table]:
    """The tables `topics` and `topic_trends`, as contract.interest says.

    Args:
        texts: truth.single_source_of_truth; those written after `as_of` are not seen.
        as_of: last known day.
        settings: `word_form`, the one the texts were stemmed with, and the shop's time zone.

    A text belongs to the topic it is mainly about. Topics that are not clear are not told,
    and their texts belong to none. A text that stands there several times counts once.
    """
    topics: list[Row] = []
    trends: list[Row] = []
    for source, rows in texts_by_source(texts, as_of, settings).items():
        told, by_period = _topics_of(source, rows, as_of, settings)
        topics += told
        trends += by_period
    return {
        "topics": _table(interest.TOPICS, topics),
        "topic_trends": _table(interest.TOPIC_TRENDS, trends),
    }


def _table(table: Any, rows: Sequence[Row]) -> ir.Table:
    import pyarrow as pa

    content = pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow())
    return table.conform(ibis.memtable(content))


def texts_by_source(texts: ir.Table, as_of: date, settings: Settings) -> dict[str, list[Row]]:
    """At most MOST_TEXTS different texts with words of each source, in an order that tells nothing."""
    chosen = texts.filter(texts.source_type.isin(SOURCES), texts.text_stemmed != "")
    # Texts in a language that is not scored have neither a mood nor stopwords of theirs.
    chosen = chosen.filter(words_are_read(chosen))
    chosen = chosen.filter(
        chosen.created_at.isnull() | (chosen.created_at < ibis.timestamp(end_of_day(as_of, settings)))
    )
    moment = chosen.created_at.cast("string").fill_null("unknown")
    chosen = real_first(chosen).mutate(told=moment + " " + chosen.text_id, words=chosen.text_clean.hash())
    # Of copies the first; by hash and identifier, so that the texts themselves are not sorted.
    first = chosen.group_by("source_type", "words").aggregate(told=chosen.told.min())
    by_hash = ibis.window(group_by=first.source_type, order_by=[first.words, first.told])
    first = first.mutate(place=ibis.row_number().over(by_hash)).filter(lambda t: t.place < MOST_TEXTS)
    columns = ["source_type", "text_id", "text", "text_clean", "text_stemmed", "customer_id", "sentiment"]
    read = chosen.join(first.select("source_type", "told", "place"), ["source_type", "told"]).select(
        *columns, "rating", "is_synthetic", "place", written=lambda t: t.created_at.date()
    )
    read = read.order_by("source_type", "place")
    found: dict[str, list[Row]] = {}
    for row in read.to_pyarrow().to_pylist():
        found.setdefault(row["source_type"], []).append(row)
    return found


def _topics_of(
    source: str, rows: Sequence[Row], as_of: date, settings: Settings
) -> tuple[list[Row], list[Row]]:
    mark = {"source_type": source, "is_synthetic": any(row["is_synthetic"] for row in rows)}
    found, forms = None, None
    if len(rows) >= FEWEST_TEXTS:
        forms = Forms([row["text_clean"] for row in rows], settings.word_form)
        left_out = forms.opinions(max(4, len(rows) // 200)) | says_little()
        found = find_topics([row["text_stemmed"] for row in rows], left_out)
    if found is None or forms is None or not found.clear:
        return [{**mark, "topic": 0, "texts_looked_at": len(rows), "note": _why_none(len(rows))}], []
    about = found.of_texts([row["text_stemmed"] for row in rows])
    members = {
        number: [at for at, topic in enumerate(about.tolist()) if topic == number] for number in found.clear
    }
    ranked = sorted(
        (number for number in members if members[number]), key=lambda one: (-len(members[one]), one)
    )
    told = []
    trends: list[Row] = []
    for rank, number in enumerate(ranked, 1):
        stems = [found.words[word] for word in found.tops[number]]
        clean = [rows[at]["text_clean"] for at in members[number]]
        name = {"topic": rank, "topic_name": topic_name(stems, clean, forms)}
        words = ", ".join(forms.written(stem) for stem in stems)
        told.append(
            {
                **mark,
                **name,
                "words": words,
                **_quality(found, number),
                **_told(members[number], rows, as_of, stems),
            }
        )
        trends += [{**mark, **name, **one} for one in _by_period({*members[number]}, rows)]
    return _with_certainty(told), trends


def _why_none(texts: int) -> str:
    if texts < FEWEST_TEXTS:
        return f"Only {texts:,} different texts with words: topics need {FEWEST_TEXTS}."
    return f"The words of these {texts:,} texts fall into no clear topics."


def _quality(found: Topics, number: int) -> Row:
    return {
        "coherence": round(found.coherence[number], 4),
        "stability": found.stability[number],
        "all_coherence": round(found.all_coherence, 4),
        "diversity": found.diversity,
    }


def _told(members: Sequence[int], rows: Sequence[Row], as_of: date, stems: Sequence[str]) -> Row:
    low, high = wilson_interval(len(members), len(rows))
    moods = [rows[at]["sentiment"] for at in members]
    mean = sum(moods) / len(moods)
    half = Z95 * (sum((one - mean) ** 2 for one in moods) / max(1, len(moods) - 1) / len(moods)) ** 0.5
    stars = [rows[at]["rating"] for at in members if rows[at]["rating"] is not None]
    return {
        "texts_looked_at": len(rows),
        "texts": len(members),
        "share": len(members) / len(rows),
        "share_low": low,
        "share_high": high,
        "average_sentiment": round(mean, 6),
        "sentiment_low": round(max(-1.0, mean - half), 6),
        "sentiment_high": round(min(1.0, mean + half), 6),
        "average_rating": round(sum(stars) / len(stars), 6) if stars else None,
        "best_example": _example(members, rows, stems),
        **_change({*members}, rows, as_of),
    }


def _example(members: Sequence[int], rows: Sequence[Row], stems: Sequence[str]) -> str | None:
    """Of the texts short enough to show, the shortest of those that hold most of the topic's words."""
    fitting = [at for at in members if SHORTEST_EXAMPLE <= len(rows[at]["text"]) <= LONGEST_EXAMPLE]
    if not fitting:
        return None

    def typical(at: int) -> tuple[int, int, str]:
        held = {*rows[at]["text_stemmed"].split(" ")} & {*stems}
        return -len(held), len(rows[at]["text"]), rows[at]["text_id"]

    return str(rows[min(fitting, key=typical)]["text"])


def _change(members: set[int], rows: Sequence[Row], as_of: date) -> Row:
    """How many write on the topic lately and did before; everybody counts once in each time."""
    writers = writers_of(members, rows, as_of)
    counts = {
        "recent_on_topic": writers.recent,
        "recent_writers": writers.recent_writers,
        "earlier_on_topic": writers.earlier,
        "earlier_writers": writers.earlier_writers,
    }
    change = writers.change()
    if change is None:
        return counts
    return {
        **counts,
        "ratio": change.ratio,
        "ratio_low": change.low,
        "ratio_high": change.high,
        "p": change.p,
    }


def _with_certainty(told: Sequence[Row]) -> list[Row]:
    asked = [row for row in told if "p" in row]
    for row, is_sure in zip(asked, sure_by_holm([row.pop("p") for row in asked]), strict=True):
        row["is_change_sure"] = is_sure
    return list(told)


def _by_period(members: set[int], rows: Sequence[Row]) -> list[Row]:
    days = [row["written"] for row in rows if row["written"] is not None]
    if not days:
        return []
    months = 3 if months_between(min(days), max(days)) > MONTHS_IN_MONTHS else 1
    counts: dict[date, list[int]] = {}
    for at, row in enumerate(rows):
        if row["written"] is not None:
            both = counts.setdefault(period_start(row["written"], months), [0, 0])
            both[0] += 1
            both[1] += at in members
    told = []
    for start, (texts, on_topic) in sorted(counts.items()):
        low, high = wilson_interval(on_topic, texts)
        told.append(
            {
                "period_start": start,
                "months": months,
                "all_texts": texts,
                "texts": on_topic,
                "share": on_topic / texts,
                "share_low": low,
                "share_high": high,
            }
        )
    return told
