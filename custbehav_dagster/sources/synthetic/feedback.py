"""Reviews of the made-up shop: who writes, how many stars, and words that mostly agree with them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from custbehav_dagster.sources.synthetic.columns import (
    category_column,
    identifiers,
    joined,
    picked,
    text_column,
)
from custbehav_dagster.sources.synthetic.phrases import ASPECTS, TONES, phrases
from custbehav_dagster.sources.synthetic.randomness import shares, stream
from custbehav_dagster.sources.synthetic.vocabulary import CATALOGUE, LAST_DAY

if TYPE_CHECKING:
    import pandas as pd

BLANK_SHARE = 0.15
AGREEING_SHARE = 0.9
_WRITING_SHARE, _WRITING_SHARE_WHEN_LATE = 0.28, 0.6
# Of one to five stars.
_STARS = (0.03, 0.03, 0.06, 0.16, 0.72)
_STARS_WHEN_LATE = (0.42, 0.3, 0.18, 0.07, 0.03)
_MIXED_RATING = 3
_OPENING_SHARE, _SECOND_ASPECT_SHARE, _DETAIL_SHARE, _LOWER_CASE_SHARE = 0.7, 0.4, 0.4, 0.12
_NAME_SHARE = 0.3
"""Details that name somebody: new names keep turning up however many reviews there are."""
_ASPECT_WEIGHTS = (14, 14, 26, 10, 14, 8, 8, 6)
_ROWS_AT_A_TIME = 250_000
_DAY_SECONDS = 86_400


def generate_feedback(
    orders: pd.DataFrame, seed: int, *, count: int | None = None, last_day: date = LAST_DAY
) -> pd.DataFrame:
    """Make reviews of `orders`, oldest first, none written after `last_day`.

    Args:
        orders: as `generate_orders` gives them.
        seed: same seed and orders, same reviews.
        count: exactly so many reviews, at most one per order; None: about three of
            ten orders are reviewed, late ones twice as often.
        last_day: last day of the history, inclusive.

    Returns:
        One row per review: the columns of feedback.csv, typed and clean (`text` is
        empty where only stars were left), and `true_order` (row number in
        `orders`), `true_tone` (good, bad or mixed: what the words say) and
        `true_agrees` (whether the words say what the stars say).

    Raises:
        ValueError: `count` is negative or above the number of orders.
    """
    import pandas as pd

    if count is not None and not 0 <= count <= len(orders):
        raise ValueError(f"feedback must be between none and one per order ({len(orders)}), not {count}")
    random = stream(seed, "feedback")
    written = _reviewed(random, orders["true_is_late"].to_numpy(), count)
    written_at = _moments_of_writing(random, orders, written, last_day)
    order = np.argsort(written_at, kind="stable")
    written, written_at = written[order], written_at[order]
    is_late = orders["true_is_late"].to_numpy()[written]
    rating = _ratings(random, is_late)
    tone, agrees = _tones(random, rating)
    about = orders.iloc[written]
    return pd.DataFrame(
        {
            "feedback_id": text_column(identifiers("F", np.arange(1, len(written) + 1), width=7)),
            "customer_id": about["customer_id"].array,
            "order_id": about["order_id"].array,
            "created_at": written_at,
            "rating": rating,
            "text": _texts(
                random, tone, is_late, about["is_gift"].to_numpy(), about["product"].cat.codes.to_numpy()
            ),
            "true_order": written.astype(np.int32),
            "true_tone": category_column(("good", "bad", "mixed"), tone),
            "true_agrees": agrees,
        }
    )


def _reviewed(random: np.random.Generator, is_late: np.ndarray, count: int | None) -> np.ndarray:
    """Row numbers of the orders that are reviewed."""
    chance = np.where(is_late, _WRITING_SHARE_WHEN_LATE, _WRITING_SHARE)
    if count is None:
        return np.flatnonzero(random.random(len(is_late)) < chance)
    if count == 0:
        return np.array([], dtype=np.int64)
    # Who waits shortest for an exponential clock is a draw without replacement by weight.
    waiting = random.exponential(1, len(is_late)) / chance
    return np.argpartition(waiting, count - 1)[:count]


def _moments_of_writing(
    random: np.random.Generator, orders: pd.DataFrame, written: np.ndarray, last_day: date
) -> np.ndarray:
    """When the reviews are written: after the parcel has come, and within the history."""
    ordered_at = orders["order_date"].to_numpy().astype("datetime64[s]")[written]
    is_late = orders["true_is_late"].to_numpy()[written]
    days = np.where(is_late, 12, 3) + random.exponential(6, len(written))
    delay = np.minimum(days, 90) * _DAY_SECONDS
    end = np.datetime64(last_day, "s") + np.timedelta64(_DAY_SECONDS - 60, "s")
    time_left = (end - ordered_at).astype(np.int64)
    delay = np.where(delay > time_left, random.random(len(written)) * time_left, delay)
    written_at = ordered_at + (delay.astype(np.int64) // 60 * 60).astype("timedelta64[s]")
    # On one day in spring British clocks have no hour after one at night.
    hour = written_at.astype("datetime64[h]").astype(np.int64) % 24
    return written_at + np.where(hour == 1, 3_600, 0).astype("timedelta64[s]")


def _ratings(random: np.random.Generator, is_late: np.ndarray) -> np.ndarray:
    chance = random.random(len(is_late))
    usual = np.searchsorted(np.cumsum(_STARS)[:-1], chance, side="right")
    late = np.searchsorted(np.cumsum(_STARS_WHEN_LATE)[:-1], chance, side="right")
    return (np.where(is_late, late, usual) + 1).astype(np.int8)


def _tones(random: np.random.Generator, rating: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the words say (0 good, 1 bad, 2 mixed), and whether that agrees with the stars."""
    fitting = np.where(rating > _MIXED_RATING, 0, np.where(rating < _MIXED_RATING, 1, 2))
    agrees = random.random(len(rating)) < AGREEING_SHARE
    other = (fitting + random.integers(1, 3, len(rating))) % 3
    return np.where(agrees, fitting, other).astype(np.int8), agrees


