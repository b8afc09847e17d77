"""Reviews of the shop and texts from elsewhere: stars, words, times and copies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from custbehav_dagster.cleaning.feedback import parse_rating
from custbehav_dagster.cleaning.public_texts import clean_public_texts, label_scale, stars_of_label
from custbehav_dagster.contract import raw
from custbehav_dagster_tests.cleaning.shop_rows import Row, cleaned_feedback, rejected, rows_of


@pytest.mark.parametrize(
    ("text", "stars"),
    [("4", 4), (" 4,5 ", 4.5), ("4 stars", 4), ("4/5", 4), ("8 out of 10", 4), ("8/10", 4), ("0/10", 1),
     ("90/100", 4.5),
     ("★★★★☆", 4), ("⭐⭐", 2), ("'5", 5), ("1", 1), ("0", None), ("0.9", None), ("5.1", None), ("6", None),
     ("11/10", None), ("3/0", None), ("great", None), ("", None), ("-3", None)],
)  # fmt: skip
def test_a_rating_is_one_to_five_stars_or_none(text: str, stars: float | None) -> None:
    assert parse_rating(text) == stars


def words(feedback_id: str | None, text: str | None, rating: str | None, **values: Any) -> Row:
    return {"feedback_id": feedback_id, "customer_id": "A", "order_id": "1", "created_at": "2024-07-08",
            "text": text, "rating": rating, **values}  # fmt: skip


FEEDBACK = [
    words("1.0", "<p>Lovely &amp; ISN'T cheap!</p>", "5", customer_id="'7", order_id="17.0"),
    words("2", "It broke", "9"),
    words("3", "", "2 stars", created_at="soon"),
    words("", "No number", "4"),
    words("5", "Silent", None, source_file="silent.csv", source_line=2),
]
BAD = [
    words("3", "It came late", "1"),
    words("1", "Other words", "5"),
    words("9", " ", "no stars"),
    {"feedback_id": "8", "text": "too little"},
]


@pytest.fixture(scope="module")
def feedback() -> list[Row]:
    return cleaned_feedback(FEEDBACK)


def test_feedback_is_typed_and_its_words_stay_but_for_html(feedback: list[Row]) -> None:
    assert feedback[0] == {
        "feedback_id": "1", "customer_id": "7", "order_id": "17", "created_at": datetime(2024, 7, 7, 23),
        "text": "Lovely & ISN'T cheap!", "rating": 5.0, "imputed_columns": "", "is_synthetic": False,
        "source_file": "feedback.csv", "source_line": 2,
    }  # fmt: skip


def test_a_rating_that_is_missing_or_impossible_is_filled_from_its_file_and_marked(
    feedback: list[Row],
) -> None:
    # Known are 5, 2 and 4 stars.
    assert (feedback[1]["rating"], feedback[1]["imputed_columns"]) == (4, "rating")
    assert (feedback[4]["rating"], feedback[4]["imputed_columns"]) == (None, "")


def test_stars_alone_are_kept_and_a_bad_date_is_left_empty(feedback: list[Row]) -> None:
    assert (feedback[2]["text"], feedback[2]["rating"], feedback[2]["created_at"]) == ("", 2, None)


def test_feedback_without_an_identifier_gets_one_of_file_and_line(feedback: list[Row]) -> None:
    assert feedback[3]["feedback_id"] == "feedback.csv:5"


def test_feedback_that_says_nothing_or_comes_twice_is_left_out() -> None:
    twice = words(None, "Great!", "5")
    unknown = {**twice, "customer_id": "", "order_id": ""}
    found = rejected("feedback", [*FEEDBACK[:3], *BAD, twice, twice, unknown, unknown])
    assert [(row["source_line"], row["rule"], row["column_name"]) for row in found] == [
        (5, "duplicate_key", "feedback_id"),
        (6, "duplicate_key", "feedback_id"),
        (7, "missing_key", "text"),
        (8, "min_fill_ratio", None),
        (10, "exact_duplicate", None),
        # Two unknown people may both write "Great!".
    ]


@pytest.mark.parametrize(
    ("labels", "stars"),
    [
        ({"0", "1"}, {"0": 1, "1": 5}),
        ({"-1", "0", "1"}, {"-1": 1, "0": 3, "1": 5}),
        ({"1", "5"}, {"1": 1, "3": 3, "5": 5}),
        ({"0", "4"}, {"0": 1, "2": 3, "4": 5}),
        ({"-4", "3,5"}, {"-4": 1, "0": 3, "4": 5}),
        ({"positive"}, {"Positive ": 5, "neg": 1, "neutral": 3, "odd": None, "1": None}),
        ({"0", "100"}, {"0": None, "100": None}),
    ],
)
def test_labels_of_a_collection_lie_on_the_narrowest_scale_that_holds_them(
    labels: set[str], stars: dict[str, float | None]
) -> None:
    scale = label_scale(labels)
    assert {label: stars_of_label(label, scale) for label in stars} == stars


@pytest.fixture(scope="module")
def public_texts() -> dict[str, Row]:
    """Texts of all three kinds, by identifier."""
    marks = {"is_synthetic": False, "provenance": "somewhere"}
    sentences = [
        {"text_id": "a", "text": "Good", "label": "1", "source": "reviews", **marks},
        {"text_id": "b", "text": "Bad", "label": "0", "source": "reviews", **marks},
        {"text_id": "c", "text": "Bad too", "label": "1", "source": "stars", **marks},
        {"text_id": "d", "text": "Best", "label": "5", "source": "stars", **marks},
        {"text_id": "e", "text": " <br> ", "label": "5", "source": "stars", **marks},
    ]
    posts = [
        {"post_id": "p", "subreddit": "handmade", "title": "Mugs", "body": "I like <b>mugs</b>",
         "created_at": "2024-07-08T10:00:00Z", **marks},
        {"post_id": "q", "subreddit": "handmade", "title": "Gone", "body": "[removed]", **marks},
        {"post_id": "r", "subreddit": "handmade", "title": "Mugs", "body": "Mugs are fine",
         "created_at": "2024-07-08 10:00", "is_synthetic": True, "provenance": "sample"},
    ]  # fmt: skip
    pages = [
        {"content_id": "w", "url": "http://a.b", "item_type": "review", "title": None, "text": "Fine",
         "rating": "8/10", "published_at": "2024-07-08T10:00:00+02:00", **marks},
        {"content_id": "x", "url": "http://a.b", "item_type": "page", "title": "", "text": "", **marks},
    ]  # fmt: skip
    import ibis
    import pyarrow as pa

    given = [
        ibis.memtable(pa.Table.from_pylist(rows, schema=contract.schema.to_pyarrow()))
        for contract, rows in (
            (raw.SENTIMENT_PUBLIC, sentences),
            (raw.REDDIT_POSTS, posts),
            (raw.WEB_CONTENT, pages),
        )
    ]
    return {row["text_id"]: row for row in rows_of(clean_public_texts(*given))}


def test_public_texts_that_say_nothing_are_dropped_and_no_other(public_texts: dict[str, Row]) -> None:
    sentences = {f"public_sentiment:{name}" for name in "abcd"}
    assert set(public_texts) == sentences | {"reddit:p", "reddit:q", "reddit:r", "web:w"}


def test_the_same_label_means_other_stars_in_another_collection(public_texts: dict[str, Row]) -> None:
    stars = [public_texts[f"public_sentiment:{name}"]["rating"] for name in "abcd"]
    assert stars == [5, 1, 1, 5]
    assert (public_texts["web:w"]["rating"], public_texts["reddit:p"]["rating"]) == (4, None)


def test_titles_come_first_and_once_and_removed_bodies_not_at_all(public_texts: dict[str, Row]) -> None:
    post = public_texts["reddit:p"]["text"]
    assert post.split() == ["Mugs", "I", "like", "mugs"]
    assert public_texts["reddit:q"]["text"] == "Gone"
    assert public_texts["reddit:r"]["text"] == "Mugs are fine"


def test_times_without_an_offset_are_utc_and_samples_stay_labelled(public_texts: dict[str, Row]) -> None:
    moments = [public_texts[key]["created_at"] for key in ("reddit:p", "reddit:r", "web:w", "reddit:q")]
    assert moments == [datetime(2024, 7, 8, 10), datetime(2024, 7, 8, 10), datetime(2024, 7, 8, 8), None]
    assert [key for key, row in public_texts.items() if row["is_synthetic"]] == ["reddit:r"]
