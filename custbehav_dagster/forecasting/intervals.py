"""How sure forecasts are: of each person, and of everybody together."""

from __future__ import annotations

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.forecast import log_odds_variance
from custbehav_dagster.forecasting.buy_till_you_die.histories import collapse
from custbehav_dagster.forecasting.combination import BASE, expected_share, learning_cutoffs
from custbehav_dagster.forecasting.past import Past, log_odds_of
from custbehav_dagster.forecasting.people import NORMAL_QUANTILE_90, bounded

USUAL_SHARED_DEVIATION = 0.28
"""By how much the log-odds of a whole shop are usually off after the drift was corrected: 0.18 in the ten
cutoffs of three public shops it was tried on; generated shops with strong seasons ask for more."""
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
    do not overlap; a shop that has none yet is taken for a usual one. To it comes the
    uncertainty of a share that was learnt from so many people.
    """
    past = past.teacher
    found, counted = USUAL_COUNTS_AS * USUAL_SHARED_DEVIATION**2, USUAL_COUNTS_AS
    days = learning_cutoffs(past, cutoff)
    for day in [day for day in days if (cutoff - day) % past.horizon == 0][:MOST_LOOKED_AT]:
        off = past.off(BASE, day, past.horizon) - past.drift(BASE, day)
        found += max(off**2 - _variance_of_share(past, day), 0.0)
        counted += 1
    return float(np.sqrt(found / counted + _variance_of_share(past, cutoff)))


def _variance_of_share(past: Past, cutoff: int) -> float:
    """Variance of the log-odds of the share who return, as counted among the people of `cutoff`."""
    share = expected_share(past, cutoff)
    return 1 / max(len(past.moment(cutoff)) * share * (1 - share), 1.0)


def person_interval(probability: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """80% interval of each probability, from the variance of its log-odds."""
    from scipy.special import expit

    log_odds = log_odds_of(probability)
    margin = NORMAL_QUANTILE_90 * np.sqrt(variance)
    low, high = bounded(expit(log_odds - margin)), bounded(expit(log_odds + margin))
    return np.minimum(low, probability), np.maximum(high, probability)
