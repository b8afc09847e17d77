"""Our VADER against NLTK's own, digit by digit."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.text import vader
from custbehav_dagster.text.sentiment import reference_analyzer, vader_rules, vader_scores
from custbehav_dagster.text.typing_habits import plainly_typed, signs_of_mood
from custbehav_dagster.text.vader import VaderScorer

RULES = vader_rules()


@cache
def analyzer() -> Any:
    return reference_analyzer()


def by_nltk(texts: list[str]) -> list[float]:
    return [analyzer().polarity_scores(text)["compound"] for text in texts]


def typed_and_by_nltk(texts: list[str]) -> list[float]:
    return by_nltk([plainly_typed(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("This isn't good.", -0.3412),
        ("This isnt good", -0.3412),
        ("This is good.", 0.4404),
        ("", 0.0),
        ("?!", 0.0),
    ],
)
def test_scores_of_plain_sentences(text: str, score: float) -> None:
    assert vader_scores([text]).tolist() == [score]


@pytest.mark.parametrize(
    "text",
    [
        "not good",
        "never so good",
        "Never so good",
        "it was never this good",
        "I was never ever so good at it",
        "so very, very good!!!",
        "VERY good",
        "VERY GOOD",
        "very GOOD",
        "kind of good",
        "Kind of good, KIND OF bad",
        "the kind people of this town",
        "it is sort of good",
        "only just enough love here",
        "least good",
        "the least good",
        "at least good",
        "at the very least good",
        "good but bad",
        "BUT good but great but bad",
        "this is the shit",
        "you are the bomb today",
        "what a bad ass mug",
        "he said yeah right sure",
        "it really cut the mustard love",
        "the kiss of death",
        "we live from hand to mouth happy",
        "good good not good good",
        "no good? not good?? bad??? bad???? good!!!!!",
        "don't! like it",
        "(good) 'bad' \"nice\" nice-looking",
        ":) :( :D ;) <3 ❤️ 😀 عالی",
        "x y z I a",
        "   \n\t ",
        "good\u00a0bad\u2003great",
        "ain't n't isn't, good",
        "despite the love without joy",
        "less good, little joy, hardly bad",
    ],
)
def test_each_rule_gives_what_nltk_gives(text: str) -> None:
    assert vader_scores([text]).tolist() == typed_and_by_nltk([text])


WORDS_OF_RULES = "but BUT least at very so this never Never So kind of sort just enough the to n't"
WORDS_OF_IDIOMS = "shit bomb bad ass yeah right cut mustard kiss death hand mouth"
OTHER_TOKENS = "good GOOD great BAD love hate mug TABLE x I بد :) :( :D :-P <3 !!! ??? ?! ! ? -- ❤️ 😀"
SPECIAL = [
    *RULES.boosters,
    *RULES.negations,
    *RULES.idioms,
    *f"{WORDS_OF_RULES} {WORDS_OF_IDIOMS} {OTHER_TOKENS}".split(),
]
TOKENS = st.builds(
    lambda word, change, before, after: before + change(word) + after,
    st.sampled_from(SPECIAL) | st.sampled_from(sorted(RULES.lexicon)) | st.text(max_size=6),
    st.sampled_from([str, str, str, str.upper, str.title, str.lower]),
    st.sampled_from(["", "", "", "", '"', "(", "!"]),
    st.sampled_from(["", "", "", "", ",", ".", "!", "!!!", "??", ")", "?!"]),
)
GAPS = st.sampled_from([" ", " ", " ", "  ", "\n", "\u00a0"])


@settings(max_examples=300)
@given(
    tokens=st.lists(TOKENS, max_size=25), gap=GAPS, end=st.sampled_from(["", "", "!", "!!!!!", "??", "????"])
)
def test_whatever_is_written_ours_equals_nltks(tokens: list[str], gap: str, end: str) -> None:
    text = gap.join(tokens) + end
    assert VaderScorer(RULES).scores([text]) == by_nltk([text])


@settings(max_examples=100)
@given(texts=st.lists(st.lists(st.sampled_from(SPECIAL), max_size=12).map(" ".join), max_size=12))
def test_what_was_scored_before_changes_nothing(texts: list[str]) -> None:
    scorer = VaderScorer(RULES)
    assert scorer.scores(texts) == scorer.scores(texts) == by_nltk(texts)


def test_a_dictionary_that_has_grown_too_large_is_started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vader, "_KNOWN_TOKENS_LIMIT", 5)
    scorer = VaderScorer(RULES)
    texts = [f"good mug number {number}, not BAD but never so great" for number in range(20)]
    assert [scorer.scores([text])[0] for text in texts] == by_nltk(texts)
    assert len(scorer._tokens) <= 5


@pytest.mark.parametrize(
    ("as_typed", "like"),
    [
        ("It isn’t good", "It isn't good"),
        ("It ISN’T good", "It ISN'T good"),
        ("Lovely mug 😍", "Lovely mug love"),
        ("👍🏽 as described", "good as described"),
        ("arrived broken 😡😡", "arrived broken angry angry"),
        ("thank you ❤️", "thank you <3"),
        ("not 👍", "not good"),
    ],
)
def test_emoji_and_curly_apostrophes_count_as_their_plain_spelling(as_typed: str, like: str) -> None:
    assert vader_scores([as_typed]).tolist() == by_nltk([like])
    assert vader_scores([like]).tolist() == by_nltk([like])


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("عالی بود 😍", "love"),
        ("çok güzel :) <3", ":) <3"),
        ("kaputt 😡👎🏽", "angry bad"),
        ("Die Tasse ist toll", ""),
        ("siehe http://x.example/:)", ""),
    ],
)
def test_signs_of_mood_are_found_in_any_language(text: str, signs: str) -> None:
    assert signs_of_mood(text) == signs


def test_texts_of_plain_characters_and_other_scripts_are_left_as_they_are() -> None:
    for text in ("isn't it good? :)", "`quoted` don't", "این لیوان عالی بود", "é ’quoted’ ©"):
        assert plainly_typed(text) == text


def test_scores_are_numbers_in_the_order_of_the_texts() -> None:
    scores = vader_scores(["bad", "", "good"])
    assert scores.dtype == np.float64
    assert scores[0] < scores[1] == 0 < scores[2]
    assert vader_scores([]).shape == (0,)


def test_all_rated_tweets_and_editorials_score_as_with_nltk(real_data: Path) -> None:
    table = pq.read_table(real_data / "vader_ground_truth" / "tweets_and_editorials.parquet")
    texts = table.column("text").to_pylist()
    scores = vader_scores(texts)
    assert scores.tolist() == by_nltk(texts)
    is_tweet = np.array([source.startswith("tweet") for source in table.column("source").to_pylist()])
    ratings = table.column("mean_rating").to_numpy()
    assert np.corrcoef(scores[is_tweet], ratings[is_tweet])[0, 1] > 0.87


def test_all_labelled_sentences_score_as_with_nltk(real_data: Path) -> None:
    texts = (
        pq.read_table(real_data / "uci_sentiment_sentences" / "sentences.parquet").column("text").to_pylist()
    )
    assert vader_scores(texts).tolist() == typed_and_by_nltk(texts)


def test_clothing_reviews_score_as_with_nltk(real_data: Path) -> None:
    table = pq.read_table(real_data / "womens_clothing_reviews" / "reviews_half.parquet")
    # NLTK needs 4 s for all of them.
    texts = [text for text in table.column("review_text").to_pylist()[::4] if text]
    assert vader_scores(texts).tolist() == typed_and_by_nltk(texts)


def test_reddit_posts_score_as_with_nltk(real_data: Path) -> None:
    with gzip.open(real_data / "reddit_listing" / "listing.json.gz") as file:
        posts = [child["data"] for child in json.load(file)["data"]["children"]]
    texts = [f"{post['title']}\n{post.get('selftext') or ''}" for post in posts]
    assert vader_scores(texts).tolist() == typed_and_by_nltk(texts)
