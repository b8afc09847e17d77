import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, log_loss, precision_score, recall_score, roc_auc_score

from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.forecasting import evaluation
from custbehav_dagster.forecasting.contestants import KINDS
from custbehav_dagster.forecasting.evaluation import evaluate_models, read_outcome
from custbehav_dagster.forecasting.folds import fold_numbers
from custbehav_dagster.forecasting.gate import refusal_sentence
from custbehav_dagster.forecasting.measures import METRICS, measure
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.people import as_dataset, people_of, random_people
from custbehav_dagster_tests.forecasting.shops import stored

CONTESTANTS = {
    "logistic": "model",
    "naive_bayes": "model",
    "constant": "baseline",
    "recency_rule": "baseline",
    "frequency_recency_rule": "baseline",
}
DIFFERENCES = {
    "log_loss_minus_constant",
    "log_loss_minus_best_peer",
    "auc_minus_constant",
    "auc_minus_best_peer",
}


def rows_of(table):
    return table.to_pyarrow().to_pylist()


def half_returned(people, returned):
    return as_dataset(people_of(returned=[True] * returned + [False] * (people - returned)))


def test_every_contestant_has_every_measure_for_each_fold_and_the_mean():
    table = evaluate_models(as_dataset(random_people(300)), Settings())
    rows = rows_of(table)
    keys = {(row["model"], row["kind"], row["fold"], row["metric"]) for row in rows}
    assert len(rows) == len(keys)
    assert {key for key in keys if key[3] in METRICS} == {
        (model, kind, fold, metric)
        for model, kind in CONTESTANTS.items()
        for fold in ("1", "2", "3", "mean")
        for metric in METRICS
    }
    others = {key[3] for key in keys if "_in_tenth_" not in key[3]} - set(METRICS)
    assert others == DIFFERENCES
    assert all(verdict.holds for verdict in judge(contract.results.CHURN_EVALUATION, table))


def test_the_mean_is_the_mean_of_the_folds_and_all_are_scored_once_on_the_same_folds():
    rows = rows_of(evaluate_models(as_dataset(random_people(301)), Settings()))
    for model in CONTESTANTS:
        found = {row["fold"]: row for row in rows if (row["model"], row["metric"]) == (model, "log_loss")}
        folds = [found[fold] for fold in ("1", "2", "3")]
        assert found["mean"]["value"] == pytest.approx(np.mean([row["value"] for row in folds]))
        assert sum(row["people"] for row in folds) == found["mean"]["people"] == 301
    sizes = {(row["fold"], row["people"], row["returned_people"]) for row in rows if row["metric"] in METRICS}
    assert len(sizes) == 4


def test_models_beat_the_baselines_where_there_is_something_to_learn():
    outcome = read_outcome(evaluate_models(as_dataset(random_people(2000)), Settings()))
    losses = {model: values["log_loss"] for model, values in outcome.mean_metrics.items()}
    assert losses[outcome.winner] <= losses["logistic"] < losses["recency_rule"] < losses["constant"]
    assert outcome.mean_metrics["constant"]["auc"] == 0.5


def test_a_baseline_wins_where_all_people_are_alike():
    outcome = read_outcome(evaluate_models(half_returned(200, 60), Settings()))
    assert CONTESTANTS[outcome.winner] == "baseline"


def test_a_baseline_wins_when_a_model_is_only_level(con):
    rows = [
        {
            "model": model, "kind": kind, "fold": "mean", "metric": "log_loss", "value": 0.5,
            "people": 10, "returned_people": 5, "is_synthetic": False,
        }
        for model, kind in CONTESTANTS.items()
    ]  # fmt: skip
    table = stored(con, contract.results.CHURN_EVALUATION, rows)
    assert read_outcome(table).winner == "constant"


def told(people, returned, missing):
    return (
        f"Not enough data: {people} people had bought 120 days before the last known day, "
        f"and {returned} ordered again since; a forecast needs at least {missing}."
    )


@pytest.mark.parametrize(
    ("people", "returned", "sentence"),
    [
        (38, 4, told(38, "4", "40 people (2 more) and 10 who order again (6 more)")),
        (40, 9, told(40, "9", "10 who order again (1 more)")),
        (40, 10, None),
        (39, 10, told(39, "10", "40 people (1 more)")),
        (40, 30, None),
        (40, 31, told(40, "31", "10 who do not (1 more)")),
        (1_200, 0, told("1,200", "nobody", "10 who order again (10 more)")),
    ],
)  # fmt: skip
def test_too_few_people_or_one_class_is_refused_with_what_is_missing(people, returned, sentence):
    assert refusal_sentence(people, returned, Settings()) == sentence
    rows = rows_of(evaluate_models(half_returned(people, returned), Settings()))
    if sentence is None:
        said = {row["note"] for row in rows if row["metric"] in METRICS and row["note"]}
        assert all("Nobody" in note for note in said)
        assert {row["fold"] for row in rows} == {"1", "2", "3", "mean"}
    else:
        assert [(row["model"], row["value"], row["note"]) for row in rows] == [
            (model, None, sentence) for model in KINDS
        ]
        assert {(row["people"], row["returned_people"]) for row in rows} == {(people, returned)}
        outcome = read_outcome(evaluate_models(half_returned(people, returned), Settings()))
        assert (outcome.winner, outcome.refusal) == (None, sentence)


