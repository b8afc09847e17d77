"""Topics of a set of texts: how many there are, and which words set each apart.

Method: non-negative matrix factorization (Lee and Seung, 1999) of the words' weights, by scikit-learn,
begun from singular vectors so that the same texts give the same topics. How many topics
there are is decided by reading half of the texts and looking whether the words of each topic
keep together in the other half.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

HOPELESS_BELOW = 0.01
"""Words put together at random come to nothing: texts whose fewest topics do no better have none."""
FEWEST_TEXTS = 150
"""With fewer texts the words of one half tell nothing about the other."""
TEXTS_FITTED = 12_000
"""So many texts are fitted; more change the topics little and the time much."""
WORDS_OF_A_TOPIC = 10
TOPIC_COUNTS = (3, 5, 7, 9, 12, 15)
"""Numbers of topics that are tried."""
TEXTS_PER_TOPIC = 40
COHERENT_FROM, DIVERSE_FROM = 0.02, 0.75
"""Topics whose words keep together less on average, or that share more of their words, are not told."""
CLEAR_FROM, STABLE_FROM = 0.02, 0.3
"""So is a single topic whose words keep together less, or of which fewer come again in other texts."""
NEARLY_AS_GOOD = 0.01
"""More topics are preferred as long as they are only so much less coherent than the best."""
RARE_BELOW, COMMON_ABOVE = 0.01, 0.3
"""Shares of texts: words in fewer or in more of them set no topic apart."""
FEWEST_WITH_WORD = 10


_Tried = tuple[int, float, float, list[list[list[int]]]]
"""A number of topics with its coherence, its diversity and the words of each half's topics."""


@dataclass(frozen=True)
class Topics:
    """Topics found: `weights` has a row for each and a column for each of `words`.

    `tops` are the columns of the words that set each apart, the strongest first.
    """

    words: list[str]
    weights: np.ndarray
    tops: list[list[int]]
    coherence: list[float]
    stability: list[float]
    all_coherence: float
    diversity: float
    rareness: np.ndarray

    @property
    def clear(self) -> list[int]:
        """Numbers of the topics that are clear enough to be told."""
        return [
            number
            for number, (coherence, stability) in enumerate(zip(self.coherence, self.stability, strict=True))
            if coherence >= CLEAR_FROM and stability >= STABLE_FROM
        ]

    def of_texts(self, texts: Sequence[str]) -> np.ndarray:
        """The topic each text is mainly about, by number; -1 where it holds none of the words."""
        import numpy as np
        from sklearn.decomposition import non_negative_factorization

        found = np.full(len(texts), -1)
        for start in range(0, len(texts), 5_000):
            weighted = _weighted(_counted(texts[start : start + 5_000], self.words), self.rareness)
            shares, _, _ = non_negative_factorization(
                weighted, H=self.weights, n_components=len(self.weights), init="custom", update_H=False,
                max_iter=30, tol=1e-2,
            )  # fmt: skip
            shares *= self.weights.sum(axis=1)
            some = shares.max(axis=1) > 0
            found[start : start + 5_000][some] = shares[some].argmax(axis=1)
        return found


