import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.forecasting.artifacts import load_model
from custbehav_dagster.forecasting.features import customer_features, resolve_as_of
from custbehav_dagster.segmentation import kmeans
from custbehav_dagster.segmentation.kmeans import find_groups, fit_scaler, segment_customers
from custbehav_dagster.segmentation.profiles import segment_profiles
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.people import as_features, people_of, random_people
from custbehav_dagster_tests.forecasting.shops import cdnow, kept, online_retail

FILE = "kmeans_segment.joblib"


def segmented(people, folder, **knobs):
    table = segment_customers(as_features(people), Settings(**knobs), folder)
    assert all(verdict.holds for verdict in judge(contract.segments.CUSTOMERS_WITH_SEGMENTS, table))
    return table.to_pyarrow().to_pylist()


def card_of(folder):
    return json.loads((folder / FILE).with_suffix(".json").read_text())


def three_kinds_of_people():
    """Thirty who bought once for 10, twenty who bought 4 times for 100, ten who bought 30 times for 3,000."""
    spread = np.random.default_rng(0).uniform(0.9, 1.1, 60)
    return people_of(
        order_count=[1] * 30 + [4] * 20 + [30] * 10,
        total_amount=(spread * ([10.0] * 30 + [100.0] * 20 + [3000.0] * 10)).round(2),
    )


def test_people_who_are_alike_share_a_group_and_groups_are_numbered_by_amount(tmp_path):
    rows = segmented(three_kinds_of_people(), tmp_path)
    assert [row["segment"] for row in rows] == [0] * 30 + [1] * 20 + [2] * 10
    assert list(dict.fromkeys(row["segment_name"] for row in rows)) == [
        "one-time buyers",
        "occasional buyers",
        "big spenders",
    ]
    assert {row["method"] for row in rows} == {"k-means"}


def test_the_saved_model_gives_the_numbers_of_the_table_from_raw_numbers(tmp_path):
    people = random_people(300)
    rows = segmented(people, tmp_path)
    bundle = load_model(tmp_path / FILE)
    assert bundle["features"] == ["order_count", "total_amount"]
    raw = [[row["order_count"], row["total_amount"]] for row in rows]
    names = bundle["features"]
    for given_as in (raw, np.array(raw), pd.DataFrame(raw, columns=names)):
        predicted = bundle["model"].predict(bundle["scaler"].transform(given_as))
        assert predicted.tolist() == [row["segment"] for row in rows]
    assert bundle["segment_names"] == [
        next(row["segment_name"] for row in rows if row["segment"] == number) for number in range(3)
    ]


def test_no_persons_row_is_kept_in_the_model(tmp_path):
    segmented(random_people(300), tmp_path)
    assert not hasattr(load_model(tmp_path / FILE)["model"], "labels_")


@pytest.mark.parametrize("count", [2, 3, 6])
def test_there_are_as_many_groups_as_asked_for(tmp_path, count):
    rows = segmented(random_people(300), tmp_path, segment_count=count)
    assert {row["segment"] for row in rows} == set(range(count))
    assert len({row["segment_name"] for row in rows}) == count


@pytest.mark.parametrize(
    ("size", "method"), [(9, "k-means"), (8, "rule: 8 buyers; k-means with 3 groups needs 9, 1 more")]
)
def test_a_shop_below_three_buyers_a_group_gets_groups_by_rule_and_is_told_so(tmp_path, size, method):
    people = people_of(order_count=range(1, size + 1), total_amount=[10.0 * n for n in range(1, size + 1)])
    rows = segmented(people, tmp_path)
    assert {row["method"] for row in rows} == {method}
    refused = card_of(tmp_path)["refused"]
    assert load_model(tmp_path / FILE).get("refused") == refused
    assert (refused is None) is (method == "k-means")


def test_groups_by_rule_are_numbered_without_a_gap_by_amount(tmp_path):
    people = people_of(order_count=[1, 1, 5], total_amount=[50.0, 90.0, 20.0])
    rows = segmented(people, tmp_path)
    assert [row["segment"] for row in rows] == [1, 2, 0]
    assert [row["segment_name"] for row in rows] == [
        "one-time buyers, small amounts",
        "one-time buyers, large amounts",
        "regulars",
    ]


