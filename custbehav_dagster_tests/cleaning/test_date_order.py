from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.cleaning.date_order import CountedDate, decide_date_order, row_order_correlation


def counted(*texts: str) -> list[CountedDate]:
    """One row per text, in this order."""
    return [CountedDate(text, 1, float(line)) for line, text in enumerate(texts, start=2)]


def test_a_day_above_twelve_decides_for_the_whole_column() -> None:
    decision = decide_date_order(counted("03/04/2024", "13/04/2024", "05/04/2024"), "month_first")
    assert (decision.date_order, decision.decided_by) == ("day_first", "figures")
    assert (decision.day_first_values, decision.month_first_values, decision.ambiguous_values) == (1, 0, 2)
    assert decision.note == "2 dates could be read both ways; taken day first since 1 other can only be so."


def test_a_file_that_mixes_both_orders_follows_the_majority_and_says_so() -> None:
    decision = decide_date_order(counted("01/13/2024", "01/14/2024", "15/01/2024", "02/03/2024"), "day_first")
    assert (decision.date_order, decision.decided_by) == ("month_first", "figures")
    assert "1 can only be the other way round: the file mixes both, please check it" in decision.note


def test_a_tie_of_the_figures_is_left_to_the_setting() -> None:
    decision = decide_date_order(counted("01/13/2024", "13/01/2024", "02/03/2024"), "month_first")
    assert (decision.date_order, decision.decided_by) == ("month_first", "setting")


def test_counts_are_of_rows_not_of_distinct_dates() -> None:
    decision = decide_date_order(
        [CountedDate("13/01/2024", 41, 5.0), CountedDate("02/03/2024", 312, 9.0)], "day_first"
    )
    assert decision.note.startswith("312 dates could be read both ways; taken day first since 41 others")


def ambiguous_days(order: str, *, reverse: bool = False) -> list[str]:
    """All days of three years that have no figure above twelve, oldest first, as figures in `order`."""
    days = [date(2022, 1, 1) + timedelta(days=count) for count in range(3 * 365)]
    form = "%d/%m/%Y" if order == "day_first" else "%m/%d/%Y"
    texts = [day.strftime(form) for day in days if day.day <= 12]
    return texts[::-1] if reverse else texts


@pytest.mark.parametrize("reverse", [False, True], ids=["old to new", "new to old"])
@pytest.mark.parametrize("order", ["day_first", "month_first"])
def test_without_such_a_day_the_order_of_the_rows_decides(order: str, reverse: bool) -> None:
    other = "day_first" if order == "month_first" else "month_first"
    decision = decide_date_order(counted(*ambiguous_days(order, reverse=reverse)), other)
    assert (decision.date_order, decision.decided_by) == (order, "row order")
    assert "rank correlation 1.00 against" in decision.note


@given(st.integers(0, 10_000))
def test_rows_in_no_order_leave_it_to_the_setting(seed: int) -> None:
    texts = ambiguous_days("day_first")
    Random(seed).shuffle(texts)
    assert decide_date_order(counted(*texts), "month_first").decided_by == "setting"


def test_too_few_dates_cannot_decide_by_their_order() -> None:
    decision = decide_date_order(counted(*ambiguous_days("month_first")[:7]), "day_first")
    assert (decision.date_order, decision.decided_by) == ("day_first", "setting")
    assert "nothing in the file decides it" in decision.note


def test_unreadable_values_are_counted_and_told() -> None:
    decision = decide_date_order(counted("2024-01-02", "soon", "31/02/2024"), "day_first")
    assert decision.unreadable_values == 2
    assert decision.note == "No date could be read both ways. 2 values could not be read as a date."


def test_the_correlation_is_taken_within_years() -> None:
    # Across the years all is in order; within each of them it is upside down.
    days = [date(year, month, 1) for year in (2022, 2023) for month in (6, 5, 4, 3, 2, 1)]
    assert row_order_correlation(days, range(12)) == pytest.approx(1.0)
    assert row_order_correlation([date(2024, 1, 1)] * 5, range(5)) == 0.0
    assert row_order_correlation([], []) == 0.0
