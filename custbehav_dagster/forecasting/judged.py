"""From forecasts and outcomes to the rows of churn.evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custbehav_dagster.forecasting.contestants import KINDS
from custbehav_dagster.forecasting.differences import COMPARED, drawn_measures, interval_of
from custbehav_dagster.forecasting.measures import METRICS, calibration_curve, measure

Row = dict[str, object]
Draws = dict[str, dict[str, np.ndarray]]
UNDEFINED = "Nobody was expected to return, or only one class is there."


@dataclass(frozen=True)
class Judged:
    """One cutoff or fold: who returned, what each forecaster told, the share of returners in training."""

    fold: str
    returned: np.ndarray
    told: dict[str, np.ndarray]
    base_rate: float


def rows_of(judged: Sequence[Judged], note: str | None, seed: int) -> list[Row]:
    """All rows: measures, differences with their intervals, calibration curves, and the means of all.

    Only forecasters that told at every cutoff take part, so that means are of the same people.
    """
    names = [name for name in KINDS if all(name in one.told for one in judged)]
    values = {
        name: [measure(one.returned, one.told[name], one.base_rate) for one in judged] for name in names
    }
    means = {name: {metric: _mean([v[metric] for v in values[name]]) for metric in METRICS} for name in names}
    draws = [_draws(one, names, seed) for one in judged]
    everybody = _Sizes(
        "mean", sum(len(j.returned) for j in judged), sum(int(j.returned.sum()) for j in judged)
    )
    mean_draws = _mean_draws(draws)
    rows: list[Row] = []
    for name in names:
        peer = _best_peer(name, means)
        for one, found, drawn in zip(judged, values[name], draws, strict=True):
            sizes = _Sizes(one.fold, len(one.returned), int(one.returned.sum()))
            rows += _metric_rows(name, sizes, found, note)
            rows += _difference_rows(name, sizes, _at(values, judged.index(one)), drawn, peer)
            rows += _curve_rows(name, sizes, one)
        rows += _metric_rows(name, everybody, means[name], note)
        rows += _difference_rows(name, everybody, means, mean_draws, peer)
    return rows


@dataclass(frozen=True)
class _Sizes:
    fold: str
    people: int
    returned: int

    def row(self, model: str, metric: str, value: float | None, note: str | None) -> Row:
        return {
            "model": model,
            "kind": KINDS[model],
            "fold": self.fold,
            "metric": metric,
            "value": value,
            "people": self.people,
            "returned_people": self.returned,
            "note": note,
        }


def _metric_rows(name: str, sizes: _Sizes, values: dict[str, float | None], note: str | None) -> list[Row]:
    return [
        sizes.row(name, metric, values[metric], UNDEFINED if values[metric] is None else note)
        for metric in METRICS
    ]


def _difference_rows(
    name: str, sizes: _Sizes, values: dict[str, dict[str, float | None]], draws: Draws, peer: str | None
) -> list[Row]:
    """How much better or worse than the constant guess and the best other, and whether by luck."""
    rows = []
    for metric in COMPARED:
        for other, label in (("constant", "constant"), (peer, "best_peer")):
            if other is None or other == name or not draws:
                continue
            own, theirs = values[name][metric], values[other][metric]
            if own is None or theirs is None:
                continue
            low, high = interval_of(draws[name][metric] - draws[other][metric])
            row = sizes.row(name, f"{metric}_minus_{label}", own - theirs, f"against {other}")
            rows.append({**row, "value_low": low, "value_high": high})
    return rows


def _curve_rows(name: str, sizes: _Sizes, one: Judged) -> list[Row]:
    told, came, people = calibration_curve(one.returned, one.told[name])
    rows = []
    for number, (p, share, size) in enumerate(zip(told, came, people, strict=True), start=1):
        group = _Sizes(sizes.fold, int(size), round(float(share) * int(size)))
        rows.append(group.row(name, f"told_in_tenth_{number:02d}", float(p), None))
        rows.append(group.row(name, f"returned_in_tenth_{number:02d}", float(share), None))
    return rows


def _draws(one: Judged, names: list[str], seed: int) -> Draws:
    if not 0 < one.returned.sum() < len(one.returned):
        return {}
    return drawn_measures(one.returned, {name: one.told[name] for name in names}, seed)


def _mean_draws(draws: list[Draws]) -> Draws:
    """Draws of the mean over cutoffs; none when a cutoff has none."""
    if not all(draws):
        return {}
    return {
        name: {metric: np.mean([drawn[name][metric] for drawn in draws], axis=0) for metric in COMPARED}
        for name in draws[0]
    }


def _best_peer(name: str, means: dict[str, dict[str, float | None]]) -> str | None:
    others = [
        (loss, other)
        for other, values in means.items()
        if other != name and (loss := values["log_loss"]) is not None
    ]
    return min(others)[1] if others else None


def _at(values: dict[str, list[dict[str, float | None]]], number: int) -> dict[str, dict[str, float | None]]:
    return {name: found[number] for name, found in values.items()}


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
