"""The combination: a buy-till-you-die model, corrected by what past forecasts missed.

Three steps. A ridge regression learns from earlier cutoffs, whose outcome is known, by how much
the log-odds of the Pareto/NBD model are to be moved for a person like this: with few people
hardly at all, so that a small shop is told what the model says. Gradient boosting and random
trees learn the same from scratch (`learners`), and the three are averaged. Last, all log-odds
are shifted to the share who can be expected to return now, of which the season and the
last months tell more than the learners do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.habits import HABIT_COLUMNS, habit_columns
from custbehav_dagster.forecasting.past import LARGEST_LOG_ODDS, SHORTEST_HISTORY, Past, shift_to
from custbehav_dagster.forecasting.people import sample_rows

BASE = "pareto_nbd"
OTHER = "mbg_nbd"
CUTOFF_STEP = 30
MOST_CUTOFFS = 10
PEOPLE_PER_CUTOFF = 8_000
KNOTS = (-2.0, -0.5, 1.0, 2.5)
SLOPE_RIDGE, RIDGE = 10.0, 100.0
"""Prior precision of a weight per standard deviation: of those that bend the model's own
log-odds, and of what is added to them. Each person counts once, at however many cutoffs."""
HABIT_RIDGE = 300.0
"""The same of the columns of `habits`, the last HABIT_COLUMNS: few people tell little by them."""
INTERCEPT_RIDGE = 0.1
SPEND_COLUMN, SPEND_PRIOR = 6, 0.15
"""What somebody who spends a standard deviation more per order (on logarithms) is thought to add before
data: the models of repeat buying do not see money. Learnt alone it came to 0.16 at CDNOW and 0.17
at Complete Journey, trades as unlike as CDs and groceries; all other weights start from nothing."""


@dataclass(frozen=True)
class Lesson:
    """Earlier cutoffs of a shop as one table: `columns` of people, who returned, and the base log-odds."""

    columns: np.ndarray
    returned: np.ndarray
    base: np.ndarray
    cutoff: np.ndarray
    people: int


def learning_cutoffs(past: Past, cutoff: int) -> list[int]:
    """Days whose outcome was known at `cutoff`, newest first."""
    newest = cutoff - past.horizon
    days = [newest - CUTOFF_STEP * step for step in range(MOST_CUTOFFS)]
    return [day for day in days if day - past.days.first_day >= SHORTEST_HISTORY and len(past.moment(day))]


def learn(past: Past, cutoff: int) -> Lesson | None:
    """Collect the earlier cutoffs; None when there are none or nobody, or everybody, returned."""
    columns, returned, base, number, people = [], [], [], [], set()
    for position, day in enumerate(learning_cutoffs(past, cutoff)):
        rows = sample_rows(len(past.moment(day)), PEOPLE_PER_CUTOFF, past.seed + position)
        columns.append(columns_of(past, day, rows))
        returned.append(past.returned(day)[rows])
        base.append(_base(past, day, rows))
        number.append(np.full(len(rows), position))
        people.update(past.moment(day).person[rows].tolist())
    if not columns:
        return None
    lesson = Lesson(
        columns=np.concatenate(columns),
        returned=np.concatenate(returned),
        base=np.concatenate(base),
        cutoff=np.concatenate(number),
        people=len(people),
    )
    return lesson if 0 < lesson.returned.sum() < len(lesson.returned) else None


def columns_of(past: Past, cutoff: int, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
    """What the learners see of each person, relative where it can be, so that it means the same later."""
    moment = past.moment(cutoff).of(np.arange(len(past.moment(cutoff)))[rows])
    base = _base(past, cutoff, rows)
    # Where the two models differ, people stop in a way one of them cannot tell.
    other = past.log_odds(OTHER, cutoff)[rows] - base
    once = moment.order_days == 1
    gap = (moment.tenure - moment.recency) / np.maximum(moment.order_days - 1, 1)
    late = np.where(once, 0, np.log((moment.recency + 1) / (gap + 1)))
    spend = np.log1p(np.maximum(moment.amount, 0) / moment.orders)
    log_count, log_recency = np.log(moment.order_days), np.log1p(moment.recency)
    log_tenure = np.log1p(moment.tenure)
    plain = np.column_stack(
        [
            base, *(np.maximum(base - knot, 0) for knot in KNOTS),
            np.clip(other, -2, 2), spend, log_recency, log_count, log_tenure,
            moment.recency / (moment.tenure + 1), late, np.maximum(late, 0), once,
            log_count**2, log_tenure * base, spend * base, spend * log_recency,
            np.log1p(moment.year_ago), np.log(moment.orders / moment.order_days),
            *(np.log1p(orders) for orders in moment.lately),
        ]
    )  # fmt: skip
    return np.hstack([plain, habit_columns(past.habits(cutoff)[moment.person], moment)])


@dataclass(frozen=True)
class Correction:
    """Weights of the ridge regression on scaled columns."""

    means: np.ndarray
    deviations: np.ndarray
    weights: np.ndarray

    def log_odds(self, columns: np.ndarray) -> np.ndarray:
        """What is added to the base log-odds."""
        return (columns - self.means) / self.deviations @ self.weights


def fit_correction(lesson: Lesson) -> Correction:
    """Ridge logistic regression: base log-odds as offset, a constant per cutoff (Newton's method)."""
    from scipy.special import expit

    means = lesson.columns.mean(axis=0)
    deviations = lesson.columns.std(axis=0) + 1e-9
    cutoffs = int(lesson.cutoff.max()) + 1
    terms = np.column_stack([(lesson.columns - means) / deviations, np.eye(cutoffs)[lesson.cutoff]])
    size = lesson.columns.shape[1]
    ridge = np.full(size + cutoffs, RIDGE)
    ridge[size - HABIT_COLUMNS : size] = HABIT_RIDGE
    ridge[: 1 + len(KNOTS)] = SLOPE_RIDGE
    ridge[size:] = INTERCEPT_RIDGE
    prior = np.zeros(len(ridge))
    prior[SPEND_COLUMN] = SPEND_PRIOR
    weights = prior.copy()
    for _ in range(30):
        p = expit(lesson.base + terms @ weights)
        slope = terms.T @ (lesson.returned - p) / cutoffs - ridge * (weights - prior)
        curvature = (terms * (p * (1 - p) / cutoffs)[:, None]).T @ terms + np.diag(ridge)
        step = np.linalg.solve(curvature, slope)
        weights += step
        if np.abs(step).max() < 1e-7:
            break
    return Correction(means, deviations, weights[:size])


def expected_share(past: Past, cutoff: int) -> float:
    """Share of all people known at `cutoff` who can be expected to return: base model and drift."""
    from scipy.special import expit

    return float(expit(past.log_odds(BASE, cutoff) + past.drift(BASE, cutoff)).mean())


def shifted(log_odds: np.ndarray, share: float) -> np.ndarray:
    """Log-odds moved together so that `share` is expected."""
    return np.clip(log_odds + shift_to(log_odds, share), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)


def _base(past: Past, cutoff: int, rows: np.ndarray | slice) -> np.ndarray:
    # Beyond 5 the model is surer than a shop's records ever are.
    return np.clip(past.log_odds(BASE, cutoff)[rows], -5, 5)
