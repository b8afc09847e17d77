"""Aspects: what is praised and what is blamed in one text, and who came back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.insights.aspects import (
    ASPECT_WORDS,
    FEWEST_TEXTS,
    aspects,
    aspects_named,
    cut_into_sentences,
)
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.scorers import NOT_SCORED, SIGNS_ALONE
from custbehav_dagster_tests.insights.given import Rows, order, text, warehouse

AS_OF = date(2026, 6, 30)
HORIZON = Settings(horizon_days=30)


def found(con: ibis.BaseBackend, texts: Rows, orders: Rows = ()) -> dict[str, dict[str, Any]]:
    tables = warehouse(con, truth__single_source_of_truth=list(texts), truth__orders=list(orders))
    table = aspects(tables["truth.single_source_of_truth"], tables["truth.orders"], AS_OF, HORIZON)
    return {row["aspect"]: row for row in table.to_pyarrow().to_pylist()}


def said(number: int, words: str, day: str | None = "2026-03-01", **changes: Any) -> dict[str, Any]:
    return text(number, words, day=day, **{"customer_id": f"p{number}", **changes})


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("Lovely mug, but it came late.", ["Lovely mug", "it came late."]),
        ("Great! The box was crushed.\nNever again", ["Great", "The box was crushed.", "Never again"]),
        ("It cost 3.50 only", ["It cost 3.50 only"]),
        ("", []),
    ],
)
def test_a_text_is_cut_where_its_mood_may_turn(words: str, parts: list[str]) -> None:
    assert [part.rstrip(".!") for part in cut_into_sentences(words)] == [part.rstrip(".!") for part in parts]


@given(st.text(max_size=200))
def test_cutting_loses_no_word_but_the_turning_ones(words: str) -> None:
    turning = {"but", "however", "although", "though"}
    said_words, kept = re.findall(r"\w+", words), re.findall(r"\w+", " ".join(cut_into_sentences(words)))
    assert [word for word in kept if word not in turning] == [
        word for word in said_words if word not in turning
    ]


def test_one_text_praises_one_thing_and_blames_another(con: ibis.BaseBackend) -> None:
    rows = found(con, [said(number, "A wonderful mug, but terrible late delivery.") for number in range(6)])
    assert (rows["product"]["praising_texts"], rows["product"]["complaining_texts"]) == (6, 0)
    assert (rows["delivery"]["praising_texts"], rows["delivery"]["complaining_texts"]) == (0, 6)
    assert rows["delivery"]["worst_example"] == "terrible late delivery."
    assert rows["delivery"]["best_example"] is None
    assert rows["product"]["average_sentiment"] > 0 > rows["delivery"]["average_sentiment"]


def test_an_aspect_that_hardly_anybody_names_is_left_out(con: ibis.BaseBackend) -> None:
    few = [said(number, "The colour is dull.") for number in range(FEWEST_TEXTS - 1)]
    assert "colour" not in found(con, few)
    assert found(con, [*few, said(99, "Bad colour.")])["colour"]["texts"] == FEWEST_TEXTS


def test_who_complained_and_came_back_is_counted_where_it_can_be_known(con: ibis.BaseBackend) -> None:
    late = "Awful late delivery, very bad."
    texts = [
        *(said(number, late) for number in range(6)),
        *(said(number, "Lovely, thank you.") for number in range(10, 14)),
        said(20, late, day=None),
        said(21, late, customer_id=None),
        said(22, late, day="2026-06-20"),
        said(23, late, day="2026-07-20"),
    ]
    orders = [
        order(1, "p0", "2026-03-20"),
        order(2, "p1", "2026-03-01"),
        order(3, "p2", "2026-04-02"),
        order(4, "p10", "2026-03-05"),
        order(5, "p11", "2026-03-31"),
    ]
    row = found(con, texts, orders)["delivery"]
    assert row["texts_looked_at"] == 13
    assert row["texts"] == 9
    assert (row["complainers"], row["complainers_who_came_back"]) == (6, 1)
    assert (row["others"], row["others_who_came_back"]) == (4, 2)
    assert row["complainers_low"] < 1 / 6 < row["complainers_high"]


def test_public_texts_and_generated_ones_beside_real_ones_do_not_count(con: ibis.BaseBackend) -> None:
    texts = [
        *(said(number, "Bad packaging.", source_type="reddit") for number in range(9)),
        *(said(number, "Bad price.", is_synthetic=True) for number in range(20, 29)),
        *(said(number, "Good size.") for number in range(40, 46)),
    ]
    rows = found(con, texts)
    assert set(rows) == {"size"}
    assert not rows["size"]["is_synthetic"]


def test_texts_in_another_language_are_not_read_as_english(con: ibis.BaseBackend) -> None:
    german = {"language": "de", "sentiment": None, "sentiment_model": NOT_SCORED}
    with_emoji = {"language": "de", "sentiment": -0.4, "sentiment_model": SIGNS_ALONE}
    texts = [
        *(said(number, "Die Farbe war fatal, nur gift", **german) for number in range(9)),
        *(said(number, "Die Box war fatal 😡", **with_emoji) for number in range(20, 29)),
        *(said(number, "Good size.") for number in range(40, 46)),
        *(said(number, "Bad price.", is_synthetic=True) for number in range(60, 69)),
    ]
    rows = found(con, texts)
    assert set(rows) == {"size"}
    assert rows["size"]["texts_looked_at"] == 6
    assert found(con, [*texts[:18], *texts[24:]]) == {}


def test_an_example_of_a_complaint_is_of_somebody_who_complains(con: ibis.BaseBackend) -> None:
    kind = "but I kid you not, this size is terribly good and I hate to wait for it"
    texts = [
        said(number, words, rating=stars)
        for number, (words, stars) in enumerate([(kind, 5), ("The size is not good at all, sadly.", 1)] * 3)
    ]
    row = found(con, texts)["size"]
    assert row["complaining_texts"] == 6
    assert row["worst_example"] == "The size is not good at all, sadly."


def test_every_aspect_finds_its_own_words_and_no_part_of_a_longer_one() -> None:
    for aspect, words in ASPECT_WORDS.items():
        assert all(aspect in aspects_named(f"The {word.upper()} was") for word in words.split())
    assert aspects_named("it is ringing in my ears") == set()


def test_no_feedback_gives_no_aspect(con: ibis.BaseBackend) -> None:
    assert found(con, []) == {}
