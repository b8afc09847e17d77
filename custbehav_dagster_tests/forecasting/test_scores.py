import math

import numpy as np
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.forecasting.artifacts import ModelFileError, save_model
from custbehav_dagster.forecasting.classifiers import fit_logistic, fit_naive_bayes
from custbehav_dagster.forecasting.evaluation import evaluate_models, read_outcome
from custbehav_dagster.forecasting.scores import RULE_NAME, score_people
from custbehav_dagster.forecasting.training import MODEL_FILES, train_models
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.people import as_dataset, as_features, people_of, random_people
from custbehav_dagster_tests.forecasting.shops import stored


def scored(known, people, folder, winner=None, con=None):
    """Scores of `people` by what was learnt from `known`; `winner` is made to win."""
    dataset = as_dataset(known)
    evaluation = evaluate_models(dataset, Settings())
    if winner:
        rows = evaluation.to_pyarrow().to_pylist()
        for row in rows:
            if row["model"] == winner and row["metric"] == "log_loss":
                row["value"] = 0.0
        evaluation = stored(con, contract.results.CHURN_EVALUATION, rows)
    # As training does it, without the part that takes long and matters not here.
    for model, fit in (("logistic", fit_logistic), ("naive_bayes", fit_naive_bayes)):
        if read_outcome(evaluation).winner == model:
            save_model(folder / MODEL_FILES[model], fit(known, Settings()).bundle(), {})
    table = score_people(as_features(people), dataset, evaluation, folder, Settings())
    assert all(verdict.holds for verdict in judge(contract.results.CHURN_SCORES, table))
    return {row["customer_id"]: row for row in table.to_pyarrow().to_pylist()}


@pytest.mark.parametrize(
    "winner", ["logistic", "naive_bayes", "recency_rule", "frequency_recency_rule", "constant"]
)
def test_whoever_wins_everybody_gets_a_probability_within_its_interval_a_rank_and_a_reason(
    tmp_path, con, winner
):
    rows = scored(random_people(400), random_people(300, seed=1), tmp_path, winner, con)
    assert len(rows) == 300
    for row in rows.values():
        assert 0 < row["p_return_low"] <= row["p_return"] <= row["p_return_high"] < 1
        assert row["p_churn"] == 1 - row["p_return"]
        assert row["expected_orders"] >= row["p_return"]
        assert row["expected_value"] > 0
        assert row["model"] == winner
        assert 1 <= len(row["reasons"].split("; ")) <= 3
        assert row["horizon_days"] == 120
    by_rank = sorted(rows.values(), key=lambda row: row["return_rank"])
    assert [row["return_rank"] for row in by_rank] == list(range(1, 301))
    probabilities = [row["p_return"] for row in by_rank]
    assert probabilities == sorted(probabilities, reverse=True)


def test_the_winner_of_the_contest_makes_the_numbers(tmp_path):
    known = random_people(2000)
    rows = scored(known, random_people(50, seed=1), tmp_path)
    winner = read_outcome(evaluate_models(as_dataset(known), Settings())).winner
    assert {row["model"] for row in rows.values()} == {winner}


def test_reasons_of_two_people_are_what_speaks_for_and_against_them(tmp_path, con):
    people = people_of(
        customer_id=["ann", "ben"], order_count=[40, 1], recency_days=[2, 600], tenure_days=[390, 600],
        inter_purchase_days=[9.9, 600.0], total_amount=[800.0, 20.0], average_amount=[20.0, 20.0],
    )  # fmt: skip
    rows = scored(random_people(2000), people, tmp_path, "logistic", con)
    assert "bought 40 times (for)" in rows["ann"]["reasons"]
    assert "last order 2 days ago" in rows["ann"]["reasons"]
    assert "last order 600 days ago (against)" in rows["ben"]["reasons"]
    assert rows["ann"]["p_return"] > 0.8 > 0.1 > rows["ben"]["p_return"]
    assert [rows[name][what] for name in ("ann", "ben") for what in ("state", "verdict")] == [
        "active", "likely back", "lapsed", "probably gone"
    ]  # fmt: skip


