"""Texts are worked on once in their life, and forgotten with their sources."""

from __future__ import annotations

import hashlib
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from custbehav_dagster.contract.truth import TEXT_SCORES
from custbehav_dagster.settings import Settings
from custbehav_dagster.text import workers
from custbehav_dagster.text.scorers import ANY_SOURCE, ENGLISH, ScoredHere, Scorer, vader
from custbehav_dagster.text.scoring import score_texts


class Counting:
    """A scorer that remembers what it was asked, and says 1 of everything."""

    def __init__(self, version: str = "1", languages: frozenset[str] | None = ENGLISH) -> None:
        self.asked: list[str] = []
        self.scorer = Scorer(f"counting {version}", version, languages, lambda _: ScoredHere(self.score))

    def score(self, texts: Any) -> list[float]:
        self.asked += texts
        return [1.0] * len(texts)


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def refresh(
    con: ibis.BaseBackend, texts: list[str] | dict[str, list[str]], settings: Settings, **scorers: Scorer
) -> dict[str, dict[str, Any]]:
    """Score the texts beside what the last refresh left, keep the result, and give it by hash."""
    by_domain = texts if isinstance(texts, dict) else {ANY_SOURCE: texts}
    rows = [{"text": text, "domain": domain} for domain, own in by_domain.items() for text in own]
    given = ibis.memtable(
        pa.Table.from_pylist(rows, schema=pa.schema([("text", pa.string()), ("domain", pa.string())]))
    )
    is_first = "text_scores" not in con.tables
    earlier: ir.Table = TEXT_SCORES.empty() if is_first else con.table("text_scores")
    table = score_texts(given, earlier, scorers, settings)
    found = con.to_pyarrow(table)
    con.con.register("found", found)
    con.raw_sql("CREATE OR REPLACE TABLE text_scores AS FROM found")
    con.con.unregister("found")
    return {row["text_hash"]: row for row in found.to_pylist()}


def test_only_new_texts_are_worked_on_and_the_old_ones_stay_as_they_are(con: ibis.BaseBackend) -> None:
    counting = Counting()
    first = refresh(con, ["nice mug", "bad mug", "nice mug"], Settings(), any=counting.scorer)
    second = refresh(con, ["nice mug", "bad mug", "new mug"], Settings(), any=counting.scorer)
    assert sorted(counting.asked) == ["bad mug", "new mug", "nice mug"]
    assert first.items() <= second.items()
    assert second.keys() == {hash_of(text) for text in ("nice mug", "bad mug", "new mug")}


def test_a_text_that_is_gone_from_the_sources_is_forgotten(con: ibis.BaseBackend) -> None:
    counting = Counting()
    refresh(con, ["nice mug", "call me on 0170"], Settings(), any=counting.scorer)
    assert refresh(con, ["nice mug"], Settings(), any=counting.scorer).keys() == {hash_of("nice mug")}
    refresh(con, ["nice mug", "call me on 0170"], Settings(), any=counting.scorer)
    assert counting.asked.count("call me on 0170") == 2
    assert refresh(con, [], Settings(), any=counting.scorer) == {}


@pytest.mark.parametrize("knobs", [{"word_form": "lemma"}, {"shop_language": "de"}])
def test_a_setting_that_changes_the_rows_makes_them_anew(
    con: ibis.BaseBackend, knobs: dict[str, str]
) -> None:
    counting = Counting(languages=None)
    before = refresh(con, ["nice mugs"], Settings(), any=counting.scorer)
    after = refresh(con, ["nice mugs"], Settings(**knobs), any=counting.scorer)
    assert before.keys() == after.keys()
    assert before != after
    assert counting.asked == ["nice mugs"] * 2


def test_another_version_of_the_scorer_scores_anew(con: ibis.BaseBackend) -> None:
    refresh(con, ["nice mug"], Settings(), any=Counting("1").scorer)
    newer = Counting("2")
    [row] = refresh(con, ["nice mug"], Settings(), any=newer.scorer).values()
    assert (newer.asked, row["sentiment_model"]) == (["nice mug"], "counting 2")


def test_the_lexicon_is_part_of_vaders_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = vader(Settings()).version
    monkeypatch.setattr("custbehav_dagster.text.scorers.lexicon_text", lambda: "good\t1.9\t0.9\t[]")
    assert vader(Settings()).version != before


def test_each_domain_has_its_own_scorer_and_row(con: ibis.BaseBackend) -> None:
    own, others = Counting("own"), Counting("others")
    texts = {"internal_feedback": ["nice mug"], ANY_SOURCE: ["nice mug", "a post"]}
    refresh(con, texts, Settings(), internal_feedback=own.scorer, any=others.scorer)
    assert own.asked == ["nice mug"]
    assert sorted(others.asked) == ["a post", "nice mug"]
    # The own scorer is no longer used: its rows go, and the other one's stay.
    rows = refresh(con, ["nice mug", "a post"], Settings(), any=others.scorer)
    assert {row["sentiment_model"] for row in rows.values()} == {"counting others"}
    assert len(others.asked) == 2


def test_other_languages_are_kept_but_not_scored_as_english(con: ibis.BaseBackend) -> None:
    persian, german = "این لیوان خیلی قشنگ است و زود رسید", "Die Tasse kam leider zerbrochen an"
    rows = refresh(con, ["a nice mug", persian, german, "😍", "10/10"], Settings(), any=vader(Settings()))
    told = {
        text: (rows[hash_of(text)]["language"], rows[hash_of(text)]["sentiment_model"][:10])
        for text in (persian, german, "😍", "10/10")
    }
    assert told == {
        persian: ("fa", "not scored"),
        german: ("de", "not scored"),
        "😍": (None, "vader (nlt"),
        "10/10": (None, "vader (nlt"),
    }
    assert [rows[hash_of(text)]["sentiment"] for text in (persian, german, "😍", "10/10")] == [
        None,
        None,
        0.6369,
        0.0,
    ]
    assert rows[hash_of(persian)]["text_stemmed"] == rows[hash_of(persian)]["text_clean"] == persian


def test_new_texts_are_scored_in_several_processes_as_in_one(
    con: ibis.BaseBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"mug {number} is {'not ' * (number % 2)}good{'!' * (number % 3)}" for number in range(500)]
    alone = Settings(worker_processes=1)
    at_once = refresh(con, texts, alone, any=vader(alone))
    monkeypatch.setattr(workers, "TEXTS_WITHOUT_WORKERS", 100)
    con.raw_sql("DROP TABLE text_scores")
    several = Settings(worker_processes=2)
    assert refresh(con, texts, several, any=vader(several)) == at_once
