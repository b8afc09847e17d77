"""A scorer learnt from labelled texts: words, letters and VADER's own view, weighed by logistic regression.

Words (negated ones marked) and letter sequences are weighed by TF-IDF and by how much more often they
stand in good texts than in bad ones; VADER is asked for the whole text and for each clause.
Methods: S. Wang and C. D. Manning, "Baselines and bigrams", 2012 (log-count ratios as weights);
P. Das and M. Chen, 2001 (negated words as words of their own).

Each text is scored by a regression that has not seen it, new texts and texts it was trained
on alike: there are as many regressions as folds, and a text's fold follows from its words.
When such a scorer is used is decided in `choice.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from custbehav_dagster.text.sentiment import vader_scores
from custbehav_dagster.text.typing_habits import plainly_typed

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

VERSION = "1"
"""To be raised with every change of what is learnt from the same texts."""

FOLDS = 5
_REGULARIZATION = 10.0
# Of a word that fewer texts hold nothing is kept in the model: names among them.
_FEWEST_TEXTS_WITH_A_WORD = 2
_MOST_WORDS, _MOST_LETTER_SEQUENCES = 100_000, 150_000
_NEGATED_WORDS = 4
_NEGATION = "not no never cannot cant dont doesnt didnt isnt wasnt wont wouldnt nor without hardly nothing"
_NEGATIONS = frozenset(_NEGATION.split())
_TOKEN = re.compile(r"\w[\w'’]*|[!?]+|[.,;:]|:\)|:\(")
_CLAUSE_END = re.compile(
    r"(?<=[.!?])\s+|\s*[;:\n]\s*|,\s*(?=but)|\bbut\b|\bhowever\b|\balthough\b|\bthough\b", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W\d_]")


def words_with_negation(text: str) -> list[str]:
    """Words and marks of a text; the words after a negation come once more, marked by `N_`."""
    found: list[str] = []
    negated = 0
    for token in _TOKEN.findall(text.lower()):
        if token in ".,;:":
            negated = 0
            continue
        negated = 0 if token == "but" else negated
        found.append(token)
        if negated:
            found.append(f"N_{token}")
            negated -= 1
        if token in _NEGATIONS or token.endswith(("n't", "n’t")):
            negated = _NEGATED_WORDS
    return found


def clause_scores(texts: Sequence[str]) -> np.ndarray:
    """VADER's view of texts, 7 columns: whole; mean, least, most, first, last clause; silent or not."""
    clauses = [[part for part in _CLAUSE_END.split(text) if part and part.strip()] or [""] for text in texts]
    whole = vader_scores(texts)
    scores = vader_scores([clause for part in clauses for clause in part])
    starts = np.cumsum([0, *(len(part) for part in clauses)])[:-1]
    counts = np.diff([*starts, len(scores)])
    if not len(texts):
        return np.zeros((0, 7))
    return np.column_stack(
        [
            whole,
            np.add.reduceat(scores, starts) / counts,
            np.minimum.reduceat(scores, starts),
            np.maximum.reduceat(scores, starts),
            scores[starts],
            scores[starts + counts - 1],
            whole == 0,
        ]
    )


def fold_of(text: str) -> int:
    """The fold of a text, 0 to FOLDS - 1, from its letters and digits alone: copies are in one fold."""
    plain = re.sub(r"\W+", "", text.lower())
    return int(hashlib.sha256(plain.encode()).hexdigest()[:8], 16) % FOLDS


@dataclass
class _Fold:
    ratios: np.ndarray
    weights: np.ndarray
    intercept: float


class TrainedScorer:
    """Scores texts, -1 (bad) to 1 (good), 0 where nothing speaks for either. Made by `train`."""

    def __init__(self, words: Any, letters: Any, folds: list[_Fold], steepness: float) -> None:
        self._words, self._letters = words, letters
        self._folds, self._steepness = folds, steepness

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        """One score per text, rounded to four digits, each by a regression that has not seen the text."""
        if not len(texts):
            return np.zeros(0)
        typed = [plainly_typed(text) for text in texts]
        counted = _counted(self._words, self._letters, typed)
        views, fold = clause_scores(typed), np.array([fold_of(text) for text in typed])
        scores = np.tanh(self._steepness * _margins(self._folds, counted, views, fold) / 2)
        has_letters = np.array([_LETTER.search(text) is not None for text in typed])
        return np.where(has_letters, scores, views[:, 0]).round(4)


