"""A shop's past as forecasts see it: what each buy-till-you-die model would have said on any day."""

from __future__ import annotations

from typing import Any

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.beta_geometric import BG_NBD, MBG_NBD
from custbehav_dagster.forecasting.buy_till_you_die.fitting import Fitted, Model, fit
from custbehav_dagster.forecasting.buy_till_you_die.forecast import probability_of_order
from custbehav_dagster.forecasting.buy_till_you_die.histories import collapse
from custbehav_dagster.forecasting.buy_till_you_die.pareto import PARETO_NBD
from custbehav_dagster.forecasting.buy_till_you_die.priors import TRADE_PRIORS
from custbehav_dagster.forecasting.habits import habits_at
from custbehav_dagster.forecasting.moments import YEAR, Moment, moment_at, orders_after
from custbehav_dagster.forecasting.order_days import OrderDays
from custbehav_dagster.forecasting.people import row_batches, sample_rows

MODELS: dict[str, Model] = {model.name: model for model in (BG_NBD, MBG_NBD, PARETO_NBD)}
TEACHERS = 12_000
"""Above this many people, what is learnt is learnt from a sample of this size: it is then known to
two hundredths, and the rest of the time and memory goes into telling everybody."""
SHORTEST_HISTORY = 60
"""Days of history below which a past day tells nothing of how models fare."""
FEWEST_PEOPLE = 30
HISTORIES_AT_ONCE = 50_000
DRIFT_DEVIATION = 0.4
"""How far log-odds of a whole shop are usually off, from one half horizon to the next."""
DRIFT_SHARES = (0.5, 0.5)
"""How much of the error of the last half horizon, and of that of a year ago, is corrected."""
LARGEST_LOG_ODDS = 6.9


class Past:
    """Order days of a shop up to some day, with what was computed of them so far.

    `horizon` is the length of the forecast in days. Every method that takes a cutoff
    sees nothing that happened after it, but for `returned`, which is what happened.
    `teacher` is what is learnt from: the same, or of a large shop a sample of its people. It keeps in
    `learnt` what was (see `told`), for those who ask again.
    """

    def __init__(self, days: OrderDays, horizon: int, seed: int = 0) -> None:
        self.days = days
        self.horizon = horizon
        self.seed = seed
        self.teacher = self
        if len(days) > TEACHERS:
            chosen = sample_rows(len(days), TEACHERS, seed)
            self.teacher = Past(days.of(chosen), horizon, seed)
        self._moments: dict[int, Moment] = {}
        self._habits: dict[int, np.ndarray] = {}
        self.learnt: dict[tuple[int, bool], Any] = {}
        self._fits: dict[tuple[str, int], Fitted] = {}
        self._log_odds: dict[tuple[str, int, int], np.ndarray] = {}

    def moment(self, cutoff: int) -> Moment:
        """What was known on that day."""
        if cutoff not in self._moments:
            self._moments[cutoff] = moment_at(self.days, cutoff, self.horizon)
        return self._moments[cutoff]

    def habits(self, cutoff: int) -> np.ndarray:
        """How everybody used to buy until that day, by number of the person (see `habits_at`)."""
        if cutoff not in self._habits:
            self._habits[cutoff] = habits_at(self.days, cutoff)
        return self._habits[cutoff]

    def returned(self, cutoff: int, length: int | None = None) -> np.ndarray:
        """Who of `moment(cutoff)` ordered in the days after it: the horizon, or `length` days."""
        return orders_after(self.days, self.moment(cutoff), length) > 0

    def fitted(self, name: str, cutoff: int) -> Fitted:
        """The model of that name, fitted to what was known on that day."""
        if self.teacher is not self:
            return self.teacher.fitted(name, cutoff)
        if (name, cutoff) not in self._fits:
            histories = self.moment(cutoff).histories
            self._fits[name, cutoff] = fit(MODELS[name], histories, TRADE_PRIORS[name])
        return self._fits[name, cutoff]

    def log_odds(self, name: str, cutoff: int, length: int | None = None) -> np.ndarray:
        """Log-odds of an order after that day, by the model as it was fitted then."""
        length = self.horizon if length is None else length
        if (name, cutoff, length) not in self._log_odds:
            distinct, number = collapse(self.moment(cutoff).histories)
            fitted = self.fitted(name, cutoff)
            p_order = np.empty(len(distinct))
            for rows in row_batches(len(distinct), HISTORIES_AT_ONCE):
                some = distinct.of(rows)
                p_order[rows] = probability_of_order(fitted.model, fitted.parameters, some, length)
            self._log_odds[name, cutoff, length] = log_odds_of(p_order)[number]
        return self._log_odds[name, cutoff, length]

    def drift(self, name: str, cutoff: int) -> float:
        """By how much the shop as a whole is likely off the model's log-odds at that day.

        Half of what the model was off in the half horizon that has just ended, which tells of
        a shop that cools or heats, and half of what it was off in the same days a year ago,
        which tells of the season. Tried on Online Retail II: at four cutoffs the shares told were
        off by 11, 7, 2 and -6 points without it, by 3, 4, -1 and -3 with it.
        """
        if self.teacher is not self:
            return self.teacher.drift(name, cutoff)
        half = max(self.horizon // 2, 1)
        recent = self.off(name, cutoff - half, half, SHORTEST_HISTORY)
        year_ago = 0.0
        if self.horizon <= YEAR:
            year_ago = self.off(name, cutoff - YEAR, self.horizon, max(self.horizon, SHORTEST_HISTORY))
        return DRIFT_SHARES[0] * recent + DRIFT_SHARES[1] * year_ago

    def off(self, name: str, cutoff: int, length: int, shortest_history: int = SHORTEST_HISTORY) -> float:
        """Shift of the log-odds that would have told the right number, shrunk by its uncertainty."""
        if not len(self.days.day) or cutoff - self.days.first_day < shortest_history:
            return 0.0
        if len(self.moment(cutoff)) < FEWEST_PEOPLE:
            return 0.0
        told = self.log_odds(name, cutoff, length)
        returned = float(self.returned(cutoff, length).mean())
        # Half a person on either side, so that nobody and everybody have log-odds too.
        returned = (returned * len(told) + 0.5) / (len(told) + 1)
        shift = shift_to(told, returned)
        variance = 1 / (len(told) * returned * (1 - returned))
        return shift * DRIFT_DEVIATION**2 / (DRIFT_DEVIATION**2 + variance)


def log_odds_of(probability: np.ndarray) -> np.ndarray:
    """Log-odds, not further from 0 than LARGEST_LOG_ODDS."""
    edge = 1 / (1 + np.exp(LARGEST_LOG_ODDS))
    inside = np.clip(probability, edge, 1 - edge)
    return np.log(inside) - np.log1p(-inside)


def shift_to(log_odds: np.ndarray, mean: float) -> float:
    """What to add to all log-odds so that their probabilities have that mean (Newton's method)."""
    from scipy.special import expit

    shift = 0.0
    for _ in range(50):
        p = expit(log_odds + shift)
        step = (mean - p.mean()) / max(float((p * (1 - p)).mean()), 1e-9)
        shift += float(np.clip(step, -2, 2))
        if abs(step) < 1e-9:
            break
    return shift
