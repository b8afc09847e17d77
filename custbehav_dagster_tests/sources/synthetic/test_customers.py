"""The people of the made-up shop."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources.synthetic.customers import generate_customers
from custbehav_dagster.sources.synthetic.vocabulary import PLACES


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return generate_customers(20_000, seed=1)


def test_the_columns_of_the_file_come_first_and_answers_are_marked(people: pd.DataFrame) -> None:
    assert people.columns[:8].tolist() == [
        "customer_id",
        "name",
        "email",
        "signup_date",
        "region",
        "country",
        "accepts_marketing",
        "consent_source",
    ]
    assert all(name.startswith("true_") for name in people.columns[8:])


def test_nobody_can_be_taken_for_a_real_person(people: pd.DataFrame) -> None:
    assert people["email"].str.fullmatch(r"[a-z]+\.[a-z]+\d+@example\.(com|org|net)").all()
    made_up = "Mock|Sample|Fable|Pretend|Dummy|Test|Madeup|Placeholder|Example"
    assert people["name"].str.fullmatch(rf"[A-Z][a-z]+ ({made_up})[a-z]+").all()


def test_identifiers_and_addresses_are_unique(people: pd.DataFrame) -> None:
    assert people["customer_id"].is_unique
    assert people["email"].is_unique


def test_consent_has_a_source_exactly_where_it_was_given(people: pd.DataFrame) -> None:
    assert (people["accepts_marketing"] == people["consent_source"].notna()).all()
    assert people["accepts_marketing"].mean() == pytest.approx(0.3, abs=0.02)


def test_places_are_british_regions_for_most_and_belong_together(people: pd.DataFrame) -> None:
    assert (people["country"] == "United Kingdom").mean() == pytest.approx(0.965, abs=0.01)
    assert set(zip(people["region"], people["country"], strict=True)) == set(PLACES)


def test_about_a_quarter_is_unpredictable_and_all_of_them_alike(people: pd.DataFrame) -> None:
    unpredictable = people[people["true_kind"] == "unpredictable"]
    assert len(unpredictable) / len(people) == pytest.approx(0.25, abs=0.02)
    assert unpredictable["true_rate"].nunique() == 1
    assert (unpredictable["true_dropout_rate"] == 0).all()


@pytest.mark.parametrize("orders_per_customer", [None, 10])
def test_the_same_seed_gives_the_same_people_and_another_seed_others(
    orders_per_customer: float | None,
) -> None:
    once, again, other = (
        generate_customers(50, seed, orders_per_customer=orders_per_customer) for seed in (3, 3, 4)
    )
    pd.testing.assert_frame_equal(once, again)
    assert not once["name"].equals(other["name"])


@given(
    count=st.integers(1, 40),
    seed=st.integers(0, 2**40),
    last_day=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_any_number_of_people_on_any_day(count: int, seed: int, last_day: date) -> None:
    people = generate_customers(count, seed, last_day=last_day)
    assert len(people) == count
    assert (people["signup_date"] <= pd.Timestamp(last_day)).all()
    assert people[["customer_id", "name", "email", "signup_date", "region", "country"]].notna().all(axis=None)


@pytest.mark.parametrize("count", [0, -1])
def test_a_shop_without_people_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="at least 1 customer"):
        generate_customers(count, seed=1)


@pytest.mark.parametrize("orders_per_customer", [0.99, 0, -3, float("nan"), float("inf")])
def test_less_than_one_order_each_is_refused(orders_per_customer: float) -> None:
    with pytest.raises(ValueError, match="orders_per_customer"):
        generate_customers(5, seed=1, orders_per_customer=orders_per_customer)
