"""Words that carry no topic, negations excepted: these turn a sentence round."""

from __future__ import annotations

from functools import cache

NEGATIONS = frozenset(
    {"cannot", "cant", "couldnt", "hasnt", "neither", "never", "no", "nobody"}
    | {"none", "noone", "nor", "not", "nothing", "nowhere", "without"}
)
"""Words of scikit-learn's list that are kept in texts."""


@cache
def english_stopwords() -> frozenset[str]:
    """scikit-learn's English stopwords without `NEGATIONS`, spelled as `clean_text` spells words.

    The list is imported, not copied; the import is free in a run that fits models
    or stems words, since both load scikit-learn.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS) - NEGATIONS
