import re
from dataclasses import replace

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.figures.render import RenderedPicture
from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.reporting.content import Report
from custbehav_dagster.reporting.summary import plain, write_summary
from custbehav_dagster.reporting.track_record import gather_track_record
from custbehav_dagster_tests.insights.given import evaluation, warehouse
from custbehav_dagster_tests.reporting.shops import HOSTILE


def picture(alt_text: str) -> RenderedPicture:
    return RenderedPicture("keywords", "Words said most", b"", alt_text, False, 5)


def test_the_summary_tells_what_the_page_tells(small: Report) -> None:
    words = write_summary(small, [picture("Most texts are kind.")])
    for part in (
        "# Your shop on 31 December 2024",
        "## What was found",
        "## How good the forecasts are",
        "## Pictures",
    ):
        assert part in words
    for insight in small.insights:
        assert insight["sentence"] in words.replace("\\", "")
        assert insight["what_to_do"] in words.replace("\\", "")
        assert insight["evidence_filter"] in words
    assert "[Words said most](plots/keywords.png): Most texts are kind." in words
    assert "| orders.csv | own columns | 90 | 88 | 2 |  |" in words
    assert "| orders.csv | orders: they repeat another row exactly | 3 |" in words
    assert "**Synthetic data.**" not in words
    assert "The texts of Reddit are samples" in words


def test_what_is_synthetic_is_said_first(synthetic: Report) -> None:
    words = write_summary(synthetic, [])
    assert words.index("**Synthetic data.**") < words.index("## What was found")
    assert "*(synthetic)*" in words


@pytest.mark.parametrize(
    ("contest", "said"),
    [
        ({"logistic": 0.5, "constant": 0.6, "recency_rule": 0.55}, "The logistic regression does best"),
        (
            {"logistic": 0.58, "constant": 0.6, "recency_rule": 0.55},
            "No model does better than the simple rules",
        ),
        ({}, "Not enough data"),
    ],
)
def test_the_words_about_the_models_are_honest(
    con: ibis.BaseBackend, nothing: Report, contest: dict[str, float], said: str
) -> None:
    tables = warehouse(con, churn__evaluation=evaluation("log_loss", **contest))
    record = gather_track_record(
        tables["churn.forecast_grades"],
        tables["churn.forecast_ledger"],
        real_rows("churn.evaluation", tables["churn.evaluation"]),
    )
    assert said in write_summary(replace(nothing, track_record=record), [])


def test_an_empty_shop_has_a_summary(nothing: Report) -> None:
    words = write_summary(nothing, [])
    assert "There are no orders yet." in words
    assert "No file was read." in words


def test_hostile_text_stays_on_its_line_and_is_no_markup(hostile: Report) -> None:
    words = write_summary(hostile, [picture(HOSTILE + "\n# Title")])
    assert "<img" not in words
    assert "<script" not in words
    assert "\n# Title" not in words


@given(st.text())
def test_plain_text_has_one_line_and_no_markup_of_its_own(text: str) -> None:
    escaped = plain(text)
    assert len(escaped.splitlines()) <= 1
    assert not re.search(r"[<>]", escaped)
    # Whatever could open markup stands behind a backslash.
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]|#~]", escaped)
