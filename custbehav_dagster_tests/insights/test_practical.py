from datetime import date
from decimal import Decimal

import ibis
import pytest

from custbehav_dagster import contract
from custbehav_dagster.forecasting.second_order.table import second_order
from custbehav_dagster.forecasting.states import VERDICTS
from custbehav_dagster.insights.people import SLIPPING
from custbehav_dagster.insights.practical import FINDERS
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import (
    Rows,
    evaluation,
    insights_of,
    keyword,
    order,
    refund,
    segment,
    small_shop,
    stored,
    text,
    warehouse,
)

AS_OF = date(2024, 12, 31)


def found(con: ibis.BaseBackend, rows: dict[str, Rows], as_of: date = AS_OF) -> dict[str, dict]:
    tables = warehouse(con, **rows)
    again = second_order(tables["truth.orders"], tables["cleaned.order_items"], as_of, Settings())
    second_orders = stored(con, contract.second_order.SECOND_ORDER, again.to_pyarrow().to_pylist())
    insights = insights_of(tables, as_of, second_orders=second_orders)
    assert insights.schema() == contract.insights.PRACTICAL_INSIGHTS.schema
    return {row["insight_id"]: row for row in insights.to_pyarrow().to_pylist()}


def test_a_shop_with_enough_of_everything_gets_every_insight_in_reading_order(con: ibis.BaseBackend) -> None:
    shop = small_shop()
    shop["truth__orders"].append(order(9000, None, "2024-06-02", "999999.99"))
    assert list(found(con, shop)) == [
        "outlying_orders",
        "bought_once",
        "days_to_second_order",
        "expected_returners",
        "where_people_stand",
        "worth_of_a_year",
        "slipping_people",
        "top_tenth_share",
        "best_segment",
        "busiest_month",
        "sales_against_last_year",
        "refund_share",
        "positive_feedback",
        "stars_disagree",
        "worst_keyword",
        "consent_proven",
        "model_over_guess",
        "horizon_fits",
        "orders_without_customer",
        "rows_set_aside",
    ]
    optional = {"orders_without_rate", "brings_people_back", "keeps_people_away"}
    optional |= {
        find.__name__
        for find in FINDERS
        if find.__module__.endswith((".drivers", ".segments", ".findings", ".languages", ".leads_findings"))
    }
    assert len(found(con, shop)) == len(FINDERS) - len(optional)


def test_running_the_evidence_as_sql_gives_the_rows_it_claims(con: ibis.BaseBackend) -> None:
    shop = small_shop()
    shop["insights__keywords"] = [keyword(1, "mug's \"end", 50, -0.9)]
    insights = found(con, shop)
    assert "worst_keyword" in insights
    for insight in insights.values():
        query = f"SELECT count(*) FROM {insight['evidence_table']} WHERE {insight['evidence_filter']}"
        assert con.raw_sql(query).fetchone() == (insight["evidence_rows"],), insight["insight_id"]
        assert insight["evidence_rows"] > 0


def test_numbers_are_those_of_the_rows(con: ibis.BaseBackend) -> None:
    insights = found(con, small_shop())

    def sentence(name: str) -> str:
        return insights[name]["sentence"]

    assert sentence("bought_once") == "0% of the 30 buyers have bought once so far."
    # Ten people come back from March to December, 270 days; p1 earlier; twenty from December to December.
    assert insights["days_to_second_order"]["value"] == 366
    assert sentence("expected_returners").startswith(
        "About 7 of 30 people can be expected to order again within 120 days"
    )
    assert sentence("expected_returners").endswith("worth about £735.")
    assert sentence("slipping_people") == (
        "15 people are slipping away, of 30 buyers: their chance of another order is between 10% and 24%."
    )
    assert sentence("busiest_month").startswith("December is the busiest month: 73% of the year's sales")
    assert sentence("refund_share") == "Refunds took back 2.5% of what was sold (£40.00 of £1,621)."
    assert sentence("positive_feedback") == "60% of 50 texts of feedback are positive, 40% negative."
    assert sentence("stars_disagree").startswith("In 40% of 50 rated texts stars and words disagree: 20 give")
    assert sentence("worst_keyword").startswith(
        "Of the frequent words, “cracked” is said in the worst mood: 20 texts"
    )
    assert sentence("consent_proven").startswith("20% of the 30 people (6)")
    assert "in 75 of 100 pairs; the best simple rule (recency rule) in 68" in sentence("model_over_guess")
    assert sentence("orders_without_customer").startswith("4.7% of 85 orders")
    assert sentence("rows_set_aside").startswith(
        "2 rows of 140 in your files could not be used (1.4%); 3 rows repeat what stands elsewhere"
    )
    assert "regulars” is 33% of the buyers (10) and brings 60%" in sentence("best_segment")


