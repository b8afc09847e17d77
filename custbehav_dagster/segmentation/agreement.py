"""How far two groupings of the same people agree, and how well groups are kept apart.

Both work on numbers alone, so that the whole choice of groups costs no more than a few
matrix products.
"""

from __future__ import annotations

import numpy as np


def adjusted_rand(first: np.ndarray, second: np.ndarray) -> float:
    """Agreement of two groupings, corrected for chance: 1 is the same, 0 is chance.

    Source: Hubert and Arabie (1985), "Comparing partitions".
    """
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1)
    pairs = _pairs(table).sum()
    rows, columns = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    by_chance = rows * columns / max(_pairs(np.array(float(len(first)))), 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == by_chance else float((pairs - by_chance) / (most - by_chance))


def _pairs(counts: np.ndarray) -> np.ndarray:
    return counts * (counts - 1) / 2


def distances(points: np.ndarray) -> np.ndarray:
    """Euclidean distance between any two points; n × n."""
    squares = (points**2).sum(axis=1)
    return np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * points @ points.T, 0))


def silhouette(between: np.ndarray, group: np.ndarray) -> float:
    """Mean of (b - a) / max(a, b): distance to the nearest other group against the own one; -1 to 1.

    `between` holds all distances. People alone in their group count as 0. Source:
    Rousseeuw (1987), "Silhouettes".
    """
    _, group = np.unique(group, return_inverse=True)
    sizes = np.bincount(group)
    if len(sizes) < 2:
        return -1.0
    sums = between @ np.eye(len(sizes))[group]
    everyone = np.arange(len(group))
    own = sums[everyone, group] / np.maximum(sizes[group] - 1, 1)
    means = sums / sizes
    means[everyone, group] = np.inf
    other = means.min(axis=1)
    worth = (other - own) / np.maximum(np.maximum(own, other), 1e-12)
    return float(np.where(sizes[group] > 1, worth, 0.0).mean())


def explained_share(group: np.ndarray, outcome: np.ndarray) -> float:
    """Share of the variance of `outcome` that the means of the groups explain."""
    sizes = np.maximum(np.bincount(group), 1)
    means = np.bincount(group, outcome) / sizes
    total = ((outcome - outcome.mean()) ** 2).sum()
    return float(1 - ((outcome - means[group]) ** 2).sum() / total) if total > 0 else 0.0
