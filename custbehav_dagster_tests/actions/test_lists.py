"""Who is on which list, why, and until when."""

import ibis
import pytest

from custbehav_dagster import contract
from custbehav_dagster.actions.lists import build_lists, first_name
from custbehav_dagster.contract.actions import LIST_NAMES, LISTS
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.actions.given import AS_OF, Person, agreed, list_by_person, lists_of, tables

SLIPPING = {"verdict": "slipping away", "p_return": 0.14, "expected_value": 4.2}
BACK = {"verdict": "likely back", "p_return": 0.61, "expected_value": 31.0}


def test_each_person_is_on_the_list_that_fits(con: ibis.BaseBackend) -> None:
    built = lists_of(
        con,
        Person("ann", (400, 300, 160), SLIPPING),
        Person("bea", (21,), SLIPPING),
        Person("cleo", (200, 120, 12), BACK),
        Person("dora"),
        Person("ella", (200,), SLIPPING),
        Person("finn", (200,), SLIPPING, segment=2),
    )
    assert list_by_person(built) == {
        "ann": "win_back",
        "bea": "second_order",
        "cleo": "thank_loyal",
        "dora": "never_bought",
        "finn": "win_back",
    }


def test_a_list_says_what_to_do_why_and_until_when(con: ibis.BaseBackend) -> None:
    built = lists_of(
        con, Person("ann", (400, 300, 160), SLIPPING), Person("bea", (21,), SLIPPING), Person("dora")
    )
    (ann,), (bea,), (dora,) = built["win_back"], built["second_order"], built["never_bought"]
    assert ann["reason"] == (
        "slipping away, chance of another order within 120 days 14%; "
        "bought 3 times, usually every 120 days, last 160 days ago"
    )
    assert (ann["window"], ann["expected_value"]) == ("before 2026-12-04", 4.2)
    assert bea["reason"].startswith("bought once, 21 days ago; too few people have come back")
    assert bea["window"] == "before 2026-12-29", "60 days after the order of 30 October"
    assert (dora["reason"], dora["expected_value"]) == (
        "agreed to be written to and has not ordered yet",
        None,
    )
    assert all(row["action"] for row in (ann, bea, dora))


def test_without_a_forecast_lists_go_by_rule_and_say_so(con: ibis.BaseBackend) -> None:
    built = lists_of(con, Person("ann", (240, 200), None), Person("cleo", (90, 60, 30), None))
    assert list_by_person(built) == {"ann": "win_back", "cleo": "thank_loyal"}
    (ann,), (cleo,) = built["win_back"], built["thank_loyal"]
    for row in (ann, cleo):
        assert row["reason"].startswith("too few data for a forecast, so by rule: bought")
        assert row["expected_value"] is None


def test_one_time_buyers_are_asked_inside_the_window_only(con: ibis.BaseBackend) -> None:
    days_ago = {6: None, 7: "second_order", 59: "second_order", 60: None}
    may = {"verdict": "may come back", "p_return": 0.3}
    built = lists_of(con, *(Person(f"p{days}", (days,), may) for days in days_ago))
    assert {days: list_by_person(built).get(f"p{days}") for days in days_ago} == days_ago


def test_nobody_is_missed_within_thirty_days_of_an_order(con: ibis.BaseBackend) -> None:
    last_days_ago = {0: None, 30: None, 31: "win_back"}
    built = lists_of(con, *(Person(f"p{last}", (last + 100, last), SLIPPING) for last in last_days_ago))
    assert {last: list_by_person(built).get(f"p{last}") for last in last_days_ago} == last_days_ago


def test_by_rule_silence_is_twice_the_usual_gap_and_sixty_days(con: ibis.BaseBackend) -> None:
    gap_and_last = {(40, 80): None, (40, 81): "win_back", (5, 60): None, (5, 61): "win_back"}
    built = lists_of(con, *(Person(f"p{gap}-{last}", (last + gap, last)) for gap, last in gap_and_last))
    assert {pair: list_by_person(built).get(f"p{pair[0]}-{pair[1]}") for pair in gap_and_last} == gap_and_last


