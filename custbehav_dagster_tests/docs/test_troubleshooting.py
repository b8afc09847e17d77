"""The sentences that the page of troubles quotes are those that the program says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from custbehav_dagster_tests.end_to_end.commands import PROJECT

PAGE = PROJECT / "docs" / "troubleshooting.md"
LEAST_WORDS = 4
"""A quotation of fewer words besides its gaps could be found anywhere."""


def quotations() -> list[str]:
    """What stands in backquotes in the first column."""
    return re.findall(r"^\| `([^`]+)`", PAGE.read_text(), re.MULTILINE)


def sayings(path: Path) -> Iterator[str]:
    """The texts of a module, with … for what is put in; a gap at each end, as sentences are joined."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture(scope="module")
def said() -> list[str]:
    modules = sorted((PROJECT / "custbehav_dagster").rglob("*.py"))
    texts = [text for path in modules for text in sayings(path)]
    return [*texts, *(PROJECT / "Makefile").read_text().splitlines()]


@pytest.mark.parametrize("quotation", quotations())
def test_the_program_says_so(quotation: str, said: list[str]) -> None:
    parts = [part.strip() for part in quotation.split("…") if part.strip(" .;:()")]
    assert len(" ".join(parts).split()) >= min(LEAST_WORDS, len(quotation.split()) - 1)
    # The parts in order, nothing but gaps between them; a text may put in more than one thing.
    wanted = re.compile(r"[^|]*?".join(map(re.escape, parts)))
    assert any(wanted.search(text) for text in said), quotation


def test_there_are_enough_of_them_for_the_page_to_be_worth_its_name() -> None:
    assert len(quotations()) >= 40
