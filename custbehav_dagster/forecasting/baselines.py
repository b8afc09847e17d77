"""What every model has to beat: one number for everybody, and a table by days since the last purchase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from custbehav_dagster.forecasting.people import bounded, flags, numbers

INTERVAL = (0.1, 0.9)
LARGEST_BUCKET_COUNT = 10
SMALLEST_BUCKET = 20
FREQUENCY_EDGES = (1, 2, 4)


@dataclass(frozen=True)
class ConstantGuess:
    """The share who returned in training, told of everybody."""

    returned: int
    people: int

    def probabilities(self, people: pa.Table) -> np.ndarray:
        """The same share for every person."""
        return bounded(np.full(people.num_rows, self.returned / self.people))

    def interval(self, people: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of the share (Jeffreys: a beta distribution with half a person on each side)."""
        low, high = _beta_interval(
            np.array([self.returned + 0.5]), np.array([self.people - self.returned + 0.5])
        )
        return _around(
            np.repeat(low, people.num_rows), np.repeat(high, people.num_rows), self.probabilities(people)
        )


@dataclass(frozen=True)
class RecencyRule:
    """The share who returned among people of like recency.

    `edges` are the largest recencies (days) of all buckets but the last, `rates`
    and `weights` the share and the number of people behind each bucket.
    """

    edges: np.ndarray
    rates: np.ndarray
    weights: np.ndarray

    def probabilities(self, people: pa.Table) -> np.ndarray:
        """The share of the bucket each person falls into."""
        return bounded(self.rates[self._buckets(people)])

    def interval(self, people: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of the share of each bucket, from the beta distribution of its counts."""
        low, high = _beta_interval(self.rates * self.weights, (1 - self.rates) * self.weights)
        buckets = self._buckets(people)
        return _around(low[buckets], high[buckets], self.probabilities(people))

    def _buckets(self, people: pa.Table) -> np.ndarray:
        return np.searchsorted(self.edges, numbers(people, "recency_days"), side="left")


@dataclass(frozen=True)
class FrequencyRecencyRule:
    """A recency rule of its own for those who bought once, twice, three or four times, and oftener.

    `edges` are the largest numbers of purchases of all classes but the last.
    """

    edges: np.ndarray
    rules: tuple[RecencyRule, ...]

    def probabilities(self, people: pa.Table) -> np.ndarray:
        """The share of the class and bucket each person falls into."""
        return self._by_class(people, lambda rule, part: rule.probabilities(part))[0]

    def interval(self, people: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of that share."""
        low, high = self._by_class(people, lambda rule, part: rule.interval(part))
        return low, high

    def _by_class(
        self, people: pa.Table, ask: Callable[[RecencyRule, pa.Table], Any]
    ) -> tuple[np.ndarray, ...]:
        number = np.searchsorted(self.edges, numbers(people, "order_count"), side="left")
        answers = [np.empty(people.num_rows), np.empty(people.num_rows)]
        for position, rule in enumerate(self.rules):
            rows = np.flatnonzero(number == position)
            told = ask(rule, people.take(rows))
            for answer, values in zip(answers, told if isinstance(told, tuple) else (told,), strict=False):
                answer[rows] = values
        return tuple(answers)


def fit_constant(people: pa.Table, settings: Any = None) -> ConstantGuess:
    """Count the people and those who returned."""
    return ConstantGuess(int(flags(people, "returned").sum()), people.num_rows)


def fit_recency_rule(people: pa.Table, settings: Any = None) -> RecencyRule:
    """Cut recency at its quantiles (ten buckets, fewer when they would hold under 20 people).

    Each bucket counts one more person who returned at the base rate, so that no
    share is 0 or 1; neighbours whose shares rise with recency are pooled until
    none does (isotonic regression by pooling adjacent violators).
    """
    recency, returned = numbers(people, "recency_days"), flags(people, "returned")
    bucket_count = max(1, min(LARGEST_BUCKET_COUNT, len(recency) // SMALLEST_BUCKET))
    cuts = np.arange(1, bucket_count) / bucket_count
    edges = np.unique(np.quantile(recency, cuts, method="inverted_cdf"))
    edges = edges[edges < recency.max()]
    bucket = np.searchsorted(edges, recency, side="left")
    people_in = np.bincount(bucket, minlength=len(edges) + 1) + 1.0
    returned_in = np.bincount(bucket, weights=returned, minlength=len(edges) + 1) + returned.mean()
    rates, weights = _never_rising(returned_in, people_in)
    return RecencyRule(edges, rates, weights)


def fit_frequency_recency_rule(people: pa.Table, settings: Any = None) -> FrequencyRecencyRule:
    """Fit a recency rule in each class of purchases; classes of under 20 people join the one below."""
    purchases = numbers(people, "order_count")
    edges: list[int] = []
    for edge in FREQUENCY_EDGES:
        inside = ((purchases <= edge) & (purchases > (edges[-1] if edges else 0))).sum()
        if inside >= SMALLEST_BUCKET and (purchases > edge).sum() >= SMALLEST_BUCKET:
            edges.append(edge)
    number = np.searchsorted(edges, purchases, side="left")
    rules = [fit_recency_rule(people.take(np.flatnonzero(number == part))) for part in range(len(edges) + 1)]
    return FrequencyRecencyRule(np.array(edges), tuple(rules))


def _never_rising(returned: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pool neighbouring buckets until no share is above the one before; give shares and pooled people."""
    blocks: list[tuple[float, float, int]] = []
    for block_returned, block_people in zip(returned, people, strict=True):
        block = (float(block_returned), float(block_people), 1)
        while blocks and block[0] / block[1] > blocks[-1][0] / blocks[-1][1]:
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    sizes = [size for *_, size in blocks]
    rates = np.repeat([returned / people for returned, people, _ in blocks], sizes)
    return rates, np.repeat([people for _, people, _ in blocks], sizes)


def _beta_interval(successes: np.ndarray, failures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from scipy.stats import beta

    return beta.ppf(INTERVAL[0], successes, failures), beta.ppf(INTERVAL[1], successes, failures)


def _around(low: np.ndarray, high: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The interval, made to hold the probability it belongs to."""
    return np.minimum(bounded(low), probability), np.maximum(bounded(high), probability)
