"""Lately against before: how many people write of something in either time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from custbehav_dagster.insights.comparisons import p_of_shares, ratio_of_shares

FEWEST_PEOPLE = 10
"""With fewer people on either side nothing is compared."""
RECENT_DAYS, EARLIER_DAYS = 90, 365
"""Lately is the last of these many days; before is so long before that, every season once."""


@dataclass(frozen=True)
class Change:
    """Lately over before, as a ratio of shares of writers with its 95% interval; p is two-sided."""

    ratio: float | None
    low: float | None
    high: float | None
    p: float


@dataclass(frozen=True)
class Writers:
    """Writers of the texts that are asked about, and of all texts, in either time."""

    recent: int
    recent_writers: int
    earlier: int
    earlier_writers: int

    def change(self) -> Change | None:
        """How the share of writers changed; None with fewer than FEWEST_PEOPLE in either time."""
        if min(self.recent_writers, self.earlier_writers) < FEWEST_PEOPLE:
            return None
        shares = self.recent, self.recent_writers, self.earlier, self.earlier_writers
        return Change(*ratio_of_shares(*shares), p_of_shares(*shares))


def recent_days(as_of: date) -> tuple[date, date]:
    """The last day before `lately`, and the last day before the time it is compared with."""
    recent_from = as_of - timedelta(days=RECENT_DAYS)
    return recent_from, recent_from - timedelta(days=EARLIER_DAYS)


def writers_of(chosen: Collection[int], rows: Sequence[Mapping[str, Any]], as_of: date) -> Writers:
    """Count the writers of the rows numbered in `chosen`; everybody counts once in each time.

    `rows` are texts with `written`, `customer_id` and `text_id`; a text of nobody is its own writer.
    """
    recent_from, earlier_from = recent_days(as_of)
    everybody: dict[bool, set[str]] = {True: set(), False: set()}
    of_chosen: dict[bool, set[str]] = {True: set(), False: set()}
    for number, row in enumerate(rows):
        if row["written"] is None or row["written"] <= earlier_from:
            continue
        is_recent = row["written"] > recent_from
        writer = row["customer_id"] or row["text_id"]
        everybody[is_recent].add(writer)
        if number in chosen:
            of_chosen[is_recent].add(writer)
    return Writers(len(of_chosen[True]), len(everybody[True]), len(of_chosen[False]), len(everybody[False]))
