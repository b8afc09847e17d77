"""The figures that show a repair to be right, and the record of them.

Knows arrays and numbers; neither tables nor files.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, fsum, lgamma, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ORDER = "rank correlation of order number and date"
ROW_ORDER = "rank correlation of row and date"
SHIPPED = "share shipped on or after the day sold"


@dataclass(frozen=True)
class Statistic:
    """One figure of the file as it stood and as it stands after the repair."""

    name: str
    before: float
    after: float

    @property
    def sentence(self) -> str:
        """The figure for a person to read."""
        if self.name.startswith("share"):
            return f"{self.name} {self.before:.1%} before, {self.after:.1%} after"
        if self.name.startswith("rank"):
            return f"{self.name} {self.before:.3f} before, {self.after:.3f} after"
        return f"{self.name} {self.before:,.0f} before, {self.after:,.0f} after"


@dataclass(frozen=True)
class Proof:
    """What was found in one column of one file, whether it was repaired, and on what figures."""

    raw_table: str
    source_file: str
    column_name: str
    rule: str
    is_applied: bool
    cells: int
    statistics: tuple[Statistic, ...]
    note: str

    @property
    def sentence(self) -> str:
        """The figures in a line, as each repaired cell carries it."""
        return "; ".join(statistic.sentence for statistic in self.statistics)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0; equal values share the mean of their ranks."""
    import numpy as np

    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts + 1) / 2)[places]


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation, -1 to 1, of pairs where both are known; 0 when a side does not vary."""
    import numpy as np

    known = ~(np.isnan(first) | np.isnan(second))
    if known.sum() < 3:
        return 0.0
    one, other = ranks(first[known]), ranks(second[known])
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def chance_of_at_least(hits: int, tries: int, probability: float) -> float:
    """How likely `hits` or more of `tries` come about by accident, each with `probability` (binomial)."""
    if hits <= 0 or probability >= 1:
        return 1.0
    if probability <= 0:
        return 0.0

    def term(number: int) -> float:
        ways = lgamma(tries + 1) - lgamma(number + 1) - lgamma(tries - number + 1)
        return exp(ways + number * log(probability) + (tries - number) * log(1 - probability))

    return min(1.0, fsum(term(number) for number in range(hits, tries + 1)))
