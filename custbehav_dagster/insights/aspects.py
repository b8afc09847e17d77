"""What people praise and complain about: mood by aspect, and whether those people came back.

A text is cut into sentences, since "Lovely mug, but it came late" praises one thing and
blames another. A sentence belongs to every aspect of which it holds a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.insights.answers import who_ordered_within
from custbehav_dagster.insights.statistics import Z95, wilson_interval
from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.settings import Settings

MOST_TEXTS = 20_000
"""More texts than these change no share by a point; the ones looked at are chosen by their hash."""

FEWEST_TEXTS = 5
"""An aspect named in fewer texts is left out."""

GOOD_OR_BAD = 0.05
"""Beyond this a sentence praises or complains; the limit that VADER's authors give."""

SHORTEST_EXAMPLE, LONGEST_EXAMPLE = 15, 240
"""Characters of a sentence that may be shown as an example."""

# Cut after . ! ? and line ends, and before a "but" that turns the mood.
_SENTENCE_END = r"(?:[.!?…؟。]+[\s\"')]+)|[\r\n]+|,?\s+(?:but|however|although|though)\s+"
_WORD = re.compile(r"\w+")

ASPECT_WORDS = {
    "product": "item items piece pieces product products mug mugs bowl cup ring necklace earrings bracelet "
    "print card cards candle candles soap bag scarf blanket toy dress top fabric material",
    "quality": "quality made craftsmanship workmanship finish sturdy flimsy broke broken breaks cracked "
    "crack chipped scratched damaged faulty fell falling durable solid cheap stitching handmade detail",
    "packaging": "packaging packaged packed packing wrapped wrapping wrap box boxed parcel package padding",
    "delivery": "delivery delivered deliver shipping shipped ship post posted postage arrived arrive arrives "
    "arriving late delayed delay wait waited waiting tracking courier days weeks lost",
    "price": "price prices priced pricey cost costs expensive cheap cheaper value worth money overpriced "
    "afford affordable bargain refund refunded discount",
    "service": "service seller shop owner customer support reply replied answer answered response responded "
    "message messages helpful friendly rude communication contact contacted",
    "gift": "gift gifts present presents birthday christmas mother mum mom wedding anniversary sister friend "
    "niece grandmother",
    "size": "size sizes sized small smaller tiny big bigger large larger fit fits fitted tight loose long "
    "short length width",
    "colour": "colour colours colored coloured color colors shade bright dull faded pattern design",
}
"""Words that name each aspect, compared in lower case as whole words. Chosen by hand for handmade goods."""


@dataclass(frozen=True)
class Sentence:
    """A part of a text that says one thing: the number of its text, its words and its mood."""

    text: int
    words: str
    mood: float


