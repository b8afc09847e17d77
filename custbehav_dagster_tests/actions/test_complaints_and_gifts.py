"""Whose complaint waits for an answer, and whose time for a gift comes soon."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import pytest

from custbehav_dagster import contract
from custbehav_dagster.actions.complaints import open_complaints
from custbehav_dagster.actions.gifts import coming_seasons, gift_dates
from custbehav_dagster.actions.words import said_day
from custbehav_dagster.sources.gift_calendar import calendar_events
from custbehav_dagster_tests.actions.given import AS_OF, Person, list_by_person, lists_of
from custbehav_dagster_tests.forecasting.shops import order, stored, text

CALENDAR: list[Any] = calendar_events(range(2024, 2028), "GB").to_dict("records")


def said(person: str, days_ago: int, **changes: Any) -> dict[str, Any]:
    return text(person, f"{AS_OF - timedelta(days=days_ago)}T08:00:00", **changes)


def test_the_newest_words_decide_who_is_unhappy(con: ibis.BaseBackend) -> None:
    texts = [
        said("one star", 5, rating=1.0, order_id="O7", text="  Broken\n and   late "),
        said("two stars", 30, rating=2.0),
        said("three stars", 5, rating=3.0, sentiment=-0.9),
        said("too long ago", 31, rating=1.0),
        said("angry", 5, rating=None, sentiment=-0.5),
        said("cross", 5, rating=None, sentiment=-0.49),
        said("made good", 9, rating=1.0),
        said("made good", 2, rating=5.0),
        said("worse", 9, rating=5.0),
        said("worse", 2, rating=1.0, text="x" * 300),
        said("public", 2, rating=1.0, source_type="public_sentiment"),
    ]
    table = stored(con, contract.truth.SINGLE_SOURCE_OF_TRUTH, texts)
    rows = {row["customer_id"]: row for row in open_complaints(table, AS_OF).to_pyarrow().to_pylist()}
    assert rows.keys() == {"one star", "two stars", "angry", "worse"}
    first = rows["one star"]
    assert first["complaint"] == "Gave 1 star on 15 November 2026, for order O7."
    assert (first["complaint_text"], first["complaint_order"]) == ("Broken and late", "O7")
    assert rows["two stars"]["complaint"] == "Gave 2 stars on 21 October 2026."
    assert rows["angry"]["complaint"].startswith("Wrote angrily on")
    assert rows["worse"]["complaint_text"] == "x" * 200 + "…"


def test_a_complaint_goes_before_every_other_list_and_is_never_left_to_lot(con: ibis.BaseBackend) -> None:
    refused, etsy = {"accepts_marketing": False}, {"channel": "etsy"}
    people = [Person(f"p{number}", (90, 60, 30)) for number in range(30)]
    decided = {"held_back": False, "is_synthetic": False, "decided_on": AS_OF - timedelta(days=20)}
    built = lists_of(
        con,
        *people,
        Person("refused", (20,), record=refused),
        Person("etsy", (20,), order=etsy),
        texts=[said(who, 3, rating=1.0) for who in [*(p.customer_id for p in people), "refused", "etsy"]],
        history=[
            {**decided, "customer_id": "p1", "list_name": "thank_loyal"},
            {**decided, "customer_id": "p2", "list_name": "unhappy"},
            {**decided, "customer_id": "p3", "list_name": "unhappy", "decided_on": AS_OF - timedelta(days=2)},
        ],
    )
    told = {row["list_name"]: row for row in built["list_overview"]}["unhappy"]
    assert (told["people"], told["held_back"], told["left_for_later"]) == (25, 0, 6), "31 fit, 25 are enough"
    assert set(list_by_person(built).values()) == {"unhappy"}, "nobody who waits for an answer is sold to"
    assert not [row for row in built["holdout"] if row["held_back"]]
    assert "etsy" not in list_by_person(built), "they are answered where they bought"
    assert {row["email"] for row in built["unhappy"] if row["customer_id"] == "refused"} <= {None}
    by_person = {row["customer_id"]: row for row in built["unhappy"]}
    assert by_person["p3"]["write_until"] == AS_OF + timedelta(days=12), "the days do not begin anew"


def test_an_answered_complaint_does_not_come_back(con: ibis.BaseBackend) -> None:
    decided = {"held_back": False, "is_synthetic": False, "list_name": "unhappy"}
    history = [{**decided, "customer_id": who, "decided_on": AS_OF - timedelta(days=15)} for who in "ab"]
    built = lists_of(
        con,
        Person("a", (100,)),
        Person("b", (100,)),
        texts=[said("a", 20, rating=1.0), said("b", 3, rating=1.0)],
        history=history,
    )
    assert list_by_person(built) == {"b": "unhappy"}, "b complained anew"


@pytest.mark.parametrize(
    ("as_of", "events"),
    [
        ((2026, 11, 4), []),
        ((2026, 11, 5), ["Christmas"]),
        ((2026, 12, 14), ["Christmas"]),
        ((2026, 12, 15), []),
        ((2027, 2, 5), ["Valentine's Day", "Mother's Day"]),
        ((2026, 8, 20), []),
    ],
)
def test_seasons_are_reminded_of_from_two_weeks_before_until_a_parcel_is_late(
    con: ibis.BaseBackend, as_of: tuple[int, int, int], events: list[str]
) -> None:
    table = stored(con, contract.outside.CALENDAR_EVENTS, CALENDAR)
    assert [season.event for season in coming_seasons(table, date(*as_of))] == events


def test_who_gave_a_gift_a_year_ago_is_reminded_unless_they_ordered_since(con: ibis.BaseBackend) -> None:
    def gift(person: str, day: str, **changes: Any) -> dict[str, Any]:
        return order(person, day, **{"is_gift": True, **changes})

    orders = [
        gift("christmas", "2025-12-10"),
        gift("day before the season", "2025-11-19"),
        gift("ordered since", "2025-12-10"),
        order("ordered since", "2026-11-08"),
        gift("for themselves", "2025-12-10", is_gift=False),
        gift("sent back", "2025-12-10", is_purchase=False),
        gift("two years ago", "2024-12-10"),
        gift("birthday", "2025-11-28", order_id="b1"),
        gift("own day", "2025-11-18", order_id="b2"),
    ]
    table = stored(con, contract.truth.ORDERS, orders)
    events = stored(con, contract.outside.CALENDAR_EVENTS, CALENDAR)
    found = {
        r["customer_id"]: r for r in gift_dates(table, events, date(2026, 11, 9)).to_pyarrow().to_pylist()
    }
    assert found.keys() == {"christmas", "day before the season", "birthday", "own day"}
    assert found["christmas"] == {
        "customer_id": "christmas",
        "gift_reason": "Sent a gift on 10 December 2025, before Christmas; the next is on 25 December 2026.",
        "gift_until": date(2026, 12, 15),
    }
    assert found["own day"]["gift_reason"] == "Sent a gift on 18 November 2025; the day may come round again."
    assert found["own day"]["gift_until"] == date(2026, 11, 11)
    nowhere = stored(con, contract.outside.CALENDAR_EVENTS, [])
    alone = {r["customer_id"] for r in gift_dates(table, nowhere, date(2026, 11, 9)).to_pyarrow().to_pylist()}
    assert alone == {"own day", "day before the season", "birthday"}, "without a country by the day alone"


def test_a_gift_reminder_ends_when_it_is_too_late_to_send(con: ibis.BaseBackend) -> None:
    bought = (AS_OF - date(2025, 12, 10)).days
    built = lists_of(con, Person("ann", (bought,), order={"is_gift": True}), calendar=CALENDAR)
    (ann,) = [row for row in built["gift_reminder"] if not row["held_back"]]
    assert ann["write_until"] == date(2026, 12, 15)
    assert ann["reason"].endswith(f"Bought once, {bought} days ago.")
    assert said_day(date(2026, 3, 5)) == "5 March 2026"
