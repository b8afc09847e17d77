"""How fast texts are stemmed and scored: against NLTK text by text, and again when little is new.

`python -m benchmarks --only text_speed`. Texts of 10 to 40 words are cut from public reviews and
tweets. Ours are whole steps of a refresh, from the texts in the warehouse to the written table:
cleaning, language, stems, scores. NLTK's are stems and scores alone, of texts already cut into words.
"""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from benchmarks.corpora import corpora
from benchmarks.results import Goal, Section, times
from custbehav_dagster.contract.truth import TEXT_SCORES
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.scorers import vader
from custbehav_dagster.text.scoring import score_texts
from custbehav_dagster.text.sentiment import reference_analyzer
from custbehav_dagster.text.stopwords import english_stopwords
from custbehav_dagster.text.typing_habits import plainly_typed
from custbehav_dagster.warehouse.store import Warehouse, open_warehouse

TEXTS, BY_NLTK, NEW_SHARE = 100_000, 5_000, 0.001
FASTER_AT_FIRST, FASTER_AGAIN = 10.0, 100.0
COLUMNS = ("step", "texts", "wall", "CPU", "µs a text by the clock", "times NLTK by the clock", "in CPU")


def text_speed(_: object = None) -> Section:
    """Ours at first sight, again with a thousandth new, and NLTK on a part of the same texts."""
    texts = _texts(TEXTS)
    newer = [*texts[: round(TEXTS * (1 - NEW_SHARE))], *_texts(round(TEXTS * NEW_SHARE), seed=2)]
    english_stopwords()
    analyzer = reference_analyzer()
    with tempfile.TemporaryDirectory() as folder, open_warehouse(Path(folder) / "w.duckdb") as warehouse:
        sample = texts[:BY_NLTK]
        by_nltk, theirs = _timed(lambda: [_by_nltk(text, analyzer) for text in sample])
        _put(warehouse, texts)
        _, first = _timed(lambda: _refresh(warehouse))
        unequal = _unequal(warehouse, sample, by_nltk)
        _put(warehouse, newer)
        _, again = _timed(lambda: _refresh(warehouse))
    rows = [_row("NLTK, stems and scores", BY_NLTK, theirs, None)]
    rows.append(_row("ours, at first sight", TEXTS, first, theirs))
    rows.append(_row(f"ours, again with {NEW_SHARE:.1%} new", TEXTS, again, theirs))
    goals = [
        Goal(f"at least {times(limit)} NLTK's per-text speed {told}", _found(used, theirs),
             _ratio(used, theirs, 0) >= limit)
        for used, limit, told in ((first, FASTER_AT_FIRST, "at first sight"),
                                  (again, FASTER_AGAIN, "on a second refresh with 0.1% new text"))
    ]  # fmt: skip
    goals.append(
        Goal(f"stems and scores equal NLTK's on {BY_NLTK:,} texts", f"{unequal} unequal", not unequal)
    )
    notes = "Libraries were loaded before the clock started. Ours write the table of results to disk as well."
    return Section("Speed of text", COLUMNS, rows, goals, notes)


def _texts(count: int, seed: int = 1) -> list[str]:
    """Runs of 10 to 40 words from the corpora, as people wrote them."""
    chance = random.Random(seed)
    words = [word for corpus in corpora() for text in corpus.texts for word in text.split()]
    found = []
    for _ in range(count):
        length = chance.randint(10, 40)
        start = chance.randrange(len(words) - length)
        found.append(" ".join(words[start : start + length]))
    return found


def _put(warehouse: Warehouse, texts: list[str]) -> None:
    """Lay the texts into the warehouse, as cleaning leaves them there."""
    table = pa.table({"text": texts, "domain": pa.repeat("any", len(texts))})
    warehouse.write("working", "texts", ibis.memtable(table))
    # What laying them there costs is not to be paid by the step that is measured.
    warehouse.run("CHECKPOINT")


def _refresh(warehouse: Warehouse) -> None:
    settings, given = Settings(), warehouse.table("working", "texts")
    table = score_texts(given, warehouse.earlier(TEXT_SCORES), {"any": vader(settings)}, settings)
    warehouse.write(TEXT_SCORES.layer, TEXT_SCORES.noun, table)


def _by_nltk(text: str, analyzer: Any) -> tuple[list[str], float]:
    from nltk.stem.porter import PorterStemmer

    stem = PorterStemmer().stem
    stems = [stem(word) for word in text.split()]
    return stems, analyzer.polarity_scores(text)["compound"]


def _unequal(warehouse: Warehouse, texts: list[str], by_nltk: list[tuple[list[str], float]]) -> int:
    """How many of the texts have another score or other stems than NLTK gives to their plain words."""
    from nltk.stem.porter import PorterStemmer

    stem, stopwords = PorterStemmer().stem, english_stopwords()
    columns = ("text_hash", "text_clean", "text_stemmed", "sentiment", "language")
    rows = warehouse.table(TEXT_SCORES.layer, TEXT_SCORES.noun).select(*columns).to_pyarrow().to_pylist()
    by_hash = {row["text_hash"]: row for row in rows}
    unequal = 0
    for text, (_, score) in zip(texts, by_nltk, strict=True):
        row = by_hash[hashlib.sha256(text.encode()).hexdigest()[:32]]
        words = [word for word in row["text_clean"].split() if word not in stopwords]
        is_scored = row["language"] in ("en", None) and plainly_typed(text) == text
        unequal += row["text_stemmed"] != " ".join(map(stem, words))
        unequal += is_scored and row["sentiment"] != score
    return unequal


def _timed(work: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """What the work gave, and its seconds by the clock and of CPU, all processes together."""
    clock, used = time.perf_counter(), sum(os.times()[:4])
    result = work()
    return result, (time.perf_counter() - clock, sum(os.times()[:4]) - used)


def _ratio(ours: tuple[float, float], theirs: tuple[float, float], which: int) -> float:
    return (theirs[which] / BY_NLTK) / (ours[which] / TEXTS)


def _found(ours: tuple[float, float], theirs: tuple[float, float]) -> str:
    return f"{times(_ratio(ours, theirs, 0))} by the clock, {times(_ratio(ours, theirs, 1))} in CPU"


def _row(step: str, count: int, used: tuple[float, float], theirs: tuple[float, float] | None) -> list[str]:
    told = [step, f"{count:,}", f"{used[0]:.2f} s", f"{used[1]:.2f} s", f"{used[0] / count * 1e6:.1f}"]
    compared = ["", ""] if theirs is None else [times(_ratio(used, theirs, which)) for which in (0, 1)]
    return [*told, *compared]
