"""Each page of a metric says all that it should, of columns and files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from custbehav_dagster.contract import TABLES
from custbehav_dagster_tests.end_to_end.commands import PROJECT

FOLDER = PROJECT / "docs" / "metrics"
PARTS = ("Definition", "Formula", "Where", "How to read it", "What it does not say", "Source")
LAYERS = {layer for layer, _ in TABLES}


def pages() -> list[Path]:
    return [path for path in sorted(FOLDER.glob("*.md")) if path.name != "README.md"]


def columns_named(text: str) -> list[tuple[str, str, str]]:
    """What is written `layer.noun.column`."""
    found = re.findall(r"`([a-z]+)\.([a-z_]+)\.([a-z_]+)`", text)
    return [(layer, noun, column) for layer, noun, column in found if layer in LAYERS]


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.stem)
def test_a_page_has_every_part_in_order_and_names_columns_of_the_contract(path: Path) -> None:
    text = path.read_text()
    assert tuple(re.findall(r"^\*\*([^*]+)\.\*\* \S", text, re.MULTILINE)) == PARTS
    named = columns_named(text)
    assert named
    assert [
        (layer, noun, column)
        for layer, noun, column in named
        if (layer, noun) not in TABLES or column not in TABLES[layer, noun].column_names
    ] == []


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.stem)
def test_the_code_that_a_page_names_is_there(path: Path) -> None:
    named = re.findall(r"`(custbehav_dagster/[\w/.]+)`", path.read_text())
    assert named
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_the_list_of_metrics_names_each_page_once() -> None:
    linked = re.findall(r"\]\(([\w-]+\.md)\)", (FOLDER / "README.md").read_text())
    assert sorted(linked) == [path.name for path in pages()]


def test_the_numbers_that_readers_meet_have_a_page() -> None:
    met = (
        "recency frequency monetary-value return-rate p-return expected-orders expected-value churn "
        "states second-order cohort-retention lift auc log-loss brier calibration-error uplift sentiment "
        "aspect-mood topic-coherence segment-stability context-effects"
    )
    assert set(met.split()) <= {path.stem for path in pages()}
