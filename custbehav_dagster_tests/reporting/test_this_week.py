"""What to do this week: as many people as the lists hold, and why there may be none."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pytest

from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.reporting.this_week import ThisWeek, gather_this_week
from custbehav_dagster.wording.words import Words
from custbehav_dagster_tests.insights.given import Rows, score, warehouse


def listed(
    person: str, worth: float | None = 5.0, until: str = "2026-12-01", **changes: Any
) -> dict[str, Any]:
    return {
        "customer_id": person,
        "email": f"{person}@example.org",
        "action": "Write a note.",
        "reason": "bought once",
        "window": "told",
        "write_from": date(2026, 11, 1),
        "write_until": date.fromisoformat(until),
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
    lists = {"uplift": [], "list_overview": [], **lists}
    scores = lists.pop("scores", [])
    tables = warehouse(
        con,
        truth__customers=people,
        churn__scores=scores,
        **{f"actions__{name}": rows for name, rows in lists.items()},
    )
    ready = {name: tables[f"actions.{name}"] for name in LIST_NAMES}
    return gather_this_week(
        ready,
        *(
            tables[name]
            for name in ("actions.list_overview", "actions.uplift", "truth.customers", "churn.scores")
        ),
    )


def test_people_held_back_are_not_counted_nor_is_what_they_spend(con: ibis.BaseBackend) -> None:
    rows = [
        listed("a", 5.0, "2026-12-09"),
        listed("b", 2.5, "2026-12-05"),
        listed("c", 90.0, "2026-12-01", held_back=True),
    ]
    (action,) = gathered(con, [person(name, True) for name in "abc"], win_back=rows).actions
    assert (action.people, action.held_back, action.worth) == (2, 1, None)
    assert (action.begin, action.until) == (date(2026, 11, 1), date(2026, 12, 5))
    assert (action.name, action.file) == ("win_back", "../lists/win_back.csv")


def test_lists_come_in_the_order_of_their_priority_and_empty_ones_are_left_out(con: ibis.BaseBackend) -> None:
    week = gathered(
        con, [person("a", True)], never_bought=[listed("a", None)], second_order=[listed("b")],
        win_back=[listed("c", held_back=True)],
    )  # fmt: skip
    assert [action.name for action in week.actions] == ["second_order", "never_bought"]
    assert week.actions[1].worth is None


def test_at_most_five_things_are_to_be_done_and_empty_lists_say_why(con: ibis.BaseBackend) -> None:
    full = {name: [listed(name)] for name in LIST_NAMES}
    assert [action.name for action in gathered(con, [person("a", True)], **full).actions] == list(
        LIST_NAMES[:5]
    )
    row = {
        "list_name": "slipping", "priority": 3, "people": 0, "held_back": 0, "fitting": 2,
        "without_consent": 2, "resting": 0, "left_for_later": 0, "empty_because": "no proven consent",
        "is_synthetic": False,
    }  # fmt: skip
    taken = {**row, "list_name": "win_back", "people": 1, "empty_because": None}
    week = gathered(con, [person("a", True)], list_overview=[taken, row])
    assert [(one["list_name"], one["empty_because"]) for one in week.empty] == [
        ("slipping", "no proven consent")
    ]


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


def test_the_worth_of_a_list_is_that_of_its_people_with_its_interval(con: ibis.BaseBackend) -> None:
    scores = [score(number, 0.5, value_deviation=4.0, shared_total_deviation=0.1) for number in range(9)]
    rows = [listed(f"p{number}", 50.0, held_back=number > 5) for number in range(8)]
    (action,) = gathered(con, [person("p0", True)], win_back=rows, scores=scores).actions
    assert action.worth is not None
    # Six of the nine are in the file; somebody's 4.00 up or down is nearly 10.00 for six.
    assert (action.worth.people, action.worth.expected) == (6, pytest.approx(300))
    assert 200 < action.worth.low < 290
    assert 310 < action.worth.high < 400
