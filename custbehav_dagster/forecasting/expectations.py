"""What people will order and spend within some days: the mean, and the range it is in in four of five cases.

Somebody returns with a probability, and whoever returns makes some orders of some amount. How many
orders a returner makes is told by Pareto/NBD (its mean over its probability), what an order comes
to by `value`, and how far both stray from that is learnt from the label window. The ranges are
predictive: they are of what the person will do, not of the mean. For most people of most shops
the likeliest is nothing, so their range begins at nothing; it always holds the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.forecast import expected_orders
from custbehav_dagster.forecasting.buy_till_you_die.histories import collapse
from custbehav_dagster.forecasting.moments import YEAR
from custbehav_dagster.forecasting.past import Past, log_odds_of
from custbehav_dagster.forecasting.people import NORMAL_QUANTILE_90, bounded, row_batches

BASE = "pareto_nbd"
SURE = 0.8
"""Share of cases that a range holds."""
PRIOR_COUNTS_AS = 10
"""Returners as many as which the usual spread counts."""
USUAL_BETWEEN, USUAL_WITHIN = 0.6, 0.2
"""Variance of the logarithm of what a returner spends, over the mean told: whoever they are, and per order.
Found at Online Retail II: 0.51 to 0.63 and 0.11 to 0.49; at CDNOW 0.66 to 0.87 and 0.02; of baskets at
Complete Journey 0.31 to 0.41 and 1.9 to 2.2."""
USUAL_DISPERSION = 0.5
"""Variance of the further orders of a returner above their mean, over its square."""
VOLUME_DEVIATION, VOLUME_COUNTS_AS = 0.2, 3
"""By how much orders per returner and amount per order of a whole shop are usually off together
(logarithm), and as how many windows that counts. Three large public shops were off by 0.12 at ten
cutoffs; with that, ranges held too seldom in generated shops of 50 to 2,000 people (74%)."""
YEAR_VOLUME_DEVIATION = 0.05
"""What a year adds to it: good and bad months even out, and more can change."""
SHIFT_KEPT = 0.5
"""How much of what the season and the last months move all log-odds by is kept for a year, in which
every season comes once."""
HISTORIES_AT_ONCE = 50_000


@dataclass(frozen=True)
class Spread:
    """How far returners stray from what is told of them.

    The logarithm of what they spend over its mean is normal with variance `between` + `within` / orders,
    its mean `lean` above that which makes the mean right; further orders are negative binomial with
    `dispersion`.
    """

    between: float = USUAL_BETWEEN
    within: float = USUAL_WITHIN
    lean: float = 0.0
    dispersion: float = USUAL_DISPERSION

    def variance(self, orders: np.ndarray) -> np.ndarray:
        """Of the logarithm of what somebody spends who is told to make so many orders."""
        return self.between + self.within / orders


@dataclass(frozen=True)
class Expected:
    """Orders and spend of each person within `days`, given the probability of any.

    Each has a mean, the ends of its 80% range and a standard deviation. `shared` is the relative standard
    deviation of an error in all means together.
    """

    days: int
    orders: np.ndarray
    orders_low: np.ndarray
    orders_high: np.ndarray
    orders_deviation: np.ndarray
    value: np.ndarray
    value_low: np.ndarray
    value_high: np.ndarray
    value_deviation: np.ndarray
    shared: float

    def not_below(self, other: Expected) -> Expected:
        """The same, where a longer time can bring no less than a shorter one."""
        if self.days < other.days:
            return self
        names = ("orders", "orders_low", "orders_high", "value", "value_low", "value_high")
        return replace(
            self, **{name: np.maximum(getattr(self, name), getattr(other, name)) for name in names}
        )

    def columns(self, ending: str = "") -> dict[str, np.ndarray]:
        """As columns of churn.scores; `ending` is put after `orders` and `value`."""
        return {
            f"expected_orders{ending}": self.orders,
            f"expected_orders{ending}_low": self.orders_low,
            f"expected_orders{ending}_high": self.orders_high,
            f"orders{ending}_deviation": self.orders_deviation,
            f"expected_value{ending}": self.value,
            f"expected_value{ending}_low": self.value_low,
            f"expected_value{ending}_high": self.value_high,
            f"value{ending}_deviation": self.value_deviation,
            f"shared_total{ending}_deviation": np.full(len(self.orders), self.shared),
        }


def learn_spread(
    told_orders: np.ndarray, told_amount: np.ndarray, orders: np.ndarray, amount: np.ndarray
) -> Spread:
    """Learn from returners: told orders (at least 1) and amount of one, and what they did.

    A regression of squares on 1 / orders, with the usual spread as PRIOR_COUNTS_AS people more.
    """
    kept = (amount > 0) & (told_amount > 0)
    told_orders, told_amount, orders, amount = (
        values[kept] for values in (told_orders, told_amount, orders, amount)
    )
    off = np.log(amount / (told_orders * told_amount))
    terms = np.column_stack([np.ones_like(told_orders), 1 / told_orders])
    usual = np.array([USUAL_BETWEEN, USUAL_WITHIN])
    centred = off - np.median(off) if len(off) else off
    # The strangest hundredth would tell the spread of all.
    squares = np.minimum(centred**2, np.quantile(centred**2, 0.99)) if len(off) else off
    curvature = terms.T @ terms + PRIOR_COUNTS_AS * np.diag([1.0, 1.0])
    between, within = np.linalg.solve(curvature, terms.T @ squares + PRIOR_COUNTS_AS * usual)
    spread = Spread(max(float(between), 0.02), max(float(within), 0.02))
    lean = float((off + spread.variance(told_orders) / 2).sum() / (len(off) + PRIOR_COUNTS_AS))
    further = told_orders - 1
    above = ((orders - told_orders) ** 2 - further).sum() + PRIOR_COUNTS_AS * USUAL_DISPERSION
    dispersion = float(above / ((further**2).sum() + PRIOR_COUNTS_AS))
    return Spread(spread.between, spread.within, lean, min(max(dispersion, 0.05), 5.0))


def learn_volume(off: Sequence[tuple[float, float]]) -> float:
    """Deviation of the logarithm of a shop's spend per returner from what is told of it.

    `off` has, of each earlier window, by how much it was off and the variance that chance alone brings.
    """
    found = VOLUME_COUNTS_AS * VOLUME_DEVIATION**2 + sum(max(error**2 - chance, 0.0) for error, chance in off)
    return float(np.sqrt(found / (VOLUME_COUNTS_AS + len(off))))


def expected_within(
    days: int, p_return: np.ndarray, orders: np.ndarray, amount: np.ndarray, spread: Spread, shared: float
) -> Expected:
    """What people do within `days` who return with `p_return` and then make `orders` of such an `amount`.

    `shared` is the relative standard deviation of an error in all of it together.
    """
    value = np.maximum(orders * amount, 0)
    variance = spread.variance(orders)
    order_variance = (orders - 1) + spread.dispersion * (orders - 1) ** 2
    ranges = (
        _order_range(p_return, orders, spread.dispersion),
        _value_range(p_return, value, variance, spread),
    )
    means = p_return * orders, p_return * value
    deviations = (
        np.sqrt(np.maximum(p_return * (order_variance + orders**2) - means[0] ** 2, 0)),
        np.sqrt(np.maximum(p_return * np.exp(variance) * value**2 - means[1] ** 2, 0)),
    )
    (orders_low, orders_high), (value_low, value_high) = (
        (np.minimum(low, mean), np.maximum(high, mean))
        for (low, high), mean in zip(ranges, means, strict=True)
    )
    return Expected(
        days, means[0], orders_low, orders_high, deviations[0],
        means[1], value_low, value_high, deviations[1], shared,
    )  # fmt: skip


def _levels(p_return: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels of the two ends among returners; below 0 where the end is nothing.

    With a chance of a tenth or more of doing nothing the range begins there; else a tenth lies beyond
    either end.
    """
    nothing = 1 - p_return
    certain = nothing < (1 - SURE) / 2
    low = np.where(certain, ((1 - SURE) / 2 - nothing) / p_return, -1.0)
    high = np.where(certain, ((1 + SURE) / 2 - nothing) / p_return, (SURE - nothing) / p_return)
    return low, high