def test_people_who_are_all_alike_are_grouped_by_rule(tmp_path):
    rows = segmented(people_of(order_count=[1] * 50, total_amount=[10.0] * 50), tmp_path)
    assert {(row["segment"], row["segment_name"]) for row in rows} == {(0, "one-time buyers")}
    assert rows[0]["method"].startswith("rule: only 1 different pair ")


def test_a_refused_segmentation_leaves_no_older_model_behind(tmp_path):
    segmented(random_people(300), tmp_path)
    assert segmented(people_of(month=[1]).slice(0, 0), tmp_path) == []
    bundle = load_model(tmp_path / FILE)
    assert bundle["refused"] == "Not enough data: 0 buyers; k-means with 3 groups needs 9, 9 more."
    assert bundle["model"].predict(bundle["scaler"].transform([[1, 10.0]])).tolist() == [0]


def test_the_card_says_what_it_was_made_from(tmp_path):
    rows = segmented(three_kinds_of_people(), tmp_path)
    card = card_of(tmp_path)
    assert card["trained_on"] == {"people": len(rows), "as_of": "2024-06-30"}
    assert [(part["segment_name"], part["people"]) for part in card["segments"]] == [
        ("one-time buyers", 30),
        ("occasional buyers", 20),
        ("big spenders", 10),
    ]
    assert card["metrics"]["silhouette"] > 0.8
    assert card["metrics"]["explained_share_of_variance"] > 0.9


def test_the_same_people_give_the_same_groups_and_bytes_in_whatever_order_they_are_stored(tmp_path):
    people = random_people(300)
    mixed = people.take(np.random.default_rng(1).permutation(300))
    assert segmented(people, tmp_path / "a") == segmented(mixed, tmp_path / "b")
    for name in (FILE, "kmeans_segment.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_of_many_people_a_sample_finds_the_groups_and_everybody_is_assigned(tmp_path, monkeypatch):
    monkeypatch.setattr(kmeans, "FITTED_PEOPLE", 40)
    rows = segmented(three_kinds_of_people(), tmp_path)
    assert [row["segment"] for row in rows] == [0] * 30 + [1] * 20 + [2] * 10


def test_amounts_below_zero_count_as_nothing_spent():
    scaler = fit_scaler(np.array([[1, 0.0], [4, 100.0], [9, 900.0]]))
    assert (scaler.transform([[2, -500.0]]) == scaler.transform([[2, 0.0]])).all()


@settings(max_examples=25)
@given(
    people=st.lists(st.tuples(st.integers(1, 40), st.integers(-50, 5000)), min_size=1, max_size=60),
    count=st.integers(2, 5),
)
def test_whatever_the_people_groups_have_no_gap_and_rise_in_mean_amount(people, count):
    order_count, total_amount = zip(*people, strict=True)
    table = people_of(order_count=order_count, total_amount=[amount / 10 for amount in total_amount])
    groups = find_groups(table, Settings(segment_count=count))
    assert set(groups.numbers) == set(range(len(groups.names)))
    amounts = np.array(total_amount)
    means = [amounts[groups.numbers == number].mean() for number in range(len(groups.names))]
    assert means == sorted(means)


@pytest.mark.parametrize("shop_of", [online_retail, cdnow])
def test_on_real_shops_no_group_is_tiny_and_none_holds_nearly_everybody(con, real_data, tmp_path, shop_of):
    shop = shop_of(con, real_data)
    as_of = resolve_as_of(shop.orders, Settings())
    features = kept(con, "customer_features", customer_features(*shop.tables, as_of, Settings()))
    people = kept(con, "customers_with_segments", segment_customers(features, Settings(), tmp_path))
    profiles = segment_profiles(people).to_pyarrow().to_pylist()
    shares = [profile["share_of_people"] for profile in profiles]
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0.1
    assert max(shares) < 0.6
    assert [profile["segment_name"] for profile in profiles] == [
        "one-time buyers",
        "occasional buyers",
        "big spenders",
    ]