def test_the_window_is_learnt_from_those_who_came_back(con: ibis.BaseBackend) -> None:
    returners = [Person(f"r{n}", (500, 500 - (30 if n < 15 else 200)), BACK) for n in range(20)]
    built = lists_of(con, *returners, Person("bea", (25,)), Person("late", (30,)))
    (bea,) = built["second_order"]
    assert "three of four who came back did so within 30 days" in bea["reason"]
    assert bea["window"] == "before 2026-11-25"


def test_somebody_who_sent_everything_back_is_not_called_a_stranger(con: ibis.BaseBackend) -> None:
    built = lists_of(con, Person("rita", (40,), order={"is_purchase": False, "status": "cancelled"}))
    assert list_by_person(built) == {}


def test_what_happens_after_the_last_known_day_is_not_seen(con: ibis.BaseBackend) -> None:
    built = lists_of(
        con,
        Person("dora", (-5,), order={"is_synthetic": False}),
        Person("later", record={"signup_date": AS_OF.replace(day=21)}),
        Person("today", record={"signup_date": AS_OF}),
    )
    assert list_by_person(built) == {"dora": "never_bought", "today": "never_bought"}
    assert {row["reason"] for row in built["never_bought"]} == {
        "agreed to be written to and has not ordered yet",
        "signed up on 2026-11-20 and has not ordered yet",
    }


def test_two_people_with_one_address_get_one_message(con: ibis.BaseBackend) -> None:
    shared = {"email": "Home@Example.com"}
    built = lists_of(con, Person("ann", (400, 160), SLIPPING, record=shared), Person("zoe", record=shared))
    assert list_by_person(built) == {"ann": "win_back"}
    assert built["win_back"][0]["email"] == "home@example.com"


def test_real_people_and_generated_ones_are_never_on_lists_together(con: ibis.BaseBackend) -> None:
    built = lists_of(con, Person("real"), Person("made_up", record={"is_synthetic": True}))
    assert list_by_person(built) == {"real": "never_bought"}
    only_made_up = lists_of(con, Person("made_up", record={"is_synthetic": True}))
    assert [row["is_synthetic"] for row in only_made_up["never_bought"]] == [True]


def test_lists_and_holdout_add_up_and_keep_their_contract(con: ibis.BaseBackend) -> None:
    people = [Person(f"p{n}", ((), (20,), (400, 380), (90, 60, 30))[n % 4]) for n in range(200)]
    given = tables(con, *people)
    built = build_lists(**given, as_of=AS_OF, settings=Settings())
    assert list(built) == ["holdout", *LIST_NAMES]
    for noun, table in built.items():
        assert table.schema() == contract.TABLES["actions", noun].schema
        assert all(verdict.holds for verdict in judge(contract.TABLES["actions", noun], table))
    holdout = {
        (r["list_name"], r["customer_id"]): r["held_back"] for r in built["holdout"].to_pyarrow().to_pylist()
    }
    on_lists = {
        (name, row["customer_id"]): row["held_back"]
        for name in LIST_NAMES
        for row in built[name].to_pyarrow().to_pylist()
    }
    assert holdout == on_lists
    assert len(holdout) == 200
    assert 5 <= sum(holdout.values()) <= 40


def test_a_shop_without_anybody_has_lists_without_rows(con: ibis.BaseBackend) -> None:
    refused = agreed("nobody", accepts_marketing=False)
    built = lists_of(con, extra_customers=(refused,))
    assert {noun: rows for noun, rows in built.items() if rows} == {}


def test_every_list_has_the_same_columns() -> None:
    assert {tuple(table.column_names) for table in LISTS.values()} == {tuple(LISTS["win_back"].column_names)}
    assert tuple(LISTS) == LIST_NAMES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jane Smith", "Jane"),
        ("  Jane   Smith ", "Jane"),
        ("Smith, Jane", "Jane"),
        ("Dr. Jane Smith", "Jane"),
        ("Drew Smith", "Drew"),
        ("J. Smith", None),
        ("زهرا احمدی", "زهرا"),
        ("Jane", "Jane"),
        ("Smith,", "Smith"),
        ("", None),
        (None, None),
    ],
)
def test_first_names_are_those_one_greets_with(name: str | None, expected: str | None) -> None:
    table = ibis.memtable({"name": [name]}, schema={"name": "string"})
    assert table.select(first=first_name(table.name)).to_pyarrow().to_pylist() == [{"first": expected}]
