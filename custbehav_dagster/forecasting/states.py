"""Where each person stands with the shop: one word a shop owner can act on, and the words for their chance.

The state comes from the days since the last order beside the person's own usual wait (`usual_gaps`),
from the season they buy in (`seasons`) and from gifts; the model's probability only decides who is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from custbehav_dagster.contract.results import STATES
from custbehav_dagster.forecasting.order_days import OrderDays, day_number
from custbehav_dagster.forecasting.people import numbers
from custbehav_dagster.forecasting.seasons import Seasons, find_seasons
from custbehav_dagster.forecasting.usual_gaps import OwnGaps, learn_gaps, own_gaps

NEW_DAYS = 30
DUE_FROM, SLIPPING_FROM, LAPSED_FROM = 0.5, 0.8, 0.95
"""Share of a person's waits that would have ended by now: from there on they are due, slipping, lapsed."""
LAPSED_FROM_WAITS = 2
"""Nobody is lapsed before so many of their usual waits: who bought each week is two days late, not gone."""
GONE_BELOW, GONE_AT_MOST = 0.25, 0.1
"""Somebody due is lapsed below this share of the average buyer's chance, and below a tenth."""
NOT_GONE_FROM = 0.25
"""Nobody with such a chance is called lapsed, however late."""

NEW_VERDICT = "new"
REFUSED_VERDICT = "not enough data"
WORDS: dict[str, tuple[tuple[float, str], ...]] = {
    "new": ((0.0, NEW_VERDICT),),
    "active": ((0.5, "likely back"), (0.25, "may come back"), (0.0, "not due yet")),
    "due": ((0.5, "likely back"), (0.25, "may come back"), (0.0, "small chance")),
    "slipping": ((0.5, "late, but likely back"), (0.0, "slipping away")),
    "lapsed": ((0.0, "probably gone"),),
    "seasonal": ((0.5, "likely back"), (0.0, "buys in season")),
    "gift-only": ((0.5, "likely back"), (0.0, "buys gifts only")),
}
"""By state: the words for a probability, those of the first limit it reaches."""
VERDICTS = tuple(pair for pairs in WORDS.values() for pair in pairs)


@dataclass(frozen=True)
class Standing:
    """One entry per person, in the order they were asked for.

    `state` is a position in STATES, `usual_gap` in days, `next_due` a day number and -1 where none is known.
    """

    state: np.ndarray
    usual_gap: np.ndarray
    next_due: np.ndarray


def find_standing(
    people: pa.Table, days: OrderDays, gift_only: np.ndarray, p_return: np.ndarray | None
) -> Standing:
    """The state of each of `people` (features of one day), whose orders are among `days`.

    `gift_only` says of each whether all their orders were gifts. Without `p_return` the rule of waits
    decides alone.
    """
    if not people.num_rows:
        nothing = np.empty(0)
        return Standing(nothing.astype("int8"), nothing, nothing.astype("int64"))
    as_of = day_number(people.column("as_of")[0].as_py())
    known = days.until(as_of)
    rows = rows_among(days, people)
    own, seasons = own_gaps(known, as_of, learn_gaps(known, as_of)), find_seasons(known, as_of)
    recency = numbers(people, "recency_days")
    position = np.where(
        recency < LAPSED_FROM_WAITS * own.usual[rows],
        np.minimum(own.position[rows], np.nextafter(LAPSED_FROM, 0)),
        own.position[rows],
    )
    own = OwnGaps(own.waits[rows], own.usual[rows], position)
    seasons = Seasons(seasons.seasonal[rows], seasons.next_start[rows])
    is_new = numbers(people, "tenure_days") <= NEW_DAYS
    state = states_of(own.position, is_new, seasons.seasonal, gift_only, p_return)
    last = as_of - recency.astype("int64")
    by_gap = (own.waits > 0) & ~np.isin(state, [STATES.index(word) for word in ("lapsed", "gift-only")])
    next_due = np.where(by_gap, last + np.round(own.usual).astype("int64"), -1)
    is_seasonal = state == STATES.index("seasonal")
    return Standing(state, own.usual, np.where(is_seasonal, seasons.next_start, next_due))


