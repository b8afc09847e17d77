"""The single source of truth from cleaned tables in a real DuckDB file."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from custbehav_dagster.contract import cleaned, truth
from custbehav_dagster.contract.table import Table
from custbehav_dagster.settings import Settings
from custbehav_dagster.text import scoring, workers
from custbehav_dagster.text.scorers import ANY_SOURCE, vader
from custbehav_dagster.text.scoring import score_texts
from custbehav_dagster.text.sentiment import SENTIMENT_MODEL, vader_scores
from custbehav_dagster.text.truth import single_source_of_truth, texts_to_score

MOMENT = datetime(2024, 6, 30, 23, 30)
FEEDBACK = {
    "feedback_id": "1",
    "customer_id": "A",
    "order_id": "9",
    "created_at": MOMENT,
    "text": "This ISN'T a good mug!",
    "rating": 2.0,
    "imputed_columns": "",
    "is_synthetic": False,
    "source_file": "feedback.csv",
    "source_line": 2,
}
PUBLIC = {
    "text_id": "reddit:x1",
    "source_type": "reddit",
    "created_at": None,
    "text": "I love handmade mugs",
    "rating": None,
    "is_synthetic": True,
    "provenance": "sample",
}
LINK = {"record_customer_id": "A", "customer_id": "P1", "evidence": "own record", "strength": 1.0}


def stored(con: ibis.BaseBackend, table: Table, rows: list[dict[str, Any]]) -> ir.Table:
    """The rows as a table of the database."""
    con.con.register("given", pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow()))
    con.raw_sql(f"CREATE OR REPLACE TABLE {table.noun} AS FROM given")
    con.con.unregister("given")
    return con.table(table.noun)


def truth_of(
    con: ibis.BaseBackend,
    feedback: list[dict[str, Any]],
    public: list[dict[str, Any]] | None = None,
    links: list[dict[str, Any]] | None = None,
    orders: list[dict[str, Any]] | None = None,
    **knobs: Any,
) -> list[dict[str, Any]]:
    settings = Settings(**knobs)
    own, others = stored(con, cleaned.FEEDBACK, feedback), stored(con, cleaned.PUBLIC_TEXTS, public or [])
    wanted = texts_to_score(own, others, ())
    table = single_source_of_truth(
        own,
        others,
        stored(con, truth.CUSTOMER_LINKS, links or []),
        stored(con, truth.ORDERS, orders or []),
        score_texts(wanted, truth.TEXT_SCORES.empty(), {ANY_SOURCE: vader(settings)}, settings),
        settings,
    )
    return con.to_pyarrow(table.order_by("text_id")).to_pylist()


def test_own_and_public_texts_come_as_the_contract_says(con: ibis.BaseBackend) -> None:
    own, public = truth_of(con, [FEEDBACK], [PUBLIC], [LINK])
    assert own == {
        "text_id": "internal_feedback:1",
        "source_type": "internal_feedback",
        "customer_id": "P1",
        "order_id": "9",
        "created_at": MOMENT,
        "text": "This ISN'T a good mug!",
        "text_clean": "this isnt a good mug",
        "text_stemmed": "isnt good mug",
        "word_count": 5,
        "char_count": 22,
        "sentiment": -0.4015,
        "sentiment_model": SENTIMENT_MODEL,
        "language": "en",
        "rating": 2.0,
        # In London it is already Monday, the first of July.
        "day_of_week": 0,
        "month": 7,
        "season": "summer",
        "noise": 2 / 22,
        "is_synthetic": False,
        "provenance": "feedback.csv:2",
    }
    assert public | {"sentiment": None} == {
        "text_id": "reddit:x1",
        "source_type": "reddit",
        "customer_id": None,
        "order_id": None,
        "created_at": None,
        "text": "I love handmade mugs",
        "text_clean": "i love handmade mugs",
        "text_stemmed": "love handmad mug",
        "word_count": 4,
        "char_count": 20,
        "sentiment": None,
        "sentiment_model": SENTIMENT_MODEL,
        "language": "en",
        "rating": None,
        "day_of_week": None,
        "month": None,
        "season": None,
        "noise": 0.0,
        "is_synthetic": True,
        "provenance": "sample",
    }
    assert public["sentiment"] == vader_scores(["I love handmade mugs"])[0]


def test_a_review_that_names_only_its_order_is_the_buyers(con: ibis.BaseBackend) -> None:
    unsigned = {**FEEDBACK, "customer_id": None}
    feedback = [
        {**unsigned, "feedback_id": "1", "order_id": "o1"},
        {**unsigned, "feedback_id": "2", "order_id": "o2"},
        {**unsigned, "feedback_id": "3", "order_id": None},
        {**FEEDBACK, "feedback_id": "4", "order_id": "o1"},
        {**FEEDBACK, "feedback_id": "5", "order_id": "o1", "customer_id": "nobody knows"},
    ]
    orders = [{"order_id": "o1", "customer_id": "P7"}, {"order_id": "o2", "customer_id": None}]
    writers = [row["customer_id"] for row in truth_of(con, feedback, links=[LINK], orders=orders)]
    assert writers == ["P7", None, None, "P1", "P7"]


def test_the_table_has_the_contracts_columns_and_types_even_without_rows(con: ibis.BaseBackend) -> None:
    table = single_source_of_truth(
        stored(con, cleaned.FEEDBACK, []),
        stored(con, cleaned.PUBLIC_TEXTS, []),
        stored(con, truth.CUSTOMER_LINKS, []),
        stored(con, truth.ORDERS, []),
        truth.TEXT_SCORES.empty(),
        Settings(),
    )
    expected = truth.SINGLE_SOURCE_OF_TRUTH.schema
    assert con.to_pyarrow(table).num_rows == 0
    assert table.schema().names == expected.names
    assert {name: str(kind) for name, kind in table.schema().items()} == {
        name: str(kind) for name, kind in expected.items()
    }


def test_texts_without_words_are_kept_and_neutral(con: ibis.BaseBackend) -> None:
    rows = truth_of(con, [FEEDBACK | {"feedback_id": text, "text": text} for text in ("", "!!!", " ")])
    kept = {
        row["text"]: (
            row["text_clean"],
            row["text_stemmed"],
            row["word_count"],
            row["sentiment"],
            row["noise"],
        )
        for row in rows
    }
    assert kept == {"": ("", "", 0, 0.0, 0.0), " ": ("", "", 0, 0.0, 0.0), "!!!": ("", "", 0, 0.0, 1.0)}


def test_equal_texts_keep_their_rows(con: ibis.BaseBackend) -> None:
    rows = truth_of(
        con,
        [FEEDBACK, FEEDBACK | {"feedback_id": "2", "customer_id": "B"}],
        [PUBLIC | {"text": FEEDBACK["text"]}],
    )
    assert [row["text_id"] for row in rows] == ["internal_feedback:1", "internal_feedback:2", "reddit:x1"]
    assert {row["sentiment"] for row in rows} == {-0.4015}


def test_a_writer_who_is_no_known_person_is_left_empty(con: ibis.BaseBackend) -> None:
    rows = truth_of(
        con,
        [
            FEEDBACK,
            FEEDBACK | {"feedback_id": "2", "customer_id": "B"},
            FEEDBACK | {"feedback_id": "3", "customer_id": None},
        ],
        links=[LINK],
    )
    assert [row["customer_id"] for row in rows] == ["P1", None, None]


def test_provenance_without_a_line_is_the_file(con: ibis.BaseBackend) -> None:
    [row] = truth_of(con, [FEEDBACK | {"source_line": None}])
    assert row["provenance"] == "feedback.csv"


@pytest.mark.parametrize(
    ("word_form", "stemmed"),
    [("stem", "mice love pretti mug"), ("lemma", "mouse love pretty mug")],
)
def test_words_are_brought_to_the_form_that_is_set(
    con: ibis.BaseBackend, word_form: str, stemmed: str
) -> None:
    [row] = truth_of(con, [FEEDBACK | {"text": "The mice loved pretty mugs"}], word_form=word_form)
    assert row["text_stemmed"] == stemmed


def test_season_follows_the_hemisphere(con: ibis.BaseBackend) -> None:
    [row] = truth_of(con, [FEEDBACK], hemisphere="south")
    assert row["season"] == "winter"


MANY = [
    f"mug {n % 900}: {'not ' * (n % 3)}good, don't ask{'!' * (n % 4)} {'<b>x</b>' * (n % 2)} عالی"
    for n in range(2_000)
]


def scored(con: ibis.BaseBackend, settings: Settings, texts: list[str] = MANY) -> dict[str, dict[str, Any]]:
    """What is known of each text, by the text."""
    given = ibis.memtable(pa.table({"text": texts})).mutate(domain=ibis.literal(ANY_SOURCE))
    table = score_texts(given, truth.TEXT_SCORES.empty(), {ANY_SOURCE: vader(settings)}, settings)
    rows = con.to_pyarrow(table).to_pylist()
    by_hash = {row.pop("text_hash"): row for row in rows}
    assert len(by_hash) == len(rows) == len(set(texts))
    return {text: by_hash[hashlib.sha256(text.encode()).hexdigest()[:32]] for text in texts}


def test_parts_batches_and_processes_do_not_change_the_result(
    con: ibis.BaseBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = scored(con, Settings(worker_processes=1))
    monkeypatch.setattr(scoring, "_TEXTS_PER_PART", 300)
    monkeypatch.setattr(scoring, "_TEXTS_PER_BATCH", 17)
    monkeypatch.setattr(scoring, "_KNOWN_WORDS_LIMIT", 10)
    monkeypatch.setattr(workers, "TEXTS_WITHOUT_WORKERS", 100)
    assert scored(con, Settings(worker_processes=2)) == at_once
    assert at_once.keys() == set(MANY)
    assert [at_once[text]["sentiment"] for text in MANY] == vader_scores(MANY).tolist()


def test_each_different_text_is_scored_once(con: ibis.BaseBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    submit = workers.ScoringPool.submit
    monkeypatch.setattr(
        workers.ScoringPool, "submit", lambda pool, texts: (seen.extend(texts), submit(pool, texts))[1]
    )
    scored(con, Settings(worker_processes=1))
    assert sorted(seen) == sorted(set(MANY))


def test_the_result_can_be_asked_again_and_leaves_no_file(
    con: ibis.BaseBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    given = ibis.memtable({"text": ["good mugs"], "domain": [ANY_SOURCE]})
    table = score_texts(given, truth.TEXT_SCORES.empty(), {ANY_SOURCE: vader(Settings())}, Settings())
    assert list((tmp_path / "temporary").iterdir()) == []
    assert con.to_pyarrow(table).to_pylist() == con.to_pyarrow(table).to_pylist()
    assert con.to_pyarrow(table.text_stemmed).to_pylist() == ["good mug"]
