"""Who will order again: a probability and its interval, a rank, a word and reasons for every person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.forecasting.artifacts import ModelFileError, load_model
from custbehav_dagster.forecasting.baselines import FrequencyRecencyRule
from custbehav_dagster.forecasting.classifiers import Classifier
from custbehav_dagster.forecasting.columns import COLUMNS
from custbehav_dagster.forecasting.contestants import BASELINES, Forecaster
from custbehav_dagster.forecasting.evaluation import read_outcome, rows_in
from custbehav_dagster.forecasting.order_days import day_number, read_order_days
from custbehav_dagster.forecasting.past import Past, log_odds_of
from custbehav_dagster.forecasting.people import LABELS, batches, flags, numbers, one_thread, read_people
from custbehav_dagster.forecasting.reasons import (
    LINEAR_FEATURES,
    REASON_COLUMNS,
    REASON_COUNT,
    linear_parts,
    reason_about,
    reasons_in_words,
    strongest_reasons,
)
from custbehav_dagster.forecasting.told import NAMES as FROM_ORDER_DAYS
from custbehav_dagster.forecasting.told import told_with_intervals
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
    features: ir.Table,
    dataset: ir.Table,
    evaluation: ir.Table,
    folder: Path,
    settings: Settings,
    orders: ir.Table | None = None,
) -> ir.Table:
    """One row per person of `features`, as contract.results.CHURN_SCORES says.

    The numbers are those of the winner of `evaluation`: a model from its file in
    `folder`, one that reads the days of `orders` (truth.orders), or a baseline learnt from
    `dataset` when no model beats it. When the evaluation was refused there are no
    probabilities, and the rank is by days since the last purchase.

    The interval is that of the probability. Expected orders and value come from
    `value.fit_value`. Somebody whose first purchase is at most NEW_DAYS old is called
    new, whatever the probability.

    Raises:
        ModelFileError: the winner's file is missing, changed or holds no model.
        ValueError: the winner reads orders, and there are none.
    """
    outcome = read_outcome(evaluation)
    people = read_people(features, ["customer_id", "as_of", *COLUMNS, "average_amount", "is_synthetic"])
    if outcome.winner is None:
        return _ranked_by_rule(people, str(outcome.refusal), settings)
    newest = dataset.filter(dataset.cutoff == dataset.cutoff.max().as_scalar())
    known = read_people(newest, [*VALUE_COLUMNS, *LABELS])
    if outcome.winner in FROM_ORDER_DAYS:
        forecaster: Forecaster = _from_order_days(outcome.winner, people, orders, settings)
    else:
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
        "shared_deviation": np.full(people.num_rows, getattr(forecaster, "shared_deviation", np.nan)),
        **dict(zip(REASON_COLUMNS, _reasons(forecaster, people, p_return, base_rate).T, strict=True)),
    }
    scored = ibis.memtable(_with_columns(people, columns))
    return contract.results.CHURN_SCORES.conform(
        scored.mutate(
            horizon_days=ibis.literal(settings.horizon_days),
            verdict=_verdict(scored),
            reasons=reasons_in_words(scored, _without_reason(outcome.winner, base_rate)),
            shared_deviation=scored.shared_deviation.nullif(float("nan")),
            model=ibis.literal(outcome.winner),
        )
    )


@dataclass(frozen=True)
class ToldOfAll:
    """A forecast that was made of everybody at once, in the order of the people it was made for."""

    probability: np.ndarray
    low: np.ndarray
    high: np.ndarray
    shared_deviation: float

    def probabilities(self, people: pa.Table) -> np.ndarray:
        """One probability per person."""
        return self.probability

    def interval(self, people: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of its 80% interval per person."""
        return self.low, self.high


def _from_order_days(winner: str, people: pa.Table, orders: ir.Table | None, settings: Settings) -> ToldOfAll:
    if orders is None:
        raise ValueError(f"The forecast '{winner}' reads the days of all orders, and was given none.")
    if not people.num_rows:
        nobody = np.empty(0)
        return ToldOfAll(nobody, nobody, nobody, np.nan)
    as_of = people.column("as_of")[0].as_py()
    past = Past(read_order_days(orders, as_of), settings.horizon_days, settings.random_seed)
    rows = rows_in(past, people, day_number(as_of))
    sure = told_with_intervals(past, day_number(as_of), winner)
    return ToldOfAll(sure.probability[rows], sure.low[rows], sure.high[rows], sure.shared_deviation)


def _forecaster(winner: str, known: pa.Table, folder: Path, settings: Settings) -> Forecaster:
    if winner in MODEL_FILES:
        path = folder / MODEL_FILES[winner]
        bundle = load_model(path)
        if bundle.get("refused"):
            raise ModelFileError(f"{path.name} holds no model: {bundle['refused']} Refresh to train it anew.")
        return Classifier.from_bundle(bundle)
    return BASELINES[winner](known, settings)


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
    if isinstance(forecaster, ToldOfAll | FrequencyRecencyRule):
        sees_all = isinstance(forecaster, ToldOfAll)
        seen = LINEAR_FEATURES if sees_all else ("order_count", "recency_days")
        parts = linear_parts(people, log_odds_of(p_return), seen)
        return strongest_reasons(parts, numbers(people, "order_count"))
    # Of the other baselines only the recency rule tells people apart.
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