def test_estimates_have_an_interval_that_holds_them(con: ibis.BaseBackend) -> None:
    insights = found(con, small_shop())
    estimated = {name for name, row in insights.items() if row["value_low"] is not None}
    assert {"bought_once", "days_to_second_order", "positive_feedback", "model_over_guess"} <= estimated
    for name in estimated:
        row = insights[name]
        assert row["value_low"] <= row["value"] <= row["value_high"], name


def test_every_insight_is_left_out_when_nothing_is_known(con: ibis.BaseBackend) -> None:
    assert found(con, {}) == {}


@pytest.mark.parametrize(("people", "is_told"), [(19, False), (20, True)])
def test_below_twenty_people_nothing_is_said_about_them(
    con: ibis.BaseBackend, people: int, is_told: bool
) -> None:
    rows = {"truth__orders": [order(n, f"p{n}", "2024-12-05") for n in range(people)]}
    insights = found(con, rows)
    assert ("bought_once" in insights) == is_told
    assert ("top_tenth_share" in insights) == is_told


def test_what_happened_after_the_last_known_day_is_not_seen(con: ibis.BaseBackend) -> None:
    rows = small_shop()
    before = found(con, rows)
    rows["truth__orders"] += [order(5000 + n, f"new{n}", "2025-01-01", "999.00") for n in range(40)]
    # Midnight in London is the end of the day, in winter the same moment as in UTC.
    rows["truth__single_source_of_truth"] += [text(9000, "bad", -0.9, day="2025-01-01")]
    after = found(con, rows)
    for name in ("bought_once", "top_tenth_share", "busiest_month", "positive_feedback"):
        assert after[name]["sentence"] == before[name]["sentence"]
        assert after[name]["evidence_rows"] == before[name]["evidence_rows"]


def test_synthetic_rows_are_used_only_when_there_are_no_real_ones_and_are_called_so(
    con: ibis.BaseBackend,
) -> None:
    made_up = [order(n, f"s{n}", "2024-12-05", is_synthetic=True) for n in range(50)]
    alone = found(con, {"truth__orders": made_up})
    assert alone["bought_once"]["is_synthetic"]
    assert alone["bought_once"]["evidence_rows"] == 50
    with_real = found(
        con, {"truth__orders": [*made_up, *(order(100 + n, f"p{n}", "2024-12-05") for n in range(20))]}
    )
    assert not with_real["bought_once"]["is_synthetic"]
    assert with_real["bought_once"]["evidence_rows"] == 20


def test_amounts_in_another_currency_are_not_added(con: ibis.BaseBackend) -> None:
    rows = [order(n, f"p{n}", "2024-12-05", "10.00") for n in range(20)]
    rows += [order(100 + n, f"e{n}", "2024-12-05", "9000.00", currency="EUR") for n in range(5)]
    top = found(con, {"truth__orders": rows})["top_tenth_share"]
    assert top["sentence"].endswith("(£20.00 of £200).")


def test_a_change_that_may_be_chance_is_called_so(con: ibis.BaseBackend) -> None:
    def year(number: int, orders: int) -> Rows:
        return [order(number * 1000 + n, None, f"{number}-11-{n % 28 + 1:02d}") for n in range(orders)]

    start = [order(1, None, "2023-10-01")]
    chance = found(con, {"truth__orders": [*start, *year(2023, 50), *year(2024, 56)]})[
        "sales_against_last_year"
    ]
    assert chance["value_low"] < 0 < chance["value_high"]
    assert chance["what_to_do"].startswith("The difference may be chance")
    growth = found(con, {"truth__orders": [*start, *year(2023, 50), *year(2024, 120)]})[
        "sales_against_last_year"
    ]
    assert growth["value_low"] > 0
    assert "more than the 51" in growth["sentence"]
    fall = found(con, {"truth__orders": [*start, *year(2023, 120), *year(2024, 50)]})[
        "sales_against_last_year"
    ]
    assert fall["what_to_do"].startswith("Ask what changed")


@pytest.mark.parametrize(
    ("first", "as_of", "is_told"),
    [
        ("2024-01-01", date(2024, 12, 31), True),
        ("2024-01-02", date(2024, 12, 31), False),
        ("2024-01-01", date(2024, 12, 30), False),
    ],
)
def test_the_busiest_month_needs_twelve_full_months(
    con: ibis.BaseBackend, first: str, as_of: date, is_told: bool
) -> None:
    rows = [order(0, "p", first), *(order(n, "p", "2024-11-05") for n in range(1, 30))]
    assert ("busiest_month" in found(con, {"truth__orders": rows}, as_of)) == is_told


