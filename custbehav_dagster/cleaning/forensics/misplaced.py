"""Which dates stand at the wrong place in a file's order and at the right one when read otherwise.

Works on arrays, one element per record, days as numbers; knows neither texts nor tables.
A cell is *in question* when its date can be read another way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from custbehav_dagster.cleaning.forensics.proof import (
    ORDER,
    ROW_ORDER,
    SHIPPED,
    Statistic,
    chance_of_at_least,
    rank_correlation,
)

if TYPE_CHECKING:
    import numpy as np

FEWEST_ANCHORS = 20
MINIMUM_CORRELATION = 0.9
"""Below this the records are in no order that could tell a date from another."""
TOLERANCES_DAYS = (13.0, 13.0, 6.0)
"""By pass. Two readings of one date differ by 27 days or more, so half of that still tells them apart."""
NEIGHBOURS = 5
"""Dates looked at on each side; their median bears two odd ones."""
LONGEST_SHIPPING_DAYS = 120.0
FEWEST_CELLS = 5
MINIMUM_EXPLAINED = 0.8
"""Share of the misplaced dates that the other reading must bring to their place."""
LARGEST_CHANCE = 1e-4
CLEAR_MAJORITY = 0.95
"""Cells that nothing decides follow those of the same notation, if so many agree."""


@dataclass(frozen=True)
class Dated:
    """The records of a file.

    Attributes:
        day: the date as it reads, in days; NaN where unreadable.
        other: the same cell read the other way; NaN where there is no other way.
        notation: number of the way it is written.
        numbers: figures of the order numbers; NaN where there are none.
        lines: line in the file.
        shipped: day of shipping; NaN where not known.
    """

    day: np.ndarray
    other: np.ndarray
    notation: np.ndarray
    numbers: np.ndarray
    lines: np.ndarray
    shipped: np.ndarray


@dataclass(frozen=True)
class Verdict:
    """Which cells to read the other way, the figures, and why nothing is done when nothing is."""

    cells: np.ndarray
    statistics: tuple[Statistic, ...] = ()
    reason: str = ""
    misplaced: int = 0

    @property
    def holds(self) -> bool:
        """The figures prove the repair."""
        return bool(self.cells.any()) and not self.reason


@dataclass(frozen=True)
class _Clues:
    """What is known of each cell in question: its date is wrong here, the other one is right here."""

    is_off: np.ndarray
    other_fits: np.ndarray
    day_is_sure: np.ndarray
    by_accident: np.ndarray


def find_misplaced(records: Dated, spread: float = 365.0) -> Verdict:
    """Tell the damaged cells by the order of the records and by the days of shipping, and prove it.

    `spread` is the number of days over which the other readings scatter, from which follows
    how often one fits by accident.
    """
    import numpy as np

    in_question = ~np.isnan(records.other) & ~np.isnan(records.day)
    nothing = np.zeros(len(records.day), dtype=bool)
    if in_question.sum() < FEWEST_CELLS:
        return Verdict(nothing, reason="too few cells can be read another way")
    key, name = _best_order(records, ~in_question)
    if key is None and not _has_shipping(records, in_question):
        return _as_a_whole(records, in_question)
    damaged, sure, left, by_accident = _settled(records, in_question, key, spread)
    cells = _with_majority(records, in_question, damaged, sure, left)
    statistics = _statistics(records, cells, key, name)
    found, unexplained = int(damaged.sum()), int(left.sum())
    accident = float(by_accident[damaged | left].mean()) if found else 1.0
    reason = _doubt(found, unexplained, chance_of_at_least(found, found + unexplained, accident), statistics)
    return Verdict(nothing if reason else cells, statistics, reason, found + unexplained if found else 0)


def _settled(
    records: Dated, in_question: np.ndarray, key: np.ndarray | None, spread: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The cells that are damaged, surely right, at home neither way, and how often one fits by accident.

    What one pass settles helps the next: between more dates beyond doubt a window is narrower.
    """
    import numpy as np

    size = len(records.day)
    damaged, sure, left = (np.zeros(size, dtype=bool) for _ in range(3))
    by_accident = np.ones(size)
    for tolerance in TOLERANCES_DAYS:
        is_open = in_question & ~damaged & ~sure
        now = replace(records, day=np.where(damaged, records.other, records.day))
        clues = _clues(now, is_open, key, spread, tolerance)
        by_accident = np.where(is_open, clues.by_accident, by_accident)
        left = is_open & clues.is_off & ~clues.other_fits
        damaged = damaged | (is_open & clues.is_off & clues.other_fits)
        sure = sure | (is_open & ~clues.is_off & clues.day_is_sure)
    return damaged, sure, left, by_accident


