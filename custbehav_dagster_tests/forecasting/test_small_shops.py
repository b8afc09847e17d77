"""Small shops, most of whose buyers came once: no probability, the truth in a sentence, nothing made up."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import numpy as np
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.second_order import NO_DIFFERENCE, TOO_FEW
from custbehav_dagster.forecasting.evaluation import evaluate_models, read_outcome
from custbehav_dagster.forecasting.gate import refusal_sentence
from custbehav_dagster.forecasting.labels import churn_dataset
from custbehav_dagster.forecasting.second_order.table import second_order
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.shops import Shop, order, shop_of, stored

AS_OF = date(2025, 6, 30)


def small_shop(con: ibis.BaseBackend, people: int, repeat_buyers: int, length: int) -> Shop:
    """People who first came at any time of `length` days; some of the earlier ones once more within weeks."""
    generator = np.random.default_rng(people)
    ages = np.sort(generator.integers(0, length, people))[::-1]
    again = generator.choice(np.flatnonzero(ages > 60), repeat_buyers, replace=False)
    rows = []
    for number, age in enumerate(ages.tolist()):
        visits = [age] + [max(age - 1 - int(generator.exponential(40)), 0)] * int(number in again)
        rows += [
            order(
                f"c{number:04d}",
                (AS_OF - timedelta(days=day)).isoformat(),
                order_id=f"c{number:04d}-{day}",
                channel=["etsy", "website", "market"][number % 3],
            )
            for day in visits
        ]
    return shop_of(con, rows)


@pytest.mark.parametrize(("people", "repeat_buyers", "length"), [(54, 3, 400), (1_053, 50, 2_000)])
def test_a_shop_with_few_returners_is_refused_in_one_consistent_sentence(
    con: ibis.BaseBackend, people: int, repeat_buyers: int, length: int
) -> None:
    shop = small_shop(con, people, repeat_buyers, length)
    dataset = churn_dataset(*shop.tables, AS_OF, Settings())
    evaluation = evaluate_models(dataset, Settings(), shop.orders)
    told = str(read_outcome(evaluation).refusal)
    assert {row["value"] for row in evaluation.to_pyarrow().to_pylist()} == {None}
    rows = dataset.filter(dataset.cutoff == dataset.cutoff.max().as_scalar()).to_pyarrow()
    known, came = rows.num_rows, sum(rows["returned"].to_pylist())
    assert came < 10 < known < people
    assert came <= repeat_buyers
    assert told.startswith(f"{refusal_sentence(known, came, Settings())} At the pace of the last year ")
    assert f" 10 who order again ({10 - came} more)." in told


def test_of_a_handful_of_second_orders_no_cause_is_told(con: ibis.BaseBackend) -> None:
    shop = small_shop(con, 177, 10, 730)
    items = stored(con, contract.cleaned.ORDER_ITEMS, [])
    rows = second_order(shop.orders, items, AS_OF, Settings()).to_pyarrow().to_pylist()
    assert rows[0]["all_second_orders"] == 10
    assert {row["verdict"] for row in rows} <= {None, TOO_FEW, NO_DIFFERENCE}
