"""By how much each kind of first order differs from the shop's average, shrunk where there are few.

Second orders of a level are compared with those expected from how long its people were watched
(observed / expected, as in the log-rank test), other groupings held equal by turns. The ratios of one
grouping are thought to scatter around 1 by a gamma distribution whose width the data tell (Clayton &
Kaldor, 1987), with a half-normal prior on that width (Gelman, 2006), over which is averaged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WIDTHS = np.linspace(0.02, 1.5, 38)
"""Standard deviations of the true ratios of a grouping that are considered."""
USUAL_WIDTH = 0.4
"""Scale of the half-normal prior of that width: most groupings differ by less than half."""
TURNS = 30
ENOUGH = 1e-5
HALF_TAIL = 0.025


@dataclass(frozen=True)
class Ratios:
    """One entry per level: second orders, those expected, their ratio shrunk, and its 95% interval.

    `p_value` is that of luck alone, not corrected for looking often.
    """

    observed: np.ndarray
    expected: np.ndarray
    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray


def ratios_of(
    numbers: dict[str, np.ndarray], sizes: dict[str, int], observed: np.ndarray, expected: np.ndarray
) -> dict[str, Ratios]:
    """Ratios of every grouping, each with the others held equal.

    Args:
        numbers: by grouping, the level's number of each cell; -1 where it is not known.
        sizes: by grouping, how many levels there are.
        observed: second orders of each cell.
        expected: what was to be expected of its people if all were alike.
    """
    found = {name: np.ones(size) for name, size in sizes.items()}
    for _ in range(TURNS):
        moved = 0.0
        for name, size in sizes.items():
            seen, due = _sums(name, numbers, found, size, observed, expected)
            ratio = _shrunk(seen, due)
            moved = max(moved, float(np.abs(ratio - found[name]).max(initial=0.0)))
            found[name] = ratio
        if moved < ENOUGH:
            break
    return {
        name: _ratios(*_sums(name, numbers, found, size, observed, expected)) for name, size in sizes.items()
    }


def holm(p_values: np.ndarray) -> np.ndarray:
    """Corrected so that among all of them the chance of any false finding stays (S. Holm, 1979)."""
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def _sums(
    name: str,
    numbers: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
    size: int,
    observed: np.ndarray,
    expected: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Second orders and expected ones by level, those so scaled that both have one sum."""
    others = np.ones(len(observed))
    for other, ratio in found.items():
        if other != name:
            # Where the level is not known the last entry applies: no difference.
            others *= np.append(ratio, 1.0)[numbers[other]]
    known = numbers[name] >= 0
    seen = np.bincount(numbers[name][known], observed[known], size)
    due = np.bincount(numbers[name][known], (expected * others)[known], size)
    return seen, due * (seen.sum() / due.sum() if due.sum() > 0 else 0.0)


def _shrunk(seen: np.ndarray, due: np.ndarray) -> np.ndarray:
    """Mean of what is thought of the ratios once `seen` is known, each width weighed by how well it fits."""
    from scipy.special import gammaln

    strength = 1 / WIDTHS[:, None] ** 2
    shape, rate = strength + seen, strength + due
    fit = gammaln(shape) - gammaln(strength) + strength * np.log(strength) - shape * np.log(rate)
    log_weight = fit.sum(axis=1) - 0.5 * (WIDTHS / USUAL_WIDTH) ** 2
    weight = np.exp(log_weight - log_weight.max())
    return (weight / weight.sum()) @ (shape / rate)


def _ratios(seen: np.ndarray, due: np.ndarray) -> Ratios:
    """Given how many came back in all, whose they are is a draw by what was due of each level.

    So the interval is that of a binomial share (Clopper & Pearson, 1934): one that is shrunk too would
    hold the truth of a lone outlier in two of three shops only.
    """
    from scipy.stats import beta, binom

    total, count = seen.sum(), max(len(due), 1)
    part = np.maximum(due / due.sum() if due.sum() > 0 else np.full(len(due), 1 / count), 1e-12)
    with np.errstate(invalid="ignore"):
        low = np.where(seen > 0, beta.ppf(HALF_TAIL, seen, total - seen + 1), 0.0) / part
        high = np.where(seen < total, beta.ppf(1 - HALF_TAIL, seen + 1, total - seen), 1.0) / part
    tails = np.minimum(binom.cdf(seen, total, part), binom.sf(seen - 1, total, part))
    shrunk = np.clip(_shrunk(seen, due), low, high)
    return Ratios(seen, due, shrunk, low, high, np.minimum(2 * tails, 1.0))
