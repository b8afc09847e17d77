"""Forecasts are kept once, graded when they are due, and follow people who become one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from custbehav_dagster.contract.promises import forecasts_hold
from custbehav_dagster.contract.results import CHURN_SCORES, FORECAST_GRADES, FORECAST_LEDGER
from custbehav_dagster.contract.truth import CUSTOMER_LINKS, ORDERS
from custbehav_dagster.forecasting.ledger import append_forecasts, drift_of, grade_forecasts
from custbehav_dagster_tests.insights.given import order, stored

MARCH = date(2026, 3, 1)
HORIZON = 30
DUE = MARCH + timedelta(days=HORIZON)


def score(person: str, p: float | None, as_of: date = MARCH, **changes: Any) -> dict[str, Any]:
    return {
        "customer_id": person,
        "as_of": as_of,
        "horizon_days": HORIZON,
        "p_return": p,
        "expected_orders": p,
        "expected_value": None if p is None else 10 * p,
        "return_rank": 1,
        "verdict": "may come back",
        "reasons": "",
        "model": "logistic",
        "is_synthetic": False,
        **changes,
    }


def link(record: str, person: str) -> dict[str, Any]:
    columns = {column.name: None for column in CUSTOMER_LINKS.columns}
    given = {"record_customer_id": record, "customer_id": person, "evidence": "own record", "strength": 1.0}
    extra = {"strict_customer_id": person} if "strict_customer_id" in columns else {}
    return {**given, **extra}


def after(
    con: ibis.BaseBackend,
    ledger: ir.Table | None,
    scores: list[dict[str, Any]],
    as_of: date,
    orders: tuple[dict[str, Any], ...] = (),
    links: tuple[dict[str, Any], ...] = (),
) -> ir.Table:
    """The ledger after a refresh, stored as the warehouse would."""
    kept = [] if ledger is None else ledger.to_pyarrow().to_pylist()
    table = append_forecasts(
        stored(con, FORECAST_LEDGER, kept),
        stored(con, CHURN_SCORES, scores),
        stored(con, ORDERS, list(orders)),
        stored(con, CUSTOMER_LINKS, list(links)),
        as_of,
    )
    return ibis.memtable(table.to_pyarrow())


def by_person(ledger: ir.Table, *columns: str, as_of: date = MARCH) -> dict[str, tuple[Any, ...]]:
    rows = ledger.filter(ledger.as_of == ibis.date(as_of)).to_pyarrow().to_pylist()
    return {row["customer_id"]: tuple(row[name] for name in columns) for row in rows}


def test_the_same_day_twice_is_written_down_once_and_the_later_word_counts(con: ibis.BaseBackend) -> None:
    first = after(con, None, [score("a", 0.2), score("gone", 0.4)], MARCH)
    again = after(con, first, [score("a", 0.3)], MARCH)
    assert by_person(again, "p_return", "due_date") == {"a": (0.3, DUE)}
    assert after(con, again, [score("a", 0.3)], MARCH).to_pyarrow().equals(again.to_pyarrow())


def test_a_forecast_is_graded_on_the_day_it_is_due_and_not_before(con: ibis.BaseBackend) -> None:
    told = after(con, None, [score("a", 0.5), score("b", 0.5), score("c", 0.5), score("d", None)], MARCH)
    orders = (
        order(1, "a", "2026-03-02", "7.00"),
        order(2, "a", DUE.isoformat(), "5.00"),
        order(3, "b", MARCH.isoformat()),
        order(4, "b", (DUE + timedelta(days=1)).isoformat()),
        order(5, "c", "2026-03-10", status="cancelled", is_purchase=False),
    )
    early = after(con, told, [score("a", 0.5, DUE - timedelta(days=1))], DUE - timedelta(days=1), orders)
    assert by_person(early, "returned") == dict.fromkeys("abcd", (None,))
    due = after(con, told, [score("a", 0.5, DUE)], DUE, orders)
    assert by_person(due, "returned", "actual_orders", "actual_value") == {
        "a": (True, 2, 12.0),
        "b": (False, 0, 0.0),
        "c": (False, 0, 0.0),
        "d": (False, 0, 0.0),
    }
    assert by_person(due, "returned", as_of=DUE) == {"a": (None,)}


def test_an_order_that_arrives_late_corrects_the_grade(con: ibis.BaseBackend) -> None:
    told = after(con, None, [score("a", 0.5)], MARCH)
    without = after(con, told, [score("a", 0.5, DUE)], DUE)
    assert by_person(without, "returned") == {"a": (False,)}
    late = after(con, without, [score("a", 0.5, DUE)], DUE, (order(1, "a", "2026-03-05"),))
    assert by_person(late, "returned") == {"a": (True,)}


def test_people_who_turn_out_to_be_one_have_one_forecast(con: ibis.BaseBackend) -> None:
    told = after(con, None, [score("a", 0.5), score("b", 0.2), score("c", 0.1)], MARCH)
    links = (link("a", "a"), link("b", "a"), link("c", "c"))
    later = after(con, told, [score("a", 0.6, DUE)], DUE, (order(1, "a", "2026-03-05"),), links)
    found = by_person(later, "p_return", "expected_value", "returned")
    assert found["a"] == (pytest.approx(1 - 0.5 * 0.8), pytest.approx(7.0), True)
    assert found["c"] == (0.1, 1.0, False)
    assert set(found) == {"a", "c"}


def test_forecasts_of_the_made_up_shop_are_forgotten_when_a_real_one_comes(con: ibis.BaseBackend) -> None:
    made_up = after(con, None, [score("x", 0.5, is_synthetic=True)], MARCH)
    assert by_person(after(con, made_up, [score("a", 0.5, DUE)], DUE), "p_return") == {}
    assert set(by_person(after(con, made_up, [score("a", 0.5, DUE)], DUE), "p_return", as_of=DUE)) == {"a"}


def graded(con: ibis.BaseBackend, *told: tuple[float | None, bool], **changes: Any) -> dict[str, Any]:
    rows = [
        {**score(f"p{number}", p, **changes), "due_date": DUE, "returned": came, "actual_orders": int(came),
         "actual_value": 8.0 * came}
        for number, (p, came) in enumerate(told)
    ]  # fmt: skip
    names = FORECAST_LEDGER.column_names
    rows = [{name: row.get(name) for name in names} for row in rows]
    (grade,) = grade_forecasts(stored(con, FORECAST_LEDGER, rows)).to_pyarrow().to_pylist()
    return grade


def test_a_grade_says_how_many_were_expected_and_how_many_came(con: ibis.BaseBackend) -> None:
    grade = graded(con, (0.5, True), (0.25, True), (0.25, False), (None, True))
    assert (grade["people"], grade["expected"], grade["actual"]) == (3, 1.0, 2)
    assert (grade["low"], grade["high"]) == (0.0, 3.0)
    assert grade["brier"] == pytest.approx((0.25 + 0.5625 + 0.0625) / 3)
    assert grade["actual_value"] == 16.0


def test_an_error_that_all_share_makes_the_interval_wider(con: ibis.BaseBackend) -> None:
    people = [(0.5, True), (0.5, False)] * 50
    alone, together = graded(con, *people), graded(con, *people, shared_deviation=0.4)
    assert alone["variance"] == 25.0
    assert together["variance"] == pytest.approx(25.0 + (0.4 * 25.0) ** 2)
    assert together["low"] < alone["low"] < 50 < alone["high"] < together["high"]


def test_a_certain_word_that_was_wrong_costs_much_but_not_everything(con: ibis.BaseBackend) -> None:
    grade = graded(con, (1.0, False), (0.0, True))
    assert 20 < grade["log_loss"] < 30


@hypothesis_settings(max_examples=15)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_interval_holds_the_expectation_and_stays_within_the_people(
    chances: list[float], luck: Any
) -> None:
    con = ibis.duckdb.connect()
    grade = graded(con, *((p, luck.random() < p) for p in chances))
    assert 0 <= grade["low"] <= grade["expected"] + 1e-6
    assert grade["expected"] - 1e-6 <= grade["high"] <= grade["people"]
    con.disconnect()


def grade_row(as_of: date, expected: float, actual: int, variance: float = 4.0) -> dict[str, Any]:
    return {
        "as_of": as_of, "horizon_days": HORIZON, "due_date": as_of + timedelta(days=HORIZON), "people": 100,
        "expected": expected, "low": 0.0, "high": 100.0, "variance": variance, "actual": actual,
        "log_loss": 0.3, "brier": 0.1, "model": "logistic", "is_synthetic": False,
    }  # fmt: skip


def test_of_forecasts_that_overlap_only_the_newest_counts() -> None:
    days = (date(2026, 1, 1), date(2026, 1, 20), date(2026, 1, 31))
    drift = drift_of([grade_row(day, 10.0, 10 + number) for number, day in enumerate(days)])
    assert (drift.forecasts, drift.expected, drift.actual) == (2, 20.0, 22)


@pytest.mark.parametrize(("actual", "holds"), [(10, True), (15, True), (17, False), (3, False)])
def test_the_check_warns_when_far_more_or_fewer_came(con: ibis.BaseBackend, actual: int, holds: bool) -> None:
    finding = forecasts_hold(stored(con, FORECAST_GRADES, [grade_row(MARCH, 10.0, actual)]))
    assert finding.holds == holds
    assert f"{actual} came" in finding.sentence


def test_the_check_reads_whole_numbers_as_the_warehouse_may_give_them() -> None:
    grade = {**grade_row(MARCH, 10.0, 3), "actual": Decimal(3)}
    assert drift_of([grade]).actual == 3


def test_without_a_forecast_that_is_due_there_is_nothing_to_warn_of(con: ibis.BaseBackend) -> None:
    finding = forecasts_hold(stored(con, FORECAST_GRADES, []))
    assert finding.holds
    assert "No forecast is due yet" in finding.sentence
