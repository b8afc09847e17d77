"""Texts cut into sentences with their mood, and the sentences that may be shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from custbehav_dagster.insights.aspects_words import aspects_named

GOOD_OR_BAD = 0.05
"""Beyond this a sentence praises or complains; the limit that VADER's authors give."""
SHORTEST_EXAMPLE, LONGEST_EXAMPLE = 15, 240
"""Characters of a sentence that may be shown as an example."""
SHORTEST_OF_WORTH, LONGEST_OF_WORTH = 30, 140
"""Characters of a sentence that says something and is read at a glance."""

# Cut after . ! ? and line ends, and before a "but" that turns the mood.
_SENTENCE_END = r"(?:[.!?…؟。]+[\s\"')]+)|[\r\n]+|,?\s+(?:but|however|although|though)\s+"


@dataclass(frozen=True)
class Sentence:
    """A part of a text that says one thing: the number of its text, its words and its mood."""

    text: int
    words: str
    mood: float
    aspects: int = 1
    """How many aspects it names."""

    @property
    def praises(self) -> bool:
        """It speaks well of what it names."""
        return self.mood >= GOOD_OR_BAD

    @property
    def complains(self) -> bool:
        """It speaks badly of what it names."""
        return self.mood <= -GOOD_OR_BAD


def cut_into_sentences(text: str) -> list[str]:
    """The parts of a text that can differ in mood, in their order; `but` starts a new one."""
    return [part.strip() for part in re.split(_SENTENCE_END, text) if part.strip()]


def sentences_of(texts: Sequence[str]) -> list[Sentence]:
    """All sentences of all texts, each different one scored once."""
    from custbehav_dagster.text.sentiment import vader_scores

    parts = [(number, part) for number, text in enumerate(texts) for part in cut_into_sentences(text)]
    distinct = sorted({part for _, part in parts})
    moods = dict(zip(distinct, vader_scores(distinct).tolist(), strict=True)) if distinct else {}
    return [Sentence(number, part, moods[part]) for number, part in parts]


def sentences_by_aspect(
    sentences: Sequence[Sentence], known: Mapping[str, tuple[str, ...]]
) -> dict[str, list[Sentence]]:
    """The sentences that name each aspect, in their order; `known` are the aspects by word."""
    named = {words: aspects_named(words, known) for words in {one.words for one in sentences}}
    found: dict[str, list[Sentence]] = {aspect: [] for names in known.values() for aspect in names}
    for one in sentences:
        told = replace(one, aspects=len(named[one.words])) if len(named[one.words]) > 1 else one
        for aspect in named[one.words]:
            found[aspect].append(told)
    return found


def example(sentences: Sequence[Sentence], sign: int, agreeing: Collection[int] = ()) -> str | None:
    """The sentence with the strongest mood in that direction, of those short enough to show.

    One of the texts `agreeing`, whose writers say by their stars that they mean it, goes before
    others, and then one that names nothing else and is read at a glance.
    """
    fitting = [
        one
        for one in sentences
        if sign * one.mood >= GOOD_OR_BAD and SHORTEST_EXAMPLE <= len(one.words) <= LONGEST_EXAMPLE
    ]
    best = max(
        fitting,
        key=lambda one: (
            one.text in agreeing,
            _is_of_worth(one),
            -one.aspects,
            sign * one.mood,
            one.words,
        ),
        default=None,
    )
    return best.words if best else None


def _is_of_worth(sentence: Sentence) -> bool:
    return SHORTEST_OF_WORTH <= len(sentence.words) <= LONGEST_OF_WORTH
