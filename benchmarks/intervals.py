"""How many will return: whether the 80% range told holds what then happens, in shops whose truth is known.

Shops without enough returners to tell of must be refused; the probabilities of all others are
put beside what came, tenth by tenth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from benchmarks.results import Goal, Section
from custbehav_dagster.forecasting.gate import refusal_sentence
from custbehav_dagster.forecasting.measures import calibration_curve, calibration_error
from custbehav_dagster.forecasting.order_days import OrderDays
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster.forecasting.people import NORMAL_QUANTILE_90, one_thread
from custbehav_dagster.forecasting.told import COMBINATION, told_with_intervals
from custbehav_dagster.insights.statistics import sum_interval
from custbehav_dagster.settings import Settings

SHOPS, SMALLEST, LARGEST = 200, 50, 2_000
HOPELESS = 40
CUTOFF, HORIZON, YEAR = 900, 120, 365
MONTH = 60
"""Days that are good or bad together."""
CALM, MOODY = 0.15, 0.35
"""How good or bad (standard deviation of the logarithm of the rate) in the calmest and the moodiest shop."""
LEAST, MOST = 0.75, 0.85
MOST_OFF = 0.02
COLUMNS = ("people", "shops", "refused", "told", "range held", "mean told / came", "width of the range")


@dataclass(frozen=True)
class Outcome:
    """One shop: its people, whether it was refused; else the range of the total and what came of whom."""

    people: int
    is_refused: bool
    told: np.ndarray
    returned: np.ndarray
    low: float = 0.0
    high: float = 0.0

    @property
    def holds(self) -> bool:
        """The range holds how many came."""
        return self.low <= self.returned.sum() <= self.high


def generated_shop(seed: int, size: int, repeat_rate: float = 0.8) -> Past:
    """A shop of its own pace, lifetimes and season, with good and bad months that nobody can foretell.

    Each buyer has a rate of orders (gamma distributed, of shape `repeat_rate`) and stops at some time.
    """
    generator = np.random.default_rng(seed)
    length = CUTOFF + HORIZON + 1
    pace, lasting = np.exp(generator.normal(4.5, 0.6)), np.exp(generator.normal(6.0, 0.5))
    mood = generator.uniform(CALM, MOODY)
    lively = np.repeat(np.exp(generator.normal(0, mood, length // MONTH + 1)), MONTH)[:length]
    lively[np.arange(length) % YEAR >= 305] *= np.exp(generator.normal(0.4, 0.3))
    first = generator.integers(0, CUTOFF, size)
    last = np.minimum(length - 1, first + generator.exponential(generator.gamma(2, lasting / 2, size)))
    orders = generator.poisson(generator.gamma(repeat_rate, 1.2 / pace, size) * lively.max() * (last - first))
    person = np.repeat(np.arange(size), orders)
    day = (first[person] + (last - first)[person] * generator.random(len(person))).astype("int64")
    kept = generator.random(len(day)) < lively[day] / lively.max()
    person = np.concatenate([np.arange(size), person[kept]])
    day = np.concatenate([first, day[kept]])
    person, day = np.divmod(np.unique(person * length + day), length)
    names = pa.chunked_array([pa.array([f"c{number:05d}" for number in range(size)])])
    amount = np.exp(generator.normal(3.4, 0.5, len(day)))
    return Past(OrderDays(names, person, day, np.ones(len(day)), amount), HORIZON)


def outcome_of(past: Past, settings: Settings) -> Outcome:
    """What the shop was told at CUTOFF, and what came."""
    known = past.returned(CUTOFF - HORIZON)
    returned = past.returned(CUTOFF)
    if refusal_sentence(len(known), int(known.sum()), settings):
        return Outcome(len(returned), True, np.empty(0), np.empty(0, dtype=bool))
    sure = told_with_intervals(past, CUTOFF, COMBINATION)
    p_return = sure.probability
    low, high = sum_interval(
        float(p_return.sum()), float((p_return * (1 - p_return)).sum()), sure.shared_deviation,
        len(p_return), NORMAL_QUANTILE_90,
    )  # fmt: skip
    return Outcome(len(returned), False, p_return, returned, low, high)


def intervals(bench: object = None, shops: int = SHOPS, hopeless: int = HOPELESS) -> Section:
    """Ranges of the total over generated shops, the refusals, and the probabilities beside what came."""
    settings = Settings(horizon_days=HORIZON)
    sizes = np.exp(np.random.default_rng(0).uniform(np.log(SMALLEST), np.log(LARGEST), shops)).astype(int)
    with one_thread():
        outcomes = [outcome_of(generated_shop(seed, size), settings) for seed, size in enumerate(sizes)]
        lost = [
            outcome_of(generated_shop(1_000 + seed, SMALLEST + 5 * seed, repeat_rate=0.01), settings)
            for seed in range(hopeless)
        ]
    rows = [
        row_of(f"{low:,} to {high:,}", [one for one in outcomes if low <= one.people < high])
        for low, high in ((0, 200), (200, 600), (600, LARGEST))
    ]
    rows += [row_of("all", outcomes), row_of("hopeless", lost)]
    told = [one for one in outcomes if not one.is_refused]
    held = float(np.mean([one.holds for one in told]))
    probability, returned = (
        np.concatenate([getattr(one, name) for one in told]) for name in ("told", "returned")
    )
    off = calibration_error(returned, probability)
    refused = sum(one.is_refused for one in lost)
    spread, apart = f"{LEAST:.0%} to {MOST:.0%}", f"at most {MOST_OFF} apart"
    goals = [
        Goal(f"the 80% range of the total holds in {spread}", f"{held:.1%}", LEAST <= held <= MOST),
        Goal("hopeless shops are refused", f"{refused} of {len(lost)}", refused == len(lost)),
        Goal(f"told and came {apart}, over tenths of all people", f"{off:.4f}", off <= MOST_OFF),
    ]
    return Section(
        "How many will return: ranges in generated shops", COLUMNS, rows, goals, _curve(returned, probability)
    )


def row_of(name: str, outcomes: Sequence[Outcome]) -> Sequence[str]:
    """Counts and means of these shops."""
    told = [one for one in outcomes if not one.is_refused]
    row = [name, str(len(outcomes)), str(len(outcomes) - len(told)), str(len(told))]
    if not told:
        return [*row, "", "", ""]
    held = sum(one.holds for one in told)
    ratio = np.exp(np.mean([np.log(one.told.sum() / max(one.returned.sum(), 0.5)) for one in told]))
    width = np.mean([(one.high - one.low) / one.told.sum() for one in told])
    return [*row, f"{held} ({held / len(told):.1%})", f"{ratio:.2f}", f"{width:.0%} of the total"]


def _curve(returned: np.ndarray, probability: np.ndarray) -> str:
    told, came, _ = calibration_curve(returned, probability)
    pairs = ", ".join(f"{p:.2f}: {share:.2f}" for p, share in zip(told, came, strict=True))
    return f"Told and came, by tenths of the {len(returned):,} people of all shops that were told: {pairs}."
