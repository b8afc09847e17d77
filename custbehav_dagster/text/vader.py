"""VADER's rules on words that are looked up once: NLTK's scores at a fraction of the time.

Method: C. J. Hutto and E. E. Gilbert, "VADER: a parsimonious rule-based model for
sentiment analysis of social media text", ICWSM 2014, as NLTK 3.10 carries it out, its
peculiarities included: a word that comes twice has the value of its first place, and only
words exactly `never`, `so`, `this` in lower case intensify.

Only the standard library is needed here, so that a scoring process starts at once; the
word lists arrive in `VaderRules`. Where they come from: `sentiment.py`.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

# Weights that NLTK, too, has only inside its functions.
_DISTANCE_WEIGHTS = (1.0, 0.95, 0.9)
_NEVER_SO_WEIGHTS = (1.0, 1.5, 1.25)
_BEFORE_BUT, _AFTER_BUT = 0.5, 1.5
_EXCLAMATION_WEIGHT, _EXCLAMATIONS_COUNTED = 0.292, 4
_QUESTION_WEIGHT, _QUESTIONS_COUNTED, _MANY_QUESTIONS = 0.18, 3, 0.96
_NORMALIZATION = 15

_REMOVE_PUNCTUATION = str.maketrans("", "", string.punctuation)
_LOOKED_FOR = {"at", "but", "kind", "least", "never", "of", "so", "this", "very"}
# Hashtags, addresses and typing errors never come again: the dictionary is emptied now and then.
_KNOWN_TOKENS_LIMIT = 300_000


@dataclass(frozen=True)
class VaderRules:
    """The word lists and weights, as NLTK's `VaderConstants` and the lexicon's file have them."""

    lexicon: dict[str, float]
    boosters: dict[str, float]
    negations: frozenset[str]
    idioms: dict[str, float]
    punctuation: frozenset[str]
    booster_decrease: float
    capitals_increase: float
    negation_weight: float


class _Word:
    """What the rules ask of a word, found out once. Words that no rule asks about share one object."""

    __slots__ = ("booster", "in_lexicon", "is_upper", "lower", "negates", "text", "valence")

    text: str
    lower: str
    is_upper: bool
    in_lexicon: bool
    negates: bool
    booster: float
    valence: float | None


class VaderScorer:
    """Compound scores of texts. Not for use by several threads at once."""

    def __init__(self, rules: VaderRules) -> None:
        self._rules = rules
        phrases = [*rules.idioms, *(phrase for phrase in rules.boosters if " " in phrase)]
        # A phrase can only stand where its longest word does.
        self._phrase_marks = {max(phrase.split(), key=len) for phrase in phrases}
        words_of_phrases = {word for phrase in phrases for word in phrase.split()}
        self._telling = {*rules.lexicon, *rules.boosters, *rules.negations, *words_of_phrases, *_LOOKED_FOR}
        self._forget_words()

    def scores(self, texts: Iterable[str]) -> list[float]:
        """Compound score of each text, -1 to 1, rounded to four digits; 0 where no word says anything."""
        results = [self._score(text) for text in texts]
        if len(self._tokens) > _KNOWN_TOKENS_LIMIT:
            self._forget_words()
        return results

    def _forget_words(self) -> None:
        self._tokens = _Tokens(self._word_of)
        self._words: dict[str, _Word] = {}
        self._plain = tuple(self._describe("", is_upper) for is_upper in (False, True))
        self._upper_words = {self._plain[True]}
        self._but_words: set[_Word] = set()
        self._changing_words: set[_Word] = set()
        self._marking_words: set[_Word] = set()

    def _score(self, text: str) -> float:
        # One-letter tokens are looked up as None: VADER passes over them.
        words = list(filter(None, map(self._tokens.__getitem__, text.split())))
        laden = [place for place, word in enumerate(words) if word.valence is not None]
        if not laden:
            return 0.0
        # Capitals only mean something when not all words have them.
        mixed_case = not (self._upper_words.isdisjoint(words) or self._upper_words.issuperset(words))
        first_values: dict[_Word, float] = {}
        values = []
        for place in laden:
            word = words[place]
            if word not in first_values:
                first_values[word] = self._value(words, place, mixed_case)
            values.append(first_values[word])
        if not self._but_words.isdisjoint(words):
            values = _weigh_by_but(words, laden, values)
        total = float(sum(values))
        if total > 0:
            total += _emphasis(text)
        elif total < 0:
            total -= _emphasis(text)
        return round(total / math.sqrt(total * total + _NORMALIZATION), 4)

    def _value(self, words: Sequence[_Word], place: int, mixed_case: bool) -> float:
        """Value of the sentiment-laden word at `place`, changed by the words around it."""
        word = words[place]
        around = words[max(place - 3, 0) : place + 3]
        if self._changing_words.isdisjoint(around):
            value = word.valence or 0.0
            return value + self._capitals(value) if mixed_case and word.is_upper else value
        if word.lower == "kind" and place + 1 < len(words) and words[place + 1].lower == "of":
            return 0.0
        value = word.valence or 0.0
        if mixed_case and word.is_upper:
            value += self._capitals(value)
        for distance in range(1, min(3, place) + 1):
            before = words[place - distance]
            if before.in_lexicon:
                continue
            if before.booster:
                value += self._boost(before, value, mixed_case) * _DISTANCE_WEIGHTS[distance - 1]
            value *= self._negation(words, place, distance)
            if distance == 3 and not self._marking_words.isdisjoint(around):
                value = self._phrase_value([word.text for word in around], value)
        return value * self._least(words, place)

    def _capitals(self, value: float) -> float:
        return self._rules.capitals_increase if value > 0 else -self._rules.capitals_increase

    def _boost(self, booster: _Word, value: float, mixed_case: bool) -> float:
        boost = -booster.booster if value < 0 else booster.booster
        return boost + self._capitals(value) if mixed_case and booster.is_upper else boost

    def _negation(self, words: Sequence[_Word], place: int, distance: int) -> float:
        """Factor for a negation `distance` words before, or for "never so" and "never this"."""
        if distance > 1:
            after_never = words[place - 1].text in ("so", "this")
            never = words[place - distance].text == "never"
            # At distance 3 NLTK asks for "never" only where "so" follows it at once.
            if distance == 3:
                after_never = after_never or (never and words[place - 2].text in ("so", "this"))
                never = True
            if never and after_never:
                return _NEVER_SO_WEIGHTS[distance - 1]
        return self._rules.negation_weight if words[place - distance].negates else 1.0

    def _phrase_value(self, around: Sequence[str], value: float) -> float:
        """Value where an idiom or a booster of two words may stand around the fourth word."""
        three, two, one, zero = around[:4]
        idioms = self._rules.idioms
        before = (
            f"{one} {zero}",
            f"{two} {one} {zero}",
            f"{two} {one}",
            f"{three} {two} {one}",
            f"{three} {two}",
        )
        value = next((idioms[phrase] for phrase in before if phrase in idioms), value)
        for end in (5, 6):
            if len(around) >= end:
                value = idioms.get(" ".join(around[3:end]), value)
        if f"{three} {two}" in self._rules.boosters or f"{two} {one}" in self._rules.boosters:
            value += self._rules.booster_decrease
        return value

    def _least(self, words: Sequence[_Word], place: int) -> float:
        if place == 0 or words[place - 1].lower != "least" or words[place - 1].in_lexicon:
            return 1.0
        spared = place > 1 and words[place - 2].lower in ("at", "very")
        return 1.0 if spared else self._rules.negation_weight

    def _word_of(self, token: str) -> _Word | None:
        if len(token) < 2:
            return None
        text = token if token.isalnum() else self._without_punctuation(token)
        lower = text.lower()
        if lower not in self._telling and "n't" not in lower:
            return self._plain[text.isupper()]
        if text not in self._words:
            self._words[text] = self._enrol(self._describe(text, text.isupper()))
        return self._words[text]

    def _enrol(self, word: _Word) -> _Word:
        """Enter the word in the sets that are asked, at C's speed, whether a text holds any of them."""
        is_mark = word.text in self._phrase_marks
        for members, belongs in (
            (self._upper_words, word.is_upper),
            (self._but_words, word.lower == "but"),
            (self._marking_words, is_mark),
            (self._changing_words, is_mark or self._changes_others(word)),
        ):
            if belongs:
                members.add(word)
        return word

    def _changes_others(self, word: _Word) -> bool:
        return word.booster != 0 or word.negates or word.lower in ("kind", "least", "never", "so", "this")

    def _without_punctuation(self, token: str) -> str:
        """The token without one known mark before or after it; emoticons and `don't!` stay as they are."""
        bare = token.translate(_REMOVE_PUNCTUATION)
        if 1 < len(bare) < len(token):
            for mark in (token.removesuffix(bare), token.removeprefix(bare)):
                if mark in self._rules.punctuation:
                    return bare
        return token

    def _describe(self, text: str, is_upper: bool) -> _Word:
        rules, word = self._rules, _Word()
        word.text, word.lower, word.is_upper = text, text.lower(), is_upper
        word.in_lexicon = word.lower in rules.lexicon
        word.booster = rules.boosters.get(word.lower, 0.0)
        word.valence = rules.lexicon[word.lower] if word.in_lexicon and not word.booster else None
        word.negates = word.lower in rules.negations or "n't" in word.lower
        return word


class _Tokens(dict[str, _Word | None]):
    """Tokens as they stand in texts; a new one is described when it is first met."""

    def __init__(self, describe: Callable[[str], _Word | None]) -> None:
        super().__init__()
        self._describe = describe

    def __missing__(self, token: str) -> _Word | None:
        word = self[token] = self._describe(token)
        return word


def _weigh_by_but(words: Sequence[_Word], laden: Sequence[int], values: list[float]) -> list[float]:
    """What stands after the first "but" weighs more than what stands before."""
    but = next(place for place, word in enumerate(words) if word.lower == "but")
    weights = ((_BEFORE_BUT if place < but else _AFTER_BUT if place > but else 1.0) for place in laden)
    return [value * weight for value, weight in zip(values, weights, strict=True)]


def _emphasis(text: str) -> float:
    exclamations = min(text.count("!"), _EXCLAMATIONS_COUNTED) * _EXCLAMATION_WEIGHT
    questions = text.count("?")
    if questions < 2:
        return exclamations
    return exclamations + (
        questions * _QUESTION_WEIGHT if questions <= _QUESTIONS_COUNTED else _MANY_QUESTIONS
    )
