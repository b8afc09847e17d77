"""Names that a person would give to a topic, made of its own words as people write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from custbehav_dagster.insights.aspects_words import ASPECT_WORDS
from custbehav_dagster.insights.keywords import without_topic
from custbehav_dagster.insights.phrases import written_pairs
from custbehav_dagster.insights.wording import listed

OPINION_FROM = 0.2
"""A word that alone has so strong a mood tells how people feel, not what about."""
PARTS_OF_A_NAME = 3
OFTEN_TOGETHER = 0.2
"""Two words are one part of a name when so many of the texts with the rarer of them have them together."""
OF_AN_ASPECT = 3
"""A topic of which so many of the first six words belong to one aspect is called by it."""
SAYS_LITTLE = (
    "like look looked wear wearing wore bit definitely usual usually id ill way thing things lot lots "
    "make makes made want wanted feel feels felt im ive bought buy order ordered ordering purchase "
    "purchased receive received think thought know say said need needed try tried work works worked come "
    "comes came little big expect expected glad sure probably maybe especially actually overall highly "
    "extremely time times day days week year years ago new old different right long short person people "
    "love loved recommend sold picked chose arrived get gets getting put went takes taken took see saw "
    "seen find found give gave given use used using keep kept item items product products thank thanks "
    "review reviews reviewer reviewers star stars"
)
"""Words of any text about anything that was bought."""
OF_ANY_TOPIC = "little big different right long short new old arrived product item items products made"
"""Of these, the ones that do name a topic where they stand out."""


@cache
def says_little() -> frozenset[str]:
    """Stems of words that set no topic apart, opinions not among them."""
    from custbehav_dagster.text.words import stem_words

    words = {*SAYS_LITTLE.split()} - {*OF_ANY_TOPIC.split()}
    return frozenset({*stem_words(words).values(), *words, *without_topic("stem")})


class Forms:
    """How the stems of some texts are written, which of them tell a mood, and which are stopwords."""

    def __init__(self, clean_texts: Sequence[str], word_form: str) -> None:
        from custbehav_dagster.text.words import unify_words

        self.times = Counter(word for text in clean_texts for word in text.split(" ") if word)
        words = sorted(self.times)
        self.stems: dict[str, str] = {}
        unify_words([" ".join(words)], self.stems, word_form)
        self._written: dict[str, str] = {}
        for word in sorted(words, key=lambda one: (-self.times[one], one)):
            self._written.setdefault(self.stems[word], word)

    def written(self, stem: str) -> str:
        """The form of a stem that is written most."""
        return self._written.get(stem, stem)

    def opinions(self, fewest: int) -> set[str]:
        """Stems that tell how people feel, of words in use at least so often; none that names an aspect."""
        from custbehav_dagster.text.sentiment import vader_scores

        words = sorted(word for word, times in self.times.items() if times >= fewest)
        of_aspects = {self.stems.get(word, word) for word in _aspect_words()}
        moods = vader_scores(words).tolist() if words else []
        strong = {
            self.stems[word]
            for word, mood in zip(words, moods, strict=True)
            if abs(mood) >= OPINION_FROM or (word.endswith("ly") and len(word) > 5)
        }
        return strong - of_aspects

    def pairs(self, clean_texts: Iterable[str], of: Collection[str]) -> dict[str, tuple[str, int]]:
        """How pairs of the stems `of` are written in some texts, and in how many of them."""
        wanted = {word: stem for word, stem in self.stems.items() if stem == "" or stem in of}
        return written_pairs(clean_texts, wanted)


@cache
def _aspect_words() -> frozenset[str]:
    return frozenset(word for words in ASPECT_WORDS.values() for word in words.split())


def topic_name(stems: Sequence[str], clean_texts: Sequence[str], forms: Forms) -> str:
    """A name of the words that set a topic apart: `size: runs large, small and medium`.

    Args:
        stems: its words, the strongest first.
        clean_texts: texts that are mainly about it.
        forms: how its stems are written.
    """
    aspect = _aspect_of(stems, forms)
    together = _pairs_by_strength(stems, clean_texts, forms)
    parts: list[str] = []
    said: set[str] = set()
    for stem in stems:
        pair = next((pair for pair in together if stem in pair.split(" ")), None)
        if stem in said or forms.written(stem) == aspect:
            continue
        if pair and not said & {*pair.split(" ")}:
            parts.append(together[pair])
            said |= {*pair.split(" ")}
        else:
            parts.append(forms.written(stem))
            said.add(stem)
        if len(parts) == PARTS_OF_A_NAME:
            break
    return f"{aspect}: {listed(parts)}" if aspect else listed(parts)


def _aspect_of(stems: Sequence[str], forms: Forms) -> str | None:
    by_aspect = Counter(
        aspect
        for aspect, words in ASPECT_WORDS.items()
        for stem in stems[:6]
        if stem in {forms.stems.get(word, word) for word in words.split()}
    )
    best = max(by_aspect.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return best[0] if best[1] >= OF_AN_ASPECT else None


def _pairs_by_strength(stems: Sequence[str], clean_texts: Sequence[str], forms: Forms) -> Mapping[str, str]:
    texts_with = Counter(
        stem for text in clean_texts for stem in {forms.stems.get(word, "") for word in text.split(" ")}
    )
    found = {}
    for pair, (written, texts) in forms.pairs(clean_texts, {*stems}).items():
        rarer = min(texts_with[stem] for stem in pair.split(" "))
        if texts >= 3 and texts >= OFTEN_TOGETHER * rarer:
            found[pair] = (-texts, written)
    return {
        pair: written for pair, (_, written) in sorted(found.items(), key=lambda item: (item[1], item[0]))
    }
