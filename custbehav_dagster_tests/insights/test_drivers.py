"""What the owner reads of praise, complaints, words and products: only what its table calls sure."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract import insights, interest
from custbehav_dagster.insights.drivers import (
    bought_next,
    bought_together,
    complained_most,
    complaints_cost,
    complaints_grow,
    praised_most,
    rising_in_public,
    rising_words,
)
from custbehav_dagster.insights.evidence import Rows as Evidence
from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.insights.insight import Facts, Insight
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import Rows, stored

FINDERS = (
    praised_most,
    complained_most,
    complaints_cost,
    complaints_grow,
    rising_words,
    rising_in_public,
    bought_together,
    bought_next,
)


def found(
    con: ibis.BaseBackend, aspects: Rows = (), trends: Rows = (), affinity: Rows = ()
) -> dict[str, Insight]:
    tables = {
        name: real_rows(f"insights.{table.noun}", stored(con, table, list(rows)))
        for name, table, rows in (
            ("aspects", insights.ASPECTS, aspects),
            ("trends", interest.TRENDS, trends),
            ("affinity", interest.PRODUCT_AFFINITY, affinity),
        )
    }
    nothing = Evidence("none", contract.insights.KEYWORDS.empty())
    others = {name: nothing for name in Facts.__dataclass_fields__ if name not in tables}
    others |= {"as_of": date(2026, 6, 30), "currency": "GBP", "settings": Settings(horizon_days=90)}
    facts = Facts(**{**others, **tables})
    told = [insight for find in FINDERS if (insight := find(facts)) is not None]
    for one in told:
        rows = con.raw_sql(
            f"SELECT count(*) FROM {one.evidence.name} WHERE {one.evidence.filter_text}"
        ).fetchall()[0]
        assert rows == (one.evidence.count(),)
        assert rows[0] > 0
        assert one.interval is not None
        assert one.interval[0] <= one.value <= one.interval[1]
    return {one.insight_id: one for one in told}


def aspect(name: str = "delivery", **changes: Any) -> dict[str, Any]:
    """A row in which nothing is sure."""
    row = {
        "aspect": name,
        "texts_looked_at": 400,
        "texts": 100,
        "praising_texts": 10,
        "complaining_texts": 10,
        "average_sentiment": 0.1,
        "sentiment_low": 0.0,
        "sentiment_high": 0.2,
        "complainers": 80,
        "complainers_who_came_back": 8,
        "others": 300,
        "others_who_came_back": 75,
        "return_difference": -0.14,
        "return_difference_low": -0.22,
        "return_difference_high": -0.06,
        "people_lost": 11.2,
        "people_lost_low": 4.8,
        "people_lost_high": 17.6,
        "is_return_sure": False,
        "recent_writers": 60,
        "recent_complainers": 15,
        "earlier_writers": 200,
        "earlier_complainers": 10,
        "complaint_ratio": 4.9,
        "complaint_ratio_low": 2.3,
        "complaint_ratio_high": 10.2,
        "is_complaint_change_sure": False,
        "is_synthetic": False,
    }
    return {**row, **changes}


def rising(said: str, rank: int, source: str = "internal_feedback", **changes: Any) -> dict[str, Any]:
    row = {
        "source_type": source,
        "kind": "word",
        "said": said,
        "direction": "rising",
        "recent_texts": 12,
        "recent_of": 90,
        "earlier_texts": 4,
        "earlier_of": 300,
        "ratio": 9.4,
        "ratio_low": 2.1,
        "ratio_high": 42.0,
        "recent_from": date(2026, 4, 2),
        "questions": 500,
        "trend_rank": rank,
        "is_synthetic": False,
    }
    return {**row, **changes}


def pair(kind: str, **changes: Any) -> dict[str, Any]:
    row = {
        "kind": kind,
        "product_key": "cup",
        "product": "Cup",
        "other_key": "saucer",
        "other_product": "Saucer",
        "counted": "orders",
        "both": 30,
        "with_product": 60,
        "with_other": 40,
        "of_all": 500,
        "support": 0.06,
        "confidence": 0.5,
        "confidence_low": 0.377,
        "confidence_high": 0.623,
        "lift": 6.25,
        "expected": 4.8,
        "times_expected": 6.25,
        "times_low": 4.2,
        "times_high": 8.9,
        "affinity_rank": 1,
        "is_synthetic": False,
    }
    return {**row, **changes}


def test_a_shop_in_which_nothing_is_sure_hears_nothing(con: ibis.BaseBackend) -> None:
    assert found(con) == {}
    assert found(con, [aspect()], [rising("old", 1, direction="falling")], [pair("bought again")]) == {}


def test_what_a_complaint_costs_is_told_in_people_with_its_interval(con: ibis.BaseBackend) -> None:
    insight = found(con, [aspect(is_return_sure=True)])["complaints_cost"]
    assert insight.sentence == (
        "Of the 80 people who complained of delivery, 10% came back within 90 days, of the others 25%. "
        "Against others of the same season, about 11 people were lost (95% sure: between 5 and 18)."
    )
    assert insight.what_to_do.startswith("Mend delivery first")


def test_people_who_complain_and_come_back_more_often_are_no_cost(con: ibis.BaseBackend) -> None:
    more = aspect(
        is_return_sure=True, return_difference=0.1, return_difference_low=0.02, return_difference_high=0.2
    )
    assert "complaints_cost" not in found(con, [more])


def test_the_costliest_of_several_is_told_and_the_shops_own_words_are_quoted(con: ibis.BaseBackend) -> None:
    rows = [
        aspect(is_return_sure=True),
        aspect("clasp", is_return_sure=True, people_lost=15.0, people_lost_high=20.0),
    ]
    assert "complained of “clasp”" in found(con, rows)["complaints_cost"].sentence


@pytest.mark.parametrize(
    ("praising", "texts", "is_told"), [(59, 100, False), (60, 100, True), (19, 19, False), (20, 20, True)]
)
def test_praise_is_told_when_surely_more_than_half_of_enough_texts_hold_it(
    con: ibis.BaseBackend, praising: int, texts: int, is_told: bool
) -> None:
    rows = [aspect("quality", praising_texts=praising, texts=texts)]
    assert ("praised_most" in found(con, rows)) == is_told


def test_the_aspect_with_most_complaints_is_told_from_twenty_texts_on(con: ibis.BaseBackend) -> None:
    assert "complained_most" not in found(con, [aspect(complaining_texts=19)])
    insight = found(con, [aspect(complaining_texts=40), aspect("price", complaining_texts=30)])
    assert insight["complained_most"].sentence == (
        "People complain of delivery most: 40 of 400 texts (10%) say something bad of it, 10 something good."
    )


def test_complaints_that_grow_are_told_with_both_times(con: ibis.BaseBackend) -> None:
    insight = found(con, [aspect(is_complaint_change_sure=True)])["complaints_grow"]
    assert insight.sentence == (
        "Complaints about delivery grow: 15 of 60 people who wrote in the last 90 days, 10 of 200 in the "
        "year before (4.9 times as often; 95% sure: between 2.3 and 10.2 times)."
    )
    fewer = aspect(is_complaint_change_sure=True, complaint_ratio=0.4)
    assert "complaints_grow" not in found(con, [fewer])


def test_words_of_the_shop_and_of_strangers_are_two_findings(con: ibis.BaseBackend) -> None:
    told = found(
        con, trends=[rising("dishwasher", 1), rising("vegan wax", 2), rising("lamp", 1, source="reddit")]
    )
    assert told["rising_words"].sentence == (
        "In your customers' feedback of the last 90 days “dishwasher” and “vegan wax” are said clearly more "
        "often: “dishwasher”, 12 of 90 lately, 4 of 300 in the year before (9.4 times as often; 95% sure: "
        "between 2.1 and 42.0 times)."
    )
    assert "“lamp” is said clearly more often: 12 of 90 lately" in told["rising_in_public"].sentence


def test_what_is_bought_together_and_next_is_told_with_counts(con: ibis.BaseBackend) -> None:
    told = found(con, affinity=[pair("bought together"), pair("bought next", counted="people")])
    assert told["bought_together"].sentence == (
        "“Cup” and “Saucer” are bought together: 30 orders hold both, where chance would give 5 orders."
    )
    assert told["bought_next"].sentence == (
        "Of those who came back after buying “Cup”, 50% bought “Saucer” next; 8.0% of all who came back did."
    )
