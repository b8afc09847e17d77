from datetime import date, timedelta

import pytest

from custbehav_dagster import contract
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.forecasting.labels import churn_dataset
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.shops import order, refund, shop_of, toy_shop

AS_OF = date(2024, 6, 30)
CUTOFF = AS_OF - timedelta(days=120)


def on(days_after_cutoff: int) -> str:
    return (CUTOFF + timedelta(days=days_after_cutoff)).isoformat()


def dataset_of(shop, as_of=AS_OF, cutoffs=None, **knobs):
    table = churn_dataset(*shop.tables, as_of, Settings(**knobs), cutoffs)
    return {(row["customer_id"], row["cutoff"]): row for row in table.to_pyarrow().to_pylist()}


@pytest.mark.parametrize(("day", "returned"), [(1, True), (119, True), (120, True), (121, False)])
def test_a_purchase_counts_as_returning_from_the_day_after_the_cutoff_to_the_end_of_the_horizon(
    con, day, returned
):
    shop = shop_of(con, [order("ann", on(-10), "10.00"), order("ann", on(day), "7.50")])
    row = dataset_of(shop, as_of=AS_OF + timedelta(days=30), cutoffs=[CUTOFF])["ann", CUTOFF]
    assert (row["returned"], row["churned"]) == (returned, not returned)
    assert (row["orders_in_horizon"], row["amount_in_horizon"]) == ((1, 7.5) if returned else (0, 0.0))
    assert (row["order_count"], row["recency_days"], row["horizon_days"]) == (1, 10, 120)


@pytest.mark.parametrize(("day", "enters"), [(-1, True), (0, True), (1, False)])
def test_a_person_enters_with_a_first_purchase_up_to_the_cutoff(con, day, enters):
    assert bool(dataset_of(shop_of(con, [order("ann", on(day)), order("ann", on(50))]))) is enters


def test_a_purchase_on_the_cutoff_day_is_a_feature_and_not_a_return(con):
    row = dataset_of(shop_of(con, [order("ann", on(0))]))["ann", CUTOFF]
    assert (row["recency_days"], row["returned"]) == (0, False)


def test_refunds_cancelled_orders_and_other_peoples_orders_are_no_return(con):
    shop = shop_of(
        con,
        [
            order("ann", on(-10)),
            refund("ann", on(5), "-1.00"),
            order("ann", on(6), status="cancelled", is_purchase=False),
            order(None, on(7)),
            order("ben", on(8)),
        ],
    )
    assert [row["returned"] for row in dataset_of(shop).values()] == [False]


def test_the_horizon_moves_the_cutoff(con):
    shop = shop_of(con, [order("ann", "2024-01-01")])
    assert list(dataset_of(shop, horizon_days=30)) == [("ann", date(2024, 5, 31))]


def test_several_cutoffs_give_a_row_each_with_what_was_known_then(con):
    # 1 December is 122 days after 1 August, 1 February 31 after 1 January.
    shop = shop_of(con, [order("ann", day) for day in ("2023-06-01", "2023-12-01", "2024-02-01")])
    early, late = date(2023, 8, 1), date(2024, 1, 1)
    rows = dataset_of(shop, cutoffs=[late, early, early])
    assert sorted(rows) == [("ann", early), ("ann", late)]
    assert [rows["ann", day]["order_count"] for day in (early, late)] == [1, 2]
    assert [rows["ann", day]["returned"] for day in (early, late)] == [False, True]


def test_a_cutoff_whose_window_is_not_over_is_refused(con):
    shop = shop_of(con, [order("ann", "2023-06-01")])
    with pytest.raises(ValueError, match="cutoff 2024-03-03 leaves fewer than 120 days before 2024-06-30"):
        dataset_of(shop, cutoffs=[CUTOFF + timedelta(days=1)])


def test_no_cutoffs_and_a_shop_that_is_too_young_give_an_empty_table(con):
    shop = shop_of(con, [order("ann", "2024-06-01")])
    assert dataset_of(shop, cutoffs=[]) == {}
    assert dataset_of(shop) == {}


def test_features_of_the_dataset_are_those_of_the_cutoff_day(con):
    shop = toy_shop(con, 40)
    as_of = date(2023, 12, 31)
    cutoff = as_of - timedelta(days=120)
    features = customer_features(*shop.tables, cutoff, Settings()).to_pyarrow().to_pylist()
    shared = set(contract.results.CHURN_DATASET.column_names) & set(
        contract.truth.CUSTOMER_FEATURES.column_names
    )
    rows = dataset_of(shop, as_of=as_of)
    assert len(rows) == len(features) > 20
    for row in features:
        found = rows[row["customer_id"], cutoff]
        assert {name: found[name] for name in shared} == {name: row[name] for name in shared}