def test_a_model_that_does_not_beat_the_simple_rule_is_not_praised(con: ibis.BaseBackend) -> None:
    contest = evaluation("auc", logistic=0.6, constant=0.5, recency_rule=0.66)
    contest += evaluation("log_loss", logistic=0.5, constant=0.66, recency_rule=0.58)
    insight = found(con, {"churn__evaluation": contest})["model_over_guess"]
    assert insight["what_to_do"].startswith("Rank people by how long ago they bought")


def test_refunds_alone_and_free_goods_divide_nothing_by_zero(con: ibis.BaseBackend) -> None:
    refunds = [refund(n, f"p{n}", "2024-12-05", "5.00") for n in range(30)]
    free = [order(100 + n, f"q{n}", "2024-12-05", "0.00") for n in range(30)]
    insights = found(con, {"truth__orders": refunds + free})
    assert "refund_share" not in insights
    assert "top_tenth_share" not in insights


def test_money_is_unknown_where_a_segment_has_no_share(con: ibis.BaseBackend) -> None:
    profiles = [segment(0, "a", 20, 0.5, None), segment(1, "b", 20, 0.5, None)]
    assert "best_segment" not in found(con, {"segments__segment_profiles": profiles})


def test_the_word_for_slipping_is_one_that_scores_give() -> None:
    assert SLIPPING in [word for _, word in VERDICTS]


def test_the_amount_of_an_order_that_was_paid_back_in_part_counts_once(con: ibis.BaseBackend) -> None:
    rows = [order(n, f"p{n}", "2024-12-05", "10.00") for n in range(19)]
    rows.append(
        order(50, "p50", "2024-12-05", "10.00", refund_amount=Decimal("4.00"), net_amount=Decimal("6.00"))
    )
    insight = found(con, {"truth__orders": rows})["refund_share"]
    assert insight["value"] == pytest.approx(0.02)


@pytest.mark.parametrize(("amount", "is_told"), [("500.00", False), ("500.01", True)])
def test_an_order_fifty_times_as_large_as_most_is_told_first(
    con: ibis.BaseBackend, amount: str, is_told: bool
) -> None:
    rows = [order(n, f"p{n}", "2024-12-05", "10.00") for n in range(40)]
    rows.append(order(99, "p99", "2024-12-05", amount))
    insights = found(con, {"truth__orders": rows})
    assert (next(iter(insights)) == "outlying_orders") == is_told
    if is_told:
        assert insights["outlying_orders"]["evidence_rows"] == 1
        assert insights["outlying_orders"]["sentence"].endswith(
            "(the largest: £500), 56% of all sales together."
        )


def test_stars_without_words_are_no_text(con: ibis.BaseBackend) -> None:
    texts = [text(n, "lovely", 0.6, rating=5.0) for n in range(20)]
    texts += [text(100 + n, "", 0.0, rating=1.0) for n in range(20)]
    insights = found(con, {"truth__single_source_of_truth": texts})
    assert insights["positive_feedback"]["sentence"].startswith("100% of 20 texts")
    assert "stars_disagree" not in insights


def test_a_shop_without_any_consent_is_told_so(con: ibis.BaseBackend) -> None:
    people = [
        {"customer_id": f"p{n}", "accepts_marketing": False, "record_count": 1, "is_synthetic": False}
        for n in range(20)
    ]
    sentence = found(con, {"truth__customers": people})["consent_proven"]["sentence"]
    assert sentence == "None of the 20 people has a proven consent to marketing mail."


def test_reviews_in_other_languages_are_told_and_left_out_of_the_shares(con: ibis.BaseBackend) -> None:
    shop = small_shop()
    before = found(con, shop)["positive_feedback"]
    foreign = {"sentiment": None, "sentiment_model": "not scored", "language": "fa"}
    shop["truth__single_source_of_truth"] += [text(5000 + n, "عالی بود", **foreign) for n in range(20)]
    rows = found(con, shop)
    told = rows["feedback_not_scored"]
    assert "not in English and have no mood score" in told["sentence"]
    assert "is Persian (20)" in told["sentence"]
    assert told["value"] == 20 / told["evidence_rows"]
    assert rows["positive_feedback"]["value"] == before["value"]
    assert "sentiment IS NOT NULL" in rows["positive_feedback"]["evidence_filter"]
