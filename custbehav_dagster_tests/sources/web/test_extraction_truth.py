"""The text of saved pages against the article that a person marked in each."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.extraction import F1_FROM, marked_pages, ours, scores, word_f1


@pytest.mark.parametrize(
    ("found", "marked", "expected"),
    [
        ("The mug holds tea", "the MUG holds tea", 1.0),
        ("mug mug", "mug", 2 / 3),
        ("menu basket mug", "mug", 0.5),
        ("", "mug", 0.0),
        ("bowl", "mug", 0.0),
    ],
)
def test_words_missed_and_words_too_many_cost_alike(found: str, marked: str, expected: float) -> None:
    assert word_f1(found, marked) == pytest.approx(expected)


def test_the_text_of_saved_pages_is_the_marked_article(real_data: Path) -> None:
    pages = list(marked_pages(real_data / "web_pages"))
    found = scores(ours, pages)
    assert len(found) == 12
    assert sum(found) / len(found) >= F1_FROM
    assert min(found) >= 0.9
