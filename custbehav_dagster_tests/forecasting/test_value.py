import numpy as np
import pytest

from custbehav_dagster.forecasting.value import fit_value
from custbehav_dagster_tests.forecasting.people import people_of, random_people


def test_expected_totals_of_those_who_returned_add_up_to_what_they_bought():
    people = random_people(3000)
    returners = people.filter(people.column("returned"))
    value = fit_value(people, 120)
    sure = np.ones(returners.num_rows)
    orders, amount = value.expected_orders(returners, sure).sum(), value.expected_value(returners, sure).sum()
    assert orders == pytest.approx(sum(returners.column("orders_in_horizon").to_pylist()), rel=0.15)
    assert amount == pytest.approx(sum(returners.column("amount_in_horizon").to_pylist()), rel=0.15)


def test_expectations_follow_the_probability_and_a_returner_orders_at_least_once():
    people = random_people(500)
    value = fit_value(people, 120)
    sure, unsure = np.ones(500), np.full(500, 0.25)
    assert (value.expected_orders(people, sure) >= 1).all()
    for expected in (value.expected_orders, value.expected_value):
        assert expected(people, unsure) == pytest.approx(expected(people, sure) / 4)


def test_who_spends_more_and_buys_oftener_is_expected_to_go_on_so():
    people = random_people(3000)
    value = fit_value(people, 120)
    pair = people_of(order_count=[20, 20], tenure_days=[365, 365], average_amount=[10.0, 100.0])
    small, large = value.expected_value(pair, np.ones(2))
    assert large > 3 * small
    rare, often = value.expected_orders(people_of(order_count=[2, 20], tenure_days=[365, 365]), np.ones(2))
    assert often > rare


def test_one_purchase_of_a_newcomer_is_pulled_toward_the_usual_amount():
    # Everybody who returned had bought 20 times for 10 and went on so.
    people = people_of(
        order_count=[20] * 50, tenure_days=[600] * 50, average_amount=[10.0] * 50, returned=[True] * 50,
        orders_in_horizon=[4] * 50, amount_in_horizon=[40.0] * 50,
    )  # fmt: skip
    value = fit_value(people, 120)
    newcomer = people_of(order_count=[1], tenure_days=[3], average_amount=[1000.0])
    usual = value.expected_value(people.slice(0, 1), np.ones(1))
    assert usual == pytest.approx([40.0])
    assert 10 < value.amount.of(np.array([1000.0]), np.array([1.0]))[0] < 1000
    assert value.expected_value(newcomer, np.ones(1))[0] > 0


@pytest.mark.parametrize("average_amount", [-50.0, 0.0])
def test_refunds_above_purchases_do_not_make_an_expected_amount_negative(average_amount):
    value = fit_value(random_people(500), 120)
    person = people_of(order_count=[3], average_amount=[average_amount])
    assert value.expected_value(person, np.full(1, 0.5))[0] >= 0
