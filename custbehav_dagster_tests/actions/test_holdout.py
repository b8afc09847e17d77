"""Who is kept back is chance, but the same chance every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.actions.holdout import held_back, is_held_back


@pytest.mark.parametrize(("person", "expected"), [("c00009", False), ("c00010", True), ("c00013", True)])
def test_the_choice_is_fixed_for_good(person: str, expected: bool) -> None:
    assert is_held_back(person, "win_back", 0) is expected


@pytest.mark.parametrize("list_name", ["win_back", "second_order"])
@pytest.mark.parametrize("seed", [0, 1])
def test_about_a_tenth_is_kept_back(list_name: str, seed: int) -> None:
    kept = sum(is_held_back(f"c{number:05d}", list_name, seed) for number in range(10_000))
    assert 900 <= kept <= 1_100, "ten times the standard deviation of 30 is never reached by chance"


def test_lists_and_seeds_choose_independently() -> None:
    people = [f"c{number}" for number in range(10_000)]
    choices = [
        {p for p in people if is_held_back(p, name, seed)} for name, seed in (("a", 0), ("b", 0), ("a", 1))
    ]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert 50 <= len(choices[one] & choices[other]) <= 160, "a tenth of a tenth"


@given(st.lists(st.tuples(st.text(), st.sampled_from(["win_back", "thank_loyal"]))), st.integers(0, 2**32))
def test_the_order_of_the_list_does_not_matter(pairs: list[tuple[str, str]], seed: int) -> None:
    people, names = [p for p, _ in pairs], [n for _, n in pairs]
    forwards = held_back(people, names, seed)
    assert held_back(people[::-1], names[::-1], seed)[::-1] == forwards
