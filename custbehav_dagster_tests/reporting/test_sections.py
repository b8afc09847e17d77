"""What single parts of the page pick from their tables."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import ibis
import pytest

from custbehav_dagster.contract import TABLES
from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.reporting.groups import gather_groups
from custbehav_dagster.reporting.interest import MOST_ROWS, gather_interest
from custbehav_dagster.reporting.said import gather_said
from custbehav_dagster.reporting.translated import segment_name, tells_interval
from custbehav_dagster.settings import Settings
from custbehav_dagster.wording.words import Words
from custbehav_dagster_tests.insights.given import Rows, segment, stored, text


def table(con: ibis.BaseBackend, name: str, rows: Rows) -> Any:
    layer, _, noun = name.partition(".")
    return stored(con, TABLES[layer, noun], rows)


def move(begin: str, end: str, people: int, day: date = date(2026, 6, 1)) -> dict[str, Any]:
    return {
        "as_of_from": date(2026, 5, 1), "as_of_to": day, "from_segment": begin, "to_segment": end,
        "people": people, "amount": 10.0 * people, "is_synthetic": False,
    }  # fmt: skip


def groups(con: ibis.BaseBackend, rfm: Rows, by_amount: Rows, moves: Rows) -> Any:
    return gather_groups(
        table(con, "segments.rfm_profiles", rfm),
        table(con, "segments.segment_profiles", by_amount),
        table(con, "segments.segment_transitions", moves),
    )


def test_people_who_moved_are_told_from_those_who_stayed_and_only_the_newest_look_counts(
    con: ibis.BaseBackend,
) -> None:
    moves = [
        move("regulars", "regulars", 50),
        move("regulars", "lapsed regulars", 3),
        move("not a buyer yet", "new buyers", 8),
        move("regulars", "lapsed regulars", 99, date(2026, 5, 1)),
    ]
    found = groups(con, [segment(0, "regulars", 50, 1.0, 1.0)], [], moves)
    assert [(row["from_segment"], row["people"]) for row in found.moves] == [
        ("not a buyer yet", 8),
        ("regulars", 3),
    ]
    assert (found.moved, found.stayed, found.moved_from) == (11, 50, date(2026, 5, 1))
    assert found.moves_source is not None
    assert found.moves_source.rows == 3


def test_a_shop_too_small_for_groups_by_recency_shows_those_by_amount(con: ibis.BaseBackend) -> None:
    found = groups(con, [], [segment(0, "one-time buyers", 5, 1.0, 1.0)], [])
    assert (found.by_recency, len(found.rows), found.source.table) == (False, 1, "segments.segment_profiles")
    assert (found.moves, found.moved_from, found.moves_source) == ([], None, None)


def effect(factor: str, ratio: float | None, is_sure: bool) -> dict[str, Any]:
    return {
        "factor": factor, "kind": "calendar", "compared": "told", "ratio": ratio, "ratio_low": ratio,
        "ratio_high": ratio, "days": 100, "such_days": 9, "orders": 50, "is_sure": is_sure,
        "is_synthetic": False,
    }  # fmt: skip


def test_what_is_sure_comes_first_and_what_could_not_be_told_is_left_out(con: ibis.BaseBackend) -> None:
    effects = [effect("a", 3.0, False), effect("b", 1.5, True), effect("c", None, False)]
    effects += [effect(f"more {number}", 1.0, False) for number in range(9)]
    names = ["churn.second_order"]
    names += [f"insights.{noun}" for noun in ("product_affinity", "trends", "topics", "leads")]
    tables = {name: table(con, name, []) for name in names}
    found = gather_interest(
        {**tables, "insights.context_effects": table(con, "insights.context_effects", effects)}
    )
    assert [row["factor"] for row in found.context.rows][:2] == ["b", "a"]
    assert len(found.context.rows) == MOST_ROWS
    assert found.context.source.rows == 11
    assert not found.is_empty


def test_texts_are_counted_by_month_of_the_shops_calendar_and_by_mood(con: ibis.BaseBackend) -> None:
    texts = [
        text(1, "lovely", 0.8, "2024-06-10"),
        text(2, "awful", -0.6, "2024-06-12"),
        text(3, "a mug", 0.0, "2024-07-01"),
        # Half past eleven in the evening in UTC is the next month in London's summer.
        text(4, "late", 0.5, created_at=datetime(2024, 6, 30, 23, 30)),
        text(5, "no day", 0.5, None),
        text(6, "elsewhere", 0.5, source_type="reddit"),
    ]
    rows = real_rows("truth.single_source_of_truth", table(con, "truth.single_source_of_truth", texts))
    found = gather_said(rows, table(con, "insights.aspects", []), Settings())
    months = [(month.first_day, month.positive, month.neutral, month.negative) for month in found.months]
    assert months == [(date(2024, 6, 1), 1, 0, 1), (date(2024, 7, 1), 1, 1, 0)]
    assert found.texts_source.rows == 4


@pytest.mark.parametrize(
    ("name", "persian"),
    [
        ("regulars", "خریداران همیشگی"),
        ("one-time buyers, small amounts", "یک‌بارخریدارها، مبلغ کم"),
        ("regulars, level 2 of 4", "خریداران همیشگی، سطح \u2068۲\u2069 از \u2068۴\u2069"),
        ("friends of the shop", "friends of the shop"),
    ],
)
def test_groups_have_their_names_in_persian(name: str, persian: str) -> None:
    assert segment_name(Words("fa"), name) == persian
    assert segment_name(Words("en"), name) == name


@pytest.mark.parametrize(
    ("unit", "sentence", "high", "is_told"),
    [
        ("share of buyers", "Many.", 0.5, True),
        ("AUC", "Many.", 0.5, False),
        ("people", "Many (95% sure: 1 to 2).", 0.5, False),
        ("days", "Many.", None, False),
    ],
)
def test_an_interval_is_told_once_and_only_where_it_can_be_understood(
    unit: str, sentence: str, high: float | None, is_told: bool
) -> None:
    assert (
        tells_interval({"unit": unit, "sentence": sentence, "value_low": 0.1, "value_high": high}) == is_told
    )
