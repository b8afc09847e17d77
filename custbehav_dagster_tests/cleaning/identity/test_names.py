"""Names as people type them: what is one name, and what are two."""

from __future__ import annotations

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.cleaning.identity.names import (
    first_word,
    is_mistyped,
    last_word,
    likeness,
    plain_words,
)


def words_of(*names: str | None) -> list[tuple[str | None, str | None]]:
    table = ibis.memtable({"name": list(names)}, schema={"name": "string"})
    words = plain_words(table.name)
    rows = table.select(first=first_word(words), last=last_word(words)).to_pyarrow().to_pylist()
    return [(row["first"], row["last"]) for row in rows]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Jane Smith", "jane", "smith"),
        ("SMITH, Jane", "jane", "smith"),
        ("  Dr.  Zoë O'Brien ", "zoe", "obrien"),
        ("Mrs Anna-Maria Smith-Jones", "anna", "jones"),
        ("Bob de Vries", "robert", "vries"),
        ("J. Smith", "j", "smith"),
        ("José Núñez Jr.", "jose", "nunez"),
        ("Łukasz Żak", "lukasz", "zak"),
        ("王 小明", "王", "小明"),
        ("Cher", None, "cher"),
        ("12345", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_name_is_a_first_word_in_its_long_form_and_a_surname(
    name: str | None, first: str | None, last: str | None
) -> None:
    assert words_of(name) == [(first, last)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("imogen", "imogn", True),  # left out
        ("imogen", "immogen", True),  # doubled
        ("imogen", "imagen", True),  # changed
        ("imogen", "imgoen", True),  # turned
        ("jane", "jade", False),  # too short to tell
        ("ann", "anne", False),
        ("simon", "simone", False),  # differs in nothing but its end
        ("marie", "maria", False),
        ("hanna", "anna", False),  # another first letter
        ("imogen", "imogen", False),
        ("imogen", "imxxen", False),
    ],
)
def test_a_slip_is_told_from_another_first_name(one: str, other: str, expected: bool) -> None:
    assert is_mistyped(one, other) is expected


def test_the_end_of_a_surname_may_be_mistyped() -> None:
    assert is_mistyped("mockford", "mockfordd", is_first_name=False)
    assert not is_mistyped("mockford", "mockfordd")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("jane", "smith"), ("jane", "smith"), "same"),
        (("j", "smith"), ("jane", "smith"), "initial"),
        ((None, "smith"), ("jane", "smith"), "initial"),
        (("imogen", "smith"), ("imogn", "smith"), "typo"),
        (("imogen", "smith"), ("imogen", "smiht"), "typo"),
        (("jane", "smith"), ("jane", "jones"), "surname"),
        (("jane", "smith"), ("john", "smith"), "different"),
        (("j", "smith"), ("kate", "smith"), "different"),
        (("imogen", "smith"), ("imogn", "smiht"), "different"),
        ((None, None), ("jane", "smith"), "different"),
    ],
)
def test_two_names_are_this_alike(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None], expected: str
) -> None:
    assert likeness(*one, *other) == expected
    assert likeness(*other, *one) == expected


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8))
def test_a_slip_is_a_slip_in_both_directions_and_never_longer_than_two_letters(one: str, other: str) -> None:
    assert is_mistyped(one, other) == is_mistyped(other, one)
    if is_mistyped(one, other, is_first_name=False):
        assert abs(len(one) - len(other)) <= 1
        assert one[0] == other[0]
        assert sum(a != b for a, b in zip(one, other, strict=False)) <= max(len(one), len(other)) - 1
