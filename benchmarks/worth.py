"""What people will spend: whether the ranges told hold what then happens, in generated and in real shops.

A shop's total and each person's own are looked at; ranges are of four cases in five.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from benchmarks.forecasts import TRIALS, people_at
from benchmarks.results import Goal, Section
from custbehav_dagster.forecasting.expectations import range_of_total
from custbehav_dagster.forecasting.intervals import shared_deviation
from custbehav_dagster.forecasting.moments import YEAR, amount_after, orders_after
from custbehav_dagster.forecasting.order_days import EPOCH, OrderDays, day_number
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster.forecasting.people import one_thread
from custbehav_dagster.forecasting.told import told_at
from custbehav_dagster.forecasting.worth import value_columns

SHOPS, SMALLEST, LARGEST = 200, 50, 2_000
CUTOFF, LENGTH, HORIZON = 900, 900 + YEAR, 120
FEWEST_RETURNERS = 10
MONTH, LUCK = 60, 0.25
"""Days that are good or bad together, and how much (standard deviation of the logarithm)."""
LEAST, MOST = 0.75, 0.85
LIKELY = 0.2
"""Orders expected from which a person's range can be wrong; below, nothing is right more often than not."""
COLUMNS = ("shops", "days", "of", "total held", "mean total told / came", "people's spend held")


@dataclass(frozen=True)
class Outcome:
    """One total: what was told with its range, what came, and how many likely people's ranges held theirs."""

    days: int
    what: str
    told: float
    low: float
    high: float
    came: float
    people: int
    held: int

    @property
    def holds(self) -> bool:
        """The range of the total holds what came."""
        return self.low <= self.came <= self.high


def worth(bench: object = None) -> Section:
    """Ranges of orders and spend, on generated shops and on rolling cutoffs of real ones."""
    with one_thread():
        generated = [outcome for seed in range(SHOPS) for outcome in outcomes_of(*_generated(seed))]
        rows = table_of(f"{SHOPS} generated", generated)
        for trial in TRIALS:
            read = trial.read()
            if read is not None:
                past = Past(read, trial.horizon)
                cutoffs = [day_number(day) for day in (*trial.cutoffs, *EARLIER.get(trial.name, ()))]
                rows += table_of(trial.name, [out for day in cutoffs for out in outcomes_of(past, day)])
    goals = []
    for days in (HORIZON, YEAR):
        held = float(np.mean([one.holds for one in generated if (one.days, one.what) == (days, "value")]))
        told = f"generated shops: range of spend in {days} days held in {LEAST:.0%} to {MOST:.0%}"
        goals.append(Goal(told, f"{held:.1%}", LEAST <= held <= MOST))
    return Section("Worth: what people will spend", COLUMNS, rows, goals, "")


EARLIER: dict[str, tuple[date, ...]] = {
    "Online Retail II, 120 days": (date(2010, 8, 9), date(2010, 10, 8), date(2010, 12, 8)),
    "CDNOW, 120 days": (date(1997, 6, 30),),
}
"""Days that leave a year to look at."""


def table_of(name: str, outcomes: Sequence[Outcome]) -> list[Sequence[str]]:
    """One row per length of time and quantity."""
    rows: list[Sequence[str]] = []
    for days, what in sorted({(one.days, one.what) for one in outcomes}):
        chosen = [one for one in outcomes if (one.days, one.what) == (days, what)]
        held, people = sum(one.held for one in chosen), sum(one.people for one in chosen)
        ratio = np.exp(np.mean([np.log(one.told / one.came) for one in chosen if one.came > 0]))
        told = f"{sum(one.holds for one in chosen)} of {len(chosen)}"
        rows.append((name, str(days), what, told, f"{ratio:.2f}", f"{held / max(people, 1):.1%}"))
    return rows