def aspects(texts: ir.Table, orders: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    """One row per aspect that people name, keeping contract.insights.ASPECTS.

    Args:
        texts: truth.single_source_of_truth; only the shop's own feedback up to `as_of` counts.
        orders: truth.orders.
        as_of: last known day.
        settings: `horizon_days`, within which an order after the text counts as coming back.

    The mood is VADER's, sentence by sentence. Coming back is compared between writers
    who named the aspect and those who wrote without naming it, for texts old enough to
    know. People who complain differ in other ways too: it is a hint, not a cause.
    """
    import pyarrow as pa

    own, is_synthetic = prefer_real(_feedback(texts, as_of))
    rows = _with_return(own, orders, as_of, settings.horizon_days).to_pyarrow().to_pylist()
    found = [
        {**row, "texts_looked_at": len(rows), "is_synthetic": is_synthetic}
        for aspect, naming in _by_aspect(_sentences([row["text"] for row in rows])).items()
        if (row := _row(aspect, naming, rows))
    ]
    found.sort(key=lambda row: (-row["texts"], row["aspect"]))
    schema = contract.insights.ASPECTS.schema.to_pyarrow()
    return contract.insights.ASPECTS.conform(ibis.memtable(pa.Table.from_pylist(found, schema=schema)))


def cut_into_sentences(text: str) -> list[str]:
    """The parts of a text that can differ in mood, in their order; `but` starts a new one."""
    return [part.strip() for part in re.split(_SENTENCE_END, text) if part.strip()]


@cache
def _aspects_by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for aspect, words in ASPECT_WORDS.items():
        for word in dict.fromkeys(words.split()):
            found[word] = (*found.get(word, ()), aspect)
    return found


def aspects_named(sentence: str) -> set[str]:
    """The aspects of which the sentence holds a word."""
    known = _aspects_by_word()
    # Every word looked up once is several times faster than a search for each aspect's words.
    return {aspect for word in _WORD.findall(sentence.lower()) for aspect in known.get(word, ())}


def _by_aspect(sentences: Sequence[Sentence]) -> dict[str, list[Sentence]]:
    """The sentences that name each aspect, in their order."""
    named = {words: aspects_named(words) for words in {one.words for one in sentences}}
    found: dict[str, list[Sentence]] = {aspect: [] for aspect in ASPECT_WORDS}
    for one in sentences:
        for aspect in named[one.words]:
            found[aspect].append(one)
    return found


def _feedback(texts: ir.Table, as_of: date) -> ir.Table:
    own = texts.filter(texts.source_type == "internal_feedback", texts.text.strip() != "")
    # A text without a day cannot be known to be later.
    return own.filter(own.created_at.isnull() | (own.created_at.date() <= ibis.date(as_of)))


def _with_return(own: ir.Table, orders: ir.Table, as_of: date, horizon_days: int) -> ir.Table:
    """The texts to look at, with `came_back`: NULL where the writer or the days after it are not known."""
    chosen = own.select("text_id", "text", "rating", "customer_id", written=own.created_at.date())
    chosen = chosen.order_by([chosen.text_id.hash(), chosen.text_id]).limit(MOST_TEXTS)
    back = who_ordered_within(chosen, orders, "written", horizon_days).select(_back="text_id")
    joined = chosen.left_join(back, chosen.text_id == back._back)
    is_known = joined.customer_id.notnull() & (
        joined.written <= ibis.date(as_of - timedelta(days=horizon_days))
    )
    return joined.select(
        "text_id",
        "text",
        "rating",
        came_back=ibis.ifelse(is_known, joined._back.notnull(), ibis.null("boolean")),
    ).order_by("text_id")


def _sentences(texts: Sequence[str]) -> list[Sentence]:
    from custbehav_dagster.text.sentiment import vader_scores

    parts = [(number, part) for number, text in enumerate(texts) for part in cut_into_sentences(text)]
    distinct = sorted({part for _, part in parts})
    moods = dict(zip(distinct, vader_scores(distinct).tolist(), strict=True)) if distinct else {}
    return [Sentence(number, part, moods[part]) for number, part in parts]


def _row(aspect: str, found: Sequence[Sentence], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    naming = {one.text for one in found}
    if len(naming) < FEWEST_TEXTS:
        return None
    moods = [one.mood for one in found]
    mean = sum(moods) / len(moods)
    half = Z95 * (sum((mood - mean) ** 2 for mood in moods) / max(1, len(moods) - 1) / len(moods)) ** 0.5
    complaints = {one.text for one in found if one.mood <= -GOOD_OR_BAD}
    praises = {one.text for one in found if one.mood >= GOOD_OR_BAD}
    return {
        "aspect": aspect,
        "texts": len(naming),
        "praising_texts": len(praises),
        "complaining_texts": len(complaints),
        "average_sentiment": round(mean, 6),
        "sentiment_low": round(max(-1.0, mean - half), 6),
        "sentiment_high": round(min(1.0, mean + half), 6),
        "average_rating": _mean([rows[number]["rating"] for number in naming]),
        "other_average_rating": _mean(
            [row["rating"] for number, row in enumerate(rows) if number not in naming]
        ),
        **_returns("complainers", [rows[number]["came_back"] for number in complaints]),
        **_returns(
            "others", [row["came_back"] for number, row in enumerate(rows) if number not in complaints]
        ),
        "best_example": _example(found, 1),
        "worst_example": _example(found, -1),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 6) if known else None


def _returns(name: str, came_back: Sequence[bool | None]) -> dict[str, Any]:
    known = [value for value in came_back if value is not None]
    low, high = wilson_interval(sum(known), len(known)) if known else (None, None)
    return {
        name: len(known),
        f"{name}_who_came_back": sum(known),
        f"{name}_low": low,
        f"{name}_high": high,
    }


def _example(sentences: Sequence[Sentence], sign: int) -> str | None:
    """The sentence with the strongest mood in that direction, of those short enough to show."""
    fitting = [
        one
        for one in sentences
        if sign * one.mood >= GOOD_OR_BAD and SHORTEST_EXAMPLE <= len(one.words) <= LONGEST_EXAMPLE
    ]
    return max(fitting, key=lambda one: (sign * one.mood, one.words)).words if fitting else None
