"""The shop's own words: which are names of things, which belong together, and how people write them.

No dictionary of parts of speech is asked: a word is the name of a thing when people
put "the", "my" or "no" before it and nothing of their own after it ("the clasp is", but not
"the lovely clasp"). That holds for words no dictionary knows, and costs one pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

_DETERMINERS = "the a an this that these those my your his her our their its no any some each every both"
DETERMINERS = frozenset(_DETERMINERS.split(" "))
NAMED_FROM = 0.4
"""Share of a word's uses in which it is named as a thing, from which on it counts as one."""
CAPITAL_FROM = 0.6
"""A word written with a capital inside sentences more often than this is somebody's name, or a place."""
GENERAL_WORDS = (
    "way ways bit lot lots time times day days night week weeks month months year years thing things kind "
    "sort type types one ones couple pair piece pieces part parts side sides fact idea ideas problem "
    "problems issue issues review reviews reason case point end person people folks guys man woman lady "
    "friend friends moment rest love fan chance look looks feel touch difference choice second minute "
    "hour hours order orders purchase buy money shop store place world life something anything everything "
    "nothing reviewer reviewers picture photo number amount whole half level regular favorite favourite "
    "morning season winter summer autumn spring fall mum mom dad sister brother daughter son niece nephew "
    "gran grandad grandma grandmother auntie aunt uncle wife husband partner girlfriend boyfriend cousin "
    "godmother neighbour neighbor boss colleague teacher family house home kitchen room"
)
"""Names of things that say nothing of what a shop makes or does."""
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]|\d+")


@dataclass(frozen=True)
class Named:
    """A thing people name: its words as they are written, and the texts (by number) that hold them."""

    name: str
    words: tuple[str, ...]
    texts: frozenset[int]


def things_named(texts: Sequence[str], known: Iterable[str] = (), fewest: int = 5) -> list[Named]:
    """Things named in at least `fewest` texts by words not in `known`, the most named first.

    Forms of one word are one thing (clasp, clasps), called by the form that is written most. A word that
    stands beside the same other word most of the time is called by both (gift bag). Names
    of people and places, written with a capital, are left out.
    """
    from custbehav_dagster.text.words import stem_words

    uses = _Uses()
    for number, text in enumerate(texts):
        uses.read(number, text)
    left_out = {*known, *GENERAL_WORDS.split()}
    chosen = [word for word in sorted(uses.named) if word not in left_out and uses.is_thing(word)]
    stems = stem_words([*chosen, *left_out])
    known_stems = {stems[word] for word in left_out}
    forms: dict[str, list[str]] = {}
    for word in chosen:
        if stems[word] not in known_stems:
            forms.setdefault(stems[word], []).append(word)
    found = [
        Named(uses.called(words), tuple(words), frozenset().union(*(uses.texts[word] for word in words)))
        for words in forms.values()
    ]
    found = [one for one in found if len(one.texts) >= fewest]
    return sorted(found, key=lambda one: (-len(one.texts), one.name))


class _Uses:
    """How often each word is used, named as a thing, written with a capital, and what stands before it."""

    def __init__(self) -> None:
        self.all: Counter[str] = Counter()
        self.named: Counter[str] = Counter()
        self.inside: Counter[str] = Counter()
        self.capital: Counter[str] = Counter()
        self.before: dict[str, Counter[str]] = {}
        self.texts: dict[str, set[int]] = {}
        self._empty = _stopwords()

    def read(self, number: int, text: str) -> None:
        tokens = _TOKEN.findall(text)
        lower = [token.lower() for token in tokens]
        shouts = text.isupper()
        for place, word in enumerate(lower):
            if len(word) < 3 or word in self._empty or not word.isalpha():
                continue
            self.all[word] += 1
            self.texts.setdefault(word, set()).add(number)
            previous = lower[place - 1] if place else "."
            if previous.isalnum() and not shouts:
                self.inside[word] += 1
                self.capital[word] += tokens[place][0].isupper()
            if self._ends_here(lower, place):
                second = lower[place - 2] if place > 1 else "."
                if previous in DETERMINERS:
                    self.named[word] += 1
                elif second in DETERMINERS and previous.isalpha() and previous not in self._empty:
                    self.named[word] += 1
                    self.before.setdefault(word, Counter())[previous] += 1

    def _ends_here(self, words: Sequence[str], place: int) -> bool:
        following = words[place + 1] if place + 1 < len(words) else "."
        return following in self._empty or not following[0].isalnum()

    def is_thing(self, word: str) -> bool:
        is_name = self.inside[word] > 0 and self.capital[word] >= CAPITAL_FROM * self.inside[word]
        return self.named[word] >= max(2, NAMED_FROM * self.all[word]) and not is_name

    def called(self, words: Sequence[str]) -> str:
        """The form written most, with the word before it when that is nearly always the same."""
        best = max(words, key=lambda word: (self.all[word], word))
        before = self.before.get(best, Counter()).most_common(1)
        if before and before[0][1] >= 0.5 * self.named[best] and before[0][1] >= 5:
            return f"{before[0][0]} {best}"
        return best


@cache
def _stopwords() -> frozenset[str]:
    from custbehav_dagster.text.stopwords import NEGATIONS, english_stopwords

    return english_stopwords() | NEGATIONS | DETERMINERS


def written_pairs(clean_texts: Iterable[str], stems: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """How people write two stems that follow each other, and in how many texts: `true to size`.

    Args:
        clean_texts: texts made by `clean_text`.
        stems: each word with its stem, stopwords with an empty one; of words that are not
            here nothing is told.

    Returns:
        By the two stems, parted by a space: the words from the first to the second that are
        written most often, at most two stopwords between them; and the number of texts.
    """
    forms: dict[str, Counter[str]] = {}
    texts: Counter[str] = Counter()
    for text in clean_texts:
        words = text.split(" ")
        held: set[str] = set()
        last: int | None = None
        for place, word in enumerate(words):
            stem = stems.get(word)
            if stem == "":
                continue
            if stem and last is not None and place - last <= 3 and stems[words[last]] != stem:
                pair = f"{stems[words[last]]} {stem}"
                forms.setdefault(pair, Counter())[" ".join(words[last : place + 1])] += 1
                held.add(pair)
            last = place if stem else None
        texts.update(held)
    return {
        pair: (min(seen.items(), key=lambda item: (-item[1], len(item[0]), item[0]))[0], texts[pair])
        for pair, seen in forms.items()
    }
