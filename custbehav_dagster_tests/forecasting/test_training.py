import json
from datetime import date

import numpy as np
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.forecasting import training
from custbehav_dagster.forecasting.artifacts import load_model
from custbehav_dagster.forecasting.columns import FEATURES, feature_matrix
from custbehav_dagster.forecasting.contestants import CONTESTANTS
from custbehav_dagster.forecasting.evaluation import evaluate_models, read_outcome
from custbehav_dagster.forecasting.gate import refusal_sentence
from custbehav_dagster.forecasting.measures import METRICS
from custbehav_dagster.forecasting.training import MODEL_FILES, permutation_importance, train_models
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.files import sha256_of
from custbehav_dagster_tests.forecasting.people import as_dataset, people_of, random_people


def train(people, folder):
    dataset = as_dataset(people)
    table = train_models(dataset, evaluate_models(dataset, Settings()), Settings(), folder)
    return table, table.to_pyarrow().to_pylist()


def card_of(folder, model="logistic"):
    return json.loads((folder / MODEL_FILES[model]).with_suffix(".json").read_text())


def test_both_models_have_a_row_per_feature_with_weight_importance_and_file(tmp_path):
    table, rows = train(random_people(500), tmp_path)
    assert [(row["model"], row["feature"]) for row in rows] == [
        (model, feature) for model in ("logistic", "naive_bayes") for feature in FEATURES
    ]
    for row in rows:
        assert row["weight"] is not None
        assert row["importance"] is not None
        assert (row["trained_on_people"], row["cutoff"], row["note"]) == (500, date(2024, 3, 2), None)
        assert row["sha256"] == sha256_of(tmp_path / row["file"])
    assert all(verdict.holds for verdict in judge(contract.results.CHURN_MODELS, table))


@pytest.mark.parametrize("model", list(MODEL_FILES))
def test_a_saved_model_can_be_used_with_raw_numbers_alone(tmp_path, model):
    people = random_people(500)
    train(people, tmp_path)
    bundle = load_model(tmp_path / MODEL_FILES[model])
    assert bundle["features"] == list(FEATURES)
    assert (bundle["cutoff"], bundle["as_of"]) == ("2024-03-02", "2024-06-30")
    numbers = feature_matrix(people, bundle["category_codes"])
    likely = bundle["model"].predict_proba(bundle["scaler"].transform(numbers))[:, 1]
    returned = people.column("returned").to_numpy(zero_copy_only=False)
    assert likely[returned].mean() > likely[~returned].mean() + 0.1


def test_the_card_says_what_the_model_was_trained_on_and_how_good_it_is(tmp_path):
    people = random_people(500)
    train(people, tmp_path)
    card = card_of(tmp_path)
    oldest = max(people.column("tenure_days").to_pylist())
    assert card["trained_on"] == {
        "people": 500,
        "returned": sum(people.column("returned").to_pylist()),
        "data_from": str(date.fromordinal(date(2024, 3, 2).toordinal() - oldest)),
        "cutoff": "2024-03-02",
        "as_of": "2024-06-30",
        "horizon_days": 120,
    }
    outcome = read_outcome(evaluate_models(as_dataset(people), Settings()))
    own = outcome.mean_metrics["logistic"]
    assert card["metrics"]["own"] == pytest.approx({metric: own[metric] for metric in METRICS})
    assert set(card["metrics"]["baselines"]) == {"constant", "recency_rule", "frequency_recency_rule"}
    assert card["metrics"]["contest"]["naive_bayes"] == outcome.mean_metrics["naive_bayes"]["log_loss"]
    assert card["beats_baselines"] is True
    assert card["used_for_scores"] is (outcome.winner == "logistic")
    assert card["refused"] is None
    assert len(card["must_not_be_used_for"]) == 3


def test_training_twice_gives_the_same_bytes(tmp_path):
    people = random_people(500)
    mixed = people.take(np.random.default_rng(1).permutation(500))
    _, first = train(people, tmp_path / "first")
    _, second = train(mixed, tmp_path / "second")
    assert first == second
    for file in MODEL_FILES.values():
        for name in (file, file.replace(".joblib", ".json")):
            assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_a_refused_training_leaves_no_older_model_behind(tmp_path):
    train(random_people(500), tmp_path)
    _, rows = train(people_of(returned=[True] * 4 + [False] * 96), tmp_path)
    sentence = refusal_sentence(100, 4, Settings())
    assert {(row["note"], row["file"], row["sha256"], row["weight"]) for row in rows} == {
        (sentence, None, None, None)
    }
    for model, file in MODEL_FILES.items():
        bundle = load_model(tmp_path / file)
        assert bundle["refused"] == sentence
        share = bundle["model"].predict_proba(bundle["scaler"].transform([[1.0] * len(FEATURES)]))[0, 1]
        assert share == pytest.approx(4.5 / 101)
        card = card_of(tmp_path, model)
        assert (card["refused"], card["beats_baselines"], card["used_for_scores"]) == (sentence, False, False)
        assert card["metrics"]["own"] == {"log_loss": None}


def test_a_shop_without_anybody_before_the_cutoff_gets_placeholders(tmp_path):
    dataset = contract.results.CHURN_DATASET.empty()
    table = train_models(dataset, evaluate_models(dataset, Settings()), Settings(), tmp_path)
    assert table.count().to_pyarrow().as_py() == 2 * len(FEATURES)
    assert card_of(tmp_path)["trained_on"] == {
        "people": 0,
        "returned": 0,
        "data_from": None,
        "cutoff": None,
        "as_of": None,
        "horizon_days": 120,
    }
    assert "refused" in load_model(tmp_path / MODEL_FILES["logistic"])


def test_synthetic_people_make_a_synthetic_model(tmp_path):
    people = random_people(100)
    people = people.set_column(people.column_names.index("is_synthetic"), "is_synthetic", [[True] * 100])
    _, rows = train(people, tmp_path)
    assert {row["is_synthetic"] for row in rows} == {True}
    assert card_of(tmp_path)["is_synthetic"] is True


def test_shuffling_a_column_costs_auc_only_when_the_model_rests_on_it():
    fall = permutation_importance(CONTESTANTS[0], random_people(3000), Settings())
    assert fall["recency_days"] > 0.03
    assert fall["order_count"] > 0.03
    assert all(abs(fall[name]) < 0.01 for name in ("day_of_week", "month", "season", "channel_code"))


def test_importance_is_left_out_where_a_sample_would_lose_a_class(monkeypatch):
    monkeypatch.setattr(training, "IMPORTANCE_PEOPLE", 30)
    people = people_of(returned=[True] * 10 + [False] * 2000)
    assert permutation_importance(CONTESTANTS[0], people, Settings()) == dict.fromkeys(FEATURES)
