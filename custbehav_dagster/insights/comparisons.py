"""Is a difference more than chance: two groups within like with like, and many questions at once.

Counts in, intervals and p-values out; nothing here reads a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from custbehav_dagster.insights.statistics import Z95

ALLOWED = 0.05
"""Chance that a shop in which nothing is going on is told anything, per kind of finding."""


@dataclass(frozen=True)
class Stratum:
    """Two groups among people who are alike: `ones` of `first`, and `others` of `second`."""

    ones: int
    first: int
    others: int
    second: int


@dataclass(frozen=True)
class Comparison:
    """The first group against the second, like with like.

    `difference` is of shares, `ratio` is of them too; each with its 95% interval; `p` is
    two-sided. The ratio is None where nobody of one of the groups did it.
    """

    difference: float
    difference_low: float
    difference_high: float
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    p: float


def compared(strata: Iterable[Stratum]) -> Comparison | None:
    """Compare two groups over strata; None when no stratum has people of both.

    Method: difference and ratio of Mantel and Haenszel (1959), with the variances of
    Sato (1989) and of Greenland and Robins (1985), which hold for many small strata;
    p by their test with the correction for continuity.
    """
    usable = [one for one in strata if one.first and one.second]
    if not usable:
        return None
    weights = [one.first * one.second / (one.first + one.second) for one in usable]
    total = sum(weights)
    gaps = [one.ones / one.first - one.others / one.second for one in usable]
    difference = sum(weight * gap for weight, gap in zip(weights, gaps, strict=True)) / total
    half = Z95 * math.sqrt(_variance_of_difference(usable, difference)) / total
    ratio, ratio_low, ratio_high = _ratio(usable)
    return Comparison(
        difference,
        max(-1.0, difference - half),
        min(1.0, difference + half),
        ratio,
        ratio_low,
        ratio_high,
        _p_of(usable),
    )


def _variance_of_difference(strata: Sequence[Stratum], difference: float) -> float:
    """Sato's variance of the summed differences, which stays above zero when a group has none."""
    skewed = even = 0.0
    for one in strata:
        people = one.first + one.second
        skewed += (
            one.first**2 * one.others
            - one.second**2 * one.ones
            + one.first * one.second * (one.second - one.first) / 2
        ) / people**2
        even += (one.ones * (one.second - one.others) + one.others * (one.first - one.ones)) / (2 * people)
    return max(difference * skewed + even, 0.0)


def _ratio(strata: Sequence[Stratum]) -> tuple[float | None, float | None, float | None]:
    above = sum(one.ones * one.second / (one.first + one.second) for one in strata)
    below = sum(one.others * one.first / (one.first + one.second) for one in strata)
    if not above or not below:
        return None, None, None
    spread = sum(
        (one.first * one.second * (one.ones + one.others) - one.ones * one.others * (one.first + one.second))
        / (one.first + one.second) ** 2
        for one in strata
    )
    ratio, half = above / below, Z95 * math.sqrt(max(spread, 0.0) / (above * below))
    return ratio, ratio * math.exp(-half), ratio * math.exp(half)


def _p_of(strata: Sequence[Stratum]) -> float:
    surplus = variance = 0.0
    for one in strata:
        people, did = one.first + one.second, one.ones + one.others
        surplus += one.ones - one.first * did / people
        if people > 1:
            variance += one.first * one.second * did * (people - did) / (people**2 * (people - 1))
    if variance <= 0:
        return 1.0
    return math.erfc(max(0.0, abs(surplus) - 0.5) / math.sqrt(2 * variance))


def sure_by_holm(p_values: Sequence[float], allowed: float = ALLOWED) -> list[bool]:
    """Which findings stand; with a chance of at most `allowed` even one of them is false (Holm, 1979)."""
    sure = [False] * len(p_values)
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        if p_values[place] > allowed / (len(p_values) - rank):
            break
        sure[place] = True
    return sure


def sure_by_discovery_rate(
    p_values: Sequence[float], questions: int | None = None, allowed: float = ALLOWED
) -> list[bool]:
    """Which findings stand, so that at most the share `allowed` of them is false (Benjamini, Hochberg, 1995).

    Where nothing is going on this too tells something with a chance of `allowed` at most.

    Args:
        p_values: one per finding that could be told.
        questions: how many were asked, those that could not be told among them.
        allowed: the share.
    """
    asked = max(questions or 0, len(p_values))
    places = sorted(range(len(p_values)), key=lambda at: p_values[at])
    last = max(
        (rank for rank, at in enumerate(places, 1) if p_values[at] <= allowed * rank / asked), default=0
    )
    sure = [False] * len(p_values)
    for at in places[:last]:
        sure[at] = True
    return sure


def quantile_after_choice(chosen: int, questions: int, allowed: float = ALLOWED) -> float:
    """Quantile for intervals of findings that were picked because they stand out.

    Intervals of 95% around the most striking of many numbers miss more often than 5%; wider
    ones do not (Benjamini and Yekutieli, 2005).
    """
    share = allowed * max(chosen, 1) / max(questions, chosen, 1)
    return NormalDist().inv_cdf(1 - share / 2)


def ratio_of_shares(
    first: int, of_first: int, second: int, of_second: int, quantile: float = Z95
) -> tuple[float, float, float]:
    """`(first / of_first) / (second / of_second)` with its interval (D. Katz and others, 1978).

    Half a case is added to each count, so that a share of none has an interval too.
    """
    ratio = ((first + 0.5) / (of_first + 0.5)) / ((second + 0.5) / (of_second + 0.5))
    spread = 1 / (first + 0.5) - 1 / (of_first + 0.5) + 1 / (second + 0.5) - 1 / (of_second + 0.5)
    half = quantile * math.sqrt(max(spread, 0.0))
    return ratio, ratio * math.exp(-half), ratio * math.exp(half)


def p_of_shares(first: int, of_first: int, second: int, of_second: int) -> float:
    """Two-sided p of two shares being one: the sum's split is binomial, which errs on the side of silence."""
    from scipy.special import bdtr, bdtrc

    both, part = first + second, of_first / (of_first + of_second)
    if not both or part in (0, 1):
        return 1.0
    at_most = float(bdtr(first, both, part))
    at_least = 1.0 if first == 0 else float(bdtrc(first - 1, both, part))
    return min(1.0, 2 * min(at_most, at_least))
