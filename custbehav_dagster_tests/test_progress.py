"""The terminal tells each step as it ends, and names what takes long."""

from __future__ import annotations

import threading

import pytest

from custbehav_dagster.progress import Watch, lines_told

START = (
    '2026-11-23 - dagster - DEBUG - refresh - 1a - 9 - {0} - STEP_START - Started execution of step "{0}".'
)
END = (
    "2026-11-23 - dagster - DEBUG - refresh - 1a - 9 - {0} - STEP_SUCCESS - "
    'Finished execution of step "{0}" in 573ms.'
)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (END.format("raw__reddit_posts"), ["done    raw / reddit_posts"]),
        (END.format("truth__orders_checks"), []),
        (
            END.format("truth__orders_checks").replace("STEP_SUCCESS", "STEP_FAILURE"),
            ["FAILED  truth / orders_checks"],
        ),
        (START.format("truth__orders"), []),
        ("... - INFO - refresh - Web: 3 of 12 pages read", ["Web: 3 of 12 pages read"]),
        ("... - DEBUG - refresh - Started execution of run", []),
        (
            "Asset check 'source_answered' on raw/weather did not pass. Description: 'No network.'",
            ["NOTE    No network."],
        ),
        ("Asset check 'source_answered' on raw/web did not pass. Description: 'these are a sample'", []),
    ],
)
def test_a_line_of_the_log_is_told_in_few_words_or_not_at_all(line: str, told: list[str]) -> None:
    assert list(lines_told(line)) == told


def test_a_step_that_takes_long_is_named_again_and_again_until_it_ends() -> None:
    twice, said = threading.Event(), []

    def tell(sentence: str) -> None:
        said.append(sentence)
        if len(said) == 2:
            twice.set()

    with Watch(tell, quiet_seconds=0.02) as watch:
        watch.hear(START.format("truth__text_scores"))
        assert twice.wait(10)
        watch.hear(END.format("truth__text_scores"))
    assert set(said) == {"at work truth / text_scores, 0 s so far"}


def test_what_is_quick_is_not_named() -> None:
    said: list[str] = []
    with Watch(said.append, quiet_seconds=60) as watch:
        watch.hear(START.format("truth__orders"))
        watch.hear(END.format("truth__orders"))
    assert said == []
