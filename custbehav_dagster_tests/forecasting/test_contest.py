"""The whole contest on shops with orders: rolling cutoffs, a young shop, the winner's scores."""

from datetime import date, timedelta

import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.forecasting import evaluation as contest
from custbehav_dagster.forecasting.contestants import KINDS
from custbehav_dagster.forecasting.evaluation import evaluate_models, read_outcome
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.forecasting.labels import churn_dataset, rolling_cutoffs
from custbehav_dagster.forecasting.measures import METRICS
from custbehav_dagster.forecasting.scores import score_people
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.shops import kept, order, shop_of, stored, toy_shop

AS_OF = date(2023, 12, 31)


def dataset_of(con, shop, as_of=AS_OF):
    cutoffs = rolling_cutoffs(shop.orders, as_of, Settings())
    return kept(con, "churn_dataset", churn_dataset(*shop.tables, as_of, Settings(), cutoffs))


def rows_of(table):
    return table.to_pyarrow().to_pylist()


@pytest.fixture
def shop(con):
    return toy_shop(con, 300)


@pytest.mark.parametrize(
    ("first", "cutoffs"),
    [
        ("2022-01-01", ["2023-09-02", "2023-05-05", "2023-01-05"]),
        ("2023-03-06", ["2023-09-02", "2023-05-05"]),
        ("2023-03-07", ["2023-09-02"]),
        ("2023-12-30", ["2023-09-02"]),
    ],
)
def test_cutoffs_are_full_horizons_apart_and_none_is_before_the_shop_was_60_days_old(con, first, cutoffs):
    shop = shop_of(con, [order("ann", first), order("ann", "2023-12-31")])
    found = rolling_cutoffs(shop.orders, AS_OF, Settings())
    assert [str(day) for day in found] == cutoffs


def test_everybody_is_judged_at_earlier_cutoffs_that_had_something_to_learn_from(con, shop):
    table = evaluate_models(dataset_of(con, shop), Settings(), shop.orders)
    rows = rows_of(table)
    assert all(verdict.holds for verdict in judge(contract.results.CHURN_EVALUATION, table))
    assert {row["fold"] for row in rows} == {"2023-09-02", "2023-05-05", "mean"}
    told = {(row["model"], row["fold"]) for row in rows if row["metric"] == "log_loss" and row["value"]}
    assert told == {(name, fold) for name in KINDS for fold in ("2023-09-02", "2023-05-05", "mean")}
    for row in rows:
        if "_minus_" in row["metric"]:
            assert row["value_low"] <= row["value"] + 0.02
            assert row["value_high"] >= row["value"] - 0.02
            assert row["note"].startswith("against ")
        elif row["metric"] in METRICS:
            assert (row["value_low"], row["value_high"]) == (None, None)


def test_orders_after_the_last_window_change_nothing(con, shop):
    as_of = date(2023, 10, 1)
    dataset = dataset_of(con, shop, as_of)
    whole = rows_of(evaluate_models(dataset, Settings(), shop.orders))
    seen = rows_of(evaluate_models(dataset, Settings(), shop.orders.filter(shop.orders.order_date <= as_of)))
    assert whole == seen


def test_a_shop_with_one_cutoff_is_judged_on_folds_of_its_people(con):
    # All first purchases in spring, so that the cutoff before it knows nobody.
    rows = []
    for number in range(90):
        first = date(2023, 5, 1) + timedelta(days=number)
        rows.append(order(f"c{number:02d}", str(first)))
        if number % 3 == 0:
            rows += [
                order(f"c{number:02d}", str(first + timedelta(days=gap)), order_id=f"{number}-{gap}")
                for gap in (20, 40, 130)
            ]
    shop = shop_of(con, [row for row in rows if row["order_date"] <= AS_OF])
    rows = rows_of(evaluate_models(dataset_of(con, shop), Settings(), shop.orders))
    assert {row["fold"] for row in rows} == {"1", "2", "3", "mean"}
    assert "gradient_boosting" not in {row["model"] for row in rows}
    assert {"combination", "pareto_nbd", "logistic"} <= {row["model"] for row in rows}


