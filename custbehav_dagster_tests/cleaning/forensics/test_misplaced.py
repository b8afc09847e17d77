"""Dates out of place are told by the order of the records and by shipping, in any shop."""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.cleaning.forensics.dates import (
    SWAPPED,
    YEAR_FIRST_OF_DAY_FIRST,
    YEAR_FIRST_OF_MONTH_FIRST,
    other_reading,
)
from custbehav_dagster.cleaning.forensics.misplaced import Dated, find_misplaced
from custbehav_dagster.cleaning.forensics.proof import chance_of_at_least, rank_correlation
from custbehav_dagster_tests.cleaning.forensics.spreadsheet import (
    Order,
    misread_year_first,
    orders_of,
    swapped,
)

EPOCH = date(1970, 1, 1)


def numbered(days: list[date | None]) -> np.ndarray:
    return np.array([np.nan if day is None else (day - EPOCH).days for day in days], dtype=float)


def records_of(orders: list[Order], read: list[date], rule: str, notation: list[int] | None = None) -> Dated:
    """The orders as their dates read, beside what `rule` makes of those that a spreadsheet saved."""
    kinds = notation or [1] * len(read)
    others = [other_reading(day, rule) if kind else None for day, kind in zip(read, kinds, strict=True)]
    return Dated(
        numbered(list(read)),
        numbered(others),
        np.array(kinds),
        np.array([order.number for order in orders], dtype=float),
        np.arange(len(orders), dtype=float),
        numbered([order.sent for order in orders]),
    )


def damaged(orders: list[Order], rule: str, share: float, seed: int) -> tuple[list[date], list[int]]:
    """What the dates read as after the damage, and which cells (1) the spreadsheet has saved."""
    chance = random.Random(seed)
    pattern = {YEAR_FIRST_OF_MONTH_FIRST: "%m/%d/%y", YEAR_FIRST_OF_DAY_FIRST: "%d/%m/%y"}.get(rule)
    read, kinds = [], []
    for order in orders:
        text = misread_year_first(order.day.strftime(pattern)) if pattern else swapped(order.day)
        is_hit = text is not None and chance.random() < share
        read.append(date.fromisoformat(text) if text and is_hit else order.day)
        # A swap leaves the notation as it was; a misread year gives the cell four figures.
        kinds.append(1 if is_hit or not pattern else 0)
    return read, kinds


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    share=st.floats(0.05, 0.6),
    rule=st.sampled_from([SWAPPED, YEAR_FIRST_OF_MONTH_FIRST, YEAR_FIRST_OF_DAY_FIRST]),
    with_shipping=st.booleans(),
)
def test_every_misread_date_comes_back_and_no_other_is_touched(
    seed: int, share: float, rule: str, with_shipping: bool
) -> None:
    orders = orders_of(800, seed, with_shipping=with_shipping)
    read, kinds = damaged(orders, rule, share, seed)
    records = records_of(orders, read, rule, kinds)
    verdict = find_misplaced(records, spread=365 if rule == SWAPPED else 1400)
    repaired = np.where(verdict.cells, records.other, records.day)
    truth = numbered([order.day for order in orders])
    assert verdict.holds
    assert not (verdict.cells & (records.day == truth)).any()
    # 3 February and 2 March are 27 days apart: between neighbours further apart than that, both fit.
    assert (repaired != truth).sum() <= (2 if rule == SWAPPED else 0)
    before, after = verdict.statistics[0].before, verdict.statistics[0].after
    assert before < after
    assert after > 0.99


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    share=st.floats(0, 0.3),
    rule=st.sampled_from([SWAPPED, YEAR_FIRST_OF_DAY_FIRST]),
)
def test_honest_dates_stay_however_odd_they_are(seed: int, share: float, rule: str) -> None:
    orders, chance = orders_of(500, seed), random.Random(seed)
    odd = [
        order.day + timedelta(days=chance.randint(-400, 400)) if chance.random() < share else order.day
        for order in orders
    ]
    verdict = find_misplaced(records_of(orders, odd, rule))
    assert not verdict.cells.any()


