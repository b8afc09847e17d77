"""Groups by recency, frequency and money on log scales: where they start, how many, and who is nearest.

k-means from starts that a person could draw: those who bought once against those who came
back, little against much, lately against long ago. From random starts two draws of the same
shop end in different groups (adjusted Rand index 0.7 to 0.9); from these, stopped after two
rounds, they agree (0.94 on Online Retail II, 0.97 on CDNOW) and say as much of what people
spend next. Decision 021 holds the figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.people import row_batches, sample_rows
from custbehav_dagster.segmentation.agreement import adjusted_rand, distances, silhouette

RFM_FROM_PEOPLE = 60
"""With fewer buyers a group of one in twenty would be one or two people."""
SMALLEST_SHARE, LARGEST_SHARE = 0.05, 0.60
STILL_SMALLEST, STILL_LARGEST = 0.04, 0.65
"""Groups that are there already may shrink or grow a little further before they are made anew."""
MONEY_WEIGHT = 0.5
"""Amounts say again what counts say, with more noise."""
APART = 100.0
"""Farther than any two people are from each other on the scales."""
MOSTLY = 0.7
STAYING = 0.8
"""People stay in their earlier group until the squared distance to another is less than this share of
that to their own: nobody goes to and fro across a border."""
ROUNDS = 2
AGREEMENT_AT_LEAST = 0.85
"""Below what is usual (0.94): a limit in the midst of it would make the choice itself a matter of chance."""
SILHOUETTE_BELOW_BEST = 0.1
STILL_BELOW_BEST = 0.15
RESAMPLES = 10
FITTED_PEOPLE = 20_000
SILHOUETTE_PEOPLE = 800


@dataclass(frozen=True)
class Layout:
    """Where groups start: bands of worth from low to high, each cut into `parts`.

    With `once_apart` the first band holds those who bought once, the others share those who
    came back, and nobody crosses: "one-time buyers" are just that. A band is left whole (1),
    cut by recency (2), or by recency and worth (4).
    """

    parts: tuple[int, ...]
    once_apart: bool = True


LAYOUTS = (
    Layout((2, 2, 2)),
    Layout((1, 2, 2)), Layout((2, 2, 1)), Layout((4, 1)),
    Layout((2, 2)), Layout((1, 2, 1)), Layout((2, 2), once_apart=False),
    Layout((1, 2)), Layout((1, 1, 1)), Layout((2, 1)), Layout((1, 1, 1), once_apart=False),
)  # fmt: skip
"""From most groups to fewest; of as many, first those that tell returning people apart: what
people spend next differs most between them. More than six groups nobody keeps in mind."""


@dataclass(frozen=True)
class Found:
    """Centres of the groups, and how firm they are; `agreement` only where it was measured."""

    centres: np.ndarray
    silhouette: float
    agreement: float | None = None


def positions(
    recency_days: np.ndarray, order_count: np.ndarray, total_amount: np.ndarray, horizon_days: int
) -> np.ndarray:
    """Each person's place on three log scales; n × 3.

    A quarter of the horizon is added to recency, so that a week more is a long way for
    nobody. The scales are the same for every shop and day: nothing moves because others did.
    """
    return np.column_stack(
        [
            np.log(recency_days + horizon_days / 4),
            np.log(np.maximum(order_count, 1)),
            MONEY_WEIGHT * np.log1p(np.maximum(total_amount, 0)),
        ]
    )


def _placed(points: np.ndarray, once_apart: bool) -> np.ndarray:
    """The points, with a fourth scale that keeps one-time buyers away from all others if wished."""
    return np.column_stack([points, APART * (points[:, 1] > 0)]) if once_apart else points


def nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Number of the nearest centre of each point; centres of four numbers keep one-time buyers apart."""
    points = _placed(points, centres.shape[1] > points.shape[1])
    return ((centres**2).sum(axis=1)[None, :] - 2 * points @ centres.T).argmin(axis=1)


