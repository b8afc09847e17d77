"""What is known of everybody on one day, and what they did afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.histories import Histories
from custbehav_dagster.forecasting.order_days import OrderDays

YEAR = 365
LATELY = (30, 120)
"""Days back in which orders are counted on their own."""


@dataclass(frozen=True)
class Moment:
    """One entry per person known on the `cutoff` (a day number); `person` says who.

    Times are in days, amounts in the shop's currency. `order_days` counts days with orders,
    `lately` orders within each of LATELY, `year_ago` those in the same window one year before.
    """

    cutoff: int
    horizon: int
    person: np.ndarray
    orders: np.ndarray
    order_days: np.ndarray
    recency: np.ndarray
    tenure: np.ndarray
    amount: np.ndarray
    lately: tuple[np.ndarray, ...]
    year_ago: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    @property
    def histories(self) -> Histories:
        """What buy-till-you-die models see, in days."""
        return Histories(
            self.order_days - 1, self.tenure - self.recency, self.tenure, np.ones(len(self.person))
        )

    def of(self, rows: np.ndarray) -> Moment:
        """Only these rows."""
        return Moment(
            self.cutoff, self.horizon, self.person[rows], self.orders[rows], self.order_days[rows],
            self.recency[rows], self.tenure[rows], self.amount[rows],
            tuple(values[rows] for values in self.lately), self.year_ago[rows],
        )  # fmt: skip


def moment_at(days: OrderDays, cutoff: int, horizon: int) -> Moment:
    """What was known at the end of `cutoff`; later orders are not looked at."""
    known = days.until(cutoff)
    size = len(days.people)
    first, last = np.full(size, cutoff + 1), np.full(size, -1)
    # Days are sorted by person and then by day: of equal people the first entry is the oldest.
    starts = np.flatnonzero(np.diff(known.person, prepend=-1))
    ends = np.append(starts[1:], len(known.person)) - 1
    who = known.person[starts]
    first[who], last[who] = known.day[starts], known.day[ends]
    last_year = cutoff - YEAR

    def count(after: int, upto: int) -> np.ndarray:
        within = (known.day > after) & (known.day <= upto)
        return np.bincount(known.person[within], known.orders[within], minlength=size)[who]

    return Moment(
        cutoff=cutoff,
        horizon=horizon,
        person=who,
        orders=np.bincount(known.person, known.orders, minlength=size)[who],
        order_days=np.bincount(known.person, minlength=size)[who].astype("float64"),
        recency=(cutoff - last[who]).astype("float64"),
        tenure=(cutoff - first[who]).astype("float64"),
        amount=np.bincount(known.person, known.amount, minlength=size)[who],
        lately=tuple(count(cutoff - length, cutoff) for length in LATELY),
        year_ago=count(last_year, min(last_year + horizon, cutoff)),
    )


def orders_after(days: OrderDays, moment: Moment, length: int | None = None) -> np.ndarray:
    """Orders of each person of `moment` within its horizon (or within `length` days) after its cutoff."""
    until = moment.cutoff + (moment.horizon if length is None else length)
    within = (days.day > moment.cutoff) & (days.day <= until)
    return np.bincount(days.person[within], days.orders[within], minlength=len(days.people))[moment.person]


def amount_after(days: OrderDays, moment: Moment, length: int | None = None) -> np.ndarray:
    """Net amount of each person of `moment` within its horizon (or `length` days) after its cutoff."""
    until = moment.cutoff + (moment.horizon if length is None else length)
    within = (days.day > moment.cutoff) & (days.day <= until)
    return np.bincount(days.person[within], days.amount[within], minlength=len(days.people))[moment.person]