def _value_range(
    p_return: np.ndarray, value: np.ndarray, variance: np.ndarray, spread: Spread
) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import ndtri

    ends = []
    for level in _levels(p_return):
        spent = level > 0
        quantile = ndtri(np.where(spent, level, 0.5))
        told = value * np.exp(spread.lean - variance / 2 + np.sqrt(variance) * quantile)
        ends.append(np.where(spent, told, 0.0))
    return ends[0], ends[1]


def _order_range(
    p_return: np.ndarray, orders: np.ndarray, dispersion: float
) -> tuple[np.ndarray, np.ndarray]:
    """Ends in whole orders; computed once per distinct level and mean, to a hundredth."""
    from scipy.stats import nbinom

    ends = []
    for level in _levels(p_return):
        levels, logs = np.round(np.maximum(level, 0), 2), np.round(np.log(orders), 2)
        pairs, place = np.unique(levels + 1j * logs, return_inverse=True)
        further = np.maximum(np.exp(pairs.imag) - 1, 1e-6)
        size = 1 / dispersion
        count = 1 + nbinom.ppf(np.minimum(pairs.real, 0.999), size, size / (size + further))
        ends.append(np.where(level > 0, np.maximum(count, 1)[place], 0.0))
    return ends[0], ends[1]


def shared_error(p_return: np.ndarray, value: np.ndarray, shared_log_odds: float, volume: float) -> float:
    """Relative deviation of everybody's total: an error of all log-odds, and one of orders and amounts."""
    total = float(value.sum())
    moved = float((value * (1 - p_return)).sum()) / total if total > 0 else 0.0
    return float(np.hypot(moved * shared_log_odds, volume))


