"""The owner's word beats all evidence, and what cannot be followed is told."""

from __future__ import annotations

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from custbehav_dagster.cleaning.identity import chosen_pairs, files_of_pairs
from custbehav_dagster.contract import Table, cleaned, raw, truth
from custbehav_dagster.sources.formats import Head, recognise
from custbehav_dagster_tests.cleaning.identity.records import people_of, record
from custbehav_dagster_tests.cleaning.shop_rows import Row, table_of

RECORDS = (
    record("1", "Ada Smith", email="ada@a.co"),
    record("2", "Ada Smith", email="ada@a.co"),
    record("3", "Bea Jones", email="bea@b.co"),
    record("4", "Cleo Brown"),
)


def chosen(tmp_path: Path, text: str) -> tuple[list[Row], list[str]]:
    file = tmp_path / "pairs.csv"
    file.write_text(text)
    customers, orders = table_of(cleaned.CUSTOMERS, RECORDS), table_of(cleaned.ORDERS, ())
    table, problems = chosen_pairs([file], tmp_path, customers, orders)
    return table.to_pyarrow().to_pylist(), problems


def people(tmp_path: Path, *lines: str) -> set[frozenset[str]]:
    rows, problems = chosen(tmp_path, "\n".join(["record,other_record,decision", *lines]))
    assert not problems
    return people_of(*RECORDS, choices=table_of_pairs(rows))


def table_of_pairs(rows: list[Row]) -> ir.Table:
    return typed(truth.CHOSEN_PAIRS, rows)


def typed(contract: Table, rows: list[Row]) -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist(rows, schema=contract.schema.to_pyarrow()))


def test_without_a_word_evidence_decides(tmp_path: Path) -> None:
    assert people(tmp_path) == {frozenset("12"), frozenset("3"), frozenset("4")}


def test_records_are_joined_by_identifier_and_by_address(tmp_path: Path) -> None:
    assert people(tmp_path, "3,4,same person", "ada@a.co,4,same") == {frozenset("1234")}


def test_records_are_kept_apart_though_they_share_an_address(tmp_path: Path) -> None:
    assert people(tmp_path, "1,2,different people") == {frozenset(name) for name in "1234"}


def test_an_address_keeps_all_its_records_apart_from_the_other(tmp_path: Path) -> None:
    rows, _ = chosen(tmp_path, "record;other_record;decision\nADA@a.co;bea@b.co;never join\n")
    assert {(row["record_customer_id"], row["other_customer_id"]) for row in rows} == {("1", "3"), ("2", "3")}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("1,9,same person", "what stands under other_record belongs to no customer"),
        ("nobody@a.co,9,same person", "record and what stands under other_record belongs to no customer"),
        ("1,2,maybe", "the decision must be 'same person' or 'different people'"),
        ("1,,same person", "two records are needed"),
        ("1,1,same person", "both are the same record"),
    ],
)
def test_a_line_that_cannot_be_followed_is_told_with_its_place(tmp_path: Path, line: str, told: str) -> None:
    rows, problems = chosen(tmp_path, f"record,other_record,decision\n3,4,same person\n{line}\n")
    assert len(problems) == 1
    assert problems[0].startswith("pairs.csv, line 3: ")
    assert told in problems[0]
    assert [row["problem"] for row in rows if row["source_line"] == 2] == [None]


def test_two_lines_that_contradict_each_other_are_told_and_the_joining_stays(tmp_path: Path) -> None:
    rows, problems = chosen(
        tmp_path, "record,other_record,decision\n1,3,same person\n3,4,same person\n1,4,different people\n"
    )
    assert len(problems) == 1
    assert "line 4" in problems[0]
    assert frozenset("1234") in people_of(*RECORDS, choices=table_of_pairs(rows))


def test_the_file_is_known_by_its_columns_and_is_no_shop_file(tmp_path: Path) -> None:
    found = recognise(Head(("decision", "record", "other_record"), (("same person", "1", "2"),))).match
    assert found is not None
    assert not found.format.is_shop
    usual = {"sha256": "", "rows_in": 0, "rows_kept": 0, "rows_quarantined": 0, "is_synthetic": False}
    listed = [{"source_file": "any.csv", "format": found.format.name, **usual},
              {"source_file": "other.csv", "format": "orders", **usual}]  # fmt: skip
    assert files_of_pairs(typed(raw.INGESTED_FILES, listed), tmp_path) == [tmp_path / "any.csv"]


def test_pairs_inside_a_workbook_are_told_not_lost(tmp_path: Path) -> None:
    customers, orders = table_of(cleaned.CUSTOMERS, RECORDS), table_of(cleaned.ORDERS, ())
    _, problems = chosen_pairs([tmp_path / "book.xlsx" / "Sheet1"], tmp_path, customers, orders)
    assert problems == ["book.xlsx/Sheet1: save these pairs as a CSV of its own."]
