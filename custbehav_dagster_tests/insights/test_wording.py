import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.insights.wording import (
    count,
    listed,
    money,
    number,
    percent,
    quoted,
    share_or_count,
    short_money,
)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0%"),
        (0.0001, "under 0.1%"),
        (0.047, "4.7%"),
        (0.0994, "9.9%"),
        (0.0996, "10%"),
        (0.714, "71%"),
        (0.9949, "99.5%"),
        (0.99996, "99.9%"),
        (1.0, "100%"),
        (-0.05, "−5.0%"),
    ],
)
def test_a_share_is_rounded_so_that_nearly_all_is_not_all_and_nearly_none_is_not_none(
    share: float, words: str
) -> None:
    assert percent(share) == words


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_all_and_none_are_said_only_of_all_and_none(part: int, total: int) -> None:
    part = min(part, total)
    assert (percent(part / total) == "100%") == (part == total)
    assert (percent(part / total) == "0%") == (part == 0)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (1234.4, "GBP", "£1,234"),
        (99.994, "EUR", "€99.99"),
        (99.996, "EUR", "€100"),
        (0.5, "USD", "$0.50"),
        (-12.0, "GBP", "−£12.00"),
        (-0.001, "GBP", "£0.00"),
        (5.0, "SEK", "SEK 5.00"),
    ],
)
def test_money_has_the_sign_of_its_currency(amount: float, currency: str, words: str) -> None:
    assert money(amount, currency) == words


@pytest.mark.parametrize(
    ("amount", "words"), [(0, "£0"), (950, "£950"), (1200, "£1.2k"), (3_000_000, "£3M"), (-2_500, "−£2.5k")]
)
def test_money_on_an_axis_is_short(amount: float, words: str) -> None:
    assert short_money(amount, "GBP") == words


@given(st.floats(-1e12, 1e12))
def test_a_number_keeps_its_value_but_for_rounding(value: float) -> None:
    written = float(number(value, 2).replace("−", "-").replace(",", ""))
    assert math.isclose(written, value, abs_tol=0.006, rel_tol=1e-9)


def test_few_are_counted_and_many_are_shared() -> None:
    assert share_or_count(9, 19) == "9 of 19"
    assert share_or_count(10, 20) == "50%"


@pytest.mark.parametrize(("how_many", "words"), [(0, "0 texts"), (1, "1 text"), (1234, "1,234 texts")])
def test_one_is_singular(how_many: int, words: str) -> None:
    assert count(how_many, "text") == words


@pytest.mark.parametrize(("words", "sentence"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")])
def test_words_are_listed(words: list[str], sentence: str) -> None:
    assert listed(words) == sentence


def test_a_name_from_right_to_left_is_isolated_and_others_are_left_alone() -> None:
    assert quoted("mug") == "“mug”"
    assert quoted("لیوان") == "“\u2068لیوان\u2069”"
