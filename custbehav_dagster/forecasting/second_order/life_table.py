"""How long people take for the next order; who has not ordered yet counts for as long as watched.

Kaplan & Meier (1958) for the chance, Greenwood (1926) for its variance, Nelson (1972) and Aalen (1978)
for the orders expected. Time runs in whole days.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

Z95 = 1.959964
FEWEST_WATCHED = 10
"""With fewer people watched to the end of a time, nothing is said of it."""


@dataclass(frozen=True)
class Chance:
    """Probability of the event within some days, with its 95% interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class LifeTable:
    """By day, from 0: people still `waiting` at its start, `events` on it, what follows from them."""

    waiting: np.ndarray
    events: np.ndarray
    survival: np.ndarray
    greenwood: np.ndarray
    hazard: np.ndarray

    @property
    def last(self) -> int:
        """The last day on which anybody was watched."""
        return len(self.waiting) - 1

    def chance(self, after: int, within: int) -> Chance | None:
        """Chance of the event in (after, after + within], for those who still waited after `after` days.

        The interval is Wilson's, for as many people as a share without anybody unwatched would
        need to be known as well (Dorey & Korn, 1987). None where too few were watched.
        """
        end = after + within
        if end > self.last or self.waiting[end] < FEWEST_WATCHED or self.survival[after] <= 0:
            return None
        share = float(1 - self.survival[end] / self.survival[after])
        people = float(self.waiting[after + 1])
        spread = float(self.greenwood[end] - self.greenwood[after])
        size = float(self.waiting[end])
        if spread > 0 and share < 1:
            size = share / ((1 - share) * spread)
        return Chance(share, *_wilson(share, min(size, people)))

    def seen(self, after: int, within: int) -> int:
        """Events that were seen in (after, after + within]."""
        return round(self.events[after + 1 : after + within + 1].sum())

    def waited(self, after: int) -> int:
        """People who still waited after `after` days and were watched on."""
        return round(self.waiting[after + 1]) if after < self.last else 0

    def within(self, part: float, limit: int) -> int | None:
        """The day by which that part of the events up to day `limit` has come; None without any."""
        gone = 1 - self.survival[: limit + 1]
        if not gone[-1] > 0:
            return None
        return int(np.argmax(gone >= part * gone[-1] - 1e-12))

    def well_watched(self, fewest: int) -> int:
        """The last day to which at least `fewest` people were watched, or before which nobody was lost."""
        nobody_lost = self.waiting + self.events.cumsum() - self.events >= self.waiting[0] - 1e-9
        return int(np.flatnonzero((self.waiting >= fewest) | nobody_lost)[-1])


def life_table(days: np.ndarray, came: np.ndarray, people: np.ndarray) -> LifeTable:
    """Of `people` (weights) who each waited so many `days` and then `came`, or are still awaited.

    All three have one entry per cell; days are whole numbers from 0.
    """
    length = int(days.max()) + 1 if len(days) else 1
    leaving = np.bincount(days, people, length)
    events = np.bincount(days[came], people[came], length)
    waiting = leaving[::-1].cumsum()[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(waiting > 0, events / waiting, 0.0)
        terms = np.where(waiting > events, events / (waiting * (waiting - events)), 0.0)
    # What is left of sums of weights may be a hair off.
    hazard = np.clip(hazard, 0.0, 1.0)
    return LifeTable(waiting, events, np.cumprod(1 - hazard), np.cumsum(terms), np.cumsum(hazard))


def _wilson(share: float, size: float) -> tuple[float, float]:
    """Wilson's 95% interval for a share known as well as from `size` people, who need not be whole."""
    weight = Z95**2 / size
    centre = (share + weight / 2) / (1 + weight)
    half = Z95 * math.sqrt(share * (1 - share) / size + weight / (4 * size)) / (1 + weight)
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))
