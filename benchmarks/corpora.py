"""The labelled texts that scorers of sentiment are measured on, with people's labels as 1 to 5 stars."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.shop import ROOT


@dataclass(frozen=True)
class Corpus:
    """Texts with stars; `domain` is what they would be in a shop."""

    name: str
    domain: str
    texts: list[str]
    stars: np.ndarray

    @property
    def is_clear(self) -> np.ndarray:
        """Which texts are called good (4 or 5) or bad (1 or 2)."""
        return np.asarray((self.stars >= 4) | (self.stars <= 2))

    @property
    def is_good(self) -> np.ndarray:
        """Of the clear ones, which are good."""
        return np.asarray(self.stars[self.is_clear] >= 4)


def real_data() -> Path:
    """Folder of the public data sets."""
    return Path(os.environ.get("CUSTBEHAV_REAL_DATA", ROOT.parent / "shared" / "data"))


def corpora() -> list[Corpus]:
    """Tweets, editorials, labelled sentences of three sites, clothing reviews."""
    import pandas as pd

    folder = real_data()
    rated = pd.read_parquet(folder / "vader_ground_truth" / "tweets_and_editorials.parquet")
    rated["stars"] = 1 + (rated.mean_rating + 4) / 2
    is_tweet = rated.source == "tweets"
    sentences = pd.read_parquet(folder / "uci_sentiment_sentences" / "sentences.parquet")
    reviews = pd.read_parquet(folder / "womens_clothing_reviews" / "reviews_half.parquet")
    reviews = reviews[reviews.review_text.fillna("").str.len() > 0]
    found = [
        Corpus(name, "public_sentiment", part.text.tolist(), part.stars.to_numpy(float))
        for name, part in (("tweets", rated[is_tweet]), ("editorials", rated[~is_tweet]))
    ]
    stars = 1 + 4.0 * sentences.label
    found.append(Corpus("UCI, three sites", "public_sentiment", sentences.text.tolist(), stars.to_numpy()))
    for site in ("amazon", "imdb", "yelp"):
        chosen = (sentences.source == site).to_numpy()
        texts = sentences.text[chosen].tolist()
        found.append(Corpus(f"UCI, {site}", "public_sentiment", texts, stars[chosen].to_numpy()))
    found.append(
        Corpus(
            "clothing reviews",
            "internal_feedback",
            reviews.review_text.tolist(),
            reviews.rating.to_numpy(float),
        )
    )
    return found