def _texts(
    random: np.random.Generator,
    tone: np.ndarray,
    is_late: np.ndarray,
    is_gift: np.ndarray,
    product: np.ndarray,
) -> pd.api.extensions.ExtensionArray:
    """The words of all reviews, empty where only stars were left."""
    blocks = [
        _text_block(random, tone[rows], is_late[rows], is_gift[rows], product[rows])
        for rows in (slice(at, at + _ROWS_AT_A_TIME) for at in range(0, len(tone), _ROWS_AT_A_TIME))
    ]
    return text_column(pa.concat_arrays(blocks) if blocks else pa.array([], pa.string()))


def _text_block(
    random: np.random.Generator,
    tone: np.ndarray,
    is_late: np.ndarray,
    is_gift: np.ndarray,
    product: np.ndarray,
) -> pa.Array:
    said, count = phrases(), len(tone)
    first, second = _aspects(random, tone, is_late, is_gift)
    # Mixed reviews blame first and praise then.
    first_tone, second_tone = np.where(tone == 2, 1, tone), np.where(tone == 2, 0, tone)
    has_second = (random.random(count) < _SECOND_ASPECT_SHARE) | (tone == 2)
    has_detail = random.random(count) < _DETAIL_SHARE
    has_opening = (random.random(count) < _OPENING_SHARE) | ~(has_second | has_detail)
    verdict_tone = np.where(tone == 2, random.integers(0, 2, count), tone)
    verdict = random.integers(0, said.verdicts_per_tone, count) + verdict_tone * said.verdicts_per_tone
    text = joined(
        _sometimes(has_opening, _openings(random, is_gift, product)),
        _aspect_sentences(random, first, first_tone),
        pc.if_else(pa.array(has_second), _aspect_sentences(random, second, second_tone), ""),
        _sometimes(has_detail, _details(random, count)),
        picked(said.verdicts, verdict),
    )
    text = pc.if_else(pa.array(random.random(count) < _LOWER_CASE_SHARE), pc.utf8_lower(text), text)
    return pc.if_else(pa.array(random.random(count) < BLANK_SHARE), pa.scalar(None, pa.string()), text)


def _aspects(
    random: np.random.Generator, tone: np.ndarray, is_late: np.ndarray, is_gift: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What the first and the second sentence speak of: of delivery first when it was late."""
    count, gift = len(tone), ASPECTS.index("gift")
    first = random.choice(len(ASPECTS), count, p=shares(_ASPECT_WEIGHTS))
    first = np.where(is_late & (tone != 0), ASPECTS.index("delivery"), first)
    second = (first + random.integers(1, len(ASPECTS), count)) % len(ASPECTS)
    instead = ASPECTS.index("quality")
    first = np.where((first == gift) & ~is_gift, instead, first)
    return first, np.where((second == gift) & ~is_gift, instead, second)


def _openings(random: np.random.Generator, is_gift: np.ndarray, product: np.ndarray) -> pa.Array:
    """Such as: I bought this mug for my aunt's birthday."""
    said, count = phrases(), len(is_gift)
    reason = pc.if_else(
        pa.array(is_gift), _drawn(random, said.gift_reasons, count), _drawn(random, said.own_reasons, count)
    )
    noun = picked([product.noun for product in CATALOGUE], product)
    return joined(_drawn(random, said.openings, count), " ", noun, " ", reason)


def _details(random: np.random.Generator, count: int) -> pa.Array:
    """Such as: It came to York on a Friday. Or, with a name of three syllables: We call it Corbeta."""
    said = phrases()
    name = pc.utf8_capitalize(joined(*(_drawn(random, said.syllables, count) for _ in range(3))))
    naming = joined(_drawn(random, said.before_names, count), " ", name, ".")
    return pc.if_else(
        pa.array(random.random(count) < _NAME_SHARE), naming, _drawn(random, said.details, count)
    )


def _drawn(random: np.random.Generator, sentences: tuple[str, ...], count: int) -> pa.Array:
    return picked(sentences, random.integers(0, len(sentences), count))


def _aspect_sentences(random: np.random.Generator, aspect: np.ndarray, tone: np.ndarray) -> pa.Array:
    """A sentence, with its space behind, about each aspect in each tone (0 good, 1 bad)."""
    said = phrases()
    group = aspect * len(TONES) + tone
    number = said.group_start[group] + random.integers(0, said.group_size[group])
    return joined(picked(said.aspects, number), " ")


def _sometimes(is_there: np.ndarray, sentences: pa.Array) -> pa.Array:
    """The sentences and a space behind them where they are wanted, nothing elsewhere."""
    return pc.if_else(pa.array(is_there), joined(sentences, " "), "")