def assign(
    points: np.ndarray, centres: np.ndarray, earlier: np.ndarray, idle: np.ndarray | None = None
) -> np.ndarray:
    """The nearest group of each person, in favour of the `earlier` one where there is one (not -1).

    Who is `idle` bought nothing since, and does not come into a group that bought more lately.
    """
    livelier = centres[None, :, 0] < centres[:, None, 0]
    group = np.empty(len(points), dtype="int64")
    for rows in row_batches(len(points)):
        here = _placed(points[rows], centres.shape[1] > points.shape[1])
        away = ((here[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        had = np.flatnonzero(earlier[rows] >= 0)
        away[had, earlier[rows][had]] *= STAYING
        if idle is not None:
            still = had[idle[rows][had]]
            away[still] = np.where(livelier[earlier[rows][still]], np.inf, away[still])
        group[rows] = away.argmin(axis=1)
    return group


def centres_of(points: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Mean point of each group that has people, in the order of their numbers."""
    present, position = np.unique(group, return_inverse=True)
    sizes = np.bincount(position)
    sums = [np.bincount(position, column, len(present)) for column in points.T]
    return np.column_stack(sums) / sizes[:, None]


def fit(points: np.ndarray, layout: Layout) -> np.ndarray:
    """Centres after ROUNDS rounds of k-means from where `layout` starts."""
    placed = _placed(points, layout.once_apart)
    centres = centres_of(placed, _start(points, layout))
    for _ in range(ROUNDS):
        centres = centres_of(placed, nearest(placed, centres))
    return centres


def _start(points: np.ndarray, layout: Layout) -> np.ndarray:
    worth = points[:, 1] + points[:, 2]
    band = np.zeros(len(points), dtype="int64")
    if layout.once_apart:
        again = points[:, 1] > 0
        band[again] = 1 + _cut(worth[again], len(layout.parts) - 1)
    else:
        band = _cut(worth, len(layout.parts))
    group = np.zeros(len(points), dtype="int64")
    for number, parts in enumerate(layout.parts):
        here = band == number
        group[here] = 4 * number
        if parts > 1:
            group[here] += _cut(points[here, 0], 2)
        if parts > 2:
            group[here] += 2 * _cut(worth[here], 2)
    return group


def _cut(values: np.ndarray, parts: int) -> np.ndarray:
    """Numbers of `parts` bands that hold about as many values each; equal values stay together."""
    if not len(values) or parts < 2:
        return np.zeros(len(values), dtype="int64")
    return np.searchsorted(np.quantile(values, np.arange(1, parts) / parts), values, side="left")


def within(group: np.ndarray, smallest: float, largest: float) -> bool:
    """Whether there are several groups, and each has its share of the people."""
    shares = np.bincount(group) / max(len(group), 1)
    shares = shares[shares > 0]
    return len(shares) > 1 and shares.min() >= smallest and shares.max() <= largest


def find(points: np.ndarray, seed: int) -> Found | None:
    """The most groups that are kept apart and come out again from other draws of the same people.

    A layout counts when each group holds SMALLEST_SHARE to LARGEST_SHARE of the people and
    its silhouette is at most SILHOUETTE_BELOW_BEST under the best one. The first of those
    that reaches AGREEMENT_AT_LEAST is taken, else the one that agrees best. None when no
    layout keeps the shares.
    """
    sample = points[sample_rows(len(points), FITTED_PEOPLE, seed)]
    fitted = _candidates(sample, seed)
    best = max((found.silhouette for _, found in fitted), default=0.0)
    tried: list[Found] = []
    for layout, found in fitted:
        if found.silhouette < best - SILHOUETTE_BELOW_BEST:
            continue
        tried.append(Found(found.centres, found.silhouette, _agreement(sample, layout, found.centres, seed)))
        if (tried[-1].agreement or 0) >= AGREEMENT_AT_LEAST:
            return tried[-1]
    return max(tried, key=lambda found: found.agreement or 0, default=None)


def keep(points: np.ndarray, earlier: np.ndarray, seed: int, idle: np.ndarray | None = None) -> Found | None:
    """The earlier groups, each round the middle of its people as they are now; None when they no longer do.

    `earlier` is each person's earlier group, numbered from 0 without a gap, -1 for people who
    had none. The groups stay unless one has become too small or too large, or new ones would be
    kept apart much better.
    """
    if not (earlier >= 0).any():
        return None
    centres = _middles(points, earlier)
    if len(centres) < 2 or not within(assign(points, centres, earlier, idle), STILL_SMALLEST, STILL_LARGEST):
        return None
    sample = points[sample_rows(len(points), FITTED_PEOPLE, seed)]
    few, between = _few(sample, seed)
    now = silhouette(between, nearest(few, centres))
    best = max((found.silhouette for _, found in _candidates(sample, seed)), default=now)
    return Found(centres, now) if now >= best - STILL_BELOW_BEST else None


def _middles(points: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Centres of the earlier groups; of one-time buyers and others apart where the groups are so."""
    had = earlier >= 0
    again = points[:, 1] > 0
    share = np.bincount(earlier[had], again[had]) / np.bincount(earlier[had])
    if not ((share >= MOSTLY) | (share <= 1 - MOSTLY)).all():
        return centres_of(points[had], earlier[had])
    # Who bought again has left the group of one-time buyers and must not pull it along.
    true_to_it = had & (again == (share > 0.5)[earlier])
    return centres_of(_placed(points, True)[true_to_it], earlier[true_to_it])


def _few(sample: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    few = sample[sample_rows(len(sample), SILHOUETTE_PEOPLE, seed)]
    return few, distances(few)


def _candidates(sample: np.ndarray, seed: int) -> list[tuple[Layout, Found]]:
    """The layouts whose groups keep their shares, fitted."""
    few, between = _few(sample, seed)
    fitted = []
    for layout in LAYOUTS:
        centres = fit(sample, layout)
        if within(nearest(sample, centres), SMALLEST_SHARE, LARGEST_SHARE):
            fitted.append((layout, Found(centres, silhouette(between, nearest(few, centres)))))
    return fitted


def _agreement(sample: np.ndarray, layout: Layout, centres: np.ndarray, seed: int) -> float:
    """Mean adjusted Rand index with the groups found in people drawn with replacement."""
    generator = np.random.default_rng(seed)
    group = nearest(sample, centres)
    draws = (sample[generator.integers(0, len(sample), len(sample))] for _ in range(RESAMPLES))
    return float(np.mean([adjusted_rand(group, nearest(sample, fit(draw, layout))) for draw in draws]))
