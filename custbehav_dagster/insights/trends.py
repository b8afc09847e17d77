"""Words and phrases that are said more, or less, often lately: in each source by itself, or not at all.

Thousands of words are compared at once, so some of them differ by chance. Told are those of
which at most one in twenty does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract import interest
from custbehav_dagster.insights.comparisons import (
    p_of_shares,
    quantile_after_choice,
    ratio_of_shares,
    sure_by_discovery_rate,
)
from custbehav_dagster.insights.evidence import end_of_day
from custbehav_dagster.insights.keywords import real_first
from custbehav_dagster.insights.lately import recent_days
from custbehav_dagster.insights.topics_names import Forms, says_little
from custbehav_dagster.settings import Settings

SOURCES = ("internal_feedback", "reddit", "web")
MOST_TEXTS = 10_000
"""Of each time so many texts at most are read, chosen by their hash."""
FEWEST_TEXTS = 30
"""With fewer texts in either time nothing is compared."""
FEWEST_WITH_WORD = 8
"""A word in fewer texts of both times together is not looked at: it could never be sure."""
MOST_TOLD = 25
"""So many are told of each source."""

Row = dict[str, Any]


def trends(texts: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    """Words and phrases that change, keeping contract.interest.TRENDS.

    The last 90 days are compared with the year before them, which holds every season once.
    In the shop's own feedback a person counts once in each time, elsewhere a text, of which copies
    count once. Texts in another language than most of their source are left out.

    Args:
        texts: truth.single_source_of_truth; those without a day or after `as_of` are not seen.
        as_of: last known day.
        settings: `word_form`, the one the texts were stemmed with, and the shop's time zone.
    """
    import pyarrow as pa

    told = [
        row
        for source, rows in _read(texts, as_of, settings).items()
        for row in _trends_of(source, rows, as_of, settings)
    ]
    table = interest.TRENDS
    return table.conform(ibis.memtable(pa.Table.from_pylist(told, schema=table.schema.to_pyarrow())))


def _read(texts: ir.Table, as_of: date, settings: Settings) -> dict[str, list[Row]]:
    recent_from, earlier_from = recent_days(as_of)
    dated = real_first(texts.filter(texts.source_type.isin(SOURCES))).filter(lambda t: t.text_stemmed != "")
    start = ibis.timestamp(end_of_day(earlier_from, settings))
    dated = dated.filter(
        dated.created_at >= start, dated.created_at < ibis.timestamp(end_of_day(as_of, settings))
    )
    dated = dated.mutate(is_recent=dated.created_at >= ibis.timestamp(end_of_day(recent_from, settings)))
    by_hash = ibis.window(
        group_by=[dated.source_type, dated.is_recent], order_by=[dated.text_id.hash(), dated.text_id]
    )
    # Chosen by identifier alone, so that the texts themselves are not sorted.
    chosen = dated.select("text_id", place=ibis.row_number().over(by_hash))
    chosen = chosen.filter(chosen.place < MOST_TEXTS)
    rows = dated.semi_join(chosen, "text_id").select(
        "text_id",
        "source_type",
        "text_clean",
        "text_stemmed",
        "is_synthetic",
        "is_recent",
        "language",
        writer=dated.customer_id.coalesce(dated.text_clean),
    )
    found: dict[str, list[Row]] = {}
    for row in rows.order_by("source_type", "text_id").to_pyarrow().to_pylist():
        found.setdefault(row["source_type"], []).append(row)
    return {source: _in_its_language(of_source) for source, of_source in found.items()}


def _in_its_language(rows: Sequence[Row]) -> list[Row]:
    """The texts in the language that most are in: else new readers would make every word of theirs rise."""
    counted = Counter(row["language"] for row in rows if row["language"] is not None)
    main = min(counted, key=lambda language: (-counted[language], language), default=None)
    return [row for row in rows if row["language"] in (main, None)]


def _trends_of(source: str, rows: Sequence[Row], as_of: date, settings: Settings) -> list[Row]:
    writers = {
        time: len({row["writer"] for row in rows if row["is_recent"] == time}) for time in (True, False)
    }
    if min(writers.values()) < FEWEST_TEXTS:
        return []
    recent, earlier = (_said_by(rows, time) for time in (True, False))
    asked = sorted(
        said for said in recent.keys() | earlier.keys() if recent[said] + earlier[said] >= FEWEST_WITH_WORD
    )
    of = [(recent[said], writers[True], earlier[said], writers[False]) for said in asked]
    chances = [p_of_shares(*one) for one in of]
    sure = [at for at, is_sure in enumerate(sure_by_discovery_rate(chances)) if is_sure]
    if not sure:
        return []
    quantile = quantile_after_choice(len(sure), len(asked))
    # Of a phrase and a word that are as sure the phrase says more.
    first = sorted(sure, key=lambda at: (chances[at], " " not in asked[at], asked[at]))
    kept = _without_repeats([asked[at] for at in first])[:MOST_TOLD]
    forms = Forms([row["text_clean"] for row in rows], settings.word_form)
    pairs = forms.pairs(
        (row["text_clean"] for row in rows), {stem for said in kept for stem in said.split(" ")}
    )
    shared = {
        "source_type": source,
        "recent_from": recent_days(as_of)[0] + timedelta(days=1),
        "questions": len(asked),
        "is_synthetic": any(row["is_synthetic"] for row in rows),
    }
    return [
        {**shared, **_told(said, of[asked.index(said)], quantile, forms, pairs), "trend_rank": rank}
        for rank, said in enumerate(kept, 1)
    ]


def _said_by(rows: Sequence[Row], is_recent: bool) -> Counter[str]:
    """How many say each word and pair of neighbouring words in one of the two times."""
    little = says_little()
    by_writer: dict[str, set[str]] = {}
    for row in rows:
        if row["is_recent"] == is_recent:
            words = row["text_stemmed"].split(" ")
            said = by_writer.setdefault(row["writer"], set())
            said.update(word for word in words if len(word) > 1 and not word.isdigit() and word not in little)
            said.update(
                f"{one} {other}"
                for one, other in pairwise(words)
                if one != other and not (one in little and other in little)
            )
    return Counter(one for said in by_writer.values() for one in said)


def _without_repeats(said: Sequence[str]) -> list[str]:
    """The same, the surest first, without those that have a word in common with a surer one."""
    kept: list[str] = []
    told: set[str] = set()
    for one in said:
        if told.isdisjoint(one.split(" ")):
            kept.append(one)
            told.update(one.split(" "))
    return kept


def _told(
    said: str,
    of: tuple[int, int, int, int],
    quantile: float,
    forms: Forms,
    pairs: dict[str, tuple[str, int]],
) -> Row:
    ratio, low, high = ratio_of_shares(*of, quantile)
    is_pair = " " in said
    written = pairs[said][0] if said in pairs else " ".join(forms.written(stem) for stem in said.split(" "))
    return {
        "kind": "phrase" if is_pair else "word",
        "said": written,
        "direction": "rising" if ratio > 1 else "falling",
        "recent_texts": of[0],
        "recent_of": of[1],
        "earlier_texts": of[2],
        "earlier_of": of[3],
        "ratio": ratio,
        "ratio_low": low,
        "ratio_high": high,
    }
