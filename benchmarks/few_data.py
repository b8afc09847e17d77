"""Few data: is what brings people back found and nothing else, when will there be enough, what do priors do.

`python -m benchmarks --only few_data`. The shops are generated, so the truth is known.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterator
from datetime import date

import numpy as np

from benchmarks.forecasts import read_cdnow, read_online_retail
from benchmarks.questions import Bench
from benchmarks.results import Goal, Section
from custbehav_dagster.contract.second_order import LESS, MORE
from custbehav_dagster.forecasting.buy_till_you_die.fitting import fit
from custbehav_dagster.forecasting.buy_till_you_die.forecast import probability_of_order
from custbehav_dagster.forecasting.buy_till_you_die.priors import TRADE_PRIORS
from custbehav_dagster.forecasting.gate import likely_sentence, refusal_sentence
from custbehav_dagster.forecasting.moments import moment_at, orders_after
from custbehav_dagster.forecasting.order_days import EPOCH, OrderDays, day_number
from custbehav_dagster.forecasting.past import MODELS
from custbehav_dagster.forecasting.people import bounded, one_thread
from custbehav_dagster.forecasting.second_order.table import rows_of
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.days import days_of
from custbehav_dagster_tests.forecasting.second_order.made_up import made_up

SHOPS = 300
ALLOWED = 0.05
EFFECTS = (
    ("no difference", 1_500, {}),
    ("no difference", 6_000, {}),
    ("only the channel differs, and sells the rings", 3_000, {"web": 2.0, "rings_on_web": 0.95}),
    ("rings bring back twice as many", 500, {"ring": 2.0}),
    ("rings bring back twice as many", 1_500, {"ring": 2.0}),
    ("rings bring back twice as many", 5_000, {"ring": 2.0}),
    ("rings bring back half as many", 5_000, {"ring": 0.5}),
)
PLANTED = {"channel": "web", "first product": "ring"}
PACES = (
    (25, 0.06),
    (50, 0.06),
    (100, 0.06),
    (150, 0.08),
    (200, 0.05),
    (50, 0.15),
    (100, 0.15),
    (300, 0.05),
    (500, 0.03),
)
"""New buyers a year, and the share of them who ever come back."""
SHOPS_PER_PACE, YEARS, TOLD_AFTER, FORESEEN = 40, 6, 2 * 365, 3 * 365
TAUGHT_BY, DRAWS, HORIZON = (50, 100, 200, 500), 12, 120
CUTOFFS = {read_online_retail: (date(2011, 2, 10), date(2011, 6, 10)), read_cdnow: (date(1997, 12, 15),)}


def few_data(bench: Bench) -> Section:
    """Second orders, the month in which there will be enough, and priors, each against its truth."""
    effects, false = _effects()
    when, kept = _months()
    with one_thread():
        priors = list(_priors())
    goals = [
        Goal(
            f"any false finding in at most {ALLOWED:.0%} of shops", f"{false:.1%} at most", false <= ALLOWED
        ),
        Goal("a month named is right in three of five shops", f"{kept:.0%}", kept >= 0.6),
    ]
    return Section(
        "Few data: what is found, what is promised, what priors do",
        ("question", "of", "found"),
        [*effects, *when, *priors],
        goals,
        "Log loss is of Pareto/NBD taught by a few buyers and scored on all others, mean over the draws.",
    )


def _effects() -> tuple[list[tuple[str, str, str]], float]:
    rows, most_false = [], 0.0
    for name, people, shop in EFFECTS:
        false = found = held = 0
        for seed in range(SHOPS):
            first, truth = made_up(people, seed, **shop)
            told = [row for row in rows_of(first, HORIZON) if row.get("verdict")]
            sure = {(row["factor"], row["level"]) for row in told if row["verdict"] in (MORE, LESS)}
            ring = next(row for row in told if row["level"] == "ring")
            found += ("first product", "ring") in sure
            held += ring["ratio_low"] <= truth <= ring["ratio_high"]
            differing = {factor for factor, what in PLANTED.items() if what in shop}
            false += any(factor not in differing for factor, _ in sure)
        most_false = max(most_false, false / SHOPS)
        rows.append(
            (
                f"second orders: {name}",
                f"{SHOPS} shops of {people:,} buyers",
                f"false findings in {false / SHOPS:.1%}; rings told in {found / SHOPS:.0%}; "
                f"the interval holds the truth in {held / SHOPS:.0%}",
            )
        )
    return rows, most_false


def _visits(per_year: int, again: float, seed: int) -> OrderDays:
    """A shop with so many new buyers a year, of whom the share `again` comes back, some of them often."""
    draws = np.random.default_rng(seed)
    length, shop = 365 * YEARS, {}
    for number in range(draws.poisson(per_year * YEARS)):
        day = float(draws.integers(0, length))
        visits = [int(day)]
        while draws.random() < (again if len(visits) == 1 else 0.6):
            day += 1 + draws.exponential(80)
            visits.append(int(day))
        shop[f"c{number:05d}"] = sorted({visit for visit in visits if visit < length})
    return days_of(shop)


def _state(days: OrderDays, as_of: int) -> tuple[int, int]:
    """People known a horizon before that day, and how many of them came since."""
    starts = np.flatnonzero(np.diff(days.person, prepend=-1))
    known = days.person[starts][days.day[starts] <= as_of - HORIZON]
    came = days.person[(days.day > as_of - HORIZON) & (days.day <= as_of)]
    return len(known), len(np.intersect1d(known, came))


def _months() -> tuple[list[tuple[str, str, str]], float]:
    settings, refused, named, kept, late = Settings(horizon_days=HORIZON), 0, 0, 0, []
    for per_year, again in PACES:
        for seed in range(SHOPS_PER_PACE):
            days = _visits(per_year, again, seed)
            state = _state(days, TOLD_AFTER)
            if refusal_sentence(*state, settings) is None:
                continue
            refused += 1
            told = _month(likely_sentence(days.until(TOLD_AFTER), TOLD_AFTER, *state, settings) or "")
            if told is None:
                continue
            later = range(TOLD_AFTER + 15, TOLD_AFTER + FORESEEN, 15)
            came = next((day for day in later if not refusal_sentence(*_state(days, day), settings)), None)
            named, kept = named + 1, kept + (came is not None)
            late += [] if came is None else [came - told]
    off = f"days off, median {np.median(np.abs(late)):.0f}" if late else "none"
    row = (
        "when there will be enough",
        f"{refused} refused shops of {SHOPS_PER_PACE * len(PACES)}",
        f"a month is named in {named}; within three years it came true in {kept}; {off}",
    )
    return [row], kept / max(named, 1)


def _month(sentence: str) -> int | None:
    found = re.search(r"around (\w+) (\d+)\.", sentence)
    return (date(int(found[2]), [*month_name].index(found[1]), 15) - EPOCH).days if found else None


def _priors() -> Iterator[tuple[str, str, str]]:
    for read, cutoffs in CUTOFFS.items():
        days = read()
        if days is None:
            continue
        for size in TAUGHT_BY:
            losses = np.array([pair for cutoff in cutoffs for pair in _losses(days, cutoff, size)])
            mean, worst = losses.mean(axis=0), losses.max(axis=0)
            yield (
                f"priors: {read.__name__.removeprefix('read_').replace('_', ' ')}",
                f"taught by {size}, {len(losses)} draws",
                f"log loss {mean[0]:.3f} with, {mean[1]:.3f} without; "
                f"worst {worst[0]:.3f} and {worst[1]:.3f}",
            )


def _losses(days: OrderDays, cutoff: date, size: int) -> Iterator[tuple[float, float]]:
    """Mean log loss with and without priors, for several draws of the teachers."""
    moment, model = moment_at(days, day_number(cutoff), HORIZON), MODELS["pareto_nbd"]
    returned = orders_after(days, moment) > 0
    for seed in range(DRAWS):
        taught = np.zeros(len(moment), dtype=bool)
        taught[np.random.default_rng(seed).choice(len(moment), size, replace=False)] = True
        others, came = moment.histories.of(~taught), returned[~taught]
        both = []
        for prior in (TRADE_PRIORS[model.name], None):
            fitted = fit(model, moment.histories.of(taught), prior)
            p = bounded(probability_of_order(model, fitted.parameters, others, HORIZON))
            both.append(float(-np.where(came, np.log(p), np.log1p(-p)).mean()))
        yield both[0], both[1]
