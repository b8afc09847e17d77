"""What page and summary tell: gathered once from the run's own tables, counts and sums, no person.

How it is put on paper is decided in `page` and `summary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.insights.evidence import Rows, real_rows, until
from custbehav_dagster.insights.left_out import rows_left_out
from custbehav_dagster.insights.money import main_currency, steady_sum
from custbehav_dagster.insights.wording import count, day, listed, model_name, percent, source_name
from custbehav_dagster.insights.words import RULES
from custbehav_dagster.reporting.headlines import Headline, gather_headlines
from custbehav_dagster.reporting.retention import Cohort, newest_cohorts
from custbehav_dagster.reporting.this_week import ThisWeek, gather_this_week
from custbehav_dagster.reporting.track_record import track_record
from custbehav_dagster.settings import Settings

MOST_FILES, MOST_REASONS = 40, 12
METRICS = {
    "auc": "Ranking (AUC)",
    "average_precision": "Finding returners (average precision)",
    "log_loss": "Error of the probabilities (log loss)",
    "brier": "Error of the probabilities (Brier)",
}
VERDICTS = {
    "likely back": "Nothing to do but to be ready.",
    "may come back": "A friendly reminder is enough.",
    "slipping away": "Write now: these can still be won.",
    "probably gone": "One last message, then leave them in peace.",
    "new": "Too new to judge; make the first parcel a good one.",
    "not enough data": "Ranked by the last order only.",
}


@dataclass(frozen=True)
class Report:
    """Everything page and summary tell.

    `is_synthetic` says that the shop itself is made up, `samples` which texts are not
    the shop's but samples of this program; `insights`, `aspects`, `segments`, `files` are
    rows of their tables; `verdicts` has people, limits of the probability and value
    per verdict; `contestants` a name, kind and mean metrics each; `set_aside` reasons
    with their number of rows.
    """

    as_of: date | None
    why_empty: str
    currency: str
    horizon_days: int
    is_synthetic: bool
    samples: str
    headlines: list[Headline]
    this_week: ThisWeek
    insights: list[dict[str, Any]]
    cohorts: list[Cohort]
    aspects: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]
    segments: list[dict[str, Any]]
    contestants: list[dict[str, Any]]
    model_sentence: str
    track_record: list[str]
    unknown_files: list[dict[str, Any]]
    files: list[dict[str, Any]]
    more_files: int
    rows_in: int
    rows_unusable: int
    rows_repeated: int
    set_aside: list[dict[str, Any]]


def gather_report(
    *,
    orders: ir.Table,
    customers: ir.Table,
    texts: ir.Table,
    scores: ir.Table,
    segments: ir.Table,
    evaluation: ir.Table,
    grades: ir.Table,
    ledger: ir.Table,
    insights: ir.Table,
    cohorts: ir.Table,
    aspects: ir.Table,
    files: ir.Table,
    unreadable: ir.Table,
    left_out: ir.Table,
    lists: Mapping[str, ir.Table],
    uplift: ir.Table,
    as_of: date | None,
    settings: Settings,
) -> Report:
    """Gather what page and summary tell.

    Takes truth.orders, truth.customers, truth.single_source_of_truth, churn.scores,
    segments.segment_profiles, churn.evaluation, churn.forecast_grades, churn.forecast_ledger,
    insights.practical_insights, insights.cohorts, insights.aspects, raw.ingested_files,
    raw.quarantine (`unreadable`), cleaned.quarantine (`left_out`), the lists of layer
    actions by noun, and actions.uplift. `as_of` is the last known day, None when there is
    no order yet.
    """
    known_orders = real_rows("truth.orders", orders)
    if as_of is not None:
        known_orders = until(known_orders, as_of)
    currency = main_currency(known_orders.table, settings.currency)
    scored = real_rows("churn.scores", scores)
    profiles = real_rows("segments.segment_profiles", segments)
    judged = real_rows("churn.evaluation", evaluation)
    listing = files.order_by("source_file").to_pyarrow().to_pylist()
    aside = rows_left_out(left_out)
    return Report(
        as_of=as_of,
        why_empty=_why_empty(orders, settings),
        currency=currency,
        horizon_days=settings.horizon_days,
        is_synthetic=known_orders.is_synthetic,
        samples=_sampled_sources(known_orders, texts),
        headlines=gather_headlines(known_orders, scored, as_of, currency, settings),
        this_week=gather_this_week(lists, uplift, customers),
        insights=insights.to_pyarrow().to_pylist(),
        cohorts=newest_cohorts(cohorts),
        aspects=aspects.order_by([ibis.desc("texts"), "aspect"]).to_pyarrow().to_pylist(),
        verdicts=_verdicts(scored),
        segments=profiles.table.order_by("segment").to_pyarrow().to_pylist(),
        contestants=_contestants(judged),
        model_sentence=_model_sentence(judged),
        track_record=track_record(grades, ledger),
        unknown_files=[file for file in listing if file["format"] == "unknown"],
        files=listing[:MOST_FILES],
        more_files=max(0, len(listing) - MOST_FILES),
        rows_in=sum(file["rows_in"] for file in listing),
        rows_unusable=int(unreadable.count().to_pyarrow().as_py()) + aside.unusable,
        rows_repeated=aside.repeated,
        set_aside=_reasons(unreadable, left_out),
    )


def _why_empty(orders: ir.Table, settings: Settings) -> str:
    """What to say when no order counts."""
    total = int(orders.count().to_pyarrow().as_py()) if settings.as_of else 0
    if not total or settings.as_of is None:
        return "There are no orders yet."
    return (
        f"All {count(total, 'order')} lie after {day(settings.as_of)}, the last day that is to be seen "
        "(CUSTBEHAV_AS_OF): choose a later one."
    )


def _sampled_sources(orders: Rows, texts: ir.Table) -> str:
    """Names of the sources that hold nothing but samples; those of a made-up shop are part of it."""
    by_source = (
        texts.group_by("source_type")
        .aggregate(is_sample=texts.is_synthetic.all())
        .order_by("source_type")
        .to_pyarrow()
        .to_pylist()
    )
    return listed(
        source_name(row["source_type"])
        for row in by_source
        if row["is_sample"] and not (orders.is_synthetic and row["source_type"] == "internal_feedback")
    )


def _verdicts(scores: Rows) -> list[dict[str, Any]]:
    table = scores.table
    found = (
        table.group_by("verdict")
        .aggregate(
            people=table.count(),
            low=table.p_return.min(),
            high=table.p_return.max(),
            worth=steady_sum(table.expected_value),
        )
        .to_pyarrow()
        .to_pylist()
    )
    order = list(VERDICTS)
    for row in found:
        row["what_to_do"] = VERDICTS.get(row["verdict"], "")
    return sorted(
        found,
        key=lambda row: (order.index(row["verdict"]) if row["verdict"] in order else 99, row["verdict"]),
    )


def _contestants(evaluation: Rows) -> list[dict[str, Any]]:
    rows = evaluation.table.filter(evaluation.table.fold == "mean").to_pyarrow().to_pylist()
    names = dict.fromkeys((row["kind"] != "model", row["model"], row["kind"]) for row in rows)
    return [
        {
            "name": model_name(model),
            "kind": kind,
            "metrics": {row["metric"]: row["value"] for row in rows if row["model"] == model},
        }
        for _, model, kind in sorted(names)
    ]


def _model_sentence(evaluation: Rows) -> str:
    """Say honestly how far the models are to be trusted."""
    from custbehav_dagster.forecasting.evaluation import read_outcome

    outcome = read_outcome(evaluation.table)
    if outcome.winner is None:
        return outcome.refusal or "No model could be tested yet."
    contestants = {row["name"]: row for row in _contestants(evaluation)}
    winner = contestants[model_name(outcome.winner)]
    guess = contestants.get(model_name("constant"), {"metrics": {}})
    losses = winner["metrics"].get("log_loss"), guess["metrics"].get("log_loss")
    if winner["kind"] == "baseline":
        return (
            "No model does better than the simple rules on people it has not seen, "
            f"so the {winner['name']} is used: take the probabilities as a rough order, not as a forecast."
        )
    if None in losses or not losses[1]:
        return f"The {winner['name']} does best on people it has not seen."
    better = 1 - losses[0] / losses[1]
    return (
        f"The {winner['name']} does best on people it has not seen: its error is {percent(better)} below "
        "that of the constant guess, which gives everybody the same probability."
    )


def _reasons(unreadable: ir.Table, left_out: ir.Table) -> list[dict[str, Any]]:
    """The commonest reasons why rows were set aside; the rows themselves are not shown."""
    raw = _commonest(unreadable, "source_file", "reason")
    cleaned = _commonest(left_out, "source_file", "raw_table", "rule")
    found = [{"file": row["source_file"], "reason": row["reason"], "rows": row["rows"]} for row in raw]
    for row in cleaned:
        reason = f"{row['raw_table'].replace('_', ' ')}: {RULES.get(row['rule'], row['rule'])}"
        found.append({"file": row["source_file"], "reason": reason, "rows": row["rows"]})
    return sorted(found, key=lambda row: (-row["rows"], row["file"], row["reason"]))[:MOST_REASONS]


def _commonest(table: ir.Table, *columns: str) -> list[dict[str, Any]]:
    counted = table.group_by(*columns).aggregate(rows=table.count())
    return counted.order_by(ibis.desc("rows"), *columns).limit(MOST_REASONS).to_pyarrow().to_pylist()
