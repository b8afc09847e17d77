"""Each different text once: cleaned by the database, scored and stemmed in one pass through Python.

Which texts there are and what belongs to them is decided in `truth.py`.
"""

from __future__ import annotations

import mmap
import tempfile
from array import array
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, BinaryIO

import ibis
import ibis.expr.types as ir

from custbehav_dagster.settings import Settings
from custbehav_dagster.text.normalize import clean_text
from custbehav_dagster.text.sentiment import vader_rules
from custbehav_dagster.text.words import unify_words
from custbehav_dagster.text.workers import ScoringPool, process_count

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS_PER_PART = 200_000
_TEXTS_PER_BATCH = 10_000
# Numbers and typing errors never come again: the dictionary of words starts anew beyond this size.
_KNOWN_WORDS_LIMIT = 500_000


def score_texts(texts: ir.Table, settings: Settings) -> ir.Table:
    """One row per different `text`: text, text_clean, text_stemmed, sentiment.

    The work is done here and now; the result lies in a nameless temporary file that is as
    large as the texts and vanishes with the returned expression, or with the
    process. sentiment is VADER's compound score of the raw text.

    Raises:
        ScoringError: a scoring process ended early.
    """
    import pyarrow as pa

    columns = {"text": "string", "text_clean": "string", "text_stemmed": "string", "sentiment": "float64"}
    schema = ibis.schema(columns).to_pyarrow()
    with tempfile.TemporaryFile(prefix="custbehav-texts-") as file:
        with pa.ipc.new_file(file, schema) as writer:
            for batch in _scored_batches(texts.select("text"), settings):
                writer.write_batch(batch)
        file.flush()
        return ibis.memtable(_mapped_table(file))


def _mapped_table(file: BinaryIO) -> pa.Table:
    """The Arrow file's table, its columns being pages of the file; the file may be closed then."""
    import pyarrow as pa

    pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(pages))).read_all()


def _scored_batches(texts: ir.Table, settings: Settings) -> Iterator[pa.RecordBatch]:
    processes = process_count(settings.worker_processes)
    forms: dict[str, str] = {}
    waiting: deque[tuple[pa.RecordBatch, list[str], Future[array[float]]]] = deque()
    count = texts.count().to_pyarrow().as_py()
    with ScoringPool(vader_rules(), processes, expected=count) as pool:
        for batch in _clean_batches(texts, count // _TEXTS_PER_PART + 1):
            # Other processes score while this one stems.
            scores = pool.submit(batch.column("text").to_pylist())
            stemmed = unify_words(batch.column("text_clean").to_pylist(), forms, settings.word_form)
            waiting.append((batch, stemmed, scores))
            if len(forms) > _KNOWN_WORDS_LIMIT:
                forms.clear()
            if len(waiting) > 2 * processes:
                yield _scored_batch(*waiting.popleft())
        while waiting:
            yield _scored_batch(*waiting.popleft())


def _clean_batches(texts: ir.Table, parts: int) -> Iterator[pa.RecordBatch]:
    """Different texts with `text_clean`; only one of so many parts is in memory at a time."""
    for part in range(parts):
        # Hashes are signed on some engines and not on others.
        chosen = texts.filter((texts.text.hash() % parts).abs() == part) if parts > 1 else texts
        distinct = chosen.distinct()
        table = distinct.mutate(text_clean=clean_text(distinct.text)).to_pyarrow()
        yield from table.to_batches(max_chunksize=_TEXTS_PER_BATCH)


def _scored_batch(batch: pa.RecordBatch, stemmed: list[str], scores: Future[array[float]]) -> pa.RecordBatch:
    import pyarrow as pa

    with_stems = batch.append_column("text_stemmed", pa.array(stemmed, pa.string()))
    return with_stems.append_column("sentiment", pa.array(scores.result(), pa.float64()))
