"""The sentences of the made-up reviews, put together once per process from the words in phrases.json.

A review is an opening, one or two sentences about aspects, sometimes a detail,
and a verdict. The lists of words are multiplied with one another, which gives
tens of thousands of sentences, some of them misspelled as real ones are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import islice, permutations, product
from pathlib import Path
from typing import Any

import numpy as np

TONES = ("good", "bad")
ASPECTS = ("packaging", "delivery", "quality", "price", "service", "gift", "colour", "size")
MISSPELLED_SHARE = 0.08


@dataclass(frozen=True)
class Phrases:
    """Sentences to draw from.

    `aspects` is grouped by aspect and, within, by tone: group number `len(TONES) *
    aspect + tone` begins at `group_start` and has `group_size` sentences. The
    first `verdicts_per_tone` verdicts are good, the others bad.
    """

    openings: tuple[str, ...]
    gift_reasons: tuple[str, ...]
    own_reasons: tuple[str, ...]
    aspects: tuple[str, ...]
    group_start: np.ndarray
    group_size: np.ndarray
    details: tuple[str, ...]
    before_names: tuple[str, ...]
    syllables: tuple[str, ...]
    verdicts: tuple[str, ...]
    verdicts_per_tone: int


@cache
def phrases() -> Phrases:
    """All sentences; the same in every process, whatever the seed of the shop."""
    words = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    groups = _aspect_groups(words)
    sizes = np.array([len(group) for group in groups])
    good, bad = (words["verdicts"][tone] for tone in TONES)
    if len(good) != len(bad):
        raise ValueError("phrases.json needs as many good verdicts as bad ones")
    return Phrases(
        openings=tuple(words["openings"]),
        gift_reasons=(
            *(f"for my {who}'s {what}." for who, what in product(words["relatives"], words["occasions"])),
            *(f"as a {what} present." for what in words["occasions"]),
        ),
        own_reasons=(
            *(f"for our {room} in {town}." for room, town in product(words["rooms"], words["towns"])),
            # Repeated, so that plain reasons are about as frequent as those with a place.
            *(f"for the {room}." for room in words["rooms"] * 20),
            *(f"for my {who} and me." for who in words["relatives"] * 5),
        ),
        aspects=tuple(sentence for group in groups for sentence in group),
        group_start=np.cumsum(sizes) - sizes,
        group_size=sizes,
        details=_details(words),
        before_names=tuple(words["named"]),
        syllables=tuple(words["syllables"]),
        verdicts=(*good, *bad),
        verdicts_per_tone=len(good),
    )


def _aspect_groups(words: dict[str, Any]) -> list[list[str]]:
    """Sentences such as: The box was really lovely, thank you."""
    random = np.random.default_rng(20_260_101)
    return [
        [
            _perhaps_misspelled(f"{subject} {adverb} {adjective}{ending}", random)
            for subject, adverb, adjective, ending in product(
                words["aspects"][aspect]["subjects"],
                words["adverbs"][tone],
                words["aspects"][aspect][tone],
                words["endings"][tone],
            )
        ]
        for aspect, tone in product(ASPECTS, TONES)
    ]


def _details(words: dict[str, Any]) -> tuple[str, ...]:
    """Sentences without praise or blame."""
    relatives, rooms, towns = words["relatives"], words["rooms"], words["towns"]
    # Names of variants are coined in pairs, as makers do: the long tail of any shop's words.
    variants = islice(permutations(words["variant_words"], 2), 0, None, 3)
    return (
        *(f"It came to {town} on a {weekday}." for town, weekday in product(towns, words["weekdays"])),
        *(f"It now stands in the {room} and my {who} uses it." for room, who in product(rooms, relatives)),
        *(f"I took the {first.title()}{second} one." for first, second in variants),
        *(f"I had asked about {aspect} before I ordered." for aspect in ASPECTS),
        *(f"My {who} in {town} has one too." for who, town in product(relatives, towns)),
    )


def _perhaps_misspelled(sentence: str, random: np.random.Generator) -> str:
    """The sentence, at times with two letters swapped, one doubled or one left out."""
    if random.random() >= MISSPELLED_SHARE:
        return sentence
    place = int(random.integers(4, len(sentence) - 3))
    before, pair, after = sentence[:place], sentence[place : place + 2], sentence[place + 2 :]
    if not pair.isalpha():
        return sentence
    slips = (pair[1] + pair[0], pair[0] + pair, pair[1])
    return before + slips[random.integers(0, len(slips))] + after
