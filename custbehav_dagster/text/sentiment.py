"""Sentiment of raw texts by VADER: NLTK's rules with the lexicon of the vaderSentiment wheel.

Texts are scored as written: capitals, exclamation marks, emoticons and apostrophes count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from custbehav_dagster.text.vader import VaderRules

SENTIMENT_MODEL = "vader (nltk rules, vaderSentiment lexicon)"


def vader_scores(texts: Sequence[str], processes: int = 1) -> np.ndarray:
    """Compound score of each text, -1 to 1, float64, in the order of the texts.

    Equal, digit by digit, to `reference_analyzer().polarity_scores(text)["compound"]`,
    for any number of processes.

    Raises:
        ScoringError: a scoring process ended early.
    """
    import numpy as np

    from custbehav_dagster.text.workers import ScoringPool

    with ScoringPool(vader_rules(), processes) as pool:
        parts = [pool.submit(texts[start : start + 5_000]) for start in range(0, len(texts), 5_000)]
        return np.array([score for part in parts for score in part.result()], dtype="float64")


def reference_analyzer() -> Any:
    """NLTK's own `SentimentIntensityAnalyzer` with the same lexicon: slow, and what ours is held to."""
    from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

    # NLTK opens data only inside its own folders, so the lexicon is handed over as text.
    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon_file = lexicon_text()
    analyzer.lexicon = analyzer.make_lex_dict()
    analyzer.constants = VaderConstants()
    return analyzer


@cache
def vader_rules() -> VaderRules:
    """The word lists and weights of the installed NLTK and vaderSentiment."""
    from custbehav_dagster.text.vader import VaderRules

    analyzer = reference_analyzer()
    constants = analyzer.constants
    return VaderRules(
        lexicon=analyzer.lexicon,
        boosters=dict(constants.BOOSTER_DICT),
        negations=frozenset(constants.NEGATE),
        idioms=dict(constants.SPECIAL_CASE_IDIOMS),
        punctuation=frozenset(constants.PUNC_LIST),
        booster_decrease=constants.B_DECR,
        capitals_increase=constants.C_INCR,
        negation_weight=constants.N_SCALAR,
    )


@cache
def lexicon_text() -> str:
    """VADER's words and their values, as the installed vaderSentiment has them."""
    from importlib.resources import files

    return (files("vaderSentiment") / "vader_lexicon.txt").read_text(encoding="utf-8").rstrip("\n")
