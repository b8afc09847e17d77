"""How sure a number is: intervals in closed form, so that the same rows give the same limits."""

from __future__ import annotations

import math

Z95 = 1.959964
"""Standard normal quantile of 97.5%, for 95% intervals."""


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """95% interval of a share (E. B. Wilson, 1927), which stays within 0 and 1 for few trials too.

    Raises:
        ValueError: there is no trial, or there are more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is no share")
    share, weight = successes / trials, Z95**2 / trials
    centre = (share + weight / 2) / (1 + weight)
    half = Z95 * math.sqrt(share * (1 - share) / trials + weight / (4 * trials)) / (1 + weight)
    # At the very ends rounding may leave the share a hair outside.
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def share_difference(first: int, of_first: int, second: int, of_second: int) -> tuple[float, float]:
    """95% interval of `first/of_first - second/of_second` (R. G. Newcombe, 1998, method 10).

    Made of the two Wilson intervals, so that it stays within -1 and 1 and is honest for few trials.

    Raises:
        ValueError: one of them is no share.
    """
    (low_1, high_1), (low_2, high_2) = wilson_interval(first, of_first), wilson_interval(second, of_second)
    share_1, share_2 = first / of_first, second / of_second
    below = math.hypot(share_1 - low_1, high_2 - share_2)
    above = math.hypot(high_1 - share_1, share_2 - low_2)
    return max(-1.0, share_1 - share_2 - below), min(1.0, share_1 - share_2 + above)


def sum_interval(
    expected: float, variance: float, shared: float, people: int, quantile: float = Z95
) -> tuple[float, float]:
    """Interval (by default of 95%) of how many of `people` come, each with a probability of their own.

    Args:
        expected: sum of the probabilities p.
        variance: sum of p (1 - p): people coming or not by chance alone.
        shared: standard deviation of an error of the log-odds that all of them share.
        people: the most that can come.
        quantile: of the standard normal distribution, for half of the interval.
    """
    half = quantile * math.sqrt(max(variance, 0.0) + (shared * variance) ** 2)
    return max(0.0, expected - half), min(float(people), expected + half)


def growth_interval(before: int, after: int) -> tuple[float, float]:
    """95% interval of `after / before - 1` for two independent counts of chance events (Poisson)."""
    half = Z95 * math.sqrt(1 / before + 1 / after)
    ratio = after / before
    return ratio * math.exp(-half) - 1, ratio * math.exp(half) - 1


def auc_interval(auc: float, positives: int, negatives: int) -> tuple[float, float]:
    """95% interval of an area under the ROC curve (Hanley and McNeil, 1982)."""
    both_positive = auc / (2 - auc)
    both_negative = 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc)
        + (positives - 1) * (both_positive - auc**2)
        + (negatives - 1) * (both_negative - auc**2)
    ) / (positives * negatives)
    half = Z95 * math.sqrt(max(variance, 0.0))
    return max(0.0, auc - half), min(1.0, auc + half)