def train(texts: Sequence[str], is_good: Sequence[bool]) -> TrainedScorer:
    """Learn from texts that people called good or bad; the same texts give the same scorer.

    Both kinds weigh the same, so that 0 stays the middle however many more good ones there are.

    Raises:
        ValueError: in some fold one of the two kinds is missing.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    common: dict[str, Any] = {"min_df": _FEWEST_TEXTS_WITH_A_WORD, "sublinear_tf": True, "dtype": np.float32}
    words = TfidfVectorizer(analyzer=_word_pairs, lowercase=False, max_features=_MOST_WORDS, **common)
    letters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), max_features=_MOST_LETTER_SEQUENCES, **common
    )
    typed, good = [plainly_typed(text) for text in texts], np.asarray(is_good, dtype=bool)
    counted = hstack([words.fit_transform(typed), letters.fit_transform(typed)], format="csr")
    views, fold = clause_scores(typed), np.array([fold_of(text) for text in typed])
    folds = []
    for number in range(FOLDS):
        seen = fold != number
        ratios = _log_count_ratios(counted[seen], good[seen])
        regression = LogisticRegression(
            C=_REGULARIZATION,
            # On so many columns the dual form gives the same answer in a sixth of the time.
            solver="liblinear",
            dual=True,
            tol=0.01,
            class_weight="balanced",
            random_state=0,
        )
        regression.fit(_weighted(counted[seen], ratios, views[seen]), good[seen])
        folds.append(_Fold(ratios, regression.coef_[0], float(regression.intercept_[0])))
    margins = _margins(folds, counted, views, fold)
    return TrainedScorer(words, letters, folds, _steepness(margins, good))


def _word_pairs(text: str) -> list[str]:
    found = words_with_negation(text)
    return found + [f"{first} {second}" for first, second in pairwise(found)]


def _counted(words: Any, letters: Any, texts: Sequence[str]) -> csr_matrix:
    from scipy.sparse import hstack

    return hstack([words.transform(texts), letters.transform(texts)], format="csr")


def _log_count_ratios(counted: csr_matrix, good: np.ndarray) -> np.ndarray:
    if good.all() or not good.any():
        raise ValueError("There are texts of only one kind to learn from.")
    in_good = np.asarray(counted[good].sum(axis=0)).ravel() + 0.5
    in_bad = np.asarray(counted[~good].sum(axis=0)).ravel() + 0.5
    return np.log((in_good / in_good.sum()) / (in_bad / in_bad.sum()))


def _weighted(counted: csr_matrix, ratios: np.ndarray, views: np.ndarray) -> csr_matrix:
    from scipy.sparse import csr_matrix as sparse
    from scipy.sparse import diags, hstack

    return hstack([counted @ diags(ratios), sparse(views)], format="csr")


def _margins(folds: Sequence[_Fold], counted: csr_matrix, views: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Log-odds of being good, each by the regression of the text's own fold."""
    margins = np.zeros(len(fold))
    for number, one in enumerate(folds):
        mine = fold == number
        if mine.any():
            weighted = _weighted(counted[mine], one.ratios, views[mine])
            margins[mine] = weighted @ one.weights + one.intercept
    return margins


def _steepness(margins: np.ndarray, good: np.ndarray) -> float:
    """Factor that makes the margins honest log-odds, both kinds weighing the same (Platt, no shift)."""
    from scipy.optimize import minimize_scalar

    sign, weight = np.where(good, 1.0, -1.0), np.where(good, 0.5 / good.sum(), 0.5 / (~good).sum())

    def loss(log_factor: float) -> float:
        return float(weight @ np.logaddexp(0, -sign * margins * np.exp(log_factor)))

    return float(np.exp(minimize_scalar(loss, bounds=(-4.0, 4.0), method="bounded").x))
