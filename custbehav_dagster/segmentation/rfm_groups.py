"""Each buyer's group by recency, frequency and money, with numbers and names that stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from custbehav_dagster.forecasting.people import numbers
from custbehav_dagster.segmentation.names import NEW, Typical, names_of
from custbehav_dagster.segmentation.rfm import (
    RFM_FROM_PEOPLE,
    assign,
    find,
    keep,
    nearest,
    positions,
)
from custbehav_dagster.segmentation.words import OCCASIONAL, ONE_TIME

METHOD = "k-means on log recency, frequency and money"
RULE_NAMES = (ONE_TIME, NEW, "lapsed occasional buyers", OCCASIONAL)
"""By rule: bought once or came back, and not or within the horizon."""
COLUMNS = (
    "recency_days",
    "order_count",
    "total_amount",
    "as_of",
    "earlier_as_of",
    "earlier_rfm_segment",
    "earlier_rfm_segment_name",
)


@dataclass(frozen=True)
class RfmGroups:
    """The group of each person, what each is called, how they were found, and how firm they are."""

    numbers: np.ndarray
    names: dict[int, str]
    method: str
    metrics: dict[str, Any]


def rfm_groups(people: pa.Table, horizon_days: int, seed: int) -> RfmGroups:
    """Groups of `people` (with COLUMNS): those of the last run where they still hold, else new ones.

    New groups take the number of the earlier group that most of their people come from.
    A shop too small, or whose people are too much alike, gets groups by rule.
    """
    recency, count, amount = (numbers(people, name) for name in COLUMNS[:3])
    if len(count) < RFM_FROM_PEOPLE:
        missing = RFM_FROM_PEOPLE - len(count)
        buyers = "buyer" if len(count) == 1 else "buyers"
        why = f"{len(count):,} {buyers}; {METHOD} needs {RFM_FROM_PEOPLE}, {missing:,} more"
        return _by_rule(recency, count, amount, horizon_days, why)
    points = positions(recency, count, amount, horizon_days)
    old_numbers, earlier, old_names = _earlier(people)
    idle = _bought_nothing_since(people, recency)
    if (kept := keep(points, earlier, seed, idle)) is not None:
        group, found = assign(points, kept.centres, earlier, idle), kept
        number_of = old_numbers
    elif (new := find(points, seed)) is not None:
        group, found = nearest(points, new.centres), new
        group = _by_mean_amount(group, amount)
        number_of = _matched(group, earlier, old_numbers)
    else:
        why = "the buyers are too much alike for groups of 5% to 60% of them"
        return _by_rule(recency, count, amount, horizon_days, why)
    result = number_of[group]
    typical = {number: _typical(result == number, recency, count, amount) for number in np.unique(result)}
    told = names_of(
        list(typical.values()), float(np.median(amount)), horizon_days, [old_names.get(n) for n in typical]
    )
    names = dict(zip((int(number) for number in typical), told, strict=True))
    metrics = {"silhouette": found.silhouette, "agreement_when_resampled": found.agreement}
    return RfmGroups(result, names, METHOD, metrics | {"groups": len(names), "kept": kept is not None})


def _bought_nothing_since(people: pa.Table, recency: np.ndarray) -> np.ndarray | None:
    """Whose last purchase was seen by the last refresh already; None without one."""
    then, now = people.column("earlier_as_of")[0].as_py(), people.column("as_of")[0].as_py()
    return None if then is None else recency >= (now - then).days


def _earlier(people: pa.Table) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
    """Numbers of the last run; each person's place among them, -1 without; and the names of that run."""
    told = people.column("earlier_rfm_segment").fill_null(-1).to_numpy().astype("int64")
    present, first, place = np.unique(told, return_index=True, return_inverse=True)
    names = people.column("earlier_rfm_segment_name").take(pa.array(first)).to_pylist()
    has_strangers = int(len(present) > 0 and present[0] < 0)
    by_number = {int(number): name for number, name in zip(present, names, strict=True) if number >= 0}
    return present[has_strangers:], place - has_strangers, by_number


def _matched(group: np.ndarray, earlier: np.ndarray, old_numbers: np.ndarray) -> np.ndarray:
    """The number of each new group: that of the earlier group it shares most people with, else a free one.

    Source of the matching: Kuhn (1955), "The Hungarian method". A pair counts when at least
    half of the smaller group is in the other.
    """
    from scipy.optimize import linear_sum_assignment

    groups = group.max() + 1
    shared = np.zeros((groups, len(old_numbers)), dtype="int64")
    had = earlier >= 0
    np.add.at(shared, (group[had], earlier[had]), 1)
    result = np.full(groups, -1, dtype="int64")
    sizes = np.bincount(group[had], minlength=groups)[:, None], shared.sum(axis=0)[None, :]
    for new, old in zip(*linear_sum_assignment(-shared), strict=True):
        if 2 * shared[new, old] >= max(min(sizes[0][new, 0], sizes[1][0, old]), 1):
            result[new] = old_numbers[old]
    free = (number for number in range(2 * groups + len(old_numbers)) if number not in set(result.tolist()))
    for new in np.flatnonzero(result < 0):
        result[new] = next(free)
    return result


def _by_mean_amount(group: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Groups numbered from 0 without a gap, by the mean amount of their people."""
    present, place = np.unique(group, return_inverse=True)
    means = np.bincount(place, amount) / np.bincount(place)
    rank = np.empty(len(present), dtype="int64")
    rank[np.argsort(means, kind="stable")] = np.arange(len(present))
    return rank[place]


def _typical(members: np.ndarray, recency: np.ndarray, count: np.ndarray, amount: np.ndarray) -> Typical:
    return Typical(*(float(np.median(values[members])) for values in (recency, count, amount)))


def _by_rule(
    recency: np.ndarray, count: np.ndarray, amount: np.ndarray, horizon_days: int, why: str
) -> RfmGroups:
    # The names are the rule, so they and their numbers never change.
    group = 2 * (count > 1).astype("int64") + (recency <= horizon_days)
    names = {int(number): RULE_NAMES[number] for number in np.unique(group)}
    return RfmGroups(group, names, f"rule: {why}", {"groups": len(names), "refused": why})
