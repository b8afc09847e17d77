"""Empty cells are filled from their own file only, and every fill can be seen."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from custbehav_dagster.cleaning.missing import (
    CategoryFill,
    NumberFill,
    fill_categories,
    fill_numbers,
    fill_ratio,
    is_too_empty,
    used_column_counts,
    word_reader,
)
from custbehav_dagster_tests.cleaning.shop_rows import rows_of

# One file with four numbers and words, one with none.
NUMBERS = [1.0, 2.0, 2.5, 10.0, None, None]
WORDS = ["web", "Web ", "shop", "shop", None, None]
FILES = ["a.csv"] * 5 + ["b.csv"]


def cells(**columns: list[Any]) -> ir.Table:
    rows = len(FILES)
    return ibis.memtable(pa.table({"source_file": FILES, "place": list(range(rows)), **columns}))


@pytest.mark.parametrize(
    ("method", "in_known_file", "in_empty_file"),
    [("median", 2.25, None), ("mean", 3.88, None), ("constant", 7.0, 7.0)],
)
def test_a_missing_number_is_filled_from_its_own_file(
    method: NumberFill, in_known_file: float, in_empty_file: float | None
) -> None:
    found = rows_of(fill_numbers(cells(number=NUMBERS), ["number"], method, 7.0), "place")
    assert [row["number"] for row in found] == [*NUMBERS[:4], in_known_file, in_empty_file]
    marks = [row["imputed_columns"] for row in found]
    assert marks == ["", "", "", "", "number", "number" if in_empty_file else ""]


@pytest.mark.parametrize(("method", "filled"), [("mode", "shop"), ("constant", "unknown")])
def test_a_missing_word_is_filled_only_where_its_file_has_any(method: CategoryFill, filled: str) -> None:
    found = rows_of(fill_categories(cells(channel=WORDS), ["channel"], method), "place")
    assert [row["channel"] for row in found] == [*WORDS[:4], filled, None]
    assert [row["imputed_columns"] for row in found] == ["", "", "", "", "channel", ""]


def test_spellings_are_counted_together_and_of_equals_the_first_by_alphabet_wins() -> None:
    table = cells(channel=["web", "Web ", "shop", "shop", None, None])
    read = word_reader(table, "channel", lambda text: text.strip().lower(), ("mode", ""))
    found = rows_of(read(table.mutate(imputed_columns=ibis.literal(""))), "place")
    # Two of each after repair: "shop" comes before "web".
    assert [row["channel"] for row in found] == ["web", "web", "shop", "shop", "shop", None]


def test_every_filled_column_of_a_row_is_named() -> None:
    table = fill_numbers(cells(number=NUMBERS, other=NUMBERS), ["number", "other"], "median")
    assert [row["imputed_columns"] for row in rows_of(table, "place")][4] == "number,other"


FOUR = ("one", "two", "three", "four")


def filled_in(number: int) -> dict[str, str | None]:
    return {name: "x" if place < number else " " for place, name in enumerate(FOUR)}


@pytest.mark.parametrize(
    ("ratio", "too_empty"),
    [
        (0.0, [False, False, False, False, False]),
        (0.5, [True, True, False, False, False]),
        (0.51, [True, True, True, False, False]),
        (1.0, [True, True, True, True, False]),
    ],
)
def test_a_row_is_too_empty_below_the_ratio_and_not_at_it(ratio: float, too_empty: list[bool]) -> None:
    rows = [{"source_file": "a.csv", "place": number, **filled_in(number)} for number in range(5)]
    table = ibis.memtable(pa.Table.from_pylist(rows))
    used = used_column_counts(table, FOUR)
    found = rows_of(
        table.mutate(share=fill_ratio(table, FOUR), is_empty=is_too_empty(table, FOUR, used, ratio)), "place"
    )
    assert [row["share"] for row in found] == [0, 0.25, 0.5, 0.75, 1]
    assert [row["is_empty"] for row in found] == too_empty


def test_a_column_that_a_file_never_fills_is_not_held_against_its_rows() -> None:
    rows = [
        {"source_file": "short.csv", "one": "x", "two": None, "three": None, "four": None},
        {"source_file": "long.csv", "one": "x", "two": "x", "three": "x", "four": "x"},
        {"source_file": "long.csv", "one": "x", "two": None, "three": None, "four": None},
    ]
    table = ibis.memtable(pa.Table.from_pylist([{"place": n, **row} for n, row in enumerate(rows)]))
    used = used_column_counts(table, FOUR)
    assert used == {"short.csv": 1, "long.csv": 4}
    found = rows_of(table.mutate(is_empty=is_too_empty(table, FOUR, used, 0.5)), "place")
    assert [row["is_empty"] for row in found] == [False, False, True]
