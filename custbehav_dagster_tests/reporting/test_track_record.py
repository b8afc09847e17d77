"""What is told of earlier forecasts: what was said, what came, and when the first can be judged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis

from custbehav_dagster.contract.results import CHURN_EVALUATION, FORECAST_GRADES, FORECAST_LEDGER
from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.reporting.track_record import MOST_TOLD, gather_track_record
from custbehav_dagster.wording.words import Words
from custbehav_dagster_tests.insights.given import Rows, stored


def grade(as_of: date, actual: int = 15, days: int = 30) -> dict[str, Any]:
    return {
        "as_of": as_of, "horizon_days": days, "due_date": as_of + timedelta(days=days), "people": 177,
        "expected": 11.2, "low": 7.0, "high": 16.0, "variance": 9.0, "actual": actual, "log_loss": 0.3,
        "brier": 0.1, "model": "logistic", "is_synthetic": False,
    }  # fmt: skip


def told(con: ibis.BaseBackend, grades: Rows, ledger: Rows = ()) -> list[str]:
    record = gather_track_record(
        stored(con, FORECAST_GRADES, list(grades)),
        stored(con, FORECAST_LEDGER, list(ledger)),
        real_rows("churn.evaluation", stored(con, CHURN_EVALUATION, [])),
    )
    words = Words()
    return [words.text(grade.told) for grade in record.grades] or [words.text(record.not_yet or "unknown")]


def test_it_says_what_was_said_and_what_came(con: ibis.BaseBackend) -> None:
    assert told(con, [grade(date(2026, 3, 1))]) == [
        "On 1 March 2026 we said that about 11 of 177 buyers would order again by 31 March 2026 "
        "(80% sure: 7 to 16); 15 did, as expected."
    ]
    (sentence,) = told(con, [grade(date(2026, 3, 1), actual=40)])
    assert sentence.endswith("40 did, outside what was expected.")


def test_forecasts_that_overlap_are_told_once_and_not_too_many_of_them(con: ibis.BaseBackend) -> None:
    grades = [grade(date(2026, 1, 1) + timedelta(days=10 * number)) for number in range(20)]
    sentences = told(con, grades)
    assert len(sentences) == MOST_TOLD
    assert [sentence.split(" we said")[0] for sentence in sentences[:2]] == [
        "On 10 July 2026",
        "On 10 June 2026",
    ]


def test_before_any_is_due_it_says_when_the_first_will_be(con: ibis.BaseBackend) -> None:
    waiting = {
        "as_of": date(2026, 3, 1), "horizon_days": 30, "customer_id": "a", "due_date": date(2026, 3, 31),
        "p_return": 0.5, "verdict": "new", "model": "logistic", "is_synthetic": False,
    }  # fmt: skip
    assert told(con, [], [waiting]) == [
        "No forecast is old enough to be graded. The first will be after 31 March 2026."
    ]
    assert "No forecast with probabilities" in told(con, [])[0]