def range_of_total(
    mean: float, deviation: float, shared: float, quantile: float = NORMAL_QUANTILE_90
) -> tuple[float, float]:
    """Range (by default of 80%) of a total: `deviation` by chance, `shared` a relative error of everybody.

    A total is as likely half of what is told as twice of it, so the range is even on logarithms.
    """
    if mean <= 0:
        return 0.0, 0.0
    factor = float(np.exp(quantile * np.hypot(deviation / mean, shared)))
    return mean / factor, mean * factor


def orders_of_returners(past: Past, cutoff: int, length: int) -> np.ndarray:
    """Orders of each person of `past.moment(cutoff)` within `length` days, if they make any; at least 1."""
    moment = past.moment(cutoff)
    distinct, number = collapse(moment.histories)
    fitted = past.fitted(BASE, cutoff)
    days = np.empty(len(distinct))
    for rows in row_batches(len(distinct), HISTORIES_AT_ONCE):
        days[rows] = expected_orders(fitted.model, fitted.parameters, distinct.of(rows), length)
    p_order = _probability(past.log_odds(BASE, cutoff, length))
    per_day = moment.orders.sum() / max(moment.order_days.sum(), 1)
    return np.maximum(days[number] / np.maximum(p_order, 1e-9), 1) * per_day


def probability_within_year(past: Past, cutoff: int, p_return: np.ndarray) -> np.ndarray:
    """Chance of an order within a year, of those whose chance within the horizon is `p_return`.

    The base model's, moved by as much as the person's own is, and by SHIFT_KEPT of what all are.
    """
    moved = log_odds_of(p_return) - past.log_odds(BASE, cutoff)
    average = float(moved.mean()) if len(moved) else 0.0
    year = past.log_odds(BASE, cutoff, YEAR) + moved - (1 - SHIFT_KEPT) * average
    told = bounded(_probability(year))
    return np.maximum(told, p_return) if past.horizon <= YEAR else np.minimum(told, p_return)


def _probability(log_odds: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return np.asarray(expit(log_odds))
