"""What each fact about a person adds to their chance: the model's answer, less its answer without the fact.

To leave a fact out is to suppose what is typical in its place, and to keep the rest: that a person
bought as often as others, or waits as long as others between orders, or is half way through a wait
that is usual for them. The forecaster that made the number is asked again about these supposed
people, so a part is exact: it is by how much the log-odds would move. No stand-in is put between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from custbehav_dagster.forecasting.moments import LATELY, Moment
from custbehav_dagster.forecasting.past import Past, log_odds_of
from custbehav_dagster.forecasting.told import told_at

FACTS = ("order_count", "gap", "last_order", "spend", "year_ago")
MOST_ASKED = 4_000
"""Above this many people, one of each group of people alike is asked about, and the others get its parts."""
USUAL_GAP = 60.0
"""Days between orders that are supposed where nobody bought twice."""


class SupposedPast(Past):
    """A past whose people are made up on the one day they are asked about; taught by the real one."""

    def __init__(self, past: Past, moment: Moment) -> None:
        super().__init__(past.days, past.horizon, past.seed)
        self.teacher = past.teacher
        self._real = past
        self._supposed = moment

    def moment(self, cutoff: int) -> Moment:
        """The people made up."""
        return self._supposed

    def habits(self, cutoff: int) -> np.ndarray:
        """Those of the real people, which are told against what counts and dates say."""
        return self._real.habits(cutoff)


@dataclass(frozen=True)
class Typical:
    """What is usual in a shop: order days, days between them, amount of an order."""

    order_days: float
    gap: float
    spend: float

    @classmethod
    def of(cls, moment: Moment) -> Typical:
        """Medians over the people of `moment`; at least two order days, so that there is a gap."""
        often = moment.order_days > 1
        gaps = _gap(moment)[often]
        return cls(
            order_days=float(max(2.0, np.round(np.median(moment.order_days)))),
            gap=float(np.median(gaps)) if len(gaps) else USUAL_GAP,
            spend=float(np.median(moment.amount / moment.orders)),
        )


def parts_of_forecast(past: Past, cutoff: int, name: str) -> np.ndarray:
    """What each of FACTS adds to the log-odds that the entry `name` told of everybody at `cutoff`.

    One row per person of `past.moment(cutoff)`, one column per fact; 0 where a short gap or many orders
    speak against somebody who is late: they do so through the days since the last order.
    """
    moment = past.moment(cutoff)
    asked, group = asked_people(moment)
    typical = Typical.of(moment)
    supposed = suppose(moment.of(asked), typical, past.days.first_day)
    answers = log_odds_of(
        told_at(SupposedPast(past, joined([moment.of(asked), *supposed])), cutoff, (name,))[name]
    )
    # One shift of all log-odds together is part of the answer, and falls out of the differences.
    real, *others = np.split(answers, 1 + len(FACTS))
    parts = np.column_stack([real - other for other in others])[group]
    # That orders used to come sooner, or oftener, makes a silence worse: which the silence tells by itself.
    late = (moment.recency > _gap(moment)) & (moment.order_days > 1)
    for fact in ("gap", "order_count"):
        column = FACTS.index(fact)
        often = moment.order_days > typical.order_days if fact == "order_count" else late
        parts[late & often & (parts[:, column] < 0), column] = 0
    return parts


def suppose(moment: Moment, typical: Typical, first_day: int) -> list[Moment]:
    """The same people once per fact of FACTS, with what is typical in its place.

    Whoever bought once has no gap: they are supposed to have come back after the typical one. Nobody is
    supposed to have bought before the shop's `first_day`, where models were never tried.
    """
    once = moment.order_days == 1
    gap = np.where(once, typical.gap, _gap(moment))
    recency, count = moment.recency, moment.order_days
    # A single wait of one's own counts as much as the shop's.
    half_way = (gap * (count - 1) + typical.gap) / count / 2
    longest = float(max(moment.cutoff - first_day, 1))
    return [
        _with_times(moment, np.full(len(moment), typical.order_days), gap, recency, longest),
        _with_times(moment, count, np.where(once, gap, typical.gap), recency, longest),
        _with_times(moment, count, gap, np.minimum(half_way, longest), longest),
        replace(moment, amount=typical.spend * moment.orders),
        replace(moment, year_ago=np.zeros_like(moment.year_ago)),
    ]


def _with_times(
    moment: Moment, count: np.ndarray, gap: np.ndarray, recency: np.ndarray, longest: float
) -> Moment:
    """The same people with `count` order days, `gap` days apart, the last `recency` days ago."""
    span = np.minimum(gap * (count - 1), np.maximum(longest - recency, 0))
    gap = span / np.maximum(count - 1, 1)
    old_gap = _gap(moment)
    orders = moment.orders * count / moment.order_days

    def lately(position: int, length: int) -> np.ndarray:
        """Orders of late, moved by as many as even spacing gives more or fewer."""
        new = _recent(count, gap, recency, length)
        old = _recent(moment.order_days, old_gap, moment.recency, length)
        ended = np.where(recency < length, np.maximum(moment.lately[position] + new - old, 1), 0)
        return np.minimum(ended, orders)

    return replace(
        moment,
        order_days=count.astype("float64"),
        orders=orders,
        amount=moment.amount * count / moment.order_days,
        recency=recency.astype("float64"),
        tenure=recency + span,
        lately=tuple(lately(position, length) for position, length in enumerate(LATELY)),
    )


def _recent(count: np.ndarray, gap: np.ndarray, recency: np.ndarray, length: int) -> np.ndarray:
    """Order days in the last `length` days, were they evenly spaced."""
    inside = 1 + np.floor(np.maximum(length - 1 - recency, 0) / np.maximum(gap, 1))
    return np.where(recency < length, np.minimum(inside, count), 0)


def _gap(moment: Moment) -> np.ndarray:
    """Mean days between a person's order days; 0 of somebody who bought once."""
    return (moment.tenure - moment.recency) / np.maximum(moment.order_days - 1, 1)


