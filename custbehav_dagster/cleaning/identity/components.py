"""Pairs become people: connected records, unless their names or the owner say no.

Most groups are taken as they are connected. Only groups that hold different names, or
two records that the owner keeps apart, are put together link by link, the strongest
first, and a link that would bring two people together is left out: no chain of weak
links can make one person of a family.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from custbehav_dagster.cleaning.identity.names import likeness

Name = tuple[str | None, str | None]


@dataclass(frozen=True)
class Links:
    """Links between the records 0 … `count` - 1.

    Attributes:
        first, second: the two records of each link.
        strength: of each link, 0 to 1.
        certain: links that no difference of names undoes.
        names: for each record the number of its name in `known_names`, -1 without one.
        apart: for each record those it may never be joined with.
    """

    count: int
    first: np.ndarray
    second: np.ndarray
    strength: np.ndarray
    certain: np.ndarray
    names: np.ndarray
    known_names: list[Name]
    apart: dict[int, set[int]] = field(default_factory=dict)


def connected(links: Links, *, only_certain: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """For each record the number of its group, and for each link whether it was used.

    With `only_certain` the other links are left out and names do not matter.
    """
    used = links.certain.copy() if only_certain else np.ones(len(links.first), bool)
    groups = _components(links.count, links.first[used], links.second[used])
    doubtful = _holding_apart(links, groups)
    if not only_certain:
        doubtful |= _with_different_names(links, groups)
    if doubtful:
        of_link = groups[links.first]
        picked = np.flatnonzero(used & np.isin(of_link, list(doubtful)))
        picked = picked[np.lexsort((links.second[picked], links.first[picked], -links.strength[picked],
                                    ~links.certain[picked]))]  # fmt: skip
        used[picked] = _join_one_by_one(links, picked)
        groups = _components(links.count, links.first[used], links.second[used])
    return groups, used


def _components(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not count:
        return np.zeros(0, np.int32)
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _holding_apart(links: Links, groups: np.ndarray) -> set[int]:
    return {
        int(groups[one])
        for one, others in links.apart.items()
        if any(groups[one] == groups[o] for o in others)
    }


def _with_different_names(links: Links, groups: np.ndarray) -> set[int]:
    """Groups with more than one name."""
    named = links.names >= 0
    pairs = np.unique(np.stack([groups[named], links.names[named]]), axis=1)
    numbers, counts = np.unique(pairs[0], return_counts=True)
    return set(numbers[counts > 1].tolist())


def _join_one_by_one(links: Links, picked: np.ndarray) -> np.ndarray:
    """Whether each link of `picked`, in this order, can be used."""
    parent: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    names: dict[int, set[int]] = {}

    def root(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = one = parent[parent[one]]
        return one

    taken = np.zeros(len(picked), bool)
    for place, link in enumerate(picked):
        one, other = root(int(links.first[link])), root(int(links.second[link]))
        if one == other:
            taken[place] = True
            continue
        for group in (one, other):
            members.setdefault(group, [group])
            names.setdefault(group, {int(links.names[group])} - {-1})
        if _kept_apart(links, members[one], members[other]):
            continue
        if not links.certain[link] and not _can_be_one(links, names[one], names[other]):
            continue
        parent[other] = one
        members[one] += members.pop(other)
        names[one] |= names.pop(other)
        taken[place] = True
    return taken


def _kept_apart(links: Links, ones: list[int], others: list[int]) -> bool:
    return bool(links.apart) and any(not links.apart.get(one, set()).isdisjoint(others) for one in ones)


def _can_be_one(links: Links, ones: set[int], others: set[int]) -> bool:
    """Whether every name of the smaller group can be a name of the larger one's person.

    Initials are not asked where there are full names: `I Smith` would make one person
    of Imogen and Ivy.
    """
    fewer, more = sorted((_telling(links, ones), _telling(links, others)), key=len)
    return all(any(likeness(*a, *b) != "different" for b in more) for a in fewer)


def _telling(links: Links, numbers: set[int]) -> list[Name]:
    names = [links.known_names[number] for number in numbers]
    return [name for name in names if len(name[0] or "") > 1] or names