def outcomes_of(past: Past, cutoff: int) -> Iterator[Outcome]:
    """What was told at `cutoff` beside what came; nothing for a shop with too few returners to tell of."""
    before = cutoff - past.horizon
    if not len(past.moment(before)) or past.returned(before).sum() < FEWEST_RETURNERS:
        return
    moment = past.moment(cutoff)
    p_return = told_at(past, cutoff, ("combination",))["combination"]
    columns = value_columns(
        with_outcome(past, cutoff), with_outcome(past, before), p_return,
        shared_deviation(past, cutoff), past.horizon, past,
    )  # fmt: skip
    for days, ending in ((past.horizon, ""), (YEAR, "_year")):
        if cutoff + days > past.days.day.max() + 1:
            continue
        came = {
            "orders": orders_after(past.days, moment, days),
            "value": amount_after(past.days, moment, days),
        }
        likely = columns[f"expected_orders{ending}"] >= LIKELY
        for what, actual in came.items():
            mean, low, high, deviation = (
                columns[name]
                for name in (
                    f"expected_{what}{ending}", f"expected_{what}{ending}_low",
                    f"expected_{what}{ending}_high", f"{what}{ending}_deviation",
                )
            )  # fmt: skip
            total, shared = mean.sum(), columns[f"shared_total{ending}_deviation"][0]
            ends = range_of_total(total, float(np.sqrt((deviation**2).sum())), shared)
            held = (np.floor(low + 1e-9) <= actual) & (actual <= high + 1e-9)
            yield Outcome(
                days, what, total, *ends, actual.sum(), int(likely.sum()), int(held[likely].sum()),
            )  # fmt: skip


def with_outcome(past: Past, cutoff: int) -> pa.Table:
    """The people of that day as `churn.dataset` and `features.customer_features` hold them."""
    moment = past.moment(cutoff)
    day = pa.array([(np.datetime64(EPOCH) + cutoff).astype(object)] * len(moment), pa.date32())
    people = people_at(past, cutoff)
    for name, values in {
        "average_amount": pa.array(moment.amount / moment.orders),
        "orders_in_horizon": pa.array(orders_after(past.days, moment)),
        "amount_in_horizon": pa.array(amount_after(past.days, moment, past.horizon)),
        "cutoff": day,
        "as_of": day,
    }.items():
        people = people.append_column(name, values)
    return people


def _generated(seed: int) -> tuple[Past, int]:
    """A shop of its own size, pace, season and prices, and the day it is asked about."""
    generator = np.random.default_rng(seed)
    size = int(np.exp(generator.uniform(np.log(SMALLEST), np.log(LARGEST))))
    pace, lasting = np.exp(generator.normal(4.5, 0.5)), np.exp(generator.normal(6.0, 0.5))
    # How lively the shop is on each day: Christmas, and good and bad months that nobody can foretell.
    lively = np.repeat(np.exp(generator.normal(0, LUCK, LENGTH // MONTH + 1)), MONTH)
    lively[np.arange(len(lively)) % YEAR >= 305] *= np.exp(generator.normal(0.4, 0.3))
    most = lively.max()
    persons, moments = [], []
    rates = generator.gamma(0.8, 1.2 / pace, size)
    firsts = generator.integers(0, CUTOFF, size)
    lasts = np.minimum(LENGTH + 1, firsts + generator.exponential(generator.gamma(2, lasting / 2, size)))
    for number in range(size):
        span = lasts[number] - firsts[number]
        later = firsts[number] + span * generator.random(generator.poisson(rates[number] * most * span))
        later = later[generator.random(len(later)) < lively[later.astype(int)] / most].astype(int)
        days = np.unique([firsts[number], *later])
        moments.append(days)
        persons.append(np.full(len(days), number))
    person, day = np.concatenate(persons), np.concatenate(moments)
    usual = np.exp(generator.normal(3.4, generator.uniform(0.2, 0.7), size))
    amount = usual[person] * np.exp(generator.normal(0, generator.uniform(0.2, 0.7), len(day)))
    names = pa.chunked_array([pa.array([f"c{one:05d}" for one in range(size)])])
    return Past(OrderDays(names, person, day, np.ones(len(day)), amount), HORIZON), CUTOFF