def asked_people(moment: Moment) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the people to ask about, and for each person the position of theirs among them.

    Everybody, or of a large shop one of each group that is alike in every fact (by bins of it).
    """
    if len(moment) <= MOST_ASKED:
        everybody = np.arange(len(moment))
        return everybody, everybody
    gap = np.where(moment.order_days > 1, _gap(moment), -1)
    facts: list[tuple[np.ndarray, int]] = [
        (moment.recency, 32), (gap, 12), (moment.order_days, 10), (moment.amount / moment.orders, 10),
    ]  # fmt: skip
    code = (moment.year_ago > 0).astype("int64")
    for values, bins in facts:
        code = code * (bins + 1) + _bin(values, bins)
    _, asked, group = np.unique(code, return_index=True, return_inverse=True)
    return asked, group


def _bin(values: np.ndarray, bins: int) -> np.ndarray:
    edges = np.unique(np.quantile(values, np.arange(1, bins) / bins))
    return np.searchsorted(edges, values, side="left")


def joined(moments: list[Moment]) -> Moment:
    """Several moments of one day as one."""

    def together(values: list[Any]) -> Any:
        if isinstance(values[0], np.ndarray):
            return np.concatenate(values)
        if isinstance(values[0], tuple):
            return tuple(together(list(columns)) for columns in zip(*values, strict=True))
        return values[0]

    return Moment(**{one.name: together([getattr(m, one.name) for m in moments]) for one in fields(Moment)})


def parts_of_rule(
    ask: Callable[[np.ndarray, np.ndarray], np.ndarray], order_count: np.ndarray, recency: np.ndarray
) -> np.ndarray:
    """The same for a rule that sees purchases and days since the last alone.

    `ask` gives log-odds from the two; the columns are those of FACTS.
    """
    parts = np.zeros((len(order_count), len(FACTS)))
    if not len(order_count):
        return parts
    told = ask(order_count, recency)
    middle = np.median(order_count), np.median(recency)
    parts[:, FACTS.index("order_count")] = told - ask(np.full_like(order_count, middle[0]), recency)
    parts[:, FACTS.index("last_order")] = told - ask(order_count, np.full_like(recency, middle[1]))
    return parts
