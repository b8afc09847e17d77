"""A feature that knows the future is caught: by taking the future away, and by being too good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import ibis
import ibis.expr.types as ir
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.hindsight import no_column_is_the_answer, nothing_from_later
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.forecasting.labels import churn_dataset
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.shops import Shop, customer, kept, order, refund, shop_of, text

AS_OF = date(2023, 12, 31)
CUTOFF = date(2023, 9, 2)
PEOPLE = 60


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect(tmp_path_factory.mktemp("hindsight") / "test.duckdb")
    yield connection
    connection.disconnect()


@pytest.fixture(scope="module")
def shop(shared: ibis.BaseBackend) -> Shop:
    """Half of the people return; some write, some send goods back, before the cutoff and after it."""
    names = [f"c{number:02d}" for number in range(PEOPLE)]
    rows = [
        order(name, f"2023-{1 + n % 8:02d}-11", f"{10 + 7 * n % 11}.00", channel="etsy")
        for n, name in enumerate(names)
    ]
    back = names[::2]
    rows += [order(name, f"2023-10-{1 + n:02d}", "33.00", region="Kent") for n, name in enumerate(back)]
    rows += [refund(names[0], "2023-02-01", "-5.00"), refund(names[40], "2023-11-01", "-9.00")]
    texts = [text(names[1], "2023-03-01T10:00:00", 0.5), text(names[1], "2023-12-01T10:00:00", -0.5)]
    return shop_of(shared, rows, [customer(name, region="Devon") for name in names], texts)


@pytest.fixture(scope="module")
def dataset(shared: ibis.BaseBackend, shop: Shop) -> ir.Table:
    made = churn_dataset(*shop.tables, AS_OF, Settings(), [CUTOFF, date(2023, 5, 5)])
    return kept(shared, "dataset", made)


def test_honest_features_pass(shop: Shop, dataset: ir.Table) -> None:
    found = nothing_from_later(dataset, *shop.tables, settings=Settings())
    assert found.holds, found.sentence
    assert found.numbers == {"rows looked at": PEOPLE}
    features = customer_features(*shop.tables, CUTOFF, Settings())
    assert nothing_from_later(features, *shop.tables, settings=Settings()).holds
    assert no_column_is_the_answer(dataset).holds


def from_the_last_day(shop: Shop, dataset: ir.Table, *columns: str) -> ir.Table:
    """The dataset with these columns as they were known at the very end."""
    later = customer_features(*shop.tables, AS_OF, Settings()).select("customer_id", *columns)
    return dataset.drop(*columns).join(later, "customer_id").select(dataset.columns)


def test_features_made_with_later_orders_are_caught(shop: Shop, dataset: ir.Table) -> None:
    columns = {"order_count", "total_amount", "recency_days", "month", "region"}
    knows = from_the_last_day(shop, dataset, *columns)
    found = nothing_from_later(knows, *shop.tables, settings=Settings())
    assert not found.holds
    assert found.numbers.keys() == columns | {"rows looked at"}
    assert "these columns know what happened later: month (" in found.sentence


def test_a_refund_of_a_later_day_is_caught(shop: Shop, dataset: ir.Table) -> None:
    knows = dataset.mutate(
        total_amount=ibis.ifelse(dataset.customer_id == "c40", dataset.total_amount - 9, dataset.total_amount)
    )
    found = nothing_from_later(knows, *shop.tables, settings=Settings())
    assert found.numbers == {"rows looked at": found.numbers["rows looked at"], "total_amount": 1}


def test_texts_of_a_later_day_are_caught(shop: Shop) -> None:
    features = customer_features(*shop.tables, CUTOFF, Settings())
    knows = features.mutate(
        feedback_count=features.feedback_count + (features.customer_id == "c01").cast("int64"),
        average_sentiment=ibis.ifelse(features.customer_id == "c01", 0.0, features.average_sentiment),
    )
    found = nothing_from_later(knows, *shop.tables, settings=Settings())
    assert {"feedback_count", "average_sentiment"} <= found.numbers.keys()


def test_people_who_had_not_bought_yet_are_caught(shop: Shop, dataset: ir.Table) -> None:
    early = dataset.mutate(cutoff=ibis.date("2023-01-20"))
    assert nothing_from_later(early, *shop.tables, settings=Settings()).numbers["customer_id"] > 0


@pytest.mark.parametrize(("noise", "is_too_good"), [(0.5, True), (40.0, False)])
def test_a_copy_of_the_label_is_caught_twice_and_with_much_noise_once(
    shop: Shop, dataset: ir.Table, noise: float, is_too_good: bool
) -> None:
    spread = (dataset.customer_id.substr(1).cast("int64") * 37 % 60).cast("float64") / 60
    knows = dataset.mutate(average_amount=dataset.returned.cast("float64") + noise * spread)
    assert not nothing_from_later(knows, *shop.tables, settings=Settings()).holds
    found = no_column_is_the_answer(knows)
    assert found.holds != is_too_good
    assert is_too_good == ("average_amount (in 100.0 of 100 pairs) tells who returns" in found.sentence)


def test_few_people_are_no_proof_of_a_leak() -> None:
    rows = [
        {"customer_id": f"c{n}", "cutoff": CUTOFF, "returned": n < 10, "recency_days": n} for n in range(25)
    ]
    import pyarrow as pa

    few = ibis.memtable(pa.Table.from_pylist(rows))
    assert no_column_is_the_answer(few).holds


@pytest.mark.parametrize("table", ["CHURN_DATASET", "CUSTOMER_FEATURES"])
def test_an_empty_shop_has_no_leak(shop: Shop, table: str) -> None:
    empty = getattr(contract.results if table == "CHURN_DATASET" else contract.truth, table).empty()
    assert nothing_from_later(empty, *shop.tables, settings=Settings()).holds
    if table == "CHURN_DATASET":
        assert no_column_is_the_answer(empty).holds
