"""The reviews of the made-up shop read like reviews and mostly agree with their stars."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources.synthetic.customers import generate_customers
from custbehav_dagster.sources.synthetic.feedback import generate_feedback
from custbehav_dagster.sources.synthetic.orders import generate_orders


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return generate_orders(generate_customers(60_000, seed=3), seed=3)


@pytest.fixture(scope="module")
def feedback(orders: pd.DataFrame) -> pd.DataFrame:
    return generate_feedback(orders, seed=3)


@pytest.fixture(scope="module")
def texts(feedback: pd.DataFrame) -> pd.Series:
    return feedback["text"].dropna()


def test_about_three_of_ten_orders_are_reviewed(orders: pd.DataFrame, feedback: pd.DataFrame) -> None:
    assert 0.25 <= len(feedback) / len(orders) <= 0.35
    assert feedback["order_id"].is_unique


def test_some_reviews_are_stars_only(feedback: pd.DataFrame) -> None:
    assert feedback["text"].isna().mean() == pytest.approx(0.15, abs=0.01)


def test_texts_are_mostly_distinct_and_10_to_40_words_long(texts: pd.Series) -> None:
    words = texts.str.split().str.len()
    assert texts.nunique() / len(texts) > 0.99
    assert words.between(10, 40).mean() > 0.95


def test_the_vocabulary_has_a_long_tail(texts: pd.Series) -> None:
    words = texts.str.lower().str.findall(r"[a-z']+").explode().value_counts()
    assert len(words) > 6_000
    assert words.head(50).sum() / words.sum() > 0.5
    assert (words < 5).mean() > 0.3


@pytest.mark.parametrize(
    "aspect", ["packag", "deliver", "quality", "price", "service", "gift", "colour", "size"]
)
def test_every_aspect_is_spoken_of(texts: pd.Series, aspect: str) -> None:
    assert texts.str.contains(aspect, case=False).mean() > 0.005


def test_words_agree_with_the_stars_nine_times_in_ten(feedback: pd.DataFrame) -> None:
    assert feedback["true_agrees"].mean() == pytest.approx(0.9, abs=0.01)
    fitting = feedback["rating"].map({1: "bad", 2: "bad", 3: "mixed", 4: "good", 5: "good"})
    assert ((feedback["true_tone"].astype(str) == fitting) == feedback["true_agrees"]).all()


def test_a_lexicon_hears_the_tone_that_was_meant(feedback: pd.DataFrame) -> None:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    heard = feedback.dropna(subset="text").head(3_000)
    compound = heard["text"].map(lambda text: analyzer.polarity_scores(text)["compound"])
    assert (compound > 0.05)[heard["true_tone"] == "good"].mean() > 0.95
    assert (compound < -0.05)[heard["true_tone"] == "bad"].mean() > 0.9


def test_late_parcels_get_bad_stars_and_words_about_delivery(
    orders: pd.DataFrame, feedback: pd.DataFrame
) -> None:
    is_late = orders["true_is_late"].to_numpy()[feedback["true_order"]]
    assert feedback.loc[is_late, "rating"].mean() < 2.3
    assert feedback.loc[~is_late, "rating"].mean() > 4.3
    complaints = feedback[is_late & (feedback["true_tone"] == "bad")]["text"].dropna()
    delivery = "Delivery|The postage|Shipping|The courier|Dispatch"
    assert complaints.str.contains(delivery, case=False).mean() > 0.9


def test_reviews_are_written_after_the_order_and_before_the_end(
    orders: pd.DataFrame, feedback: pd.DataFrame
) -> None:
    about = orders.iloc[feedback["true_order"]].reset_index(drop=True)
    assert (feedback["created_at"] >= about["order_date"]).all()
    assert (feedback["created_at"] < pd.Timestamp("2026-11-01")).all()
    assert (feedback["customer_id"] == about["customer_id"]).all()
    assert (feedback["order_id"] == about["order_id"]).all()
    assert feedback["created_at"].is_monotonic_increasing


@given(count=st.integers(0, 12), seed=st.integers(0, 2**40))
def test_an_exact_number_of_reviews_is_kept(count: int, seed: int) -> None:
    orders = generate_orders(generate_customers(12, seed, orders_per_customer=1), seed, orders_per_customer=1)
    feedback = generate_feedback(orders, seed, count=count)
    assert len(feedback) == count
    assert feedback["order_id"].is_unique
    assert feedback["rating"].between(1, 5).all()


@pytest.mark.parametrize("count", [-1, 13])
def test_more_reviews_than_orders_are_refused(count: int) -> None:
    orders = generate_orders(generate_customers(12, 1, orders_per_customer=1), 1, orders_per_customer=1)
    with pytest.raises(ValueError, match=f"one per order \\(12\\), not {count}"):
        generate_feedback(orders, seed=1, count=count)
