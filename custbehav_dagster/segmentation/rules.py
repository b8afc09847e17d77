"""Groups by rule, for shops too small for k-means."""

from __future__ import annotations

import numpy as np


def why_no_clusters(people: int, distinct_points: int, segment_count: int) -> str | None:
    """Say why k-means cannot be used; None when it can.

    It needs three people per group, and as many different people as groups.
    """
    needed = 3 * segment_count
    if people < needed:
        buyers = "buyer" if people == 1 else "buyers"
        return (
            f"{people:,} {buyers}; k-means with {segment_count} groups needs {needed:,}, "
            f"{needed - people:,} more"
        )
    if distinct_points < segment_count:
        pairs = "pair" if distinct_points == 1 else "pairs"
        return (
            f"only {distinct_points:,} different {pairs} of order count and amount; "
            f"k-means with {segment_count} groups needs {segment_count}"
        )
    return None


def groups_by_rule(order_count: np.ndarray, total_amount: np.ndarray) -> np.ndarray:
    """0 and 1 for people who bought once, up to and above the middle amount of such people; 2 for the others.

    Groups may be empty.
    """
    once = order_count == 1
    middle = np.median(total_amount[once]) if once.any() else 0.0
    return np.where(once, np.where(total_amount > middle, 1, 0), 2)
