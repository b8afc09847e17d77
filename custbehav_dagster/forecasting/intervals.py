"""How sure forecasts are: of each person, and of everybody together."""

from __future__ import annotations

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.forecast import log_odds_variance
from custbehav_dagster.forecasting.buy_till_you_die.histories import collapse
from custbehav_dagster.forecasting.combination import BASE, learning_cutoffs
from custbehav_dagster.forecasting.past import Past, log_odds_of
from custbehav_dagster.forecasting.people import bounded

NORMAL_QUANTILE_90 = 1.2815515655446004
USUAL_SHARED_DEVIATION = 0.28
"""By how much the log-odds of a whole shop are usually off after the drift was corrected: in the ten
cutoffs of three public shops that the drift was tried on, the root of the mean square was 0.18."""
USUAL_COUNTS_AS = 4
MOST_LOOKED_AT = 3


def parameter_variance(past: Past, cutoff: int, name: str = BASE) -> np.ndarray:
    """Variance of each person's log-odds, from what is not known of the model's parameters.

    Nothing in a shop large enough to learn from a sample: its parameters are known.
    """
    if past.teacher is not past:
        return np.zeros(len(past.moment(cutoff)))
    distinct, number = collapse(past.moment(cutoff).histories)
    return log_odds_variance(past.fitted(name, cutoff), distinct, past.horizon)[number]


def shared_deviation(past: Past, cutoff: int) -> float:
    """Standard deviation of an error that all log-odds of the shop share.

    From how far earlier forecasts were off after their drift was corrected, at cutoffs whose windows
    do not overlap; a shop that has none yet is taken for a usual one.
    """
    past = past.teacher
    found, counted = USUAL_COUNTS_AS * USUAL_SHARED_DEVIATION**2, USUAL_COUNTS_AS
    days = learning_cutoffs(past, cutoff)
    apart = [day for day in days if (cutoff - day) % past.horizon == 0][:MOST_LOOKED_AT]
    for day in apart:
        off = past.off(BASE, day, past.horizon) - past.drift(BASE, day)
        chance = 1 / max(float(len(past.moment(day))) * 0.2, 1.0)
        found += max(off**2 - chance, 0.0)
        counted += 1
    return float(np.sqrt(found / counted))


def person_interval(probability: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """80% interval of each probability, from the variance of its log-odds."""
    from scipy.special import expit

    log_odds = log_odds_of(probability)
    margin = NORMAL_QUANTILE_90 * np.sqrt(variance)
    low, high = bounded(expit(log_odds - margin)), bounded(expit(log_odds + margin))
    return np.minimum(low, probability), np.maximum(high, probability)


def total_interval(probability: np.ndarray, shared: float) -> tuple[float, float, float]:
    """How many will return, and the ends of an 80% interval: chance of each, and the error all share."""
    chance = float((probability * (1 - probability)).sum())
    expected = float(probability.sum())
    margin = NORMAL_QUANTILE_90 * np.sqrt(chance + (shared * chance) ** 2)
    return expected, max(0.0, expected - margin), min(float(len(probability)), expected + margin)
