"""Insights about groups: who moved since the last refresh, and where the money sits."""

from datetime import date

import ibis
import pytest

from custbehav_dagster import contract
from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.insights.segments import came_back, fell_silent, money_by_group
from custbehav_dagster_tests.insights.given import segment, stored


def move(from_segment, to_segment, people, amount=100.0, **changes):
    return {
        "as_of_from": date(2024, 6, 30), "as_of_to": date(2024, 7, 7), "from_segment": from_segment,
        "to_segment": to_segment, "people": people, "amount": amount, "has_moved": True,
        "buyers": 0, "is_synthetic": False, **changes,
    }  # fmt: skip


class Given:
    """As much of Facts as these insights read."""

    as_of, currency = date(2024, 7, 7), "GBP"

    def __init__(self, con, moves=(), profiles=()):
        tables = contract.segments
        self.moves = real_rows(
            "segments.segment_transitions", stored(con, tables.SEGMENT_TRANSITIONS, list(moves))
        )
        self.rfm = real_rows("segments.rfm_profiles", stored(con, tables.RFM_PROFILES, list(profiles)))


MOVES = [
    move("regulars", "regulars", 30, has_moved=False),
    move("regulars", "quiet regulars", 4, 900.0),
    move("occasional buyers", "lapsed occasional buyers", 3, 60.0),
    # The group is called otherwise by now, and nobody moved.
    move("one-time buyers", "one-time buyers of long ago", 50, has_moved=False),
    move("quiet regulars", "lapsed occasional buyers", 2),
    move("not a buyer yet", "one-time buyers of long ago", 1),
    move("not known then", "lapsed occasional buyers", 9),
    move("lapsed big spenders", "big spenders", 3, buyers=1),
    move("regulars", "quiet regulars", 99, as_of_from=date(2024, 6, 1), as_of_to=date(2024, 6, 30)),
]


def test_who_fell_silent_and_who_came_back_is_told_of_the_newest_refresh(con: ibis.BaseBackend) -> None:
    given = Given(con, MOVES)
    gone, back = fell_silent(given), came_back(given)
    assert gone.sentence == (
        "Since 30 June 2024, 7 people have fallen silent who brought £960 so far; "
        "most of that money is from 4 people who belonged to “regulars”."
    )
    assert (gone.value, gone.evidence.count()) == (7, 8)
    assert gone.evidence.filter_text.endswith("as_of_to = DATE '2024-07-07'")
    assert back.sentence == "Since 30 June 2024, 1 person who had fallen silent has bought again."


@pytest.mark.parametrize(
    "moves",
    [
        pytest.param([], id="first refresh"),
        pytest.param([move("regulars", "quiet regulars", 19)], id="too few people"),
        pytest.param([move("regulars", "regulars", 40, has_moved=False)], id="nobody moved"),
    ],
)
def test_nothing_is_told_where_nothing_can_be(con: ibis.BaseBackend, moves: list) -> None:
    assert fell_silent(Given(con, moves)) is None
    assert came_back(Given(con, moves)) is None


def test_the_money_is_told_by_the_best_group_and_the_silent_one_that_brought_most(
    con: ibis.BaseBackend,
) -> None:
    profiles = [
        segment(0, "one-time buyers of long ago", 60, 0.6, 0.2),
        segment(1, "lapsed big spenders", 10, 0.1, 0.3),
        segment(2, "big spenders", 30, 0.3, 0.5),
    ]
    found = money_by_group(Given(con, profiles=profiles))
    assert found.sentence == (
        "50% of the money came from “big spenders” (30 people, 30% of the buyers); "
        "30% from “lapsed big spenders”, of whom half have not bought for 40 days."
    )
    assert found.evidence.count() == 1


def test_who_bought_since_has_not_fallen_silent_whatever_their_new_group_is_called(
    con: ibis.BaseBackend,
) -> None:
    stayed, bought = move("regulars", "regulars", 30, has_moved=False), ("one-time buyers", "quiet regulars")
    assert fell_silent(Given(con, [stayed, move(*bought, 4, buyers=4)])) is None
    assert fell_silent(Given(con, [stayed, move(*bought, 4, 800.0, buyers=1)])).sentence.startswith(
        "Since 30 June 2024, 3 people have fallen silent who brought about £600 so far; "
    )


def test_one_silent_person_is_no_half_of_a_group(con: ibis.BaseBackend) -> None:
    profiles = [segment(0, "lapsed big spenders", 1, 0.02, 0.3), segment(1, "big spenders", 49, 0.98, 0.7)]
    assert money_by_group(Given(con, profiles=profiles)).sentence.endswith(
        "30% from “lapsed big spenders”, one person, who has not bought for 40 days."
    )


def test_money_that_refunds_have_eaten_is_not_shared_out(con: ibis.BaseBackend) -> None:
    profiles = [segment(0, "a", 20, 0.5, None), segment(1, "b", 20, 0.5, None)]
    assert money_by_group(Given(con, profiles=profiles)) is None
