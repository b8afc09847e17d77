"""The contest: every forecaster on the same folds, the baselines beside the models.

The positive class is `returned`: coming back is the rare thing a shop wants to see.
For precision, recall and F1 a person is expected to return when the probability
reaches the share who returned in the training folds; 0.5 would expect nobody in
a shop where one in ten comes back. The constant guess then expects everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.forecasting.baselines import fit_constant, fit_recency_rule
from custbehav_dagster.forecasting.classifiers import fit_logistic, fit_naive_bayes
from custbehav_dagster.forecasting.columns import COLUMNS
from custbehav_dagster.forecasting.people import (
    bounded,
    ever_returned,
    flags,
    one_thread,
    person_numbers,
    read_people,
    sample_rows,
)
from custbehav_dagster.settings import Settings

EVALUATION_PEOPLE = 200_000
"""Above this many people a sample of this size is evaluated; the figures hold to the third decimal."""
METRICS = ("precision", "recall", "f1", "auc", "average_precision", "log_loss", "brier")
DECIDING_METRIC = "log_loss"
LEVEL_DECIMALS = 6
"""Values that agree to so many decimals are level."""


class Forecaster(Protocol):
    """Anything that tells how likely people are to return, and how sure it is of that."""

    def probabilities(self, people: pa.Table) -> np.ndarray:
        """One probability per person, strictly between 0 and 1."""

    def interval(self, people: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of its 80% interval per person."""


@dataclass(frozen=True)
class Contestant:
    """One entry of the contest: how it is called, what it is, how it learns."""

    name: str
    kind: Literal["model", "baseline"]
    fit: Callable[[pa.Table, Settings], Forecaster]


CONTESTANTS = (
    Contestant("logistic", "model", fit_logistic),
    Contestant("naive_bayes", "model", fit_naive_bayes),
    Contestant("constant", "baseline", fit_constant),
    Contestant("recency_rule", "baseline", fit_recency_rule),
)


@dataclass(frozen=True)
class Outcome:
    """What the contest decided: whose numbers are shown, or why none are."""

    winner: str | None
    refusal: str | None
    mean_metrics: dict[str, dict[str, float | None]]


@one_thread()
def evaluate_models(dataset: ir.Table, settings: Settings) -> ir.Table:
    """Stratified cross-validation of all contestants, as contract.results.CHURN_EVALUATION says.

    Per fold and as the mean over the folds. With too few people or one class there is
    one row per contestant, its value empty and the reason in `note`.
    """
    people = read_people(dataset, ["customer_id", *COLUMNS, "returned", "is_synthetic"])
    returned_by_person = ever_returned(flags(people, "returned"), person_numbers(people))
    refusal = refusal_sentence(len(returned_by_person), int(returned_by_person.sum()), settings)
    rows = _refused_rows(people, refusal) if refusal else _contest_rows(people, settings)
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

    So a model's numbers are shown only when it beats both baselines.
    """
    rows = evaluation.filter(evaluation.fold == "mean").to_pyarrow().to_pylist()
    kinds = {row["model"]: row["kind"] for row in rows}
    metrics: dict[str, dict[str, float | None]] = {name: {} for name in kinds}
    for row in rows:
        metrics[row["model"]][row["metric"]] = row["value"]
    decided = [
        (round(value, LEVEL_DECIMALS), kinds[name] == "model", name)
        for name, values in metrics.items()
        if (value := values.get(DECIDING_METRIC)) is not None
    ]
    if not decided:
        notes = sorted({row["note"] for row in rows if row["note"]})
        return Outcome(None, notes[0] if notes else "Not enough data: nothing was evaluated.", metrics)
    return Outcome(min(decided)[2], None, metrics)


def refusal_sentence(people: int, returned: int, settings: Settings) -> str | None:
    """Say what is missing for a model and how much of it; None when there is enough.

    Each fold must hold people who returned and people who did not, so fewer of
    either than folds is always too few.
    """
    needed = max(settings.minimum_returners, settings.cross_validation_folds)
    sentences = []
    if returned < needed:
        sentences.append(
            f"{returned:,} of {people:,} buyers returned; at least {needed:,} returners are needed, "
            f"{needed - returned:,} more."
        )
    elif people - returned < needed:
        sentences.append(
            f"{returned:,} of {people:,} buyers returned; at least {needed:,} who did not return are needed, "
            f"{needed - (people - returned):,} more."
        )
    if people < settings.minimum_people:
        sentences.append(
            f"{people:,} people had bought {settings.horizon_days} days before the last known day; "
            f"at least {settings.minimum_people:,} are needed, {settings.minimum_people - people:,} more."
        )
    return f"Not enough data: {' '.join(sentences)}" if sentences else None


def fold_numbers(returned: np.ndarray, person: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Fold (0 to folds - 1) of each row: the same share of returners in each, a person in one only.

    `person` numbers the people from 0; someone counts as a returner who returned at any cutoff.
    """
    generator = np.random.default_rng(seed)
    has_returned = ever_returned(returned, person)
    fold = np.empty(len(has_returned), dtype=int)
    start = 0
    for label in (True, False):
        members = generator.permutation(np.flatnonzero(has_returned == label))
        # The leavers go on where the returners ended, so that all folds are of one size.
        fold[members] = (start + np.arange(len(members))) % folds
        start += len(members)
    return fold[person]


