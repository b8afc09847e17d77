"""BG/NBD and MBG/NBD: after each purchase a person may stop for good, with a chance of their own.

Purchases come at a Poisson rate that is gamma distributed over people (shape r, rate alpha);
the chance of stopping is beta distributed (a, b). Fader, Hardie & Lee 2005, "Counting your
customers the easy way"; in the modified form (Batislam, Denizel & Filiztekin 2007) somebody
may stop after the first purchase too, which in the first form only repeat buyers can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.histories import Histories

NODES = 64
TAILS = 40.0
"""How far, in units of log-odds, a beta density is followed into its tails at shape 1."""
SMALLEST_LOG_ODDS = -500.0


@dataclass(frozen=True)
class BetaGeometric:
    """The family of both models; `stops_at_once` makes it the modified form."""

    name: str
    stops_at_once: bool
    parameters: tuple[str, ...] = ("r", "alpha", "a", "b")

    def log_likelihood(
        self, parameters: np.ndarray, histories: Histories, with_gradient: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihood of each history and its gradient (rows by parameters; empty when not wanted)."""
        from scipy.special import digamma, expit, gammaln

        r, alpha, a, b = parameters
        counts, place = np.unique(histories.repeats, return_inverse=True)
        chances = counts + self.stops_at_once
        may_have_stopped = (chances > 0)[place]
        stops = np.where(chances > 0, b + chances - 1, 1.0)
        log_watched, log_last = np.log(alpha + histories.watched), np.log(alpha + histories.last)
        shape = (r + counts)[place]
        log_ratio = np.where(
            may_have_stopped, np.log(a) - np.log(stops)[place] + shape * (log_watched - log_last), -np.inf
        )
        by_count = (
            gammaln(r + counts) - gammaln(r) + r * np.log(alpha)
            + gammaln(b + chances) + gammaln(a + b) - gammaln(b) - gammaln(a + b + chances)
        )  # fmt: skip
        value = by_count[place] - shape * log_watched + np.logaddexp(0, log_ratio)
        if not with_gradient:
            return value, np.empty((0, 4))
        stopped = expit(log_ratio)
        common = digamma(a + b) - digamma(a + b + chances)
        gradient = np.column_stack(
            [
                (digamma(r + counts) - digamma(r) + np.log(alpha))[place]
                - log_watched + stopped * (log_watched - log_last),
                r / alpha - shape * ((1 - stopped) / (alpha + histories.watched)
                                     + stopped / (alpha + histories.last)),
                common[place] + stopped / a,
                (common + digamma(b + chances) - digamma(b))[place] - stopped / stops[place],
            ]
        )  # fmt: skip
        return value, gradient

    def start(self, histories: Histories) -> np.ndarray:
        """Where the search begins: the mean rate of purchases, and one in four who stop each time."""
        watched = (histories.people * histories.watched).sum()
        repeats = (histories.people * histories.repeats).sum()
        return np.array([0.5, 0.25 * (watched + 1e-9) / (repeats + 1), 1.0, 3.0])

    def probability_alive(self, parameters: np.ndarray, histories: Histories) -> np.ndarray:
        """Probability that each person has not stopped for good."""
        from scipy.special import expit

        r, alpha, a, b = parameters
        chances = histories.repeats + self.stops_at_once
        stops = np.where(chances > 0, b + chances - 1, 1.0)
        log_ratio = np.log(a / stops) + (r + histories.repeats) * np.log(
            (alpha + histories.watched) / (alpha + histories.last)
        )
        return np.where(chances > 0, expit(-log_ratio), 1.0)

    def orders_if_alive(self, parameters: np.ndarray, histories: Histories, time: np.ndarray) -> np.ndarray:
        """Orders expected in the next `time` of somebody who has not stopped.

        The mean over the chance p of stopping, which is beta distributed, of
        (1 - ((alpha + T) / (alpha + T + p time)) ** (r + x)) / p. Integrated on the
        log-odds of p, where the trapezoid rule converges fast; the closed form's
        hypergeometric function loses all digits for frequent buyers.
        """
        r, alpha, a, b = parameters
        orders = np.empty(len(histories))
        counts, place = np.unique(histories.repeats, return_inverse=True)
        by_place = np.argsort(place, kind="stable")
        for rows, count in zip(np.split(by_place, np.cumsum(np.bincount(place))[:-1]), counts, strict=True):
            chance, weight = _beta_nodes(a, b + count + self.stops_at_once)
            reach = chance * (time[rows] / (alpha + histories.watched[rows]))[:, None]
            orders[rows] = (-np.expm1(-(r + count) * np.log1p(reach)) / chance) @ weight
        return orders


def _beta_nodes(a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Values and weights that integrate over a beta distribution."""
    from scipy.special import betaln, expit

    centre = np.log(a) - np.log(b)
    spread = np.sqrt(1 / a + 1 / b)
    low = max(centre - max(6 * spread, TAILS / a), SMALLEST_LOG_ODDS)
    log_odds = np.linspace(low, centre + max(6 * spread, TAILS / b), 4 * NODES)
    log_density = a * -np.logaddexp(0, -log_odds) + b * -np.logaddexp(0, log_odds) - betaln(a, b)
    weight = np.exp(log_density - log_density.max())
    held = weight > 1e-14
    return expit(log_odds[held]), weight[held] / weight[held].sum()


BG_NBD = BetaGeometric("bg_nbd", stops_at_once=False)
MBG_NBD = BetaGeometric("mbg_nbd", stops_at_once=True)
