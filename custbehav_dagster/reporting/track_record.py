"""How good earlier forecasts were: what was said, and what came of it; and how far to trust the models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.forecasting.gate import SEASON_OPENING
from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.reporting.footnotes import Source, source_of, source_of_table
from custbehav_dagster.wording.words import Message

MOST_TOLD = 4
METRICS = ("auc", "average_precision", "log_loss", "brier")


@dataclass(frozen=True)
class Grade:
    """One forecast that is due: how many of `people` were expected (80% sure: low to high) and came."""

    as_of: date
    due_date: date
    people: int
    expected: float
    low: float
    high: float
    actual: int

    @property
    def told(self) -> Message:
        """The grade as a sentence."""
        hit = self.low <= self.actual <= self.high
        return Message("record.grade", {**self.__dict__, "hit": hit})


@dataclass(frozen=True)
class TrackRecord:
    """The newest graded forecasts that do not overlap, newest first; `not_yet` when there is none."""

    grades: list[Grade]
    not_yet: Message | None
    model: Message
    contestants: list[dict[str, Any]]
    grades_source: Source
    models_source: Source


def gather_track_record(grades: ir.Table, ledger: ir.Table, evaluation: Rows) -> TrackRecord:
    """Sum up churn.forecast_grades, churn.forecast_ledger and churn.evaluation."""
    contestants = _contestants(evaluation)
    told = _graded(grades)
    return TrackRecord(
        grades=told,
        not_yet=None if told else _not_yet(ledger),
        model=_model_message(evaluation, contestants),
        contestants=contestants,
        grades_source=source_of_table("churn.forecast_grades", grades),
        models_source=source_of(evaluation.where("fold = 'mean'", lambda t: t.fold == "mean")),
    )


def _graded(grades: ir.Table) -> list[Grade]:
    told: list[Grade] = []
    for row in grades.order_by(ibis.desc("due_date")).to_pyarrow().to_pylist():
        # Two forecasts whose windows overlap see the same orders.
        if told and row["due_date"] > told[-1].as_of:
            continue
        told.append(Grade(*(row[name] for name in Grade.__dataclass_fields__)))
        if len(told) == MOST_TOLD:
            break
    return told


def _not_yet(ledger: ir.Table) -> Message:
    first = ledger.filter(ledger.p_return.notnull()).due_date.min().to_pyarrow().as_py()
    return Message("record.never") if first is None else Message("record.not_yet", {"day": first})


def _contestants(evaluation: Rows) -> list[dict[str, Any]]:
    """A model, its kind and its mean metrics each; models before simple rules."""
    rows = evaluation.table.filter(evaluation.table.fold == "mean").to_pyarrow().to_pylist()
    # Of a forecast that was refused, the rows hold the reason and no measurement.
    rows = [row for row in rows if row["value"] is not None]
    names = dict.fromkeys((row["kind"] != "model", row["model"], row["kind"]) for row in rows)
    return [
        {
            "model": model,
            "kind": kind,
            "metrics": {row["metric"]: row["value"] for row in rows if row["model"] == model},
        }
        for _, model, kind in sorted(names)
    ]


def _model_message(evaluation: Rows, contestants: list[dict[str, Any]]) -> Message:
    """Say honestly how far the models are to be trusted."""
    from custbehav_dagster.forecasting.evaluation import read_outcome

    outcome = read_outcome(evaluation.table)
    if outcome.winner is None:
        counts = _counts(evaluation)
        refusal = outcome.refusal or ""
        of_the_season = refusal.startswith(SEASON_OPENING)
        return Message("model.refused", {**counts, "refusal": refusal, "of_the_season": of_the_season})
    by_name = {row["model"]: row for row in contestants}
    winner, guess = by_name[outcome.winner], by_name.get("constant", {"metrics": {}})
    losses = winner["metrics"].get("log_loss"), guess["metrics"].get("log_loss")
    if winner["kind"] == "baseline":
        return Message("model.rule", {"model": outcome.winner})
    if None in losses or not losses[1]:
        return Message("model.best", {"model": outcome.winner})
    return Message("model.better", {"model": outcome.winner, "better": 1 - losses[0] / losses[1]})


def _counts(evaluation: Rows) -> dict[str, int]:
    table = evaluation.table
    (found,) = (
        table.aggregate(people=table.people.max(), returned=table.returned_people.max())
        .to_pyarrow()
        .to_pylist()
    )
    return {name: found[name] or 0 for name in ("people", "returned")}