def test_each_fold_needs_a_returner_whatever_the_settings_say():
    generous = Settings(minimum_people=2, minimum_returners=1, cross_validation_folds=5)
    assert "at least 5 who order again (1 more)" in refusal_sentence(50, 4, generous)
    assert refusal_sentence(50, 5, generous) is None
    rows = rows_of(evaluate_models(half_returned(12, 5), generous))
    assert {row["fold"] for row in rows} == {"1", "2", "3", "4", "5", "mean"}


def test_a_dataset_of_nobody_is_refused():
    rows = rows_of(evaluate_models(contract.results.CHURN_DATASET.empty(), Settings()))
    assert len(rows) == len(KINDS) == 10
    assert rows[0]["note"].startswith("Not enough data: nobody had bought 120 days before")


def test_at_several_cutoffs_a_person_counts_once():
    people = people_of(customer_id=["ann"] * 60 + ["ben"] * 60, returned=[True] * 60 + [False] * 60)
    (sentence,) = {row["note"] for row in rows_of(evaluate_models(as_dataset(people), Settings()))}
    assert "2 people had bought" in sentence
    assert "and 1 ordered again since" in sentence


def test_a_large_shop_is_measured_on_a_sample_and_says_so(monkeypatch):
    monkeypatch.setattr(evaluation, "EVALUATION_PEOPLE", 200)
    rows = rows_of(evaluate_models(as_dataset(random_people(500)), Settings()))
    assert {row["people"] for row in rows if row["fold"] == "mean"} == {200}
    assert {row["note"] for row in rows if row["metric"] in METRICS} == {
        "Measured on 200 of 500 people, drawn at random."
    }


def test_a_sample_that_would_lose_a_class_is_not_drawn(monkeypatch):
    monkeypatch.setattr(evaluation, "EVALUATION_PEOPLE", 40)
    rows = rows_of(evaluate_models(half_returned(2000, 10), Settings()))
    assert {row["people"] for row in rows if row["fold"] == "mean"} == {2000}


def test_the_same_dataset_gives_the_same_figures_in_whatever_order_it_is_stored():
    people = random_people(300)
    mixed = people.take(np.random.default_rng(1).permutation(300))
    assert rows_of(evaluate_models(as_dataset(people), Settings())) == rows_of(
        evaluate_models(as_dataset(mixed), Settings())
    )


@given(
    returned=st.lists(st.booleans(), min_size=6, max_size=80),
    folds=st.integers(2, 5),
    seed=st.integers(0, 3),
)
def test_folds_are_of_one_size_with_the_same_share_of_returners(returned, folds, seed):
    label = np.array(returned)
    fold = fold_numbers(label, np.arange(len(label)), folds, seed)
    for members in (fold, fold[label]):
        counts = np.bincount(members, minlength=folds)
        assert counts.max() - counts.min() <= 1


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=10, max_size=60))
def test_a_person_with_several_rows_is_in_one_fold_only(rows):
    people, label = (np.array(values) for values in zip(*rows, strict=True))
    _, person = np.unique(people, return_inverse=True)
    fold = fold_numbers(label, person, 3, 0)
    for number in set(person):
        assert len(set(fold[person == number])) == 1


def test_measures_equal_those_of_scikit_learn():
    generator = np.random.default_rng(0)
    probability = generator.uniform(0.01, 0.99, 200)
    returned = generator.random(200) < probability
    probability = probability.round(1).clip(0.01, 0.99)  # with ties
    values = measure(returned, probability, 0.4)
    expected = probability >= 0.4
    assert values["precision"] == pytest.approx(precision_score(returned, expected))
    assert values["recall"] == pytest.approx(recall_score(returned, expected))
    assert values["f1"] == pytest.approx(f1_score(returned, expected))
    assert values["auc"] == pytest.approx(roc_auc_score(returned, probability))
    assert values["log_loss"] == pytest.approx(log_loss(returned, probability))
    assert values["brier"] == pytest.approx(np.mean((probability - returned) ** 2))


def test_measures_that_are_not_defined_are_none():
    nobody_expected = measure(np.array([True, False]), np.array([0.1, 0.2]), 0.5)
    assert (nobody_expected["precision"], nobody_expected["recall"], nobody_expected["f1"]) == (None, 0, 0)
    one_class = measure(np.array([False, False]), np.array([0.1, 0.2]), 0.5)
    assert (one_class["auc"], one_class["average_precision"], one_class["recall"]) == (None, None, None)


def test_the_constant_guess_expects_everybody_to_return():
    rows = rows_of(evaluate_models(half_returned(100, 20), Settings()))
    found = {
        row["metric"]: row["value"] for row in rows if (row["model"], row["fold"]) == ("constant", "mean")
    }
    assert found["recall"] == 1
    assert found["precision"] == pytest.approx(0.2, abs=0.01)
