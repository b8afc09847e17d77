"""The contest: every forecaster judged on the same earlier days, with nothing it could not know then.

A shop with history enough is judged at rolling cutoffs: trained on windows that had ended,
scored on the window that followed. A younger one is judged at its only cutoff, by
stratified cross-validation over people. What each measure means is in `measures`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from custbehav_dagster import contract
from custbehav_dagster.forecasting.columns import COLUMNS
from custbehav_dagster.forecasting.contestants import CONTESTANTS, KINDS
from custbehav_dagster.forecasting.folds import sample_for_folds, split_folds
from custbehav_dagster.forecasting.gate import likely_sentence, refusal_sentence, season_sentence
from custbehav_dagster.forecasting.judged import Judged, rows_of
from custbehav_dagster.forecasting.order_days import EVALUATION_PEOPLE, day_number, read_order_days
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster.forecasting.people import (
    bounded,
    ever_returned,
    flags,
    one_thread,
    person_numbers,
    read_people,
)
from custbehav_dagster.forecasting.told import COMBINATION, told_at
from custbehav_dagster.settings import Settings

MOST_JUDGED = 2
DECIDING_METRIC = "log_loss"
LEVEL_DECIMALS = 6
"""Values that agree to so many decimals are level."""


@dataclass(frozen=True)
class Outcome:
    """What the contest decided: whose numbers are shown, or why none are."""

    winner: str | None
    refusal: str | None
    mean_metrics: dict[str, dict[str, float | None]]


@one_thread()
def evaluate_models(dataset: ir.Table, settings: Settings, orders: ir.Table | None = None) -> ir.Table:
    """Judge all contestants, as contract.results.CHURN_EVALUATION says.

    Takes churn.dataset and truth.orders; without orders the entries that read order days
    are left out. Gives each measure per cutoff (or fold) and as the mean over them. With too few people
    or one class there is one row per contestant, its value empty and the reason in `note`.
    """
    past, dataset, sampled = _with_past(dataset, settings, orders)
    people = read_people(dataset, ["customer_id", "cutoff", *COLUMNS, "returned", "is_synthetic"])
    newest = _newest(people)
    returned_by_person = ever_returned(flags(newest, "returned"), person_numbers(newest))
    refusal = _refusal(newest, len(returned_by_person), int(returned_by_person.sum()), past, settings)
    rows = _refused_rows(newest, refusal) if refusal else _contest(people, past, sampled, settings)
    is_synthetic = bool(flags(people, "is_synthetic").any())
    table = contract.results.CHURN_EVALUATION
    return table.conform(
        ibis.memtable(
            pa.Table.from_pylist(
                [{**row, "is_synthetic": is_synthetic} for row in rows], schema=table.schema.to_pyarrow()
            )
        )
    )


def read_outcome(evaluation: ir.Table) -> Outcome:
    """Tell the winner from churn.evaluation: the lowest mean log loss, a baseline when it is level.

    So a model's numbers are shown only when it beats the baselines. Among models that do, the
    combination is taken unless another is better by more than luck (the bootstrap interval
    of the difference): picking the smallest of ten numbers that are level picks noise.
    """
    rows = evaluation.filter(evaluation.fold == "mean").to_pyarrow().to_pylist()
    kinds = {row["model"]: row["kind"] for row in rows}
    metrics: dict[str, dict[str, float | None]] = {name: {} for name in kinds}
    for row in rows:
        metrics[row["model"]][row["metric"]] = row["value"]
    decided = sorted(
        (round(value, LEVEL_DECIMALS), kinds[name] == "model", name)
        for name, values in metrics.items()
        if (value := values.get(DECIDING_METRIC)) is not None
    )
    if not decided:
        notes = sorted({row["note"] for row in rows if row["note"]})
        return Outcome(None, notes[0] if notes else "Not enough data: nothing was evaluated.", metrics)
    better_than_baselines = [name for _, is_model, name in itertools.takewhile(lambda one: one[1], decided)]
    if COMBINATION in better_than_baselines and not _is_clearly_worse(COMBINATION, rows):
        return Outcome(COMBINATION, None, metrics)
    return Outcome(decided[0][2], None, metrics)


def _is_clearly_worse(model: str, rows: list[dict[str, Any]]) -> bool:
    """The best other is better, and the interval of the difference leaves no doubt."""
    ends = [
        row["value_low"]
        for row in rows
        if (row["model"], row["metric"]) == (model, f"{DECIDING_METRIC}_minus_best_peer")
    ]
    return any(low is not None and low > 0 for low in ends)


def _refusal(
    newest: pa.Table, people: int, returned: int, past: Past | None, settings: Settings
) -> str | None:
    """Why nothing is forecast, with the day from which it likely can be; None when there is enough."""
    sentence = refusal_sentence(people, returned, settings)
    if past is None or not newest.num_rows:
        return sentence
    as_of = day_number(newest.column("cutoff")[0].as_py()) + settings.horizon_days
    if sentence is None:
        return season_sentence(past, as_of, settings)
    return " ".join(filter(None, [sentence, likely_sentence(past.days, as_of, people, returned, settings)]))


def _with_past(
    dataset: ir.Table, settings: Settings, orders: ir.Table | None
) -> tuple[Past | None, ir.Table, str | None]:
    """The shop's past, the dataset of the people in it, and a note when they are a sample."""
    sums = dataset.aggregate(newest=dataset.cutoff.max(), people=dataset.customer_id.nunique())
    (known,) = sums.to_pyarrow().to_pylist()
    if orders is None or known["newest"] is None:
        return None, dataset, None
    as_of = known["newest"] + timedelta(days=settings.horizon_days)
    is_sample = known["people"] > EVALUATION_PEOPLE
    days = read_order_days(orders, as_of, EVALUATION_PEOPLE if is_sample else None)
    past = Past(days, settings.horizon_days, settings.random_seed)
    if not is_sample:
        return past, dataset, None
    members = ibis.memtable(pa.table({"customer_id": days.people}))
    note = f"Measured on a sample of the {known['people']:,} people, each so-many-th of them."
    return past, dataset.semi_join(members, "customer_id"), note


