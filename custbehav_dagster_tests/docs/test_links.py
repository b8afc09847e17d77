"""Links between the pages of docs/ lead somewhere, and what they quote is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from custbehav_dagster_tests.end_to_end.commands import PROJECT


def pages() -> list[Path]:
    top = [PROJECT / name for name in ("README.md", "CHANGELOG.md", "data/README.md")]
    return top + sorted((PROJECT / "docs").rglob("*.md"))


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_link_leads_to_a_file_of_the_project(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (path.parent / link).exists()] == []
