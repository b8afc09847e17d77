"""The season taken out of monthly sums, so that December's rush is not taken for growth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from custbehav_dagster.insights.statistics import Z95

YEAR = 12
FEWEST_MONTHS = 2 * YEAR
"""With less than two years no month has been seen twice, and its season cannot be told from luck."""
RECENT = 3
"""The newest months whose level is compared with the year before them."""


@dataclass(frozen=True)
class Unseasoned:
    """Monthly sums without their season.

    Attributes:
        factors: how each calendar month lies beside an even one, January first; their mean is 1.
        adjusted: each month's sum divided by its factor.
        change: level of the RECENT newest months against the twelve before them, minus 1.
        low: lower end of its 95% interval, from how the adjusted months scatter.
        high: upper end of it.
    """

    factors: list[float]
    adjusted: list[float]
    change: float
    low: float
    high: float


def take_out_season(first_month: int, sums: Sequence[float]) -> Unseasoned | None:
    """Take the season out of the sums of whole months in a row; `first_month` is the first one's, 1 to 12.

    The classical way: each month beside the middle of the twelve around it, and of those
    ratios the median of each calendar month. None with fewer than FEWEST_MONTHS, or when a
    month's usual level, or that of the year before the newest months, is nothing.
    """
    if len(sums) < FEWEST_MONTHS:
        return None
    factors = _factors(first_month, sums)
    if factors is None:
        return None
    adjusted = [value / factors[(first_month - 1 + place) % YEAR] for place, value in enumerate(sums)]
    year, newest = adjusted[-RECENT - YEAR : -RECENT], adjusted[-RECENT:]
    usual = fmean(year)
    if usual <= 0:
        return None
    change = fmean(newest) / usual - 1
    scatter = stdev(value / usual for value in year)
    half = Z95 * scatter * math.sqrt(1 / RECENT + 1 / YEAR)
    return Unseasoned(factors, adjusted, change, change - half, change + half)


def _factors(first_month: int, sums: Sequence[float]) -> list[float] | None:
    ratios: dict[int, list[float]] = {month: [] for month in range(YEAR)}
    for place in range(YEAR // 2, len(sums) - YEAR // 2):
        around = sums[place - YEAR // 2 : place + YEAR // 2 + 1]
        # Thirteen months, of which the two outer ones are the same calendar month and count half each.
        level = (sum(around) - (around[0] + around[-1]) / 2) / YEAR
        if level > 0:
            ratios[(first_month - 1 + place) % YEAR].append(sums[place] / level)
    if not all(ratios.values()):
        return None
    usual = [median(ratios[month]) for month in range(YEAR)]
    mean = fmean(usual)
    return [value / mean for value in usual] if min(usual) > 0 else None
