"""Who buys once a year, at the same time of the year, and not between.

Somebody who waits at random waits about a year now and then. So a yearly buyer counts as one only
where waits of about a year are commoner in the shop than waits somewhat shorter and longer,
by more than a buyer's number of years can do by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.moments import YEAR
from custbehav_dagster.forecasting.order_days import OrderDays

SEASON_DAYS = 61
"""Longest time from the first to the last order of one season."""
TOLERANCE = 45
"""Days by which the next season may begin earlier or later than a year after the last."""
MOST_BY_CHANCE = 0.5
"""Largest chance that a yearly buyer is none."""


@dataclass(frozen=True)
class Seasons:
    """One entry per person: whether they buy in a season of their own, and the day it begins next."""

    seasonal: np.ndarray
    next_start: np.ndarray


@dataclass(frozen=True)
class Visits:
    """Order days no more than SEASON_DAYS apart as one visit each: person, first and last day."""

    person: np.ndarray
    first: np.ndarray
    last: np.ndarray


def find_seasons(days: OrderDays, as_of: int) -> Seasons:
    """Tell who buys each year at about the same time and has not missed the last season.

    `next_start` is a year after the first day of the last season (a day number); people who are not
    seasonal have one too, of no meaning.
    """
    size = len(days)
    visits = visits_of(days)
    same = np.diff(visits.person) == 0
    apart = np.diff(visits.first)[same]
    person = visits.person[1:][same]
    yearly = np.abs(apart - YEAR) <= TOLERANCE
    years = np.bincount(person, yearly, minlength=size)
    only_yearly = np.bincount(person, ~yearly, minlength=size) == 0
    short = np.ones(size, dtype=bool)
    short[visits.person[visits.last - visits.first > SEASON_DAYS]] = False
    start = np.zeros(size, dtype="int64")
    start[visits.person] = visits.first  # sorted by day: the last one stays
    next_start = start + YEAR
    not_missed = as_of <= next_start + TOLERANCE
    likely = by_chance(visits, as_of) ** np.maximum(years, 1) <= MOST_BY_CHANCE
    return Seasons((years > 0) & only_yearly & short & not_missed & likely, next_start)


def visits_of(days: OrderDays) -> Visits:
    """Put order days of one person into one visit while the next is at most SEASON_DAYS away."""
    begins = (np.diff(days.person, prepend=-1) != 0) | (np.diff(days.day, prepend=-YEAR) > SEASON_DAYS)
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(days.day)) - 1
    return Visits(days.person[starts], days.day[starts], days.day[ends])


def by_chance(visits: Visits, as_of: int) -> float:
    """Chance that a wait of about a year is one like any other.

    The hazard of a visit in the days before and after that time over the one within it, half a
    visit added to each so that few tell little.
    """
    if not len(visits.person):
        return 1.0
    same = np.append(np.diff(visits.person) == 0, False)
    following = np.append(visits.first[1:], 0)
    waited = np.where(same, following, as_of) - visits.first
    width = 2 * TOLERANCE + 1
    top = YEAR + TOLERANCE + width
    waited = np.minimum(waited, top + 1)
    ended = np.bincount(waited[same], minlength=top + 2)
    at_risk = np.bincount(waited, minlength=top + 2)[::-1].cumsum()[::-1]
    inside = slice(YEAR - TOLERANCE, YEAR + TOLERANCE + 1)
    before = slice(YEAR - TOLERANCE - width, YEAR - TOLERANCE)
    after = slice(YEAR + TOLERANCE + 1, top + 1)
    yearly = (ended[inside].sum() + 0.5) / max(at_risk[inside].sum(), 1)
    beside = (ended[before].sum() + ended[after].sum() + 0.5) / max(
        at_risk[before].sum() + at_risk[after].sum(), 1
    )
    return float(min(beside / yearly, 1.0))
