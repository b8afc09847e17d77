"""Posts of people who want something are told from those of sellers, makers and talkers."""

from pathlib import Path

import ibis
import pytest

from custbehav_dagster.text.intent import (
    ASKS_FROM,
    READ_CHARACTERS,
    intent_score,
    readable,
    reasons,
    shipped_weights,
    telling_words,
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
    table = ibis.memtable({"place": list(range(len(texts))), "text": list(texts)})
    found = table.select("place", score=intent_score(readable(table.text))).order_by("place")
    return found.to_pyarrow()["score"].to_pylist()


def said(text: str) -> dict[str, str]:
    table = ibis.memtable({"text": [text]})
    read = readable(table.text)
    return table.select(reasons=reasons(read), words=telling_words(read)).to_pyarrow().to_pylist()[0]


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
    told = said("Looking for a jug\n\nUp to £30, for my mum")
    assert told["reasons"] == "is looking for something; says who it is for; names a budget"
    assert told["words"] == "looking for … for my mum … up to £30"


def test_a_post_that_says_nothing_has_no_reasons() -> None:
    assert said("Snow today") == {"reasons": "", "words": ""}


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
