"""Who will order again: a probability and its interval, a rank, a word and reasons for every person."""

from __future__ import annotations

from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.forecasting.artifacts import ModelFileError, load_model
from custbehav_dagster.forecasting.baselines import fit_constant, fit_recency_rule
from custbehav_dagster.forecasting.classifiers import Classifier
from custbehav_dagster.forecasting.columns import COLUMNS
from custbehav_dagster.forecasting.evaluation import Forecaster, read_outcome
from custbehav_dagster.forecasting.people import LABELS, batches, flags, numbers, one_thread, read_people
from custbehav_dagster.forecasting.reasons import (
    REASON_COLUMNS,
    REASON_COUNT,
    reason_about,
    reasons_in_words,
    strongest_reasons,
)
from custbehav_dagster.forecasting.training import MODEL_FILES
from custbehav_dagster.forecasting.value import fit_value
from custbehav_dagster.settings import Settings

VALUE_COLUMNS = ("recency_days", "tenure_days", "order_count", "average_amount")
RULE_NAME = "rule: days since the last purchase"
NEW_DAYS = 30
VERDICTS = ((0.5, "likely back"), (0.25, "may come back"), (0.1, "slipping away"), (0.0, "probably gone"))
"""The word for a probability: that of the first limit it reaches."""
NEW_VERDICT = "new"
REFUSED_VERDICT = "not enough data"


@one_thread()
def score_people(
    features: ir.Table, dataset: ir.Table, evaluation: ir.Table, folder: Path, settings: Settings
) -> ir.Table:
    """One row per person of `features`, as contract.results.CHURN_SCORES says.

    The numbers are those of the winner of `evaluation`: a model from its file in
    `folder` when one beats both baselines, else the better baseline, learnt from
    `dataset`. When the evaluation was refused there are no probabilities, and the rank
    is by days since the last purchase.

    The interval is that of the probability. Expected orders and value come from
    `value.fit_value`. Somebody whose first purchase is at most NEW_DAYS old is called
    new, whatever the probability.

    Raises:
        ModelFileError: the winner's file is missing, changed or holds no model.
    """
    outcome = read_outcome(evaluation)
    people = read_people(features, ["customer_id", "as_of", *COLUMNS, "average_amount", "is_synthetic"])
    if outcome.winner is None:
        return _ranked_by_rule(people, str(outcome.refusal), settings)
    known = read_people(dataset, [*VALUE_COLUMNS, *LABELS])
    forecaster = _forecaster(outcome.winner, known, folder, settings)
    base_rate = float(flags(known, "returned").mean())
    p_return = forecaster.probabilities(people)
    low, high = forecaster.interval(people)
    value = fit_value(known, settings.horizon_days)
    columns = {
        "p_return": p_return,
        "p_return_low": low,
        "p_return_high": high,
        "p_churn": 1 - p_return,
        "expected_orders": value.expected_orders(people, p_return),
        "expected_value": value.expected_value(people, p_return),
        "return_rank": _ranks(
            numbers(people, "recency_days"), -numbers(people, "order_count"), first=-p_return
        ),
        **dict(zip(REASON_COLUMNS, _reasons(forecaster, people, p_return, base_rate).T, strict=True)),
    }
    scored = ibis.memtable(_with_columns(people, columns))
    return contract.results.CHURN_SCORES.conform(
        scored.mutate(
            horizon_days=ibis.literal(settings.horizon_days),
            verdict=_verdict(scored),
            reasons=reasons_in_words(scored, _without_reason(outcome.winner, base_rate)),
            model=ibis.literal(outcome.winner),
        )
    )


def _forecaster(winner: str, known: pa.Table, folder: Path, settings: Settings) -> Forecaster:
    if winner in MODEL_FILES:
        path = folder / MODEL_FILES[winner]
        bundle = load_model(path)
        if bundle.get("refused"):
            raise ModelFileError(f"{path.name} holds no model: {bundle['refused']} Refresh to train it anew.")
        return Classifier.from_bundle(bundle)
    return fit_recency_rule(known, settings) if winner == "recency_rule" else fit_constant(known, settings)


def _ranked_by_rule(people: pa.Table, refusal: str, settings: Settings) -> ir.Table:
    recency, purchases = numbers(people, "recency_days"), numbers(people, "order_count")
    ranks = _ranks(-purchases, -numbers(people, "total_amount"), first=recency)
    scored = ibis.memtable(_with_columns(people, {"return_rank": ranks}))
    return contract.results.CHURN_SCORES.conform(
        scored.mutate(
            horizon_days=ibis.literal(settings.horizon_days),
            verdict=ibis.literal(REFUSED_VERDICT),
            reasons=ibis.literal(refusal),
            model=ibis.literal(RULE_NAME),
        )
    )


def _ranks(*ties: np.ndarray, first: np.ndarray) -> np.ndarray:
    """1 for the smallest `first`; ties by the others in turn, then by the order of the rows."""
    order = np.lexsort((*reversed(ties), first))
    ranks = np.empty(len(order), dtype="int64")
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def _reasons(forecaster: Forecaster, people: pa.Table, p_return: np.ndarray, base_rate: float) -> np.ndarray:
    reasons = np.zeros((people.num_rows, REASON_COUNT), dtype="int8")
    if isinstance(forecaster, Classifier):
        for rows, piece in batches(people):
            reasons[rows] = strongest_reasons(forecaster.contributions(piece), numbers(piece, "order_count"))
        return reasons
    # Of a baseline only the recency rule tells people apart.
    return reason_about("last_order", _log_odds(p_return) - _log_odds(np.array(base_rate)))


def _without_reason(winner: str, base_rate: float) -> str:
    share = f"{100 * base_rate:.0f} of 100 buyers return"
    if winner == "constant":
        return f"{share}, and nothing known tells who"
    return f"much like the average buyer: {share}"


def _verdict(scored: ir.Table) -> ir.StringValue:
    return ibis.cases(
        (scored.tenure_days <= NEW_DAYS, NEW_VERDICT),
        *((scored.p_return >= limit, word) for limit, word in VERDICTS),
    )


def _log_odds(probability: np.ndarray) -> np.ndarray:
    return np.log(probability / (1 - probability))


def _with_columns(people: pa.Table, columns: dict[str, np.ndarray]) -> pa.Table:
    for name, values in columns.items():
        people = people.append_column(name, pa.array(values))
    return people
