"""Each row is judged once: what cleaning left out is what the quarantine tells, however it learns of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.cleaning import dates
from custbehav_dagster.cleaning.customers import judge_customers
from custbehav_dagster.cleaning.dates import date_reader, has_few_texts
from custbehav_dagster.cleaning.feedback import judge_feedback
from custbehav_dagster.cleaning.quarantine import quarantine_rejects
from custbehav_dagster.cleaning.rules import Judged
from custbehav_dagster.contract import raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.shop_rows import Row, evidence_of, rows_of, table_of

RECORDS: list[Row] = [
    {"customer_id": "1", "email": "a@a.co", "name": "Ada", "region": "Kent", "country": "GB"},
    {"customer_id": "1", "email": "a@a.co", "name": "Ada", "region": "Kent", "country": "GB"},
    {"customer_id": "1", "name": "Bo", "region": "Kent", "country": "GB"},
    {"name": "Nobody", "region": "Kent", "country": "GB"},
]
RULES = ["exact_duplicate", "duplicate_key", "missing_key"]


def judged_customers(rows: list[Row]) -> tuple[dict[str, Any], Judged]:
    tables = {"customers": table_of(raw.CUSTOMERS, rows)}
    evidence = evidence_of(tables, Settings())
    found = judge_customers(tables["customers"], raw.ORDERS.empty(), evidence, Settings())
    return tables, found


def test_what_is_left_out_is_told_with_place_and_rule() -> None:
    _, found = judged_customers(RECORDS)
    left_out = rows_of(found.left_out, "source_line")
    assert [(row["source_line"], row["rule"]) for row in left_out] == list(zip([3, 4, 5], RULES, strict=True))
    assert [row["source_line"] for row in rows_of(found.kept)] == [2]


def test_the_quarantine_of_given_verdicts_is_the_quarantine_of_judging_anew() -> None:
    tables, found = judged_customers(RECORDS)
    evidence, kept = evidence_of(tables, Settings()), {"customers": found.kept}
    given_verdicts = quarantine_rejects(tables, kept, evidence, Settings(), {"customers": found.left_out})
    anew = quarantine_rejects(tables, kept, evidence, Settings())
    assert rows_of(given_verdicts, "source_line") == rows_of(anew, "source_line")
    assert [row["rule"] for row in rows_of(anew, "source_line")] == RULES


def test_verdicts_that_do_not_account_for_every_row_are_not_taken() -> None:
    tables, found = judged_customers(RECORDS)
    evidence, stale = evidence_of(tables, Settings()), found.left_out.limit(1)
    rows = quarantine_rejects(tables, {"customers": found.kept}, evidence, Settings(), {"customers": stale})
    assert [row["rule"] for row in rows_of(rows, "source_line")] == RULES


def test_a_bad_row_never_makes_a_good_one_a_duplicate() -> None:
    rows: list[Row] = [
        {"feedback_id": "1", "text": " ", "rating": "none"},
        {"feedback_id": "1", "text": "Lovely", "rating": "5", "customer_id": "7", "created_at": "2024-01-01"},
    ]
    table = table_of(raw.FEEDBACK, rows)
    found = judge_feedback(table, evidence_of({"feedback": table}, Settings()), Settings())
    assert [row["source_line"] for row in rows_of(found.kept)] == [3]
    assert [row["source_line"] for row in rows_of(found.left_out)] == [2]


written = st.sampled_from(
    ["2024-07-09", "09/07/2024", "07/13/2024", "9 Jul 24 10:15", "2024-07-09T23:30Z", "45482.5", "soon", " "]
)
lines = st.lists(st.tuples(st.one_of(st.none(), written), st.sampled_from("ab")), min_size=1, max_size=12)


@settings(max_examples=6)
@given(lines, st.sampled_from([[], ["b"]]))
def test_texts_read_as_a_whole_are_those_read_by_their_parts(
    rows: list[tuple[str | None, str]], month_first: list[str]
) -> None:
    table = table_of(raw.ORDERS, [{"ordered_at": text, "source_file": file} for text, file in rows])

    def read() -> list[Row]:
        step = date_reader(table, "ordered_at", month_first, Settings().timezone, day="day")
        return rows_of(step(table).select("source_line", "ordered_at", "ordered_at_is_unreadable", "day"),
                       "source_line")  # fmt: skip

    with pytest.MonkeyPatch.context() as patch:
        as_a_whole = read()
        patch.setattr(dates, "FEW_TEXTS", -1)
        patch.setattr(dates, "FEW_TEXTS_SHARE", 0)
        by_parts = read()
    assert as_a_whole == by_parts


@pytest.mark.parametrize(("make", "few"), [(lambda n: "2024-01-01", True), (lambda n: f"day {n}", False)])
def test_texts_are_few_when_they_repeat(
    make: Callable[[int], str], few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "FEW_TEXTS", 10)
    table = table_of(raw.ORDERS, [{"ordered_at": make(number)} for number in range(100)])
    assert has_few_texts(table, "ordered_at") is few
