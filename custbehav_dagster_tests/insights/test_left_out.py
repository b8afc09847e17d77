"""Rows left out: each counted once, and copies told apart from what is lost."""

from __future__ import annotations

import ibis

from custbehav_dagster.contract.cleaned import QUARANTINE
from custbehav_dagster.insights.left_out import LeftOut, rows_left_out, unusable_rows
from custbehav_dagster_tests.insights.given import stored


def test_a_row_counts_once_however_many_tables_it_would_have_fed(con: ibis.BaseBackend) -> None:
    told = [
        ("orders", 2, "overlapping_export"), ("order_items", 2, "overlapping_export"),
        ("customers", 2, "duplicate_key"),
        ("orders", 3, "duplicate_key"), ("customers", 3, "duplicate_key"),
        ("orders", 4, "unreadable_date"),
        ("feedback", 5, "exact_duplicate"),
    ]  # fmt: skip
    rows = [
        {"raw_table": table, "source_file": "a.csv", "source_line": line, "rule": rule, "reason": "Told."}
        for table, line, rule in told
    ]
    table = stored(con, QUARANTINE, rows)
    assert rows_left_out(table) == LeftOut(unusable=2, repeated=2)
    assert sorted(unusable_rows(table).source_line.to_pyarrow().to_pylist()) == [3, 4]


def test_nothing_left_out_is_nothing(con: ibis.BaseBackend) -> None:
    assert rows_left_out(stored(con, QUARANTINE, [])) == LeftOut(0, 0)