def _has_shipping(records: Dated, in_question: np.ndarray) -> bool:
    import numpy as np

    return int((in_question & ~np.isnan(records.shipped)).sum()) >= FEWEST_CELLS


def _best_order(records: Dated, anchors: np.ndarray) -> tuple[np.ndarray | None, str]:
    """The order, rising with time, that the dates beyond doubt keep best; None when they keep none."""
    import numpy as np

    best: tuple[float, np.ndarray | None, str] = (0.0, None, "")
    for values, name in ((records.numbers, ORDER), (records.lines, ROW_ORDER)):
        known = anchors & ~np.isnan(values) & ~np.isnan(records.day)
        if known.sum() < FEWEST_ANCHORS:
            continue
        found = rank_correlation(values[known], records.day[known])
        if abs(found) >= MINIMUM_CORRELATION and abs(found) > best[0]:
            best = (abs(found), values if found > 0 else -values, name)
    return best[1], best[2]


def _window(records: Dated, anchors: np.ndarray, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The days between which each record should lie, by the dates beyond doubt around it."""
    import numpy as np

    known = anchors & ~np.isnan(key) & ~np.isnan(records.day)
    order = np.argsort(key[known], kind="stable")
    keys, days = key[known][order], records.day[known][order]
    # Mirrored beyond both ends, as if orders had come as often before the first and after the last.
    padded = np.pad(days, NEIGHBOURS, mode="reflect", reflect_type="odd")
    medians = np.median(np.lib.stride_tricks.sliding_window_view(padded, NEIGHBOURS), axis=1)
    place = np.searchsorted(keys, np.nan_to_num(key))
    before, after = medians[place], medians[place + NEIGHBOURS]
    return np.minimum(before, after), np.maximum(before, after)


def _clues(
    records: Dated, in_question: np.ndarray, key: np.ndarray | None, spread: float, tolerance: float
) -> _Clues:
    import numpy as np

    size = len(records.day)
    is_off, other_fits, is_sure = (np.zeros(size, dtype=bool) for _ in range(3))
    by_accident = np.full(size, LONGEST_SHIPPING_DAYS / spread)
    other_fits_order = np.ones(size, dtype=bool)
    if key is not None:
        low, high = _window(records, ~in_question, key)

        def distance(day: np.ndarray) -> np.ndarray:
            return np.maximum(np.maximum(low - day, day - high), 0)

        here, there = distance(records.day), distance(records.other)
        has_key = ~np.isnan(key)
        is_off = has_key & (here > tolerance) & (here > there)
        is_off |= has_key & (here > 2 * tolerance)
        other_fits_order = ~has_key | (there <= tolerance)
        other_fits = has_key & other_fits_order
        is_sure = has_key & (here <= tolerance) & ~other_fits_order
        by_accident = np.where(has_key, np.minimum((high - low + 2 * tolerance) / spread, 1), by_accident)
    sent = ~np.isnan(records.shipped)
    with np.errstate(invalid="ignore"):
        soon = (records.shipped >= records.day) & (records.shipped - records.day <= LONGEST_SHIPPING_DAYS)
        soon_after = (records.shipped >= records.other) & (
            records.shipped - records.other <= LONGEST_SHIPPING_DAYS
        )
    by_accident = np.where(sent, np.minimum(by_accident, LONGEST_SHIPPING_DAYS / spread), by_accident)
    shown_by_shipping = sent & ~soon & soon_after & ~is_off & other_fits_order & ~is_sure
    is_off, other_fits = is_off | shown_by_shipping, other_fits | shown_by_shipping
    # A record that was sent out soon after its date as written, and not after the other, is right as it is.
    contradicted = sent & soon & ~soon_after
    if key is None:
        is_off |= sent & ~soon
        is_sure |= contradicted
    return _Clues(is_off & ~(contradicted & other_fits), other_fits, is_sure, by_accident)


def _with_majority(
    records: Dated, in_question: np.ndarray, damaged: np.ndarray, sure: np.ndarray, left: np.ndarray
) -> np.ndarray:
    """The damaged cells, and those undecided whose notation is damaged throughout."""
    import numpy as np

    cells = damaged.copy()
    undecided = in_question & ~damaged & ~sure & ~left
    for notation in np.unique(records.notation[in_question]):
        mine = records.notation == notation
        found, against = int((damaged & mine).sum()), int((sure & mine).sum())
        if found >= FEWEST_CELLS and found >= CLEAR_MAJORITY * (found + against):
            cells |= undecided & mine
    return cells


def _as_a_whole(records: Dated, in_question: np.ndarray) -> Verdict:
    """Where no date is beyond doubt, read all cells in question the other way, or none."""
    import numpy as np

    nothing = np.zeros(len(records.day), dtype=bool)
    best: tuple[float, np.ndarray | None, str] = (0.0, None, "")
    changed = np.where(in_question, records.other, records.day)
    for values, name in ((records.numbers, ORDER), (records.lines, ROW_ORDER)):
        found = rank_correlation(values, changed)
        if abs(found) > best[0]:
            best = (abs(found), values if found > 0 else -values, name)
    if best[0] < MINIMUM_CORRELATION or in_question.sum() < FEWEST_ANCHORS:
        return Verdict(nothing, reason="the records are in no order that could tell")
    statistics = _statistics(records, in_question, best[1], best[2])
    # Half of what was out of order must be gone: readings that differ little prove nothing.
    if 1 - best[0] > (1 - statistics[0].before) / 2:
        return Verdict(nothing, statistics, "the order of the records is as good with the dates as written")
    return Verdict(in_question, statistics, misplaced=int(in_question.sum()))


def _statistics(
    records: Dated, cells: np.ndarray, key: np.ndarray | None, name: str
) -> tuple[Statistic, ...]:
    """The file's figures with the dates as written and with `cells` read the other way."""
    import numpy as np

    changed = np.where(cells, records.other, records.day)
    found = []
    if key is not None:
        found.append(Statistic(name, rank_correlation(key, records.day), rank_correlation(key, changed)))
    sent = ~np.isnan(records.shipped) & ~np.isnan(records.day)
    if sent.sum() >= FEWEST_CELLS:
        with np.errstate(invalid="ignore"):
            before, after = (records.shipped >= records.day)[sent], (records.shipped >= changed)[sent]
        found.append(Statistic(SHIPPED, float(before.mean()), float(after.mean())))
    return tuple(found)


def _doubt(found: int, unexplained: int, accident: float, statistics: tuple[Statistic, ...]) -> str:
    """Why the figures do not prove the damage; '' when they do."""
    if found < FEWEST_CELLS:
        return (
            f"only {found} dates out of place fit when read the other way"
            if found
            else "no date is misplaced"
        )
    share = found / (found + unexplained)
    if share < MINIMUM_EXPLAINED:
        return f"only {share:.0%} of the dates out of place fit when read the other way"
    if accident > LARGEST_CHANCE:
        return f"so many fit by accident once in {1 / accident:,.0f} times"
    for statistic in statistics:
        if statistic.after < statistic.before:
            return f"the {statistic.name} would fall"
        if statistic.name != SHIPPED and statistic.after < MINIMUM_CORRELATION:
            return f"the {statistic.name} would still be {statistic.after:.2f}"
    return ""


__all__ = ["Dated", "Verdict", "find_misplaced"]
