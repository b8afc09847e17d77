"""Training of the models that are kept: on everybody, with a card beside each file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from custbehav_dagster import contract
from custbehav_dagster.forecasting.artifacts import (
    LOGISTIC_FILE,
    NAIVE_BAYES_FILE,
    NOT_ABOUT_ONE_PERSON,
    placeholder,
    save_model,
)
from custbehav_dagster.forecasting.classifiers import Classifier
from custbehav_dagster.forecasting.columns import COLUMNS, FEATURES
from custbehav_dagster.forecasting.contestants import BASELINES, CONTESTANTS, Contestant
from custbehav_dagster.forecasting.evaluation import DECIDING_METRIC, Outcome, read_outcome
from custbehav_dagster.forecasting.folds import sample_for_folds, split_folds
from custbehav_dagster.forecasting.measures import area_under_curve
from custbehav_dagster.forecasting.people import flags, one_thread, read_people
from custbehav_dagster.settings import Settings

MODEL_FILES = {"logistic": LOGISTIC_FILE, "naive_bayes": NAIVE_BAYES_FILE}
IMPORTANCE_PEOPLE = 20_000
IMPORTANCE_SHUFFLES = 3
MUST_NOT_BE_USED_FOR = (
    NOT_ABOUT_ONE_PERSON,
    "another shop, or a horizon other than the one it was trained for",
    "telling why people return: the weights describe, they do not explain",
)


@one_thread()
def train_models(dataset: ir.Table, evaluation: ir.Table, settings: Settings, folder: Path) -> ir.Table:
    """Fit both models on the newest cutoff of churn.dataset, save them in `folder`, tell their weights.

    Gives one row per model and feature, as contract.results.CHURN_MODELS says.
    When the evaluation was refused, placeholders replace both files, so that no model
    of an earlier run is taken for today's.
    """
    outcome = read_outcome(evaluation)
    newest = dataset.filter(dataset.cutoff == dataset.cutoff.max().as_scalar())
    people = read_people(
        newest, ["customer_id", "cutoff", "horizon_days", *COLUMNS, "returned", "is_synthetic"]
    )
    rows: list[dict[str, Any]] = []
    for contestant in CONTESTANTS:
        if contestant.name in MODEL_FILES:
            train = _train_placeholder if outcome.refusal else _train
            rows += train(contestant, people, outcome, settings, folder / MODEL_FILES[contestant.name])
    table = contract.results.CHURN_MODELS
    return table.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow())))


def permutation_importance(
    contestant: Contestant, people: pa.Table, settings: Settings
) -> dict[str, float | None]:
    """How much AUC falls on held-out folds when one of FEATURES is shuffled (Breiman 2001).

    The mean over folds and IMPORTANCE_SHUFFLES shuffles, on at most IMPORTANCE_PEOPLE people;
    None when so few of them returned, or left, that a fold would hold none.
    """
    sample = sample_for_folds(people, IMPORTANCE_PEOPLE, settings)
    if sample is None:
        return dict.fromkeys(FEATURES)
    generator = np.random.default_rng(settings.random_seed)
    falls = []
    for training, held_out in split_folds(sample, settings):
        fitted = contestant.fit(sample.take(training), settings)
        unseen = sample.take(held_out)
        returned = flags(unseen, "returned")
        shuffled = [
            _shuffled(unseen, column, generator) for column in COLUMNS for _ in range(IMPORTANCE_SHUFFLES)
        ]
        # All in one call: a call costs more than the people of a small shop.
        told = fitted.probabilities(pa.concat_tables([unseen, *shuffled])).reshape(-1, unseen.num_rows)
        whole, *others = (area_under_curve(returned, probability) for probability in told)
        falls.append(whole - np.reshape(others, (len(FEATURES), IMPORTANCE_SHUFFLES)).mean(axis=1))
    return dict(zip(FEATURES, np.mean(falls, axis=0).tolist(), strict=True))


def _shuffled(people: pa.Table, column: str, generator: np.random.Generator) -> pa.Table:
    mixed = people.column(column).take(generator.permutation(people.num_rows))
    return people.set_column(people.column_names.index(column), column, mixed)


def _train(
    contestant: Contestant, people: pa.Table, outcome: Outcome, settings: Settings, path: Path
) -> list[dict[str, Any]]:
    importance = permutation_importance(contestant, people, settings)
    fitted = contestant.fit(people, settings)
    assert isinstance(fitted, Classifier)
    trained_on = _trained_on(people)
    bundle = {**fitted.bundle(), "cutoff": trained_on["cutoff"], "as_of": trained_on["as_of"]}
    digest = save_model(path, bundle, _card(contestant.name, people, outcome, settings))
    return [
        {
            **_row(contestant.name, feature, people),
            "importance": importance[feature],
            "weight": float(weight),
            "file": path.name,
            "sha256": digest,
        }
        for feature, weight in zip(FEATURES, fitted.weight_per_deviation(), strict=True)
    ]


def _train_placeholder(
    contestant: Contestant, people: pa.Table, outcome: Outcome, settings: Settings, path: Path
) -> list[dict[str, Any]]:
    refusal = str(outcome.refusal)
    returned = int(flags(people, "returned").sum())
    # Half a person on either side: there is a share even where nobody is.
    bundle = placeholder(refusal, {False: people.num_rows - returned + 0.5, True: returned + 0.5})
    save_model(path, bundle, _card(contestant.name, people, outcome, settings))
    return [{**_row(contestant.name, feature, people), "note": refusal} for feature in FEATURES]


def _row(model: str, feature: str, people: pa.Table) -> dict[str, Any]:
    return {
        "model": model,
        "feature": feature,
        "trained_on_people": people.num_rows,
        "cutoff": pc.max(people.column("cutoff")).as_py(),
        "is_synthetic": bool(flags(people, "is_synthetic").any()),
    }


def _trained_on(people: pa.Table) -> dict[str, Any]:
    """How many people, from which days; days are None where there is nobody."""
    counts = {"people": people.num_rows, "returned": int(flags(people, "returned").sum())}
    if not people.num_rows:
        return {**counts, "data_from": None, "cutoff": None, "as_of": None}
    cutoff, tenure = pc.max(people.column("cutoff")).as_py(), pc.max(people.column("tenure_days")).as_py()
    horizon = pc.max(people.column("horizon_days")).as_py()
    return {
        **counts,
        "data_from": str(cutoff - timedelta(days=tenure)),
        "cutoff": str(cutoff),
        "as_of": str(cutoff + timedelta(days=horizon)),
    }


def _of_card(outcome: Outcome, model: str) -> dict[str, float | None]:
    """The measures of a contestant, without its differences to others."""
    known = outcome.mean_metrics.get(model, {})
    return {metric: value for metric, value in known.items() if "_minus_" not in metric}


def _card(name: str, people: pa.Table, outcome: Outcome, settings: Settings) -> dict[str, Any]:
    baselines = list(BASELINES)
    losses = {model: values.get(DECIDING_METRIC) for model, values in outcome.mean_metrics.items()}
    own = losses.get(name)
    rivals = [loss for model, loss in losses.items() if model in baselines and loss is not None]
    return {
        "model": name,
        "question": f"Will this person order again within {settings.horizon_days} days?",
        "refused": outcome.refusal,
        "trained_on": {**_trained_on(people), "horizon_days": settings.horizon_days},
        "is_synthetic": bool(flags(people, "is_synthetic").any()),
        "features": list(FEATURES),
        "metrics": {
            "how": "mean over earlier cutoffs, or stratified folds in a young shop; positive class: returned",
            "own": _of_card(outcome, name),
            "baselines": {model: _of_card(outcome, model) for model in baselines},
            "contest": {model: values.get(DECIDING_METRIC) for model, values in outcome.mean_metrics.items()},
        },
        "beats_baselines": own is not None and bool(rivals) and own < min(rivals),
        "used_for_scores": outcome.winner == name,
        "must_not_be_used_for": list(MUST_NOT_BE_USED_FOR),
    }
