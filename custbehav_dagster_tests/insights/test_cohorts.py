"""Cohorts: counted from each one's first purchase, blank where the time has not passed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.insights.cohorts import WITHIN_DAYS, cohorts
from custbehav_dagster.reporting.retention import FEW, MONTHS_SHOWN, SHADES, newest_cohorts
from custbehav_dagster_tests.insights.given import Rows, order, warehouse


def found(con: ibis.BaseBackend, orders: Rows, as_of: date) -> dict[tuple[date, int], dict[str, Any]]:
    table = cohorts(warehouse(con, truth__orders=orders)["truth.orders"], as_of)
    return {(row["cohort"], row["within_days"]): row for row in table.to_pyarrow().to_pylist()}


def test_a_second_purchase_counts_from_the_persons_own_first_day(con: ibis.BaseBackend) -> None:
    orders = [
        order(1, "a", "2025-01-05"), order(2, "a", "2025-02-04"),
        order(3, "b", "2025-01-31"), order(4, "b", "2025-03-03"),
        order(5, "c", "2025-01-10"), order(6, "c", "2025-01-10"),
        order(7, "d", "2025-01-10"), order(8, "d", "2025-01-20", status="cancelled", is_purchase=False),
        order(9, None, "2025-01-11"),
    ]  # fmt: skip
    rows = found(con, orders, date(2026, 12, 31))
    january = date(2025, 1, 1)
    assert {days: rows[january, days]["returned"] for days in WITHIN_DAYS} == {30: 1, 90: 2, 180: 2, 365: 2}
    assert rows[january, 90]["people"] == 4
    assert rows[january, 90]["share"] == 0.5
    assert rows[january, 90]["share_low"] < 0.5 < rows[january, 90]["share_high"]


@pytest.mark.parametrize(("later", "returned"), [(29, None), (30, 1)])
def test_a_share_is_told_when_the_newest_of_the_cohort_has_had_the_time(
    con: ibis.BaseBackend, later: int, returned: int | None
) -> None:
    orders = [order(1, "a", "2025-01-05"), order(2, "a", "2025-01-06"), order(3, "b", "2025-01-20")]
    rows = found(con, orders, date(2025, 1, 20) + timedelta(days=later))
    assert rows[date(2025, 1, 1), 30]["returned"] == returned
    assert rows[date(2025, 1, 1), 90]["share"] is None


def test_purchases_after_the_last_known_day_are_not_seen(con: ibis.BaseBackend) -> None:
    orders = [order(1, "a", "2025-01-05"), order(2, "a", "2025-04-06"), order(3, "b", "2025-05-01")]
    rows = found(con, orders, date(2025, 4, 5))
    assert {cohort for cohort, _ in rows} == {date(2025, 1, 1)}
    assert rows[date(2025, 1, 1), 90]["returned"] == 0


@settings(max_examples=12)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 700)), min_size=1, max_size=40),
    st.integers(0, 900),
)
def test_shares_never_fall_with_time_and_everybody_is_in_one_cohort(
    bought: list[tuple[int, int]], last: int
) -> None:
    con = ibis.duckdb.connect()
    start = date(2024, 1, 1)
    orders = [
        order(number, f"p{person}", (start + timedelta(days=day)).isoformat())
        for number, (person, day) in enumerate(bought)
    ]
    rows = found(con, orders, start + timedelta(days=last))
    months = {cohort for cohort, _ in rows}
    for month in months:
        known = [rows[month, days]["share"] for days in WITHIN_DAYS if rows[month, days]["share"] is not None]
        assert known == sorted(known)
    people = {person for person, day in bought if day <= last}
    assert sum(rows[month, 30]["people"] for month in months) == len(people)
    con.disconnect()


def test_the_newest_months_come_first_and_more_people_back_is_darker(con: ibis.BaseBackend) -> None:
    orders = []
    for month in range(MONTHS_SHOWN + 3):
        first = date(2022 + month // 12, month % 12 + 1, 3)
        for person in range(FEW - (month == MONTHS_SHOWN - 1)):
            name, number = f"p{month}-{person}", 100 * month + 2 * person
            orders += [order(number, name, first.isoformat())]
            if month % 2:
                orders += [order(number + 1, name, (first + timedelta(days=9)).isoformat())]
    shown = newest_cohorts(cohorts(warehouse(con, truth__orders=orders)["truth.orders"], date(2026, 1, 1)))
    assert len(shown) == MONTHS_SHOWN
    assert [cohort.first_day for cohort in shown] == sorted((c.first_day for c in shown), reverse=True)
    # Of fewer than FEW people a share says nothing, and no shade either.
    assert [(cohort.people, cohort.cells[0].shade) for cohort in shown[:4]] == [
        (FEW, 0), (FEW, SHADES), (FEW, 0), (FEW - 1, 0),
    ]  # fmt: skip


def test_a_shop_without_orders_has_no_cohort(con: ibis.BaseBackend) -> None:
    assert found(con, [], date(2026, 1, 1)) == {}
