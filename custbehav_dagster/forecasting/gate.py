"""Too few data for a forecast: what is missing, and when it is likely to be there."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from custbehav_dagster.forecasting.moments import YEAR
from custbehav_dagster.forecasting.order_days import EPOCH, OrderDays
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster.forecasting.people import NORMAL_QUANTILE_90
from custbehav_dagster.settings import Settings

PACE_DAYS = 365
FORESEEABLE_DAYS = 3 * 365
STEP_DAYS = 15
QUANTILES = (np.arange(20) + 0.5) / 20
SURE_ENOUGH = 0.6
"""A month is told when it is so likely that the data will be there within FORESEEABLE_DAYS at all.

Told to generated shops, two of three months held (`python -m benchmarks --only few_data`); a straight line
through all buyers named twice as many months, of which half did.
"""
HARDLY = 0.15
SEASON_OPENING = "Not enough data for this time of the year"
"""How the sentence begins that refuses a forecast for its season, however many people there are."""
OTHER_SEASON = 3.0
"""Difference of log-odds, as between one in two and one in twenty, that is surely there. Public gift shops
differ by up to 1, which the drift makes good; this is for shops that have no other season."""
MOST_WINDOWS = 12
MOST_PERIODS = 6
"""Horizons since the first order that are told apart; who is longer with the shop is like the last."""
FADING = 0.6
"""What is left of the share of those who return, from one horizon to the next, before data tell."""
COUNTS_AS = 20
"""So many people that thought counts in the share of each period."""


def refusal_sentence(people: int, returned: int, settings: Settings) -> str | None:
    """Say what is missing for a model and how much of it; None when there is enough.

    Each fold must hold people who returned and people who did not, so fewer of
    either than folds is always too few.
    """
    needed = returners_needed(settings)
    missing = []
    if people < settings.minimum_people:
        missing.append(f"{settings.minimum_people:,} people ({settings.minimum_people - people:,} more)")
    if returned < needed:
        missing.append(f"{needed:,} who order again ({needed - returned:,} more)")
    elif people - returned < needed:
        missing.append(f"{needed:,} who do not ({needed - (people - returned):,} more)")
    if not missing:
        return None
    buyers = {0: "nobody", 1: "one person"}.get(people, f"{people:,} people")
    again = {0: "nobody", people: "everybody"}.get(returned, f"{returned:,}")
    days = "1 day" if settings.horizon_days == 1 else f"{settings.horizon_days} days"
    told = f"{buyers} had bought {days} before the last known day"
    if people:
        told += f", and {again} ordered again since"
    return f"Not enough data: {told}; a forecast needs at least {' and '.join(missing)}."


def season_sentence(past: Past, as_of: int, settings: Settings) -> str | None:
    """Say that the days ahead are of another season than those that were learnt from; None when not so.

    In a shop that sells at Christmas alone, nearly everybody comes in one window and nobody in the
    next. No forecaster here was judged in the season that begins on `as_of` (a day number), and
    what they learnt in the one that has ended says nothing of it.
    """
    horizon = settings.horizon_days
    if horizon > YEAR or as_of - YEAR < past.days.first_day:
        return None
    ended, year_ago = past.returned(as_of - horizon), past.returned(as_of - YEAR)
    if len(year_ago) < settings.minimum_people:
        return None
    (one, its_variance), (other, others_variance) = _log_odds_of_share(ended), _log_odds_of_share(year_ago)
    surely = abs(one - other) - NORMAL_QUANTILE_90 * np.sqrt(its_variance + others_variance)
    if surely < OTHER_SEASON:
        return None
    return (
        f"{SEASON_OPENING}: in the {horizon} days that follow this one a year ago "
        f"{_of_all(year_ago)} ordered again, in the last {horizon} days {_of_all(ended)}. Such a shop "
        "sells by season, and a forecast from one season says nothing of another."
    )


def _log_odds_of_share(returned: np.ndarray) -> tuple[float, float]:
    """And their variance; half a person on either side, so that nobody and everybody have log-odds too."""
    came, stayed = returned.sum() + 0.5, (~returned).sum() + 0.5
    return float(np.log(came / stayed)), float(1 / came + 1 / stayed)


def _of_all(returned: np.ndarray) -> str:
    return f"{'nobody' if not returned.any() else f'{returned.sum():,}'} of {len(returned):,} people"


def returners_needed(settings: Settings) -> int:
    """Fewest people who must have returned, and fewest who must not."""
    return max(settings.minimum_returners, settings.cross_validation_folds)


def likely_sentence(
    days: OrderDays, as_of: int, people: int, returned: int, settings: Settings
) -> str | None:
    """Say when there will likely be enough, if as many new buyers come as in the last year.

    `people` had bought one horizon before `as_of` (a day number), `returned` of them came back.
    What share of people come back by the time since their first order is taken from the shop's past,
    so a shop whose buyers stay away after the first months is not promised that more of them will help.
    None when nothing is missing.
    """
    from scipy.special import gammaincc, gammaincinv

    if refusal_sentence(people, returned, settings) is None:
        return None
    horizon, needed = settings.horizon_days, returners_needed(settings)
    first = _first_days(days, as_of)
    shares, seen = _shares_by_period(days, first, as_of, horizon, (returned + 0.5) / (people + 1))
    # How far the shares may be off, all together: as few returners as were seen leave them so uncertain.
    off = gammaincinv(seen + 1, QUANTILES) / (seen + 1)
    unlucky, median = np.ones(len(off)), None
    for wait in range(STEP_DAYS, FORESEEABLE_DAYS + 1, STEP_DAYS):
        sizes = _sizes(first, as_of + wait - horizon, as_of, horizon)
        if sizes.sum() >= settings.minimum_people:
            back = np.minimum(off * float(sizes @ shares), sizes.sum())
            fewer = np.minimum(back, sizes.sum() - back)
            unlucky = unlucky * gammaincc(needed, fewer) ** (STEP_DAYS / horizon)
        if median is None and unlucky.mean() <= 0.5:
            median = wait
    return _when(as_of, median, float(1 - unlucky.mean()))


def _when(as_of: int, median: int | None, chance: float) -> str:
    if median is not None and chance >= SURE_ENOUGH:
        day: date = EPOCH + timedelta(days=as_of + median)
        return f"At the pace of the last year that is likely around {day:%B %Y}."
    if chance >= HARDLY:
        return (
            "At the pace of the last year the chance that there are enough within three years "
            f"is about {round(10 * chance)} in 10."
        )
    return (
        "At the pace of the last year that will take more than three years: "
        "it needs more new buyers, or more of them who order a second time."
    )


def _sizes(first: np.ndarray, cutoff: int, as_of: int, horizon: int) -> np.ndarray:
    """People known on a later day, by period: those of today, and new ones at the pace of the last year."""
    # Who bought within the last horizon will count as soon as their own has passed.
    tenures = cutoff - first
    today = np.bincount(_periods(tenures[tenures >= 0], horizon), minlength=MOST_PERIODS)
    newest = np.arange(max(cutoff - as_of, 0))
    return today + _pace(first, as_of) * np.bincount(_periods(newest, horizon), minlength=MOST_PERIODS)


def _first_days(days: OrderDays, as_of: int) -> np.ndarray:
    starts = np.flatnonzero(np.diff(days.person, prepend=-1))
    first = days.day[starts]
    return first[first <= as_of]


def _pace(first: np.ndarray, as_of: int) -> float:
    """New buyers a day in the last year, or since the first of them."""
    length = min(PACE_DAYS, as_of - int(first.min()) + 1) if len(first) else 0
    return float((first > as_of - length).sum() / length) if length else 0.0


def _periods(tenures: np.ndarray, horizon: int) -> np.ndarray:
    return np.minimum(tenures // horizon, MOST_PERIODS - 1)


def _shares_by_period(
    days: OrderDays, first: np.ndarray, as_of: int, horizon: int, share: float
) -> tuple[np.ndarray, float]:
    """Which part of people order within a horizon, by horizons since their first order; returners seen."""
    people, back = np.zeros(MOST_PERIODS), np.zeros(MOST_PERIODS)
    starts = np.flatnonzero(np.diff(days.person, prepend=-1))
    number, start_of = days.person[starts], days.day[starts]
    for step in range(1, MOST_WINDOWS + 1):
        cutoff = as_of - step * horizon
        if not len(first) or cutoff < first.min():
            break
        came = np.zeros(len(days), dtype=bool)
        came[days.person[(days.day > cutoff) & (days.day <= cutoff + horizon)]] = True
        known = np.flatnonzero(start_of <= cutoff)
        periods = _periods(cutoff - start_of[known], horizon)
        people += np.bincount(periods, minlength=MOST_PERIODS)
        back += np.bincount(periods, came[number[known]], MOST_PERIODS)
    shares = np.empty(MOST_PERIODS)
    for period in range(MOST_PERIODS):
        shares[period] = (back[period] + COUNTS_AS * share) / (people[period] + COUNTS_AS)
        share = FADING * shares[period]
    return shares, float(back.sum())
