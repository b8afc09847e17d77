"""Which of weather and calendar moves this shop's orders, beyond season, weekday and growth.

Each thing is one number of a Poisson regression of daily orders, beside all others of its
kind. It is called sure only if its interval, widened for the number of things looked at
(Bonferroni), leaves "no change" out, and if days held back are told better with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import numpy as np

from custbehav_dagster import contract
from custbehav_dagster.insights.context.days import (
    WEATHER_COLUMNS,
    Days,
    order_days,
    season_columns,
    unusual,
    weather_of,
)
from custbehav_dagster.insights.context.regression import deviance, fit_counts
from custbehav_dagster.provenance import prefer_real

if TYPE_CHECKING:
    import pandas as pd

ALLOWED = 0.05
"""Chance that a shop that nothing moves is told that something does, for each of the two kinds."""
POWER = 0.8
LEAST_DAYS, LEAST_ORDERS = 180, 200
LEAST_SUCH_DAYS = 20
LEAST_TIMES = 2
LEAST_WEEKS = 3
WET_MM, WARMER_CELSIUS, SUNNIER_HOURS = 1.0, 5.0, 3.0
WEATHER_FACTORS = (
    ("rain", "days with at least 1 mm of rain or snow against dry days", WET_MM),
    ("warmth", "each 5 °C above what is usual at that time of year", WARMER_CELSIUS),
    ("sunshine", "each 3 hours of sun above what is usual at that time of year", SUNNIER_HOURS),
)
"""Name, what is compared, and the step of each of WEATHER_COLUMNS."""
UNTOLD = "the weather archive does not tell it for most of these days"
BLOCKS, FOLDS = 20, 5
"""Days are held back in blocks of neighbours, every fifth at a time."""


@dataclass(frozen=True)
class Factor:
    """One thing that may move orders: a column over the rows of the days, in steps told by `compared`."""

    name: str
    kind: str
    compared: str
    values: np.ndarray
    note: str = ""

    @property
    def such_days(self) -> int:
        """Days on which it is there, or is at least one step away from what is usual."""
        return int((np.abs(self.values) >= 1).sum())


def context_effects(
    orders: ir.Table, weather: ir.Table, events: ir.Table, places: Iterable[str], as_of: date
) -> ir.Table:
    """Effects, as contract.context.CONTEXT_EFFECTS says; no rows for a shop without purchases.

    Takes truth.orders, raw.weather, raw.calendar_events and the names of the places whose
    weather is known. Orders after `as_of` are not seen.
    """
    rows, is_synthetic = prefer_real(orders)
    purchases = rows.filter(rows.is_purchase, rows.order_date <= ibis.date(as_of))
    named = list(places)
    told: list[dict[str, Any]] = []
    everywhere = order_days(purchases, as_of, [])
    if everywhere is not None:
        told += _judged(everywhere, _calendar(everywhere, events.to_pandas()))
        days = weather.to_pandas()
        if named and len(days):
            by_place = order_days(purchases, as_of, named)
            if by_place is not None:
                told += _judged(*_known(by_place, weather_of(by_place, days, named)))
    table = contract.context.CONTEXT_EFFECTS
    if not told:
        return table.empty()
    return table.conform(ibis.memtable(_arrow(told)).mutate(is_synthetic=ibis.literal(is_synthetic)))


def _arrow(rows: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    columns = [c for c in contract.context.CONTEXT_EFFECTS.schema.to_pyarrow() if c.name != "is_synthetic"]
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _known(days: Days, weather: np.ndarray) -> tuple[Days, list[Factor]]:
    """The days whose weather is known, and what of it may matter.

    What the archive tells of fewer than half of them is named, and costs the others no day.
    """
    known_days = (~np.isnan(weather)).sum(axis=0)
    is_told = known_days * 2 >= max(1, int(known_days.max()))
    there = ~np.isnan(weather[:, is_told]).any(axis=1) & is_told.any()
    known = Days(days.first, days.day[there], days.place[there], days.counts[there])
    if not there.any():
        return known, []
    season = season_columns(known)
    factors = []
    columns = zip(WEATHER_COLUMNS, weather[there].T, is_told, strict=True)
    for (name, compared, step), (column, values, told) in zip(WEATHER_FACTORS, columns, strict=True):
        if not told:
            factors.append(Factor(name, "weather", compared, np.zeros(len(values)), UNTOLD))
        elif column == "precipitation_mm":
            factors.append(Factor(name, "weather", compared, (values >= step).astype(float)))
        else:
            factors.append(Factor(name, "weather", compared, unusual(values, season) / step))
    return known, factors


def _calendar(days: Days, events: pd.DataFrame) -> list[Factor]:
    factors = []
    holidays = events[events.kind == "public holiday"]
    if len(holidays):
        on = np.isin(days.dates, holidays.day.to_numpy().astype("datetime64[D]")).astype(float)
        factors.append(
            Factor("public holidays", "calendar", "public holidays against other days like them", on)
        )
    for name, seasons in events[events.kind == "gift season"].groupby("event", sort=True):
        during = np.zeros(len(days.day))
        times = 0
        for start, end in zip(seasons.window_start, seasons.window_end, strict=True):
            inside = (days.dates >= np.datetime64(start, "D")) & (days.dates <= np.datetime64(end, "D"))
            times += int(inside.sum() == (end - start).days + 1)
            during[inside] = 1.0
        compared = (
            f"the days on which people shop for it (in all {int(during.sum()):,}) against a smooth year"
        )
        note = "" if times >= LEAST_TIMES else "it has not been there in two years yet"
        factors.append(Factor(str(name), "calendar", compared, during, note))
    return factors


def _judged(days: Days, factors: list[Factor]) -> list[dict[str, Any]]:
    """A row per factor: its effect, or why there is none."""
    total = int(days.counts.sum())
    span = len(np.unique(days.day))
    notes = {factor.name: factor.note or _too_few(factor, span, total) for factor in factors}
    able = [factor for factor in factors if not notes[factor.name]]
    rows = [_row(factor, span, total, notes[factor.name]) for factor in factors if notes[factor.name]]
    if not able:
        return rows
    season = season_columns(days)
    design = np.column_stack([season, *(factor.values for factor in able)])
    fit = fit_counts(design, days.counts, days.day)
    confidence = 1 - ALLOWED / len(able)
    for number, factor in enumerate(able):
        column = season.shape[1] + number
        log, error = fit.coefficients[column], float(np.sqrt(fit.covariance[column, column]))
        reach = _quantile(confidence, factor)
        low, high = np.exp(log - reach * error), np.exp(log + reach * error)
        is_clear = bool(low > 1 or high < 1)
        rows.append(
            _row(factor, span, total, "")
            | {
                "ratio": float(np.exp(log)),
                "ratio_low": float(low),
                "ratio_high": float(high),
                "confidence": confidence,
                "smallest_noticeable": float(np.expm1((reach + NormalDist().inv_cdf(POWER)) * error)),
                "is_sure": is_clear and _helps_on_days_held_back(days, design, column),
            }
        )
    return rows


def _quantile(confidence: float, factor: Factor) -> float:
    """Of Student's t, with a degree of freedom for each week of such days: days of a week are alike."""
    from scipy.stats import t

    return float(t.ppf(0.5 + confidence / 2, max(LEAST_WEEKS, factor.such_days / 7)))


