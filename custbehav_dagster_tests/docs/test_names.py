"""Settings, tables and commands that the guides name are there under these names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from custbehav_dagster.contract import TABLES
from custbehav_dagster.contract.results import STATES
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.end_to_end.commands import PROJECT

GUIDES = [PROJECT / "README.md", PROJECT / "data" / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
GUIDES += sorted((PROJECT / "docs" / "metrics").glob("*.md"))
SETTINGS = {f"CUSTBEHAV_{name.upper()}" for name in Settings.model_fields}
LAYERS = {layer for layer, _ in TABLES}
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_what_a_guide_names_is_there(path: Path) -> None:
    text = path.read_text()
    settings = set(re.findall(r"\bCUSTBEHAV_[A-Z_]+[A-Z]\b", text))
    assert settings - SETTINGS == set()
    tables = {
        (layer, noun)
        for layer, noun in re.findall(r"`([a-z]+)\.([a-z_]+)(?:\.[a-z_]+)?`", text)
        if layer in LAYERS
    }
    assert tables - set(TABLES) == set()
    assert set(re.findall(r"`make ([a-z-]+)", text)) - TARGETS == set()


def test_the_persian_guide_tells_every_state_and_every_layer() -> None:
    text = (PROJECT / "docs" / "PROJECT_GUIDE_FA.md").read_text()
    assert [state for state in STATES if f"| `{state}` |" not in text] == []
    assert [layer for layer in LAYERS if f"| `{layer}` |" not in text] == []
