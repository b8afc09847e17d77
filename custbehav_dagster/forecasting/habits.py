"""How a person buys beyond how often and how long ago: of late or of old, evenly or in clumps, for how much.

Each habit is told against what counts and dates alone would say, so that it stays the same
for somebody of whom other dates are supposed.
"""

from __future__ import annotations

import numpy as np

from custbehav_dagster.forecasting.moments import Moment
from custbehav_dagster.forecasting.order_days import OrderDays

HALF_LIVES = (45.0, 90.0, 180.0, 365.0)
"""Days after which an order counts half."""
FLOOR = 0.05
GAP_VARIANCE, GAPS_THOUGHT = 1.0, 3.0
"""Variance of the logarithm of gaps before data, and how many gaps that counts as."""
HABITS = len(HALF_LIVES) + 7
HABIT_COLUMNS = len(HALF_LIVES) + 9


def habits_at(days: OrderDays, cutoff: int) -> np.ndarray:
    """One row per person of `days` and HABITS columns, from what was known at the end of `cutoff`.

    Order days that count less the older they are (against evenly spaced ones), the logarithm of gaps
    (mean against that of the mean gap, variance, the last against the mean), the logarithm of
    amounts (last against mean, deviation, first, of late against mean). All 0 for the unknown.
    """
    known = days.until(cutoff)
    size = len(days.people)
    people = np.bincount(known.person, minlength=size).astype("float64")
    starts = np.flatnonzero(np.diff(known.person, prepend=-1))
    ends = np.append(starts[1:], len(known.person)) - 1
    habits = np.zeros((size, HABITS), dtype="float32")
    who = known.person[starts]
    columns = [*_of_late(known, cutoff, people, starts, ends), *_of_gaps(known, people)]
    for position, values in enumerate(columns):
        habits[who, position] = values[who]
    for position, values in enumerate(_of_amounts(known, cutoff, people, starts, ends), len(columns)):
        habits[who, position] = values[who]
    return habits


def habit_columns(habits: np.ndarray, moment: Moment) -> np.ndarray:
    """What learners see of the habits of the people of `moment`, one row each."""
    gaps = moment.order_days - 1
    mean_gap = (moment.tenure - moment.recency) / np.maximum(gaps, 1)
    often = gaps > 0
    count = len(HALF_LIVES)
    of_late = [
        np.log(_evenly(moment.order_days, mean_gap, moment.recency, half_life) * np.exp(ratio) + FLOOR)
        for half_life, ratio in zip(HALF_LIVES, habits[:, :count].T, strict=True)
    ]
    offset, variance, last, *spend = habits[:, count:].T
    waited = np.log(moment.recency + 1) - np.log(np.maximum(mean_gap, 1)) - offset
    mean = np.log1p(np.maximum(moment.amount, 0) / moment.orders)
    against_mean, deviation, first, lately = spend
    return np.column_stack(
        [
            *of_late,
            np.where(often, np.log(np.maximum(variance, FLOOR)), 0),
            last,
            np.where(often, np.clip(waited / np.sqrt(np.maximum(variance, FLOOR)), -3, 3), 0),
            np.where(often, np.clip(waited, -3, 3), 0),
            against_mean, deviation, first,
            np.log1p(np.maximum(moment.amount, 0)),
            mean + lately + of_late[1],
        ]
    )  # fmt: skip


def _evenly(count: np.ndarray, gap: np.ndarray, recency: np.ndarray, half_life: float) -> np.ndarray:
    """Order days that count half after each half-life, were they evenly spaced (a geometric series)."""
    rate = np.log(2) / half_life
    gap = np.maximum(gap, 1e-3)
    return np.exp(-rate * recency) * np.expm1(-rate * gap * count) / np.expm1(-rate * gap)


def _of_late(
    known: OrderDays, cutoff: int, people: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> list[np.ndarray]:
    """Logarithm of the discounted number of order days over that of evenly spaced ones, per half-life."""
    size = len(people)
    recency, gap = np.zeros(size), np.zeros(size)
    who = known.person[starts]
    recency[who] = cutoff - known.day[ends]
    gap[who] = (known.day[ends] - known.day[starts]) / np.maximum(people[who] - 1, 1)
    age = (cutoff - known.day).astype("float64")
    ratios = []
    for half_life in HALF_LIVES:
        real = np.bincount(known.person, np.exp2(-age / half_life), minlength=size)
        even = _evenly(people, gap, recency, half_life)
        ratios.append(np.where(people > 1, np.log(np.maximum(real, 1e-9) / np.maximum(even, 1e-9)), 0))
    return ratios


def _of_gaps(known: OrderDays, people: np.ndarray) -> list[np.ndarray]:
    """Mean logarithm of gaps against that of their mean, its variance, and the last against the mean."""
    size = len(people)
    same = known.person[1:] == known.person[:-1]
    gap, person = (known.day[1:] - known.day[:-1])[same].astype("float64"), known.person[1:][same]
    count = np.maximum(people - 1, 0)
    some = np.maximum(count, 1)
    logs = np.log(gap)
    mean = np.bincount(person, logs, minlength=size) / some
    own = np.bincount(person, logs**2, minlength=size) / some - mean**2
    variance = (own * count + GAP_VARIANCE * GAPS_THOUGHT) / (count + GAPS_THOUGHT)
    last = np.zeros(size)
    last[person] = logs  # the later of one person's gaps comes later
    offset = mean - np.log(np.maximum(np.bincount(person, gap, minlength=size) / some, 1))
    often = count > 0
    return [
        np.where(often, offset, 0), np.where(often, variance, 0),
        np.where(often, (last - mean) * count / (count + 2), 0),
    ]  # fmt: skip


def _of_amounts(
    known: OrderDays, cutoff: int, people: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> list[np.ndarray]:
    """Logarithm of the last amount against the mean of them, their deviation, the first, those of late."""
    size, some = len(people), np.maximum(people, 1)
    logs = np.log1p(np.maximum(known.amount / known.orders, 0))
    mean = np.bincount(known.person, logs, minlength=size) / some
    square = np.bincount(known.person, logs**2, minlength=size) / some
    last, first = np.zeros(size), np.zeros(size)
    last[known.person[ends]], first[known.person[starts]] = logs[ends], logs[starts]
    counts = np.exp2(-(cutoff - known.day) / HALF_LIVES[1])
    weight = np.maximum(np.bincount(known.person, counts, minlength=size), 1e-9)
    lately = np.bincount(known.person, counts * logs, minlength=size) / weight
    return [last - mean, np.sqrt(np.maximum(square - mean**2, 0)), first, lately - mean]
