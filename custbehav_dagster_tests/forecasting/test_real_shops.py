"""The two real shops: sizes known from elsewhere, and whether the models are worth showing."""

import pytest

from custbehav_dagster.forecasting.evaluation import evaluate_models, read_outcome
from custbehav_dagster.forecasting.features import customer_features, resolve_as_of
from custbehav_dagster.forecasting.labels import churn_dataset
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
