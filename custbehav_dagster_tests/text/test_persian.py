"""Persian reviews go through every step as they were written, and are not scored as English."""

from __future__ import annotations

import csv
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from custbehav_dagster.contract import cleaned, truth
from custbehav_dagster.figures.style import drawable
from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.insights.keywords import keyword_frequencies
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.scorers import ANY_SOURCE, NOT_SCORED, SIGNS_ALONE, vader
from custbehav_dagster.text.scoring import score_texts
from custbehav_dagster.text.truth import single_source_of_truth, texts_to_score
from custbehav_dagster.warehouse.store import open_warehouse

REVIEWS = (
    "این لیوان خیلی قشنگ است، ممنون!",
    "لیوان شکسته رسید و رنگ آن با عکس فرق داشت.",
    "می‌خواهم یک لیوان دیگر هم بخرم 😍",
)
CLEAN = (
    "این لیوان خیلی قشنگ است ممنون",
    "لیوان شکسته رسید و رنگ آن با عکس فرق داشت",
    "میخواهم یک لیوان دیگر هم بخرم",
)


def test_persian_reviews_survive_every_step(tmp_path: Path) -> None:
    common = {"rating": 5.0, "imputed_columns": "", "is_synthetic": False, "source_file": "feedback.csv"}
    rows = [{**common, "feedback_id": str(number), "text": text} for number, text in enumerate(REVIEWS)]
    feedback = ibis.memtable(pa.Table.from_pylist(rows, schema=cleaned.FEEDBACK.schema.to_pyarrow()))
    settings, public = Settings(), cleaned.PUBLIC_TEXTS.empty()
    with open_warehouse(tmp_path / "shop.duckdb") as warehouse:
        wanted = texts_to_score(feedback, public, ())
        scores = score_texts(wanted, truth.TEXT_SCORES.empty(), {ANY_SOURCE: vader(settings)}, settings)
        warehouse.write("truth", "text_scores", scores)
        links, orders = truth.CUSTOMER_LINKS.empty(), truth.ORDERS.empty()
        known = warehouse.table("truth", "text_scores")
        table = single_source_of_truth(feedback, public, links, orders, known, settings)
        warehouse.write("truth", "single_source_of_truth", table)
        for ending in ("csv", "parquet"):
            warehouse.export("truth", "single_source_of_truth", tmp_path / f"texts.{ending}")
        texts = warehouse.table("truth", "single_source_of_truth")
        keywords = keyword_frequencies(texts, settings).to_pyarrow().to_pylist()
        assert real_rows("truth.single_source_of_truth", texts).count() == 3
    kept = pq.read_table(tmp_path / "texts.parquet").sort_by("text_id").to_pylist()
    with (tmp_path / "texts.csv").open(encoding="utf-8", newline="") as file:
        written = sorted(csv.DictReader(file), key=lambda row: row["text_id"])
    for found in (kept, written):
        assert tuple(row["text"] for row in found) == REVIEWS
        assert tuple(row["text_clean"] for row in found) == CLEAN
        assert tuple(row["text_stemmed"] for row in found) == CLEAN
        assert {row["language"] for row in found} == {"fa"}
        assert [row["sentiment_model"] for row in found] == [NOT_SCORED, NOT_SCORED, SIGNS_ALONE]
        # Of the last one, its emoji alone.
        assert [row["sentiment"] and float(row["sentiment"]) for row in found[:2]] in ([None] * 2, [""] * 2)
        assert float(found[2]["sentiment"]) == 0.6369
    (first, *_) = keywords
    assert (first["keyword"], first["text_count"], first["average_sentiment"]) == ("لیوان", 3, 0.6369)
    assert drawable(first["keyword"]) == "لیوان"
