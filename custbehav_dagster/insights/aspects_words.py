"""Which words name which aspect: lists for what every shop is judged by, and the shop's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from custbehav_dagster.insights.phrases import things_named

FEWEST_TEXTS = 5
"""An aspect named in fewer texts is left out."""
FEWEST_SHARE = 0.01
"""So is one of the shop's own words that is named in a smaller share of them."""
MOST_OWN = 12
"""So many of the shop's own words at most become aspects: a list nobody reads to its end tells nothing."""
OPINIONATED_FROM = 0.4
"""Own words that hardly anybody praises or complains of (the room a thing stands in) are no aspects."""
TEXTS_SEARCHED = 5_000
"""Own words are looked for in so many texts; a word of one in a hundred stands in fifty of them."""

_WORD = re.compile(r"\w+")

ASPECT_WORDS = {
    "product": "item items piece pieces product products mug mugs bowl cup ring necklace earrings bracelet "
    "print card cards candle candles soap bag scarf blanket toy dress top fabric material",
    "quality": "quality made craftsmanship workmanship finish sturdy flimsy broke broken breaks cracked "
    "crack chipped scratched damaged faulty fell falling durable solid cheap stitching handmade detail",
    "packaging": "packaging packaged packed packing wrapped wrapping wrap box boxed parcel package padding",
    "delivery": "delivery delivered deliver shipping shipped ship post posted postage arrived arrive arrives "
    "arriving late delayed delay wait waited waiting tracking courier lost",
    "price": "price prices priced pricey cost costs expensive cheap cheaper value worth money overpriced "
    "afford affordable bargain refund refunded discount",
    "service": "service seller shop owner customer support reply replied answer answered response responded "
    "message messages helpful friendly rude communication contact contacted",
    "gift": "gift gifts present presents birthday christmas mother mum mom wedding anniversary sister friend "
    "niece grandmother",
    "size": "size sizes sized sizing small smaller tiny big bigger large larger medium petite fit fits "
    "fitted tight loose long short length width",
    "colour": "colour colours colored coloured color colors shade bright dull faded pattern design",
    "comfort": "comfort comfortable comfy uncomfortable cosy cozy soft softer itchy itch itches scratchy",
    "smell": "smell smells smelled smelt scent scents scented fragrance perfume aroma stink stinks",
    "returning it": "returned returning exchange exchanged",
}
"""Words that name each aspect, compared in lower case as whole words. Chosen by hand for handmade goods."""


@cache
def _listed() -> dict[str, tuple[str, ...]]:
    return by_word({aspect: words.split() for aspect, words in ASPECT_WORDS.items()})


def by_word(words_of: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The aspects that each word names, from the words of each aspect."""
    found: dict[str, tuple[str, ...]] = {}
    for aspect, words in words_of.items():
        for word in dict.fromkeys(words):
            found[word] = (*found.get(word, ()), aspect)
    return found


def aspects_named(sentence: str, known: Mapping[str, tuple[str, ...]] | None = None) -> set[str]:
    """The aspects of which the sentence holds a word; `known` is by word, else the list's."""
    known = _listed() if known is None else known
    # Every word looked up once is several times faster than a search for each aspect's words.
    return {aspect for word in _WORD.findall(sentence.lower()) for aspect in known.get(word, ())}


def own_aspects(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Aspects by the shop's own words, with the words that name each: `sleeves` by sleeve and sleeves.

    Names of things that the lists do not hold and that people name most; none of fewer than
    FEWEST_TEXTS texts, so that no word of one or two people becomes a heading.
    """
    searched = texts[:TEXTS_SEARCHED]
    fewest = max(FEWEST_TEXTS, round(FEWEST_SHARE * len(searched)))
    found = things_named(searched, _listed(), fewest)
    named = [one for one in found if one.name not in ASPECT_WORDS]
    return {one.name: one.words for one in named[:MOST_OWN]}
