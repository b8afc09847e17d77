"""When there will be enough for a forecast."""

import pytest

from custbehav_dagster.forecasting.evaluation import evaluate_models, read_outcome
from custbehav_dagster.forecasting.gate import likely_sentence
from custbehav_dagster.forecasting.labels import churn_dataset
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.days import days_of
from custbehav_dagster_tests.forecasting.shops import order, shop_of

AS_OF = 19_723  # 1 January 2024


def one_buyer_a_day(length: int):
    return days_of({f"c{number:04d}": [AS_OF - number] for number in range(length)})


@pytest.mark.parametrize(
    ("people", "returned", "sentence"),
    [
        # A tenth returns, so 100 buyers make ten returners: 51 more, one a day.
        (49, 4, "At the pace of the last year that is likely around March 2024."),
        (300, 0, "At the pace of the last year that will take more than three years."),
        (30, 12, "At the pace of the last year that is likely around January 2024."),
        (60, 12, None),
    ],
)
def test_the_day_follows_from_the_share_who_return_and_the_pace_of_new_buyers(people, returned, sentence):
    assert likely_sentence(one_buyer_a_day(400), AS_OF, people, returned, Settings()) == sentence


def test_nobody_new_is_no_pace():
    old = days_of({"ann": [AS_OF - 900]})
    assert "more than three years" in likely_sentence(old, AS_OF, 1, 0, Settings())


def test_a_refused_shop_is_told_when(con):
    days = [f"2023-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 11)]
    rows = [order(f"c{number:03d}", day) for number, day in enumerate(days)]
    rows += [order(f"c{number:03d}", "2023-12-20", order_id=f"again-{number}") for number in range(5)]
    shop = shop_of(con, rows)
    as_of = max(row["order_date"] for row in rows)
    dataset = churn_dataset(*shop.tables, as_of, Settings())
    refusal = read_outcome(evaluate_models(dataset, Settings(), shop.orders)).refusal
    assert "5 of 80 buyers returned; at least 10 returners are needed, 5 more." in refusal
    assert refusal.endswith("At the pace of the last year that is likely around July 2024.")
