"""What the owner is told of second orders, and what is kept back."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import ibis
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.second_order import LESS, MORE, NO_DIFFERENCE, TOO_FEW
from custbehav_dagster.insights.evidence import Rows, real_rows
from custbehav_dagster.insights.insight import Facts
from custbehav_dagster.insights.second_order import (
    brings_people_back,
    horizon_fits,
    keeps_people_away,
    second_order_window,
    too_late,
)
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import order, stored


def row(factor: str, level: str, share: float, verdict: str | None = None, **changes: Any) -> dict[str, Any]:
    made = {
        "factor": factor, "level": level, "from_day": 0, "within_days": 120, "people": 300,
        "second_orders": 60, "all_second_orders": 70, "share": share, "share_low": 0.8 * share,
        "share_high": 1.2 * share, "verdict": verdict, "is_synthetic": False,
    }  # fmt: skip
    if verdict:
        made |= {
            "ratio": 1.8 if verdict == MORE else 0.6,
            "ratio_low": 0.4,
            "ratio_high": 2.4,
            "chance_of_luck": 0.01,
        }
    return {**made, **changes}


EVERYBODY = row(
    "everybody", "all", 0.14, half_within_days=47, half_low_days=40, half_high_days=60, most_within_days=97
)


def facts(con: ibis.BaseBackend, rows: list[dict[str, Any]], orders: Any = None, **knobs: Any) -> Facts:
    told = stored(con, contract.second_order.SECOND_ORDER, [EVERYBODY, *rows])
    known = {
        "orders": Rows("truth.orders", stored(con, contract.truth.ORDERS, orders or [])),
        "second_order": real_rows("churn.second_order", told),
        "as_of": date(2025, 6, 30),
        "currency": "GBP",
        "settings": Settings(**knobs),
    }
    return Facts(**{field.name: known.get(field.name) for field in fields(Facts)})


def waiting(day: int, share: float) -> dict[str, Any]:
    return row("waiting", f"after {day} days", share, from_day=day, within_days=30)


def test_the_window_says_when_writing_pays(con: ibis.BaseBackend) -> None:
    told = second_order_window(facts(con, [waiting(0, 0.048), waiting(90, 0.018), waiting(120, 0.01)]))
    assert told.sentence == (
        "Half of all second orders come within 47 days of the first, four in five within 97. "
        "Of new buyers 4.8% come back within 30 days; of those silent for 120 days, 1.0% in the next 30."
    )
    assert told.what_to_do == (
        "Write for the second order before day 47, and again before day 97: later it rarely pays."
    )
    assert (told.value, told.interval) == (47, (40, 60))
    steady = second_order_window(facts(con, [waiting(0, 0.02), waiting(120, 0.019)]))
    assert steady.what_to_do == "Write for the second order before day 47, and again before day 97."


@pytest.mark.parametrize(
    ("orders", "silent", "is_late"), [(1.0, 98.0, True), (1.0, 97.0, False), (2.0, 300.0, False)]
)
def test_nobody_is_asked_for_a_second_order_when_its_time_has_passed(
    con: ibis.BaseBackend, orders: float, silent: float, is_late: bool
) -> None:
    group = {"people": 414, "median_order_count": orders, "median_recency_days": silent}
    told = too_late(facts(con, []), group)
    assert (told is not None) == is_late
    assert not is_late or told.startswith("Half of the 414 people here have not bought for 98 days")


def test_what_brings_people_back_is_told_when_it_is_no_luck(con: ibis.BaseBackend) -> None:
    rows = [
        row("first product", "Silver ring", 0.26, MORE),
        row("channel", "web", 0.2, MORE, chance_of_luck=0.04),
    ]
    told = brings_people_back(facts(con, rows))
    assert told.sentence == (
        "Buyers whose first order was “Silver ring” come back more often: 26% of 300 order again within 120 "
        "days, of all buyers 14%. Other things being equal that is 1.80 times the average "
        "(95% sure: 0.40 to 2.40)."
    )
    assert told.evidence.filter_text.endswith("factor = 'first product' AND level = 'Silver ring'")
    assert told.evidence.count() == 1


@pytest.mark.parametrize("verdict", [NO_DIFFERENCE, TOO_FEW, None])
def test_nothing_is_told_when_nothing_is_sure(con: ibis.BaseBackend, verdict: str | None) -> None:
    unsure = facts(con, [row("channel", "web", 0.3, verdict)])
    assert brings_people_back(unsure) is None
    assert keeps_people_away(unsure) is None


def test_of_two_sides_one_is_told(con: ibis.BaseBackend) -> None:
    sides = [row("gift", "marked as a gift", 0.05, LESS), row("gift", "not marked as a gift", 0.2, MORE)]
    assert "not marked as a gift come back more often" in brings_people_back(facts(con, sides)).sentence
    assert keeps_people_away(facts(con, sides)) is None
    alone = keeps_people_away(facts(con, [row("season", "winter", 0.05, LESS)]))
    assert alone.sentence.startswith("Buyers who first ordered in winter come back less often: 5.0% of 300")


@pytest.mark.parametrize(
    ("horizon", "ending", "advice"),
    [
        (120, "forecasts look 120 days ahead, which fits.", "Nothing to do."),
        (
            45,
            "which is short for this shop.",
            "Set CUSTBEHAV_HORIZON_DAYS=90 in the file .env, then refresh.",
        ),
        (
            365,
            "which is long for this shop.",
            "Set CUSTBEHAV_HORIZON_DAYS=90 in the file .env, then refresh.",
        ),
    ],
)
def test_a_setting_far_from_the_shops_own_waits_is_said(
    con: ibis.BaseBackend, horizon: int, ending: str, advice: str
) -> None:
    orders = [order(2 * n, f"p{n}", "2024-01-10") for n in range(40)]
    orders += [order(2 * n + 1, f"p{n}", f"2024-03-{1 + n:02d}") for n in range(30)]
    told = horizon_fits(facts(con, [], orders, horizon_days=horizon))
    assert told.sentence.startswith(
        "Of the people who come back, half do so within 65 days of the order before"
    )
    assert told.sentence.endswith(ending)
    assert told.what_to_do == advice
