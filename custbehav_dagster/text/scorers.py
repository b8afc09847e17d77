"""What a scorer of sentiment is, whichever way it works; and the one that needs no training.

A scorer gives -1 (bad) to 1 (good). Which one scores which texts is decided in `choice.py`.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Protocol

from custbehav_dagster.settings import Settings
from custbehav_dagster.text import typing_habits
from custbehav_dagster.text.sentiment import SENTIMENT_MODEL, lexicon_text, vader_rules
from custbehav_dagster.text.workers import ScoringPool, process_count

ENGLISH = frozenset({"en"})
NOT_SCORED = "not scored"
"""Stands for the scorer of texts in a language that none of ours reads."""
SIGNS_ALONE = "emoji alone (vader lexicon)"
"""Scores texts in such a language by their emoji and emoticons, where there are any."""
ANY_SOURCE = "any"
"""The domain of texts that have no scorer of their own."""


class Scoring(Protocol):
    """Texts are handed in as they come, and scored here or elsewhere meanwhile."""

    def submit(self, texts: Sequence[str]) -> Future[array[float]]:
        """Begin to score; the result has one score per text, -1 to 1, in their order."""
        ...


@dataclass(frozen=True)
class Scorer:
    """One way to score texts.

    `name` is told with each score; `version` changes whenever a score could; `languages` are the ISO
    639 codes of what it reads; None: every language. `begin` is called with the number of texts expected.
    """

    name: str
    version: str
    languages: frozenset[str] | None
    begin: Callable[[int], AbstractContextManager[Scoring]]

    def reads(self, language: str | None) -> bool:
        """Whether texts of this language are scored; those without letters always are."""
        return language is None or self.languages is None or language in self.languages


def vader(settings: Settings) -> Scorer:
    """NLTK's VADER with the lexicon of the vaderSentiment wheel, on raw English text."""

    def begin(expected: int) -> AbstractContextManager[Scoring]:
        return ScoringPool(vader_rules(), process_count(settings.worker_processes), expected)

    lexicon = hashlib.sha256(lexicon_text().encode()).hexdigest()[:8]
    made_by = f"vader nltk {version('nltk')} lexicon {lexicon} typing {typing_habits.VERSION}"
    return Scorer(SENTIMENT_MODEL, made_by, ENGLISH, begin)


class ScoredHere:
    """Scores by a function of this process; what is submitted is done at once. A context manager."""

    def __init__(self, score: Callable[[Sequence[str]], Iterable[float]]) -> None:
        self._score = score

    def __enter__(self) -> ScoredHere:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, texts: Sequence[str]) -> Future[array[float]]:
        """Score the texts; the result is there when this returns."""
        done: Future[array[float]] = Future()
        done.set_result(array("d", self._score(texts)))
        return done