def find_topics(texts: Sequence[str], left_out: Collection[str]) -> Topics | None:
    """Topics of texts whose words are parted by spaces; None where no clear ones are found.

    Args:
        texts: in an order that tells nothing, since the two halves are taken by turns.
        left_out: words that name no topic.
    """
    fitted = [text for text in texts if text][:TEXTS_FITTED]
    words = _vocabulary(fitted, left_out)
    if len(fitted) < FEWEST_TEXTS or len(words) < 3 * WORDS_OF_A_TOPIC:
        return None
    counted = _counted(fitted, words)
    rareness = _rareness(counted)
    halves = [(_weighted(counted[start::2], rareness), counted[1 - start :: 2]) for start in (0, 1)]
    tried = _all_tried(halves, len(fitted) // TEXTS_PER_TOPIC)
    clear = [one for one in tried if one[1] >= COHERENT_FROM and one[2] >= DIVERSE_FROM]
    if not clear:
        return None
    best = max(coherence for _, coherence, _, _ in clear)
    count, coherence, _, half_tops = max(one for one in clear if one[1] >= best - NEARLY_AS_GOOD)
    weights = _factors(_weighted(counted, rareness), count)
    tops = _tops(weights)
    return Topics(
        words,
        weights,
        tops,
        [(_coherence(top, halves[0][1]) + _coherence(top, halves[1][1])) / 2 for top in tops],
        [min(max(_overlap(top, other) for other in half) for half in half_tops) for top in tops],
        coherence,
        _diversity(tops),
        rareness,
    )


def _vocabulary(texts: Sequence[str], left_out: Collection[str]) -> list[str]:
    from collections import Counter

    held = Counter(word for text in texts for word in set(text.split(" ")))
    fewest = max(FEWEST_WITH_WORD, RARE_BELOW * len(texts))
    return sorted(
        word
        for word, times in held.items()
        if fewest <= times <= COMMON_ABOVE * len(texts)
        and len(word) > 1
        and not word.isdigit()
        and word not in left_out
    )


def _counted(texts: Sequence[str], words: Sequence[str]) -> Any:
    """Which text holds which word, as a sparse matrix of zeros and ones."""
    import numpy as np
    from scipy.sparse import csr_matrix

    places = {word: place for place, word in enumerate(words)}
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns += sorted({places[word] for word in text.split(" ") if word in places})
        ends.append(len(columns))
    return csr_matrix(
        (np.ones(len(columns)), np.array(columns, dtype=np.int32), np.array(ends)), (len(texts), len(words))
    )


def _rareness(counted: Any) -> np.ndarray:
    import numpy as np

    held = np.asarray(counted.sum(axis=0)).ravel()
    return np.log((1 + counted.shape[0]) / (1 + held)) + 1


def _weighted(counted: Any, rareness: np.ndarray) -> Any:
    """Rare words weigh more, and every text as much as any other."""
    from sklearn.preprocessing import normalize

    return normalize(counted.multiply(rareness).tocsr())


def _factors(weighted: Any, count: int) -> np.ndarray:
    import warnings

    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # A few steps more change no word of a topic.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return NMF(count, init="nndsvd", max_iter=60, tol=5e-3, random_state=0).fit(weighted).components_


def _all_tried(halves: Sequence[tuple[Any, Any]], most: int) -> list[_Tried]:
    """The numbers of topics in turn; given up after the first where it is no better than chance."""
    tried: list[_Tried] = []
    for count in TOPIC_COUNTS:
        if count <= most:
            tried.append(_tried(count, halves))
            if tried[0][1] < HOPELESS_BELOW:
                break
    return tried


def _tried(count: int, halves: Sequence[tuple[Any, Any]]) -> _Tried:
    """So many topics: their coherence in the half not read, their diversity, and the words of each half."""
    tops = [_tops(_factors(weighted, count)) for weighted, _ in halves]
    coherence = [
        sum(_coherence(top, held_back) for top in found) / count
        for found, (_, held_back) in zip(tops, halves, strict=True)
    ]
    diversity = min(_diversity(found) for found in tops)
    return count, sum(coherence) / 2, diversity, tops


def _tops(weights: np.ndarray) -> list[list[int]]:
    """The words that are frequent in a topic and rarer in the others."""
    import numpy as np

    shares = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    apart = shares * np.log((shares + 1e-9) / (shares.mean(axis=0) + 1e-9))
    return [np.argsort(-row, kind="stable")[:WORDS_OF_A_TOPIC].tolist() for row in apart.round(9)]


def _coherence(top: Sequence[int], counted: Any) -> float:
    """Mean normalized pointwise mutual information of all pairs of words (Bouma, 2009), by whole texts.

    One text is added to what was seen of each pair and to what chance would give: without that a
    pair that few texts could hold, and none does, counts as the strongest contradiction,
    and the words of a small shop never keep together.
    """
    import numpy as np

    held = counted[:, list(top)]
    both, texts = (held.T @ held).toarray(), counted.shape[0]
    alone = np.diag(both)
    first, second = np.tril_indices(len(top), -1)
    seen, by_chance = both[first, second] + 1, alone[first] * alone[second] / texts + 1
    return float((np.log(seen / by_chance) / -np.log(seen / (texts + 2))).mean())


def _diversity(tops: Sequence[Sequence[int]]) -> float:
    return len({word for top in tops for word in top}) / sum(map(len, tops))


def _overlap(top: Sequence[int], other: Sequence[int]) -> float:
    return len({*top} & {*other}) / len(top)
