"""How long people usually wait from one order to the next: of the shop, and of each person.

Most people have bought once, so most waits have not ended yet. The shop's distribution is that of
the first wait by the estimator of Kaplan & Meier (1958), which counts the unfinished ones for as long
as they were watched, among those who come back at all. A person's own waits pull theirs away from it
by empirical Bayes: on logarithms, a normal distribution of waits around a mean of the person's own,
which is normal over people (Efron & Morris 1975). After many waits their own count alone; somebody
who bought once has the shop's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.order_days import OrderDays

PRIOR_LOG_MEAN, PRIOR_LOG_DEVIATION = 4.05, 1.43
"""Logarithm of the first wait in days, between what was found at CDNOW (CDs; 3.92, 1.50) and
at Online Retail II (gifts; 4.19, 1.36): half come back within 58 days."""
PRIOR_WITHIN_DEVIATION = 1.05
"""Of one person's waits around their mean: 1.21 at CDNOW and 0.95 at Online Retail II."""
PRIOR_COUNTS_AS = 10
"""People who came back, as many as which the prior counts."""
LONGEST_PRIOR_WAIT = 3 * 365
LEAST_BETWEEN = 0.1
"""Least share of the variance that lies between people."""


@dataclass(frozen=True)
class UsualGaps:
    """The shop's waits: `reached[d]` of those who come back have done so within `d` days.

    `within` and `between` are variances of the logarithm: of one person's waits, and of people's means.
    """

    reached: np.ndarray
    log_mean: float
    within: float
    between: float

    @property
    def log_deviation(self) -> float:
        """Standard deviation of the logarithm of anybody's wait."""
        return float(np.sqrt(self.within + self.between))

    def days_at(self, share: float) -> float:
        """Days within which that share of those who come back have done so."""
        return float(np.interp(share, self.reached, np.arange(len(self.reached))))

    def share_at(self, days: np.ndarray) -> np.ndarray:
        """Share of those who come back who have done so within so many days."""
        return np.interp(days, np.arange(len(self.reached)), self.reached)


@dataclass(frozen=True)
class OwnGaps:
    """One entry per person: how many waits they ended, what is usual for them, how late they are.

    `position` is the share of their waits that would have ended by now, were they to come back.
    """

    waits: np.ndarray
    usual: np.ndarray
    position: np.ndarray


def first_waits(days: OrderDays, as_of: int) -> tuple[np.ndarray, np.ndarray]:
    """Days from each buyer's first order day to the second, or to `as_of`; and whether there was a second."""
    starts = np.flatnonzero(np.diff(days.person, prepend=-1))
    sizes = np.diff(np.append(starts, len(days.person)))
    again = sizes > 1
    until = np.where(again, days.day[np.minimum(starts + 1, len(days.day) - 1)], as_of)
    return until - days.day[starts], again


def waits_between(days: OrderDays) -> tuple[np.ndarray, np.ndarray]:
    """Every wait that has ended, and the number of the person who waited."""
    same = np.diff(days.person) == 0
    return np.diff(days.day)[same], days.person[1:][same]


def learn_gaps(days: OrderDays, as_of: int) -> UsualGaps:
    """Learn the shop's waits from the order days up to `as_of`; the prior alone where nobody came back."""
    waited, again = first_waits(days, as_of)
    reached = _with_prior(*_came_back(waited, again))
    share = np.diff(reached, prepend=0.0)
    logs = np.log(np.maximum(np.arange(len(reached)), 1))
    log_mean = float(share @ logs)
    total = float(share @ (logs - log_mean) ** 2)
    within = min(_variance_within(days), (1 - LEAST_BETWEEN) * total)
    return UsualGaps(reached, log_mean, within, total - within)


def own_gaps(days: OrderDays, as_of: int, shop: UsualGaps) -> OwnGaps:
    """Each person of `days.people`, of whom everybody has an order up to `as_of`."""
    size = len(days)
    waits, person = waits_between(days)
    count = np.bincount(person, minlength=size)
    mean_log = np.bincount(person, np.log(waits), minlength=size) / np.maximum(count, 1)
    weight = count * shop.between / (count * shop.between + shop.within)
    middle = shop.log_mean + weight * (mean_log - shop.log_mean)
    deviation = np.sqrt(shop.within + shop.between * (1 - weight))
    last = np.zeros(size, dtype="int64")
    last[days.person] = days.day  # sorted by day: the last one stays
    silent = np.maximum(as_of - last, 0)
    # The shop's distribution, moved to the person's mean and drawn in to what their own waits leave open.
    scale = shop.log_deviation
    alike = np.exp(shop.log_mean + scale * (np.log(np.maximum(silent, 0.5)) - middle) / deviation)
    half = (np.log(shop.days_at(0.5)) - shop.log_mean) / scale
    return OwnGaps(count, np.exp(middle + deviation * half), shop.share_at(alike))


def _came_back(waited: np.ndarray, again: np.ndarray) -> tuple[np.ndarray, float]:
    """Kaplan-Meier share of those who come back by day, and how many people were seen to."""
    top = int(waited.max(initial=0)) + 1
    ended = np.bincount(waited[again], minlength=top)
    at_risk = np.bincount(waited, minlength=top)[::-1].cumsum()[::-1]
    came = 1 - np.cumprod(1 - ended / np.maximum(at_risk, 1))
    returned = float(ended.sum())
    return (came / came[-1] if returned else came), returned


def _with_prior(reached: np.ndarray, returned: float) -> np.ndarray:
    """The same, mixed with what is usual in the trade, which counts as PRIOR_COUNTS_AS people."""
    from scipy.special import ndtr

    day = np.arange(max(len(reached), LONGEST_PRIOR_WAIT + 1))
    seen = np.concatenate([reached, np.ones(len(day) - len(reached))]) if returned else np.zeros(len(day))
    usual = ndtr((np.log(np.maximum(day, 1)) - PRIOR_LOG_MEAN) / PRIOR_LOG_DEVIATION)
    usual = np.where(day == 0, 0.0, usual / usual[-1])
    return (returned * seen + PRIOR_COUNTS_AS * usual) / (returned + PRIOR_COUNTS_AS)


def _variance_within(days: OrderDays) -> float:
    """Variance of a person's log waits around their mean, pooled over people, with the prior."""
    waits, person = waits_between(days)
    logs = np.log(waits)
    count = np.bincount(person, minlength=len(days))
    mean = np.bincount(person, logs, minlength=len(days)) / np.maximum(count, 1)
    squares = float(((logs - mean[person]) ** 2).sum())
    freedom = float(np.maximum(count - 1, 0).sum())
    return (squares + PRIOR_COUNTS_AS * PRIOR_WITHIN_DEVIATION**2) / (freedom + PRIOR_COUNTS_AS)
