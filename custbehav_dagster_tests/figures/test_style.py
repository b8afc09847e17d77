import warnings
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.figures.render import _encode
from custbehav_dagster.figures.style import Labels, canvas, drawable, drawing_style, month_axis
from custbehav_dagster.insights.wording import quoted


@given(st.text())
def test_what_is_left_of_a_text_is_short_and_stays_when_cleaned_again(text: str) -> None:
    kept = drawable(text)
    assert len(kept) <= 40
    assert drawable(kept) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mug", "mug"),
        ("سلام دنیا", "سلام دنیا"),
        ("中文 mug", "mug"),
        ("\u0000a\tb\nc", "a b c"),
        ("\u202egum", "gum"),
        ("x" * 50, "x" * 39 + "…"),
    ],
)
def test_letters_without_a_picture_are_left_out(text: str, kept: str) -> None:
    assert drawable(text) == kept


@settings(max_examples=15)
@given(st.text(max_size=60))
def test_any_name_can_stand_in_a_headline_without_a_missing_letter(name: str) -> None:
    with drawing_style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, _ = canvas(
            f"{quoted(drawable(name))} costs $5 and $6", "note", Labels(False, 1), height_inches=1.5
        )
        assert _encode(figure, {})


@pytest.mark.parametrize("how_many", [1, 2, 12, 13, 25, 36])
def test_months_have_at_most_thirteen_labels_and_each_year_is_named_once(how_many: int) -> None:
    months = [date(2021 + (4 + n) // 12, (4 + n) % 12 + 1, 1) for n in range(how_many)]
    with drawing_style():
        _, (axes,) = canvas("a", "b", Labels(False, 1))
        month_axis(axes, months)
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert 1 <= len(names) <= 13
    years = [name.split("\n")[1] for name in names if "\n" in name]
    assert len(years) == len(set(years))
    assert years
