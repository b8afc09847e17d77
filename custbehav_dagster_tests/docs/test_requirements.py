"""The checklist of requirements names assets, files and tests that are there."""

from __future__ import annotations

import re

import pytest

from custbehav_dagster.contract import TABLES
from custbehav_dagster.figures.registry import PICTURES
from custbehav_dagster_tests.end_to_end.commands import PROJECT

PAGE = (PROJECT / "docs" / "requirements.md").read_text()
ROWS = re.findall(r"^\| (?!---|question|source|requirement|picture)(.+) \|$", PAGE, re.MULTILINE)
ASSETS = (
    {f"{layer}/{noun}" for layer, noun in TABLES}
    | {f"plots/{name}" for name in PICTURES}
    | {"report/owner_report", "report/summary", "report/notebook"}
)
LAYERS = {name.partition("/")[0] for name in ASSETS}


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.partition(" | ")[0])
def test_a_requirement_has_code_and_a_test_that_are_there(row: str) -> None:
    *named, code, tests = row.split(" | ")
    assert [name for name in quoted(code) if not (PROJECT / "custbehav_dagster" / name).exists()] == []
    assert quoted(code)
    for test in quoted(tests):
        path, _, function = test.partition("::")
        content = (PROJECT / "custbehav_dagster_tests" / path).read_text()
        assert f"def {function}(" in content if function else "def test_" in content
    assert quoted(tests)
    assets = [name for name in quoted(" ".join(named)) if name.partition("/")[0] in LAYERS]
    assert [name for name in assets if name not in ASSETS] == []


def test_every_picture_and_every_layer_is_on_it() -> None:
    assets = {name for row in ROWS for name in quoted(row) if name in ASSETS}
    assert {f"plots/{name}" for name in PICTURES} <= assets
    assert {name.partition("/")[0] for name in assets} == LAYERS - {"features"}


def test_the_three_assets_that_are_no_tables_are_assets() -> None:
    module = (PROJECT / "custbehav_dagster" / "assets" / "report.py").read_text()
    assert all(name in module for name in ('"owner_report"', '"summary"', "def notebook("))
