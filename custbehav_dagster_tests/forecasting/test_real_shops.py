"""The two real shops: sizes known from elsewhere, and whether the models are worth showing."""

import pytest

from benchmarks.forecasts import TRIALS, mean_of, play, play_small
from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.forecasting.contestants import KINDS
from custbehav_dagster.forecasting.evaluation import evaluate_models, read_outcome
from custbehav_dagster.forecasting.features import customer_features, resolve_as_of
from custbehav_dagster.forecasting.labels import churn_dataset, rolling_cutoffs
from custbehav_dagster.forecasting.order_days import day_number
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster.forecasting.people import one_thread
from custbehav_dagster.forecasting.scores import score_people
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.shops import cdnow, kept, online_retail


@pytest.fixture
def online_retail_outcome(con, real_data):
    shop = online_retail(con, real_data)
    dataset = churn_dataset(*shop.tables, resolve_as_of(shop.orders, Settings()), Settings())
    rows = kept(con, "churn_dataset", dataset)
    return rows, read_outcome(evaluate_models(rows, Settings()))


def test_on_online_retail_the_model_beats_both_baselines(online_retail_outcome):
    dataset, outcome = online_retail_outcome
    (cutoff,) = dataset.cutoff.as_table().distinct().to_pyarrow().to_pydict()["cutoff"]
    assert str(cutoff) == "2011-08-11"
    mean = outcome.mean_metrics
    assert outcome.winner == "logistic"
    assert mean["logistic"]["auc"] > 0.80 > mean["recency_rule"]["auc"]
    assert (
        mean["logistic"]["log_loss"] < 0.54 < mean["recency_rule"]["log_loss"] < mean["constant"]["log_loss"]
    )
    assert mean["naive_bayes"]["log_loss"] < mean["recency_rule"]["log_loss"]


def test_on_cdnow_everybody_is_there_and_spent_what_they_spent(con, real_data):
    shop = cdnow(con, real_data)
    as_of = resolve_as_of(shop.orders, Settings())
    assert str(as_of) == "1998-06-30"
    features = customer_features(*shop.tables, as_of, Settings())
    (total,) = features.aggregate(
        people=features.count(), orders=features.order_count.sum(), amount=features.total_amount.sum()
    ).to_pyarrow().to_pylist()  # fmt: skip
    purchases = shop.orders.filter(shop.orders.is_purchase)
    assert total["orders"] == purchases.count().to_pyarrow().as_py()
    assert total["people"] == purchases.customer_id.nunique().to_pyarrow().as_py() == 23_502
    assert total["amount"] == pytest.approx(float(purchases.net_amount.sum().to_pyarrow().as_py()))


def test_on_online_retail_the_combination_beats_every_peer_at_the_four_cutoffs(real_data, monkeypatch):
    monkeypatch.setenv("CUSTBEHAV_REAL_DATA", str(real_data))
    (trial,) = (trial for trial in TRIALS if trial.name.startswith("Online Retail"))
    with one_thread():
        past = Past(trial.read(), trial.horizon)
        played = [play(past, day_number(cutoff)) for cutoff in trial.cutoffs]
    losses = {name: mean_of(played, name, "log_loss") for name in played[0].told}
    assert set(losses) == set(KINDS)
    assert losses["combination"] < 0.518
    assert losses["combination"] == min(losses.values())
    assert mean_of(played, "combination", "calibration_error") < 0.05
    assert mean_of(played, "combination", "auc") > 0.81


@pytest.mark.parametrize("people", [200, 500])
def test_taught_by_few_the_combination_is_no_worse_than_the_plain_model(real_data, monkeypatch, people):
    monkeypatch.setenv("CUSTBEHAV_REAL_DATA", str(real_data))
    trial = TRIALS[0]
    with one_thread():
        played = play_small(trial, trial.read(), people, draws=1)
    own, plain = (mean_of(played, name, "log_loss") for name in ("combination", "mbg_nbd"))
    assert own < plain + 0.005
    assert own < 0.54


def test_on_online_retail_the_contest_picks_the_combination_and_it_scores_everybody(con, real_data, tmp_path):
    shop = online_retail(con, real_data)
    as_of = resolve_as_of(shop.orders, Settings())
    cutoffs = rolling_cutoffs(shop.orders, as_of, Settings())
    dataset = kept(con, "churn_dataset", churn_dataset(*shop.tables, as_of, Settings(), cutoffs))
    evaluation = kept(con, "churn_evaluation", evaluate_models(dataset, Settings(), shop.orders))
    assert read_outcome(evaluation).winner == "combination"
    features = kept(con, "features", customer_features(*shop.tables, as_of, Settings()))
    scores = score_people(features, dataset, evaluation, tmp_path, Settings(), shop.orders)
    assert all(verdict.holds for verdict in judge(contract.results.CHURN_SCORES, scores))
    (sums,) = scores.aggregate(people=scores.count(), expected=scores.p_return.sum()).to_pyarrow().to_pylist()
    assert sums["people"] == features.count().to_pyarrow().as_py()
    # After Christmas fewer come back than the 45 in 100 of the autumn.
    assert 0.2 < sums["expected"] / sums["people"] < 0.45