def states_of(
    position: np.ndarray,
    is_new: np.ndarray,
    seasonal: np.ndarray,
    gift_only: np.ndarray,
    p_return: np.ndarray | None = None,
) -> np.ndarray:
    """Positions in STATES; of several that fit, the first of new, seasonal, lapsed, gift-only, the rest."""
    lapsed = position >= LAPSED_FROM
    if p_return is not None and len(p_return):
        floor = min(GONE_BELOW * float(p_return.mean()), GONE_AT_MOST)
        lapsed = (lapsed | ((position >= DUE_FROM) & (p_return < floor))) & (p_return < NOT_GONE_FROM)
    conditions = {
        "new": is_new,
        "seasonal": seasonal,
        "lapsed": lapsed,
        "gift-only": gift_only,
        "slipping": position >= SLIPPING_FROM,
        "due": position >= DUE_FROM,
    }
    numbers_of = [STATES.index(state) for state in conditions]
    return np.select(list(conditions.values()), numbers_of, STATES.index("active")).astype("int8")


def verdicts_of(state: np.ndarray, p_return: np.ndarray) -> pa.Array:
    """The words for each person's state and probability."""
    words = sorted({word for _, word in VERDICTS})
    chosen = np.zeros(len(state), dtype="int8")
    for number, name in enumerate(STATES):
        for limit, word in reversed(WORDS[name]):
            chosen[(state == number) & (p_return >= limit)] = words.index(word)
    return named(chosen, words)


def named(positions: np.ndarray, words: tuple[str, ...] | list[str]) -> pa.Array:
    """Each position's word."""
    return pa.DictionaryArray.from_arrays(pa.array(positions, pa.int8()), pa.array(words)).cast(pa.string())


def dates_of(day_numbers: np.ndarray) -> pa.Array:
    """Dates of day numbers; empty where below 0."""
    return pa.array(day_numbers.astype("int32"), pa.int32(), mask=day_numbers < 0).cast(pa.date32())


def rows_among(days: OrderDays, people: pa.Table) -> np.ndarray:
    """The number of each of `people` in `days.people`.

    Raises:
        ValueError: somebody has no order there, so that features and orders are not of one shop.
    """
    found = pc.index_in(people.column("customer_id"), value_set=days.people.combine_chunks())
    if found.null_count:
        raise ValueError(
            "The features speak of people without an order by that day: refresh from the orders on."
        )
    return found.to_numpy()


def gift_buyers(orders: ir.Table, people: pa.Table, as_of: date) -> np.ndarray:
    """Of each of `people`, whether every purchase up to `as_of` was marked as a gift. Runs one query."""
    bought = orders.filter(orders.is_purchase, orders.customer_id.notnull(), orders.order_date <= as_of)
    gifts = bought.filter(bought.is_gift).select("customer_id").distinct()
    others = bought.filter(~bought.is_gift).select("customer_id").distinct()
    names = gifts.anti_join(others, "customer_id").to_pyarrow().column("customer_id")
    return pc.is_in(people.column("customer_id"), value_set=names.combine_chunks()).to_numpy()


def evenly_spaced(people: pa.Table) -> OrderDays:
    """Order days of people whose orders are not at hand: as many as they had, between the first and last."""
    count = numbers(people, "order_count").astype("int64")
    recency, tenure = numbers(people, "recency_days"), numbers(people, "tenure_days")
    as_of = day_number(people.column("as_of")[0].as_py()) if people.num_rows else 0
    # More than one a day is one day.
    count = np.minimum(count, np.maximum(tenure - recency, 0).astype("int64") + 1)
    person = np.repeat(np.arange(people.num_rows), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    step = ((tenure - recency) / np.maximum(count - 1, 1))[person]
    day = np.round(as_of - tenure[person] + number * step).astype("int64")
    each = numbers(people, "order_count")[person] / count[person]
    return OrderDays(
        people.column("customer_id"), person, day, each, each * numbers(people, "average_amount")[person]
    )
