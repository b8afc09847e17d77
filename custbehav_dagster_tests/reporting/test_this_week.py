"""What to do this week: as many people as the lists hold, and why there may be none."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pytest

from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.reporting.this_week import ThisWeek, gather_this_week
from custbehav_dagster.wording.words import Words
from custbehav_dagster_tests.insights.given import Rows, order, score, warehouse


def listed(
    person: str, worth: float | None = 5.0, until: str = "2026-12-01", **changes: Any
) -> dict[str, Any]:
    return {
        "customer_id": person,
        "email": f"{person}@example.org",
        "action": "Write a note.",
        "reason": "bought once",
        "window": f"before {until}",
        "expected_value": worth,
        "held_back": False,
        "is_synthetic": False,
        **changes,
    }


def person(name: str, agreed: bool) -> dict[str, Any]:
    return {
        "customer_id": name,
        "email": f"{name}@example.org",
        "accepts_marketing": agreed,
        "record_count": 1,
        "is_synthetic": False,
    }


def gathered(con: ibis.BaseBackend, people: Rows, **lists: Rows) -> ThisWeek:
    lists = {"uplift": [], **lists}
    scores, orders = lists.pop("scores", []), lists.pop("orders", [])
    tables = warehouse(
        con,
        truth__customers=people,
        truth__orders=orders,
        churn__scores=scores,
        **{f"actions__{name}": rows for name, rows in lists.items()},
    )
    ready = {name: tables[f"actions.{name}"] for name in LIST_NAMES}
    return gather_this_week(
        ready,
        *(tables[name] for name in ("actions.uplift", "truth.customers", "churn.scores", "truth.orders")),
    )


def test_people_held_back_are_not_counted_nor_is_what_they_spend(con: ibis.BaseBackend) -> None:
    rows = [
        listed("a", 5.0, "2026-12-09"),
        listed("b", 2.5, "2026-12-05"),
        listed("c", 90.0, "2026-12-01", held_back=True),
    ]
    (action,) = gathered(con, [person(name, True) for name in "abc"], win_back=rows).actions
    assert (action.people, action.held_back, action.worth and action.worth.expected) == (2, 1, 7.5)
    assert action.until == date(2026, 12, 5)
    assert (action.name, action.file) == ("win_back", "../lists/win_back.csv")


def test_lists_come_in_the_order_of_their_priority_and_empty_ones_are_left_out(con: ibis.BaseBackend) -> None:
    week = gathered(
        con, [person("a", True)], never_bought=[listed("a", None)], second_order=[listed("b")],
        win_back=[listed("c", held_back=True)],
    )  # fmt: skip
    assert [action.name for action in week.actions] == ["second_order", "never_bought"]
    assert week.actions[1].worth is None


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ([], "Nobody is known yet."),
        (
            [person("a", False), person("b", False)],
            "There is nobody to write to: of 2 people, 2 with a mail address, none is known to have agreed.",
        ),
        ([person("a", True), person("b", False)], "1 person of 2 (50%). None of them is due for a message"),
    ],
)
def test_without_a_list_it_says_why(con: ibis.BaseBackend, people: Rows, told: str) -> None:
    week = gathered(con, people)
    assert week.actions == []
    assert told in Words().text(week.consent)


def uplift(listed: tuple[int, int], left_out: tuple[int, int], low: float, high: float) -> dict[str, Any]:
    return {
        "list_name": "win_back", "days": 60, "people_listed": listed[1], "listed_who_ordered": listed[0],
        "people_held_back": left_out[1], "held_back_who_ordered": left_out[0], "difference": 0.0,
        "difference_low": low, "difference_high": high, "is_synthetic": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (uplift((30, 100), (1, 10), 0.04, 0.31), "30% of 100 people on this list ordered within 60 days, and "
         "10% of 10 left out by lot: more than chance (difference between +4 and +31 points, 95% sure)."),
        (uplift((30, 100), (2, 10), -0.1, 0.31), "not proven yet (difference between −10 and +31 points"),
        (uplift((3, 100), (5, 10), -0.6, -0.1), "less than without"),
        (uplift((3, 100), (0, 0), 0.0, 0.0), "nobody was left out yet to compare them with."),
    ],
)  # fmt: skip
def test_what_a_list_was_worth_is_said_with_its_doubt(
    con: ibis.BaseBackend, row: dict[str, Any], told: str
) -> None:
    (action,) = gathered(con, [person("a", True)], win_back=[listed("a")], uplift=[row]).actions
    assert action.measured is not None
    assert told in Words().text(action.measured)


def worth_of(con: ibis.BaseBackend, chance: float, shared: float, amounts: list[str]) -> tuple[float, ...]:
    names = [f"p{number}" for number in range(100)]
    scores = [
        score(number, chance, expected_value=10 * chance, shared_deviation=shared) for number in range(100)
    ]
    orders = [order(number, "x", "2024-01-01", amount=amount) for number, amount in enumerate(amounts)]
    rows = [listed(name, 10 * chance) for name in names]
    week = gathered(con, [person("p0", True)], win_back=rows, scores=scores, orders=orders)
    worth = week.actions[0].worth
    assert worth is not None
    return worth.low, worth.expected, worth.high


def test_the_worth_of_a_list_has_the_interval_of_chance(con: ibis.BaseBackend) -> None:
    # A hundred people, each back with an even chance for exactly 10.00: 50 times 10, give or take 98.
    low, expected, high = worth_of(con, 0.5, 0.0, ["10.00", "10.00"])
    assert expected == pytest.approx(500)
    assert (low, high) == (pytest.approx(402, abs=0.5), pytest.approx(598, abs=0.5))
    # Amounts that scatter, and an error that all share, both make it wider.
    assert worth_of(con, 0.5, 0.0, ["5.00", "15.00"])[2] > high + 30
    assert worth_of(con, 0.5, 0.5, ["10.00", "10.00"])[2] > high + 30
