"""What a group is called, and how the name stays while it is true.

A name says how often the middle person bought, how long ago, and whether for much. It is
kept from the last run as long as it would fit with its limits a quarter wider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from custbehav_dagster.segmentation.words import (
    AMOUNT_WORDS,
    BIG,
    OCCASIONAL,
    ONE_TIME,
    REGULAR,
    REGULAR_FROM_ORDERS,
)

NEW, LONG_AGO = "new buyers", "one-time buyers of long ago"
QUIET, LAPSED = "quiet", "lapsed"
RECENCY_WORDS = ("lately", "a while ago")
BIG_AMOUNT_WORDS = {2: ("large amounts", "the largest amounts")}
NEW_AT_MOST_DAYS = 90
"""However far forecasts look ahead: after that no parcel is remembered."""
BIG_FROM = 3
"""Times the amount of the middle buyer."""
SLACK = 1.25


@dataclass(frozen=True)
class Typical:
    """The middle person of a group: days since the last purchase, purchases, net amount."""

    recency_days: float
    order_count: float
    total_amount: float


def kind_of(group: Typical, usual_amount: float, horizon_days: int) -> str:
    """The name that fits a group; `usual_amount` is that of the middle buyer of the shop.

    Who bought within the horizon is there, within two horizons quiet, after that lapsed.
    Somebody is new for half a horizon after the only purchase, and no longer than NEW_AT_MOST_DAYS.
    """
    horizons = group.recency_days / horizon_days
    if group.order_count < 1.5:
        is_new = horizons <= 0.5 and group.recency_days <= NEW_AT_MOST_DAYS
        return NEW if is_new else ONE_TIME if horizons <= 2 else LONG_AGO
    level = REGULAR if group.order_count >= REGULAR_FROM_ORDERS else OCCASIONAL
    if group.total_amount >= BIG_FROM * max(usual_amount, 0.01):
        level = BIG
    return level if horizons <= 1 else f"{QUIET if horizons <= 2 else LAPSED} {level}"


def base_of(name: str) -> str:
    """The name without the words that tell it from another of its kind."""
    return name.split(",")[0]


def names_of(
    groups: Sequence[Typical], usual_amount: float, horizon_days: int, earlier: Sequence[str | None]
) -> list[str]:
    """One name per group, all different; the `earlier` name of each where it still fits."""
    names: list[str | None] = [None] * len(groups)
    for number, (group, name) in enumerate(zip(groups, earlier, strict=True)):
        if name and name not in names and base_of(name) in _fitting(group, usual_amount, horizon_days):
            names[number] = name
    kinds = [
        base_of(name) if name else kind_of(group, usual_amount, horizon_days)
        for group, name in zip(groups, names, strict=True)
    ]
    for number, kind in enumerate(kinds):
        if names[number] is None:
            names[number] = _distinct(number, kind, kinds, groups, [name for name in names if name])
    return [name or "" for name in names]


def _fitting(group: Typical, usual_amount: float, horizon_days: int) -> set[str]:
    """Names that fit with each figure up to SLACK smaller or larger."""
    factors = (1 / SLACK, 1, SLACK)
    return {
        kind_of(
            Typical(group.recency_days * days, group.order_count * orders, group.total_amount * amount),
            usual_amount,
            horizon_days,
        )
        for days, orders, amount in product(factors, repeat=3)
    }


def _distinct(
    number: int, kind: str, kinds: Sequence[str], groups: Sequence[Typical], taken: Sequence[str]
) -> str:
    alike = [other for other, its_kind in enumerate(kinds) if its_kind == kind]
    if len(alike) == 1:
        return kind
    by_days = len(alike) == 2 and _ratio(groups, alike, "recency_days") > _ratio(
        groups, alike, "total_amount"
    )
    figure = "recency_days" if by_days else "total_amount"
    rank = sorted(alike, key=lambda other: (getattr(groups[other], figure), other)).index(number)
    amounts = BIG_AMOUNT_WORDS if kind.endswith(BIG) else AMOUNT_WORDS
    words = RECENCY_WORDS if by_days else amounts.get(len(alike))
    name = f"{kind}, {words[rank] if words else f'level {rank + 1} of {len(alike)}'}"
    while name in taken:
        name += " too"
    return name


def _ratio(groups: Sequence[Typical], alike: Sequence[int], figure: str) -> float:
    values = [max(getattr(groups[number], figure), 1.0) for number in alike]
    return max(values) / min(values)


def advice(name: str) -> str:
    """What to do about a group of this name, in a sentence or two."""
    base = base_of(name)
    for word, level_advice in _ADVICE:
        if base.startswith(word):
            return level_advice
    return _ADVICE[-1][1]


_ADVICE = (
    (NEW, "Ask for a second order while the parcel is remembered: a card in it, and one message."),
    (LONG_AGO, "Spend little here: one message before the season in which they bought, and no more."),
    (ONE_TIME, "Give one good reason to come back, once: what is new since they bought."),
    (f"{LAPSED} {BIG}", "Write to each by name and ask what was missing: few people, much money."),
    (f"{QUIET} {BIG}", "Write to each by name now, before the pause becomes a habit."),
    (LAPSED, "Try once, with what they liked; who does not answer then is left in peace."),
    (QUIET, "Remind them now of what they liked: they know the shop and have paused."),
    (BIG, "Thank them in person, show them first what is new, and ask at once when one falls silent."),
    (REGULAR, "Show them first what is new; they need no discount."),
    (OCCASIONAL, "Show what goes with what they have, so that coming back becomes a habit."),
)
