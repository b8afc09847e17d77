"""The season taken out of monthly sums, so that December's rush is not taken for growth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        low: lower end of its 95% interval.
        high: upper end of it.
    """

    factors: list[float]
    adjusted: list[float]
    change: float
    low: float
    high: float


def take_out_season(first_month: int, sums: Sequence[float]) -> Unseasoned | None:
    """Take the season out of the sums of whole months in a row; `first_month` is the first one's, 1 to 12.

    The logarithms of the sums are a level per calendar month and a steady growth, by least squares.
    The interval of the change is that of a sum of independent months (Student's t), and knows that
    the season itself is estimated from them. None with fewer than FEWEST_MONTHS, and when a month
    brought nothing: a closed shop has no season to take out.
    """
    if len(sums) < FEWEST_MONTHS or min(sums) <= 0:
        return None
    import numpy as np
    from scipy.stats import t

    size = len(sums)
    told = np.log(np.asarray(sums, dtype=float))
    calendar = (first_month - 1 + np.arange(size)) % YEAR
    design = np.column_stack([np.eye(YEAR)[calendar], np.arange(size) - (size - 1) / 2])
    solve = np.linalg.pinv(design)
    fitted = solve @ told
    levels = np.exp(fitted[:YEAR])
    factors = levels / levels.mean()
    contrast = np.zeros(size)
    contrast[-RECENT:] = 1 / RECENT
    contrast[-RECENT - YEAR : -RECENT] = -1 / YEAR
    # What is compared is the sums less their season, and the season is itself a sum of them.
    weights = contrast - contrast @ np.eye(YEAR)[calendar] @ solve[:YEAR]
    freedom = size - design.shape[1]
    scatter = np.sqrt(((told - design @ fitted) ** 2).sum() / freedom)
    half = t.ppf(0.975, freedom) * scatter * np.sqrt((weights**2).sum())
    change = float(weights @ told)
    low, middle, high = (float(np.expm1(value)) for value in (change - half, change, change + half))
    adjusted = np.asarray(sums, dtype=float) / factors[calendar]
    return Unseasoned(factors.tolist(), adjusted.tolist(), middle, low, high)