def _too_few(factor: Factor, span: int, total: int) -> str:
    if span < LEAST_DAYS:
        return f"{LEAST_DAYS - span:,} more days are needed"
    if total < LEAST_ORDERS:
        return f"{LEAST_ORDERS - total:,} more orders are needed"
    if factor.such_days < LEAST_SUCH_DAYS:
        return f"{LEAST_SUCH_DAYS - factor.such_days:,} more such days are needed"
    return ""


def _row(factor: Factor, span: int, total: int, note: str) -> dict[str, Any]:
    return {
        "factor": factor.name,
        "kind": factor.kind,
        "compared": factor.compared,
        "ratio": None,
        "ratio_low": None,
        "ratio_high": None,
        "confidence": None,
        "smallest_noticeable": None,
        "days": span,
        "such_days": factor.such_days,
        "orders": total,
        "is_sure": False,
        "note": note or None,
    }


def _helps_on_days_held_back(days: Days, design: np.ndarray, column: int) -> bool:
    """True when the deviance of held back days is smaller with the column than without it."""
    block = days.day * BLOCKS // (int(days.day.max()) + 1)
    without = np.delete(design, column, axis=1)
    gain = 0.0
    for fold in range(FOLDS):
        held = block % FOLDS == fold
        if not held.any() or not days.counts[~held].any():
            continue
        for sign, columns in ((1, without), (-1, design)):
            fit = fit_counts(columns[~held], days.counts[~held], days.day[~held])
            gain += sign * deviance(days.counts[held], fit.expected(columns[held]))
    return gain > 0
