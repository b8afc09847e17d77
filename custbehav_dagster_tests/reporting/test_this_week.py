"""What to do this week: as many people as the lists hold, and why there may be none."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pytest

from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.reporting.this_week import TITLES, ThisWeek, gather_this_week
from custbehav_dagster_tests.insights.given import Rows, warehouse


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
    tables = warehouse(
        con, truth__customers=people, **{f"actions__{name}": rows for name, rows in lists.items()}
    )
    return gather_this_week(
        {name: tables[f"actions.{name}"] for name in LIST_NAMES}, tables["truth.customers"]
    )


def test_people_held_back_are_not_counted_nor_is_what_they_spend(con: ibis.BaseBackend) -> None:
    rows = [
        listed("a", 5.0, "2026-12-09"),
        listed("b", 2.5, "2026-12-05"),
        listed("c", 90.0, "2026-12-01", held_back=True),
    ]
    (action,) = gathered(con, [person(name, True) for name in "abc"], win_back=rows).actions
    assert (action.people, action.held_back, action.worth) == (2, 1, 7.5)
    assert action.until == date(2026, 12, 5)
    assert (action.title, action.file) == (TITLES["win_back"], "../lists/win_back.csv")


def test_lists_come_in_the_order_of_their_priority_and_empty_ones_are_left_out(con: ibis.BaseBackend) -> None:
    week = gathered(
        con, [person("a", True)], never_bought=[listed("a", None)], second_order=[listed("b")],
        win_back=[listed("c", held_back=True)],
    )  # fmt: skip
    assert [action.title for action in week.actions] == [TITLES["second_order"], TITLES["never_bought"]]
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
    assert told in week.consent
