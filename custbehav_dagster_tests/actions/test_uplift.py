"""Decisions are remembered once, and what they were worth is measured with an honest interval."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from custbehav_dagster.actions.holdout import is_held_back
from custbehav_dagster.actions.uplift import MEASURE_DAYS, measure_uplift, remember_decisions
from custbehav_dagster.contract.actions import HOLDOUT, LIST_HISTORY
from custbehav_dagster.contract.truth import CUSTOMER_LINKS, ORDERS
from custbehav_dagster.insights.statistics import share_difference
from custbehav_dagster_tests.insights.given import order, stored

START = date(2026, 1, 1)


def on_list(person: str, held_back: bool = False, **changes: Any) -> dict[str, Any]:
    row = {"customer_id": person, "list_name": "win_back", "held_back": held_back, "decided_on": START}
    return {**row, "is_synthetic": False, **changes}


def remembered(
    con: ibis.BaseBackend,
    history: list[dict[str, Any]],
    today: list[dict[str, Any]],
    as_of: date,
    same_person: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    links = [
        {"record_customer_id": record, "customer_id": person, "evidence": "same e-mail", "strength": 1.0}
        for record, person in (same_person or {}).items()
    ]
    if "strict_customer_id" in CUSTOMER_LINKS.column_names:
        links = [{**link, "strict_customer_id": link["customer_id"]} for link in links]
    table = remember_decisions(
        stored(con, LIST_HISTORY, history),
        stored(con, HOLDOUT, [{**row, "decided_on": as_of} for row in today]),
        stored(con, CUSTOMER_LINKS, links),
        as_of,
    )
    return sorted(table.to_pyarrow().to_pylist(), key=lambda row: (row["customer_id"], row["decided_on"]))


def days_of(rows: list[dict[str, Any]], person: str) -> list[int]:
    return [(row["decided_on"] - START).days for row in rows if row["customer_id"] == person]


def test_who_stays_on_a_list_is_entered_once_and_again_when_the_measuring_has_ended(
    con: ibis.BaseBackend,
) -> None:
    rows: list[dict[str, Any]] = []
    for day in range(0, 2 * MEASURE_DAYS + 10, 5):
        rows = remembered(con, rows, [on_list("a")], START + timedelta(days=day))
    assert days_of(rows, "a") == [0, MEASURE_DAYS, 2 * MEASURE_DAYS]


def test_a_second_refresh_of_a_day_changes_nothing_and_an_empty_list_forgets_nobody(
    con: ibis.BaseBackend,
) -> None:
    first = remembered(con, [], [on_list("a"), on_list("b", True)], START)
    assert remembered(con, first, [on_list("a"), on_list("b", True)], START) == first
    assert [row["customer_id"] for row in remembered(con, first, [on_list("a")], START)] == ["a"]
    later = remembered(con, first, [], START + timedelta(days=7))
    assert later == first


def test_people_who_turn_out_to_be_one_are_counted_once(con: ibis.BaseBackend) -> None:
    rows = remembered(con, [], [on_list("a"), on_list("b", True)], START)
    rows = remembered(con, rows, [on_list("c")], START + timedelta(days=1), {"a": "a", "b": "a"})
    assert [(row["customer_id"], row["held_back"]) for row in rows] == [("a", False), ("c", False)]


def test_generated_people_are_forgotten_when_real_ones_come(con: ibis.BaseBackend) -> None:
    rows = remembered(con, [], [on_list("made up", is_synthetic=True)], START)
    rows = remembered(con, rows, [on_list("real")], START + timedelta(days=1))
    assert [row["customer_id"] for row in rows] == ["real"]


def measured(
    con: ibis.BaseBackend, history: list[dict[str, Any]], orders: list[dict[str, Any]], as_of: date
) -> ir.Table:
    return measure_uplift(stored(con, LIST_HISTORY, history), stored(con, ORDERS, orders), as_of)


def test_only_orders_within_the_days_after_the_decision_are_answers(con: ibis.BaseBackend) -> None:
    last = START + timedelta(days=MEASURE_DAYS)
    days = {"a": START, "b": START + timedelta(days=1), "c": last, "d": last + timedelta(days=1)}
    orders = [order(number, person, day.isoformat()) for number, (person, day) in enumerate(days.items())]
    orders += [order(9, "e", "2026-01-05", status="cancelled", is_purchase=False)]
    history = [on_list(person) for person in "abcde"] + [on_list("x", True)]
    (row,) = measured(con, history, orders, last).to_pyarrow().to_pylist()
    assert (row["people_listed"], row["listed_who_ordered"]) == (5, 2)
    assert (row["people_held_back"], row["held_back_who_ordered"]) == (1, 0)
    assert row["difference"] == pytest.approx(0.4)
    assert measured(con, history, orders, last - timedelta(days=1)).to_pyarrow().num_rows == 0


def year_of_exports(
    seed: int, uplift: float, people: int = 600
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A year in which everybody is once on a list, and those who are written to answer more often."""
    luck = random.Random(seed)
    history, orders = [], []
    for number in range(people):
        person = f"p{number}-{seed}"
        held_back = is_held_back(person, "win_back", 0)
        decided = START + timedelta(days=luck.randrange(300))
        history.append(on_list(person, held_back, decided_on=decided))
        if luck.random() < 0.1 + (0 if held_back else uplift):
            day = decided + timedelta(days=luck.randint(1, MEASURE_DAYS))
            orders.append(order(number, person, day.isoformat()))
    return history, orders


@pytest.mark.parametrize("uplift", [0.0, 0.15])
def test_a_planted_uplift_is_measured_back_within_its_interval(con: ibis.BaseBackend, uplift: float) -> None:
    held, shown = 0, 0
    for seed in range(20):
        history, orders = year_of_exports(seed, uplift)
        (row,) = measured(con, history, orders, START + timedelta(days=400)).to_pyarrow().to_pylist()
        held += row["difference_low"] <= uplift <= row["difference_high"]
        shown += row["difference_low"] > 0
    # Of 20 intervals at 95% two or more misses are common, five are not.
    assert held >= 16
    assert shown >= 12 if uplift else shown <= 3


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((0, 10, 0, 20), -0.1611, 0.2775)],
)
def test_the_interval_is_that_of_the_paper(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert share_difference(*counts) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))