def measure(returned: np.ndarray, probability: np.ndarray, threshold: float) -> dict[str, float | None]:
    """All METRICS of one set of forecasts; None where a measure is not defined.

    Precision is not when nobody is expected to return; recall, AUC and average
    precision are not when there are not both returners and leavers.
    """
    from sklearn.metrics import average_precision_score

    expected = probability >= threshold
    right = int((expected & returned).sum())
    wrong = int(expected.sum()) - right
    missed = int(returned.sum()) - right
    both = 0 < returned.sum() < len(returned)
    told = np.where(returned, probability, 1 - probability)
    return {
        "precision": right / (right + wrong) if right + wrong else None,
        "recall": right / (right + missed) if right + missed else None,
        "f1": 2 * right / (2 * right + wrong + missed) if right + wrong + missed else None,
        "auc": area_under_curve(returned, probability) if both else None,
        "average_precision": float(average_precision_score(returned, probability)) if both else None,
        "log_loss": float(-np.log(told).mean()),
        "brier": float(((probability - returned) ** 2).mean()),
    }


def area_under_curve(returned: np.ndarray, probability: np.ndarray) -> float:
    """AUC: how often a returner was told a higher probability than a leaver, ties as a half (Mann-Whitney).

    Both classes must be there.
    """
    from scipy.stats import rankdata

    returners = int(returned.sum())
    above = rankdata(probability)[returned].sum() - returners * (returners + 1) / 2
    return float(above / (returners * (len(returned) - returners)))


def split_folds(people: pa.Table, settings: Settings) -> list[tuple[np.ndarray, np.ndarray]]:
    """Row numbers to train on and to score, one pair per fold."""
    folds = settings.cross_validation_folds
    fold = fold_numbers(flags(people, "returned"), person_numbers(people), folds, settings.random_seed)
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(folds)]


def sample_for_folds(people: pa.Table, limit: int, settings: Settings) -> pa.Table | None:
    """At most `limit` people drawn at random; None when that leaves a fold without one of the classes."""
    sample = people.take(sample_rows(people.num_rows, limit, settings.random_seed))
    returned = ever_returned(flags(sample, "returned"), person_numbers(sample))
    rarer = min(returned.sum(), len(returned) - returned.sum())
    return sample if rarer >= settings.cross_validation_folds else None


def _refused_rows(people: pa.Table, refusal: str) -> list[dict[str, object]]:
    return [
        {
            "model": contestant.name,
            "kind": contestant.kind,
            "fold": "mean",
            "metric": DECIDING_METRIC,
            "value": None,
            "people": people.num_rows,
            "returned_people": int(flags(people, "returned").sum()),
            "note": refusal,
        }
        for contestant in CONTESTANTS
    ]


def _contest_rows(everybody: pa.Table, settings: Settings) -> list[dict[str, object]]:
    people = sample_for_folds(everybody, EVALUATION_PEOPLE, settings) or everybody
    sampled = (
        f"Measured on {people.num_rows:,} of {everybody.num_rows:,} people, drawn at random."
        if people.num_rows < everybody.num_rows
        else None
    )
    folds = split_folds(people, settings)
    rows = []
    for contestant in CONTESTANTS:
        measured = [
            _measure_fold(contestant, people, training, held_out, settings) for training, held_out in folds
        ]
        returned = flags(people, "returned")
        for number, (values, (_, held_out)) in enumerate(zip(measured, folds, strict=True), start=1):
            rows += _metric_rows(contestant, str(number), values, returned[held_out], sampled)
        means = {metric: _mean([values[metric] for values in measured]) for metric in METRICS}
        rows += _metric_rows(contestant, "mean", means, returned, sampled)
    return rows


def _measure_fold(
    contestant: Contestant, people: pa.Table, training: np.ndarray, held_out: np.ndarray, settings: Settings
) -> dict[str, float | None]:
    known = people.take(training)
    unseen = people.take(held_out)
    probability = contestant.fit(known, settings).probabilities(unseen)
    base_rate = bounded(flags(known, "returned").mean())
    return measure(flags(unseen, "returned"), probability, float(base_rate))


def _metric_rows(
    contestant: Contestant,
    fold: str,
    values: dict[str, float | None],
    returned: np.ndarray,
    note: str | None,
) -> list[dict[str, object]]:
    undefined = "Nobody was expected to return, or only one class is there."
    return [
        {
            "model": contestant.name,
            "kind": contestant.kind,
            "fold": fold,
            "metric": metric,
            "value": values[metric],
            "people": len(returned),
            "returned_people": int(returned.sum()),
            "note": undefined if values[metric] is None else note,
        }
        for metric in METRICS
    ]


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
