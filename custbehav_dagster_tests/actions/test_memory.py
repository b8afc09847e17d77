"""Nobody is on two lists of one week, nor on the same list again before they have rested."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ibis
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.actions.memory import REST_DAYS, STAY_DAYS, is_taken, newest_by_list
from custbehav_dagster.actions.uplift import MEASURE_DAYS
from custbehav_dagster.contract.actions import LIST_HISTORY, LIST_NAMES
from custbehav_dagster_tests.actions.given import AS_OF, Person, list_by_person, lists_of

LOYAL = (90, 60, 30)


def decided(person: str, name: str, days_ago: int) -> dict[str, Any]:
    day = AS_OF - timedelta(days=days_ago)
    return {
        "customer_id": person,
        "list_name": name,
        "decided_on": day,
        "held_back": False,
        "is_synthetic": False,
    }


def test_each_list_has_its_days_and_rests_as_long_as_it_is_measured() -> None:
    assert set(STAY_DAYS) == set(REST_DAYS) == set(LIST_NAMES)
    assert all(STAY_DAYS[name] < MEASURE_DAYS <= REST_DAYS[name] for name in LIST_NAMES)


def test_who_is_on_a_list_stays_for_its_days_and_then_rests(con: ibis.BaseBackend) -> None:
    wanted = {0: True, 1: True, 13: True, 14: False, 179: False, 180: True}
    built = lists_of(
        con,
        *(Person(f"p{days}", LOYAL) for days in wanted),
        history=[decided(f"p{days}", "thank_loyal", days) for days in wanted],
    )
    assert {days: f"p{days}" in list_by_person(built) for days in wanted} == wanted
    ends = {row["customer_id"]: row["write_until"] for row in built["thank_loyal"]}
    assert [(ends[f"p{days}"] - AS_OF).days for days in (0, 1, 13, 180)] == [14, 13, 1, 14]


def test_nobody_changes_lists_within_a_calendar_week(con: ibis.BaseBackend) -> None:
    # AS_OF is a Friday: a stay of 14 days that began 18 days ago, on a Monday, ended on this week's
    # Sunday before; one that began 17 days ago was over on this week's Monday.
    wanted = {1: False, 5: False, 17: False, 18: True, 25: True}
    built = lists_of(
        con,
        *(Person(f"p{days}", LOYAL) for days in wanted),
        Person("joined", LOYAL),
        Person("home", LOYAL, record={"email": "home@example.com"}),
        extra_customers=({**AGREED, "customer_id": "other", "email": "HOME@example.com"},),
        history=[
            *(decided(f"p{days}", "second_order", days) for days in wanted),
            decided("record", "second_order", 2),
            decided("other", "never_bought", 2),
        ],
        same_person={"record": "joined"},
    )
    found = list_by_person(built)
    assert {days: found.get(f"p{days}") == "thank_loyal" for days in wanted} == wanted
    assert "joined" not in found, "decided about one of their records"
    assert found.get("other") == "never_bought"
    assert "home" not in found, "their address is on another list"


AGREED = {"accepts_marketing": True, "record_count": 1, "is_synthetic": False}


@settings(max_examples=5, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(LIST_NAMES), st.integers(1, 40)), max_size=4),
    st.integers(0, 6),
)
def test_within_any_week_one_list_is_open_at_most(decisions: list[tuple[str, int]], weekday: int) -> None:
    as_of = AS_OF + timedelta(days=weekday)
    monday = as_of - timedelta(days=as_of.weekday())
    rows = [{**decided("a", name, 0), "decided_on": as_of - timedelta(days=days)} for name, days in decisions]
    past = ibis.memtable(
        LIST_HISTORY.empty().to_pyarrow().from_pylist(rows, LIST_HISTORY.schema.to_pyarrow())
    )
    addresses = ibis.memtable({"customer_id": ["a"], "writes_to": ["a@example.com"]})
    people = newest_by_list(past, addresses, as_of)
    people = addresses.left_join(people, "writes_to")
    (found,) = people.select(**{n: ~is_taken(people, n, as_of) for n in LIST_NAMES}).to_pyarrow().to_pylist()
    newest = {name: min(d for n, d in decisions if n == name) for name in {n for n, _ in decisions}}
    this_week = {
        name
        for name, days in newest.items()
        if as_of - timedelta(days=days) + timedelta(days=STAY_DAYS[name] - 1) >= monday
    }
    assert {name for name, is_open in found.items() if is_open} == {
        name for name in LIST_NAMES if not this_week - {name}
    }
