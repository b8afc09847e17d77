"""Pairs become people: whatever is connected, unless names or the owner stand against it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.cleaning.identity.components import Links, Name, connected

Pair = tuple[int, int]


def links(
    count: int,
    pairs: list[Pair],
    names: list[Name | None] | None = None,
    certain: set[Pair] = frozenset(),  # type: ignore[assignment]
    apart: set[Pair] = frozenset(),  # type: ignore[assignment]
    strength: dict[Pair, float] | None = None,
) -> Links:
    known = sorted({name for name in names or [] if name}, key=str)
    kept_apart: dict[int, set[int]] = {}
    for one, other in apart:
        kept_apart.setdefault(one, set()).add(other)
        kept_apart.setdefault(other, set()).add(one)
    return Links(
        count=count,
        first=np.array([one for one, _ in pairs], int),
        second=np.array([other for _, other in pairs], int),
        strength=np.array([(strength or {}).get(pair, 0.95) for pair in pairs], float),
        certain=np.array([pair in certain for pair in pairs], bool),
        names=np.array([known.index(name) if name else -1 for name in names or [None] * count], int),
        known_names=known,
        apart=kept_apart,
    )


def groups(of: Links, **options: bool) -> set[frozenset[int]]:
    found, used = connected(of, **options)
    assert len(used) == len(of.first)
    return {frozenset(np.flatnonzero(found == number).tolist()) for number in np.unique(found)}


IMOGEN, IVY, INITIAL = ("imogen", "smith"), ("ivy", "smith"), ("i", "smith")


def test_connected_records_are_one_person() -> None:
    assert groups(links(5, [(0, 1), (1, 2), (3, 4)])) == {frozenset({0, 1, 2}), frozenset({3, 4})}


def test_without_any_record_there_are_no_people() -> None:
    assert groups(links(0, [])) == set()


def test_a_weak_link_does_not_bring_two_names_together_and_the_strongest_stays() -> None:
    chain = links(3, [(0, 1), (1, 2)], [IMOGEN, INITIAL, IVY], strength={(0, 1): 0.9, (1, 2): 0.95})
    assert groups(chain) == {frozenset({0}), frozenset({1, 2})}


def test_one_address_is_one_person_whatever_the_names() -> None:
    assert groups(links(2, [(0, 1)], [IMOGEN, IVY], certain={(0, 1)})) == {frozenset({0, 1})}


def test_strict_matching_takes_certain_links_only() -> None:
    of = links(3, [(0, 1), (1, 2)], certain={(0, 1)})
    assert groups(of, only_certain=True) == {frozenset({0, 1}), frozenset({2})}


@pytest.mark.parametrize("only_certain", [False, True])
def test_the_owner_can_keep_apart_what_even_an_address_joins(only_certain: bool) -> None:
    of = links(3, [(0, 1), (1, 2)], certain={(0, 1), (1, 2)}, apart={(0, 2)})
    found = groups(of, only_certain=only_certain)
    assert len(found) == 2
    assert not any({0, 2} <= group for group in found)


NAMES: list[Name | None] = [IMOGEN, IVY, INITIAL, ("imogen", "jones"), (None, "smith"), None]
PAIRS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] != pair[1]))


@given(
    PAIRS,
    st.lists(st.sampled_from(NAMES), min_size=8, max_size=8),
    PAIRS,
    st.sets(st.integers(0, 30), max_size=9),
)
def test_loose_groups_hold_strict_ones_and_nobody_who_is_kept_apart(
    pairs: list[Pair], names: list[Name | None], apart: list[Pair], certain: set[int]
) -> None:
    chosen = {pair for place, pair in enumerate(pairs) if place in certain}
    of = links(8, pairs, names, chosen, set(apart))
    loose, strict = groups(of), groups(of, only_certain=True)
    assert all(any(small <= large for large in loose) for small in strict)
    assert not any({one, other} <= group for one, other in apart for group in (*loose, *strict))
    everything = groups(links(8, pairs))
    assert all(any(small <= large for large in everything) for small in loose)