def test_a_shop_without_any_order_is_left_alone() -> None:
    orders = orders_of(400, 1, with_shipping=False)
    random.Random(2).shuffle(orders)
    read, kinds = damaged(orders, SWAPPED, 0.4, 3)
    shuffled = records_of(orders, read, SWAPPED, kinds)
    no_order = Dated(
        shuffled.day,
        shuffled.other,
        shuffled.notation,
        shuffled.numbers * np.nan,
        shuffled.lines,
        shuffled.shipped,
    )
    verdict = find_misplaced(no_order)
    assert not verdict.holds
    assert verdict.reason == "the records are in no order that could tell"


def test_shipping_alone_proves_a_swap_where_the_records_are_in_no_order() -> None:
    orders = orders_of(600, 4)
    random.Random(5).shuffle(orders)
    read, kinds = damaged(orders, SWAPPED, 0.6, 6)
    records = records_of(orders, read, SWAPPED, kinds)
    unnumbered = Dated(
        records.day, records.other, records.notation, records.numbers * np.nan, records.lines, records.shipped
    )
    verdict = find_misplaced(unnumbered)
    (shipped,) = verdict.statistics
    assert verdict.holds
    assert shipped.before < 0.95
    assert shipped.after == 1.0


@pytest.mark.parametrize(("hit", "is_shown"), [(2, False), (4, False), (12, True)])
def test_a_handful_of_misplaced_dates_proves_nothing(hit: int, is_shown: bool) -> None:
    orders = orders_of(600, 8)
    read, left = [], hit
    for order in orders:
        text = swapped(order.day)
        is_clear = text is not None and abs((date.fromisoformat(text) - order.day).days) > 100
        read.append(date.fromisoformat(text) if text and is_clear and left else order.day)
        left -= bool(is_clear and left)
    verdict = find_misplaced(records_of(orders, read, SWAPPED))
    assert verdict.holds == is_shown
    assert verdict.cells.sum() == (hit if is_shown else 0)


@pytest.mark.parametrize(
    ("day", "rule", "other"),
    [
        ("2005-11-20", YEAR_FIRST_OF_MONTH_FIRST, "2020-05-11"),
        ("2025-11-20", YEAR_FIRST_OF_DAY_FIRST, "2020-11-25"),
        ("2013-11-20", YEAR_FIRST_OF_MONTH_FIRST, None),
        ("2032-11-20", YEAR_FIRST_OF_DAY_FIRST, None),
        ("2031-02-20", YEAR_FIRST_OF_DAY_FIRST, None),
        ("1999-11-20", YEAR_FIRST_OF_DAY_FIRST, None),
        ("2018-03-18", YEAR_FIRST_OF_DAY_FIRST, None),
        ("2020-05-11", SWAPPED, "2020-11-05"),
        ("2020-05-13", SWAPPED, None),
        ("2020-05-05", SWAPPED, None),
    ],
)
def test_the_other_reading_of_a_date(day: str, rule: str, other: str | None) -> None:
    found = other_reading(date.fromisoformat(day), rule)
    assert (found and found.isoformat()) == other


def test_rank_correlation_shares_the_ranks_of_equal_values_and_skips_what_is_unknown() -> None:
    first = np.array([1.0, 2.0, 2.0, 4.0, np.nan])
    assert rank_correlation(first, np.array([10.0, 20.0, 20.0, 70.0, 1.0])) == pytest.approx(1)
    assert rank_correlation(first, -np.array([10.0, 20.0, 20.0, 70.0, 1.0])) == pytest.approx(-1)
    assert rank_correlation(first, np.ones(5)) == 0


@pytest.mark.parametrize(
    ("hits", "tries", "probability", "chance"),
    [(0, 5, 0.5, 1.0), (5, 5, 0.5, 1 / 32), (4, 5, 0.5, 6 / 32), (1, 3, 0.1, 0.271), (3, 3, 0.0, 0.0)],
)
def test_the_chance_of_so_many_by_accident(hits: int, tries: int, probability: float, chance: float) -> None:
    assert chance_of_at_least(hits, tries, probability) == pytest.approx(chance)