def test_the_recency_rule_gives_its_one_reason_and_the_constant_none(tmp_path, con):
    known = people_of(
        recency_days=[5] * 100 + [300] * 100,
        returned=[True] * 80 + [False] * 20 + [True] * 10 + [False] * 90,
        orders_in_horizon=[1] * 200,
        amount_in_horizon=[10.0] * 200,
    )
    people = people_of(customer_id=["ann", "ben"], recency_days=[1, 299], tenure_days=[400, 400])
    rule = scored(known, people, tmp_path, "recency_rule", con)
    assert [row["reasons"] for row in rule.values()] == [
        "last order 1 day ago (for)", "last order 299 days ago (against)"
    ]  # fmt: skip
    constant = scored(known, people, tmp_path, "constant", con)
    assert {row["reasons"] for row in constant.values()} == {
        "45 of 100 buyers return, and nothing known tells who"
    }


@pytest.mark.parametrize(("tenure", "new"), [(0, True), (30, True), (31, False)])
def test_who_bought_first_within_thirty_days_is_called_new(tmp_path, tenure, new):
    people = people_of(recency_days=[tenure], tenure_days=[tenure])
    (row,) = scored(random_people(400), people, tmp_path).values()
    assert (row["verdict"] == "new") is new
    assert row["p_return"] is not None


def test_refused_people_are_ranked_by_recency_without_a_probability(tmp_path):
    people = people_of(
        customer_id=["ann", "ben", "cid", "dan"], recency_days=[50, 3, 50, 50], order_count=[1, 1, 4, 1],
        total_amount=[10.0, 10.0, 10.0, 99.0],
    )  # fmt: skip
    rows = scored(people_of(returned=[True] * 4 + [False] * 96), people, tmp_path)
    assert sorted(rows, key=lambda person: rows[person]["return_rank"]) == ["ben", "cid", "dan", "ann"]
    for row in rows.values():
        assert [row[name] for name in ("p_return", "p_return_low", "p_return_high", "p_churn")] == [None] * 4
        assert (row["expected_orders"], row["expected_value_high"]) == (None, None)
        assert row["state"] in ("active", "new")
        assert row["state_reason"].startswith(("last order ", "first order "))
        assert (row["verdict"], row["model"]) == ("not enough data", RULE_NAME)
    assert [rows[name]["reasons"] for name in ("ben", "cid")] == [
        "last order 3 days ago; bought once", "last order 50 days ago; bought 4 times"
    ]  # fmt: skip


def test_nobody_to_score_gives_an_empty_table(tmp_path):
    people = people_of(month=[1]).slice(0, 0)
    assert scored(random_people(400), people, tmp_path) == {}
    assert scored(people_of(returned=[True] * 4 + [False] * 96), people, tmp_path) == {}


def test_scores_are_the_same_in_whatever_order_the_people_are_stored(tmp_path):
    people = random_people(200, seed=1)
    mixed = people.take(np.random.default_rng(2).permutation(200))
    assert scored(random_people(400), people, tmp_path) == scored(random_people(400), mixed, tmp_path)


def test_a_changed_or_refused_model_file_makes_no_numbers(tmp_path):
    dataset = as_dataset(random_people(400))
    evaluation = evaluate_models(dataset, Settings())
    train_models(dataset, evaluation, Settings(), tmp_path)
    model = tmp_path / "churn_logistic.joblib"
    model.write_bytes(model.read_bytes() + b"x")
    with pytest.raises(ModelFileError, match="is not the file its card describes"):
        score_people(as_features(random_people(5)), dataset, evaluation, tmp_path, Settings())
    few = as_dataset(people_of(returned=[True] * 4 + [False] * 96))
    train_models(few, evaluate_models(few, Settings()), Settings(), tmp_path)
    with pytest.raises(ModelFileError, match=r"holds no model: Not enough data: 100 people .* 4 ordered"):
        score_people(as_features(random_people(5)), dataset, evaluation, tmp_path, Settings())


def test_no_number_is_missing_or_endless_for_people_unlike_any_seen(tmp_path):
    strange = people_of(
        order_count=[1, 100_000], total_amount=[-1e6, 1e9], average_amount=[-1e6, 1e4],
        recency_days=[9_000, 0], tenure_days=[9_000, 9_000],
        channel=["unheard of", None], region=["nowhere", None],
    )  # fmt: skip
    for row in scored(random_people(400), strange, tmp_path).values():
        for name in ("p_return", "p_return_low", "p_return_high", "expected_orders", "expected_value"):
            assert math.isfinite(row[name])
