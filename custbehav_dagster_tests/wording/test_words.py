"""Values are written as the language writes them, and hold their place in its sentences."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from custbehav_dagster.wording.catalogue import NoSuchText, places, sentence_of
from custbehav_dagster.wording.words import Message, Words

ENGLISH, PERSIAN = Words("en", "GBP"), Words("fa", "GBP")
DAY = date(2011, 12, 9)


@pytest.mark.parametrize(
    ("value", "form", "english", "persian"),
    [
        (1234, "number", "1,234", "۱٬۲۳۴"),
        (0.123, "percent", "12%", "۱۲٪"),
        (0.0001, "percent", "under 0.1%", "کمتر از ۰٫۱٪"),
        (-3, "signed", "−3", "\u200e−۳"),
        (4, "signed", "+4", "\u200e+۴"),
        (-0.034, "signed_percent", "−3.4%", "\u200e−۳٫۴٪"),
        (1234.5, "money", "£1,234", "۱٬۲۳۴ پوند"),
        (0.0, "money", "£0", "۰ پوند"),
        (12.5, "money", "£12.50", "۱۲٫۵۰ پوند"),
        (DAY, "day", "9 December 2011", "۹ دسامبر ۲۰۱۱"),
        ("2011-01-31", "month", "January 2011", "ژانویهٔ ۲۰۱۱"),
        (1, "month_name", "January", "ژانویه"),
        (1, "count person", "1 person", "۱ نفر"),
        (2100, "count person", "2,100 people", "۲٬۱۰۰ نفر"),
        ("slipping", "of states", "slipping away", "در حال رفتن"),
        ("never_heard_of", "of states", "never heard of", "never heard of"),
        ("mug", "quoted", "“mug”", "«mug»"),
        (["a", "b", "c"], "listed", "a, b and c", "a، b و c"),
        (None, "money", "unknown", "نامعلوم"),
    ],
)
def test_values_are_written_in_each_language(value: Any, form: str, english: str, persian: str) -> None:
    assert (ENGLISH.write(value, form), PERSIAN.write(value, form)) == (english, persian)


def test_a_value_is_escaped_and_isolated_on_a_right_to_left_page() -> None:
    values = {"agreed": 3, "people": 10, "share": 0.3, "has_lists": True}
    told = PERSIAN.html(Message("week.consent", values))
    assert "<bdi>۳ نفر</bdi> از <bdi>۱۰</bdi>" in told
    assert PERSIAN.cell(-0.5, "signed_percent") == "<bdi>\u200e−۵۰٪</bdi>"
    assert ENGLISH.cell("<b>") == "&lt;b&gt;"
    assert "<bdi>&lt;b&gt;</bdi>" in PERSIAN.html("notice.samples", sources="<b>")
    assert "&lt;b&gt;" in ENGLISH.html("notice.samples", sources="<b>")


@pytest.mark.parametrize(("people", "told"), [(0, "nobody"), (1, "one"), (2, "2 wait"), (7, "2 wait")])
def test_a_text_may_choose_by_a_value(people: int, told: str) -> None:
    entry = {"by": "people", "none": "nobody", "1": "one", "some": ["2", " wait"]}
    assert sentence_of(entry, {"people": people}) == told
    assert places({"by": "x", "true": "{a:money}", "false": ["{b}"]}) == {
        ("x", "by"),
        ("a", "money"),
        ("b", ""),
    }


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ENGLISH.text("no.such.key"),
        lambda: ENGLISH.text("week.until"),
        lambda: ENGLISH.write(1, "count unicorn"),
        lambda: ENGLISH.write(1, "sideways"),
        lambda: Words("xx").text("skip"),
    ],
)
def test_what_is_missing_is_an_error(ask: Any) -> None:
    with pytest.raises(NoSuchText):
        ask()
