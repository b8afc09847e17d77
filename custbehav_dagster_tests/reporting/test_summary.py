import re

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.reporting.summary import plain, write_summary
from custbehav_dagster_tests.insights.given import evaluation, small_shop
from custbehav_dagster_tests.reporting.test_page import HOSTILE, gathered, hostile_shop, made_up, picture


def test_the_summary_tells_what_the_page_tells(con: ibis.BaseBackend) -> None:
    report = gathered(con, small_shop())
    words = write_summary(report, [picture("Most texts are kind.")])
    for part in (
        "# Your shop on 31 December 2024",
        "## What was found",
        "## How good the forecasts are",
        "## Pictures",
    ):
        assert part in words
    for insight in report.insights:
        assert insight["sentence"] in words.replace("\\", "")
        assert insight["what_to_do"] in words.replace("\\", "")
        assert insight["evidence_filter"] in words
    assert "[Words said most](plots/keywords.png): Most texts are kind." in words
    assert "| orders.csv | own columns | 90 | 88 | 2 |  |" in words
    assert "| orders.csv | orders: they repeat another row exactly | 3 |" in words
    assert "Synthetic" not in words


def test_what_is_synthetic_is_said_first(con: ibis.BaseBackend) -> None:
    words = write_summary(gathered(con, made_up(small_shop())), [])
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
    con: ibis.BaseBackend, contest: dict[str, float], said: str
) -> None:
    shop = {"churn__evaluation": evaluation("log_loss", **contest)}
    assert said in write_summary(gathered(con, shop), [])


def test_an_empty_shop_has_a_summary(con: ibis.BaseBackend) -> None:
    words = write_summary(gathered(con, {}, as_of=None), [])
    assert "There are no orders yet." in words
    assert "No file was read." in words


def test_hostile_text_stays_on_its_line_and_is_no_markup(con: ibis.BaseBackend) -> None:
    words = write_summary(gathered(con, hostile_shop()), [picture(HOSTILE + "\n# Title")])
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