def test_a_large_shop_is_judged_on_each_so_many_th_of_its_people(con, shop, monkeypatch):
    monkeypatch.setattr(contest, "EVALUATION_PEOPLE", 150)
    dataset = dataset_of(con, shop)
    rows = rows_of(evaluate_models(dataset, Settings(), shop.orders))
    cutoffs = rolling_cutoffs(shop.orders, AS_OF, Settings())
    small = kept(con, "small", churn_dataset(*shop.tables, AS_OF, Settings(), cutoffs, largest=150))
    assert small.count().to_pyarrow().as_py() < dataset.count().to_pyarrow().as_py()
    assert rows == rows_of(evaluate_models(small, Settings(), shop.orders))
    notes = {row["note"] for row in rows if row["metric"] == "log_loss"}
    assert len(notes) == 1
    assert "Measured on a sample of the" in notes.pop()
    assert max(row["people"] for row in rows if row["fold"] == "2023-09-02") <= 150


def test_people_without_orders_are_refused(con, shop):
    dataset = dataset_of(con, shop)
    some = shop.orders.filter(shop.orders.customer_id != "c00000")
    with pytest.raises(ValueError, match="people without an order"):
        evaluate_models(dataset, Settings(), some)


def outcome_with(con, **losses):
    """An evaluation in which these lost so much; `worse` is how surely the combination is worse."""
    worse = losses.pop("worse", -0.01)
    plain = {"fold": "mean", "people": 10, "returned_people": 5, "is_synthetic": False}
    rows = [
        {**plain, "model": name, "kind": KINDS[name], "metric": "log_loss", "value": value}
        for name, value in losses.items()
    ]
    difference = {"metric": "log_loss_minus_best_peer", "value": 0.0, "value_low": worse, "value_high": 0.1}
    rows.append({**plain, "model": "combination", "kind": "model", **difference})
    return read_outcome(stored(con, contract.results.CHURN_EVALUATION, rows)).winner


def test_the_combination_is_taken_unless_another_is_better_by_more_than_luck(con):
    assert outcome_with(con, constant=0.5, combination=0.401, bg_nbd=0.4) == "combination"
    assert outcome_with(con, constant=0.5, combination=0.401, bg_nbd=0.4, worse=0.0005) == "bg_nbd"
    assert outcome_with(con, constant=0.5, combination=0.399, bg_nbd=0.4) == "combination"


def test_a_baseline_that_beats_the_combination_is_shown(con):
    assert outcome_with(con, constant=0.4, combination=0.401, bg_nbd=0.399) == "bg_nbd"
    assert outcome_with(con, constant=0.4, combination=0.401, bg_nbd=0.41) == "constant"


@pytest.mark.parametrize("winner", ["combination", "gradient_boosting", "mbg_nbd"])
def test_a_winner_that_reads_orders_scores_everybody(con, shop, tmp_path, winner):
    dataset = dataset_of(con, shop)
    losses = {"fold": "mean", "people": 10, "returned_people": 5, "is_synthetic": False, "metric": "log_loss"}
    rows = [
        {**losses, "model": name, "kind": kind, "value": 0.1 if name == winner else 0.5}
        for name, kind in KINDS.items()
    ]
    worse = {"metric": "log_loss_minus_best_peer", "value": 0.4, "value_low": 0.3, "value_high": 0.5}
    if winner != "combination":
        rows.append({**losses, **worse, "model": "combination", "kind": "model"})
    evaluation = stored(con, contract.results.CHURN_EVALUATION, rows)
    features = customer_features(*shop.tables, AS_OF, Settings())
    table = score_people(features, dataset, evaluation, tmp_path, Settings(), shop.orders)
    assert all(verdict.holds for verdict in judge(contract.results.CHURN_SCORES, table))
    found = rows_of(table)
    assert len(found) == features.count().to_pyarrow().as_py()
    for row in found:
        assert row["p_return_low"] <= row["p_return"] <= row["p_return_high"]
        assert row["model"] == winner
        assert row["shared_deviation"] > 0
        assert 1 <= len(row["reasons"].split("; ")) <= 3
    by_chance = sorted(found, key=lambda row: row["p_return"])
    assert "(against)" in by_chance[0]["reasons"]
    assert "(for)" in by_chance[-1]["reasons"]
    with pytest.raises(ValueError, match="was given none"):
        score_people(features, dataset, evaluation, tmp_path, Settings())
