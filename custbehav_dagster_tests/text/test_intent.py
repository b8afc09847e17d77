"""Posts of people who want something are told from those of sellers, makers and talkers."""

from pathlib import Path
from typing import Any

import ibis
import pytest

from custbehav_dagster.text.intent import (
    ASKS_FROM,
    READ_CHARACTERS,
    intent_of,
    readable,
    shipped_weights,
    without_user_names,
)
from custbehav_dagster.text.intent_rules import RULES
from custbehav_dagster.text.intent_training import fit, main, read_labelled

LABELLED = Path(__file__).parents[2] / "benchmarks" / "labelled_posts.csv"

ASKING = (
    "Looking for a handmade wedding present\n\nBudget around £60, for my sister.",
    "Who makes walking sticks?\n\nI'd like one for my dad's birthday, happy to pay.",
    "Any small shops you’d recommend for pottery?\n\nI need a jug that isn't plastic.",
    "Wo kann ich so etwas kaufen?\n\nSuche ein Geschenk zur Taufe, Budget 40 Euro.",
    "دنبال هدیه می‌گردم\n\nچیزی دست‌ساز می‌خواهم، budget 40",
)
NOT_ASKING = (
    "Handmade wedding presents for sale\n\nLink below, free postage, use code HELLO10.",
    "How do I price a walking stick?\n\nMy customers say it is too dear.",
    "I made this jug\n\nMy first attempt, took me a week.",
    "Where can I buy clay in bulk?\n\nMy supplier is closing.",
    "Solved: looking for a handmade gift\n\nThanks everyone, I went with the jug.",
    "Giveaway! Win one of our handmade gifts\n\nFollow us.",
    "Lovely weather today",
)


def scores(texts: tuple[str, ...]) -> list[float]:
    ids = [str(place) for place in range(len(texts))]
    by_id = {row["text_id"]: row["intent_score"] for row in told(dict(zip(ids, texts, strict=True)))}
    return [by_id.get(text_id, 0.0) for text_id in ids]


def told(texts: dict[str, str]) -> list[dict[str, Any]]:
    table = ibis.memtable({"text_id": list(texts), "text": list(texts.values())})
    return intent_of(table.select("text_id", read=readable(table.text))).to_pyarrow().to_pylist()


def test_people_who_want_something_are_above_the_bar_and_others_below() -> None:
    assert [score >= ASKS_FROM for score in scores(ASKING + NOT_ASKING)] == [True] * 5 + [False] * 7


def test_the_shipped_weights_are_those_that_training_gives(tmp_path: Path) -> None:
    assert main(["--posts", str(LABELLED), "--out", str(tmp_path / "made.json")]) == 0
    made = (tmp_path / "made.json").read_text(encoding="utf-8")
    trained = fit([post for post in read_labelled(LABELLED) if not post.is_held_back])
    shipped = shipped_weights()
    assert '"posts": 207' in made
    assert trained.start == pytest.approx(shipped.start, abs=0.002)
    assert trained.of_rule == pytest.approx(shipped.of_rule, abs=0.002)


def test_every_rule_weighs_in_its_own_sense() -> None:
    weights = shipped_weights().of_rule
    assert not [rule.name for rule in RULES if (weights[rule.name] > 0) != rule.speaks_for]


def test_what_made_the_score_is_told_in_words_of_the_post() -> None:
    [row] = told({"a": "Looking for a jug\n\nUp to £30, for my mum"})
    assert row["reasons"] == "is looking for something; says who it is for; names a budget"
    assert row["telling_words"] == "looking for … for my mum … up to £30"
    assert (row["names_budget"], row["names_day"], row["is_to_order"]) == (True, False, False)


def test_a_post_that_says_nothing_is_left_out() -> None:
    assert told({"a": "Snow today"}) == []


def test_only_the_beginning_of_a_long_post_is_read() -> None:
    wish = ASKING[0]
    early, late = scores((wish + " x" * READ_CHARACTERS, "x " * READ_CHARACTERS + wish))
    assert early >= ASKS_FROM > late


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ask u/some_body-1 about it", "Ask  about it"),
        ("/u/someone makes them", " makes them"),
        ("thanks @potter.jane!", "thanks !"),
        ("write to a@b.example", "write to a@b.example"),
        ("and/or u / v", "and/or u / v"),
    ],
)
def test_user_names_are_taken_out(written: str, kept: str) -> None:
    table = ibis.memtable({"text": [written]})
    assert table.select(kept=without_user_names(table.text)).to_pyarrow()["kept"].to_pylist() == [kept]


def test_the_labelled_posts_are_four_hundred_with_two_labels_and_no_text_twice() -> None:
    posts = read_labelled(LABELLED)
    assert len(posts) == len({post.text for post in posts}) == len({post.post_id for post in posts}) == 400
    assert 180 <= sum(post.is_held_back for post in posts) <= 220