def _newest(people: pa.Table) -> pa.Table:
    """The rows of the newest cutoff."""
    if not people.num_rows:
        return people
    return people.filter(pc.equal(people.column("cutoff"), pc.max(people.column("cutoff"))))


def _contest(
    people: pa.Table, past: Past | None, sampled: str | None, settings: Settings
) -> list[dict[str, object]]:
    judged = [
        _judge_cutoff(people, cutoff, known, past, settings)
        for cutoff, known in _judged_cutoffs(people, settings)
    ]
    if judged:
        return rows_of(judged, sampled, settings.random_seed)
    newest = _newest(people)
    sample = sample_for_folds(newest, EVALUATION_PEOPLE, settings) or newest
    if sample.num_rows < newest.num_rows:
        sampled = f"Measured on {sample.num_rows:,} of {newest.num_rows:,} people, drawn at random."
    return rows_of(_judge_folds(sample, past, settings), sampled, settings.random_seed)


def _judged_cutoffs(people: pa.Table, settings: Settings) -> list[tuple[date, date]]:
    """Cutoffs that can be judged, newest first, each with the one whose outcome was known by then."""
    cutoffs = sorted(pc.unique(people.column("cutoff")).to_pylist(), reverse=True)
    found = []
    for cutoff in cutoffs:
        ended = [day for day in cutoffs if day <= cutoff - timedelta(days=settings.horizon_days)]
        if ended and not any(_too_few(people, day, settings) for day in (cutoff, ended[0])):
            found.append((cutoff, ended[0]))
    return found[:MOST_JUDGED]


def _too_few(people: pa.Table, cutoff: date, settings: Settings) -> bool:
    returned = flags(_at(people, cutoff), "returned")
    return refusal_sentence(len(returned), int(returned.sum()), settings) is not None


def _at(people: pa.Table, cutoff: date) -> pa.Table:
    return people.filter(pc.equal(people.column("cutoff"), pa.scalar(cutoff, pa.date32())))


def _judge_cutoff(
    people: pa.Table, cutoff: date, known: date, past: Past | None, settings: Settings
) -> Judged:
    """Everybody's forecast at `cutoff`, learnt from the outcome of `known`."""
    training, unseen = _at(people, known), _at(people, cutoff)
    told = {c.name: c.fit(training, settings).probabilities(unseen) for c in CONTESTANTS}
    told |= _told_from_past(unseen, past, cutoff)
    base_rate = float(bounded(flags(training, "returned").mean()))
    return Judged(str(cutoff), flags(unseen, "returned"), told, base_rate)


def _judge_folds(people: pa.Table, past: Past | None, settings: Settings) -> list[Judged]:
    """Forecasts for each fold, learnt from the others; what needs no outcome is told of all at once."""
    cutoff = people.column("cutoff")[0].as_py()
    from_past = _told_from_past(people, past, cutoff)
    judged = []
    for number, (training, held_out) in enumerate(split_folds(people, settings), start=1):
        known, unseen = people.take(training), people.take(held_out)
        told = {c.name: c.fit(known, settings).probabilities(unseen) for c in CONTESTANTS}
        told |= {name: probability[held_out] for name, probability in from_past.items()}
        base_rate = float(bounded(flags(known, "returned").mean()))
        judged.append(Judged(str(number), flags(unseen, "returned"), told, base_rate))
    return judged


def _told_from_past(people: pa.Table, past: Past | None, cutoff: date) -> dict[str, np.ndarray]:
    """What the entries that read order days say of these people."""
    if past is None:
        return {}
    rows = rows_in(past, people, day_number(cutoff))
    return {name: probability[rows] for name, probability in told_at(past, day_number(cutoff)).items()}


def rows_in(past: Past, people: pa.Table, cutoff: int) -> np.ndarray:
    """Where each of `people` is in `past.moment(cutoff)`.

    Raises:
        ValueError: somebody has no order there, so that features and orders are not of one shop.
    """
    moment = past.moment(cutoff)
    row = np.full(len(past.days), -1)
    row[moment.person] = np.arange(len(moment))
    number = pc.index_in(people.column("customer_id"), value_set=past.days.people.combine_chunks())
    rows = row[number.to_numpy()] if number.null_count == 0 else np.array([-1])
    if (rows < 0).any():
        raise ValueError(
            "The features speak of people without an order by that day: refresh from the orders on."
        )
    return rows


def _refused_rows(people: pa.Table, refusal: str) -> list[dict[str, object]]:
    return [
        {
            "model": name,
            "kind": kind,
            "fold": "mean",
            "metric": DECIDING_METRIC,
            "value": None,
            "people": people.num_rows,
            "returned_people": int(flags(people, "returned").sum()),
            "note": refusal,
        }
        for name, kind in KINDS.items()
    ]
