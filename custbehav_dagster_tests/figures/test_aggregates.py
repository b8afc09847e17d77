from datetime import date

import ibis
import pytest

from custbehav_dagster.contract import truth
from custbehav_dagster.figures import mood_with, people, sales, sentiment, texts
from custbehav_dagster.figures.months import months_between, newest_months
from custbehav_dagster.figures.style import Labels, drawing_style
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import order, refund, score, stored, text, warehouse

S = Settings()


def given_texts(con: ibis.BaseBackend, *rows: dict) -> ibis.Table:
    return stored(con, truth.SINGLE_SOURCE_OF_TRUTH, list(rows))


@pytest.mark.parametrize(
    ("score_of_text", "bin_and_mood"),
    [
        (-1.0, (-20, "negative")),
        (-0.05, (-1, "negative")),
        (-0.0499, (-1, "neutral")),
        (0.0, (0, "neutral")),
        (0.0499, (0, "neutral")),
        (0.05, (1, "positive")),
        (0.1, (2, "positive")),
        (0.15, (3, "positive")),
        (1.0, (19, "positive")),
    ],
)
def test_a_score_on_an_edge_falls_into_the_bin_that_begins_there(
    con: ibis.BaseBackend, score_of_text: float, bin_and_mood: tuple[int, str]
) -> None:
    frame = sentiment.sentiment_bins(given_texts(con, text(1, "a", score_of_text)), S)
    assert [(row["bin"], row["mood"]) for row in frame.to_dict("records")] == [bin_and_mood]


def test_months_without_texts_are_there_as_zero_and_only_the_newest_36_are_kept(
    con: ibis.BaseBackend,
) -> None:
    rows = given_texts(
        con,
        text(1, "a", 0.2, day="2019-01-31"),
        text(2, "b", 0.4, day="2024-01-01"),
        text(3, "c", 0.6, day="2024-03-31"),
    )
    frame = sentiment.monthly_mood(rows, S)
    assert len(frame) == 36
    assert frame.index[0] == date(2021, 4, 1)
    assert frame["texts"].iloc[-3:].tolist() == [1, 0, 1]


def test_months_are_those_of_the_shop_not_of_utc(con: ibis.BaseBackend) -> None:
    late = text(1, "new year", created_at="2023-12-31T23:30:00")
    from datetime import datetime

    late["created_at"] = datetime(2023, 12, 31, 23, 30)
    frame = texts.texts_by_calendar_month(given_texts(con, late), Settings(shop_timezone="Europe/Berlin"))
    assert frame.index.tolist() == [date(2024, 1, 1)]


@pytest.mark.parametrize(
    ("days", "months_kept"),
    [
        (["2024-01-15", "2024-12-31"], 12),
        (["2024-01-15", "2024-12-15"], 12),
        (["2024-01-15", "2025-01-15"], 12),
        (["2024-02-15", "2024-12-15"], 11),
        (["2022-11-15", "2024-12-15"], 24),
        (["2022-11-15", "2024-10-31"], 24),
        (["2022-11-15", "2024-10-30"], 12),
        (["2010-11-15", "2024-10-30"], 60),
    ],
)
def test_calendar_months_are_compared_over_whole_years_only(
    con: ibis.BaseBackend, days: list[str], months_kept: int
) -> None:
    rows = given_texts(con, *(text(n, "a", day=day) for n, day in enumerate(days)))
    assert len(texts.texts_by_calendar_month(rows, S)) == months_kept


@pytest.mark.parametrize(("words", "step"), [(0, 0), (199, 199), (249, 200), (1999, 1950), (2999, 2000)])
def test_word_counts_are_exact_while_short_and_rounded_down_when_long(
    con: ibis.BaseBackend, words: int, step: int
) -> None:
    frame = texts.word_count_steps(given_texts(con, text(1, "a", word_count=words)), S)
    assert frame["word_count"].tolist() == [step]


def test_sources_without_texts_are_counted_as_zero(con: ibis.BaseBackend) -> None:
    frame = texts.texts_per_source(given_texts(con, text(1, "a"), text(2, "b", source_type="web")), S)
    assert dict(zip(frame["source_type"], frame["texts"], strict=True)) == {
        "internal_feedback": 1,
        "public_sentiment": 0,
        "reddit": 0,
        "web": 1,
    }


def test_quantiles_are_those_of_each_source(con: ibis.BaseBackend) -> None:
    rows = [text(n, "a", n / 100, noise=0.01) for n in range(101)] + [text(500, "b", -0.5, source_type="web")]
    frame = mood_with.mood_and_noise_quantiles(given_texts(con, *rows), S).set_index("source_type")
    own = frame.loc["internal_feedback"]
    assert [
        own[f"sentiment_{name}"] for name in ("low", "first_quarter", "middle", "last_quarter", "high")
    ] == pytest.approx([0.05, 0.25, 0.5, 0.75, 0.95])
    assert frame.loc["web", "sentiment_middle"] == -0.5


def test_length_and_mood_are_binned_and_no_text_is_lost(con: ibis.BaseBackend) -> None:
    rows = [text(n, "a", n / 1000, word_count=n) for n in range(1000)]
    frame = mood_with.length_and_mood(given_texts(con, *rows), S)
    assert frame["texts"].sum() == 1000
    assert len(frame) < 80
    assert frame["correlation"].iloc[0] == pytest.approx(0.86, abs=0.02)


def test_refunds_lower_the_month_they_are_recorded_in_and_other_currencies_stay_out(
    con: ibis.BaseBackend,
) -> None:
    tables = warehouse(
        con,
        truth__orders=[
            order(1, "p1", "2024-01-05", "30.00"),
            order(2, "p1", "2024-01-06", "20.00"),
            refund(3, "p1", "2024-02-10", "12.50"),
            order(4, "p2", "2024-02-11", "500.00", currency="EUR"),
            order(5, "p3", "2024-02-12", "7.00", status="cancelled", is_purchase=False),
        ],
    )
    from custbehav_dagster.figures.registry import PICTURES

    rows = PICTURES["orders_by_month"].narrow(tables["truth.orders"])
    frame = sales.amounts_by_month(rows, S)
    assert frame["net_amount"].tolist() == [50.0, -12.5]
    assert frame["purchases"].tolist() == [2, 0]
    assert set(frame["currency"]) == {"GBP"}
    assert set(frame["last_day"]) == {date(2024, 2, 10)}


def test_only_the_first_purchase_of_a_person_is_a_first_order(con: ibis.BaseBackend) -> None:
    orders = stored(
        con,
        truth.ORDERS,
        [
            order(1, "p1", "2024-01-05"),
            order(2, "p1", "2024-01-20"),
            order(3, "p1", "2024-03-01"),
            order(4, "p2", "2024-03-02"),
            order(5, "p2", "2024-04-02"),
        ],
    )
    frame = sales.first_and_repeat_by_month(orders, S)
    assert frame["purchases"].tolist() == [2, 0, 2, 1]
    assert frame["first_orders"].tolist() == [1, 0, 1, 0]


def test_six_purchases_and_more_are_one_bar(con: ibis.BaseBackend) -> None:
    rows = [order(n, "often", f"2024-01-{n + 1:02d}") for n in range(9)] + [order(20, "once", "2024-01-01")]
    frame = sales.people_by_purchases(stored(con, truth.ORDERS, rows), S)
    assert frame.to_dict("list") == {"purchases": [1, 6], "people": [1, 1]}


def test_a_certain_return_falls_into_the_last_bin(con: ibis.BaseBackend) -> None:
    tables = warehouse(con, churn__scores=[score(1, 1.0), score(2, 0.0), score(3, 0.05)])
    frame = people.probability_bins(tables["churn.scores"], S)
    assert frame["bin"].tolist() == [0, 1, 19]
    assert frame["expected"].sum() == pytest.approx(1.05)


def headline(figure: object) -> str:
    return str(figure.get_label())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (
            {"logistic": 0.77, "constant": 0.5, "recency_rule": 0.73},
            "in 77 of 100 pairs; the best simple rule in 73, guessing in 50",
        ),
        (
            {"logistic": 0.6, "constant": 0.5, "recency_rule": 0.66},
            "No model beats the best simple rule at ranking (0.60 against 0.66)",
        ),
        ({"logistic": 0.6, "constant": 0.5}, "in 60 of 100 pairs; guessing in 50"),
    ],
)
def test_the_comparison_says_honestly_who_wins(
    con: ibis.BaseBackend, models: dict[str, float], said: str
) -> None:
    from custbehav_dagster_tests.insights.given import evaluation

    tables = warehouse(con, churn__evaluation=evaluation("auc", **models))
    values = people.metrics_of_contestants(tables["churn.evaluation"], S)
    with drawing_style():
        assert said in headline(people.draw_churn_models_vs_baselines(values, Labels(False, len(values))))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.2, 0.6, "The mood is rising"),
        (0.6, 0.2, "The mood is falling"),
        (0.6, 0.61, "The mood shows no clear change"),
    ],
)
def test_a_trend_is_claimed_only_when_it_is_clear(
    con: ibis.BaseBackend, before: float, after: float, said: str
) -> None:
    rows = [
        text(
            1000 * month + n,
            "a",
            (before if month < 4 else after) + (n % 3 - 1) / 10,
            day=f"2024-{month:02d}-10",
        )
        for month in range(1, 7)
        for n in range(12)
    ]
    frame = sentiment.monthly_mood(given_texts(con, *rows), S)
    with drawing_style():
        assert headline(sentiment.draw_trend_line(frame, Labels(False, 72))).startswith(said)


def test_few_texts_claim_no_trend_and_no_busy_month(con: ibis.BaseBackend) -> None:
    rows = given_texts(con, *(text(n, "a", n / 10, day=f"2024-{n + 1:02d}-10") for n in range(8)))
    with drawing_style():
        trend = sentiment.draw_trend_line(sentiment.monthly_mood(rows, S), Labels(False, 8))
        months = texts.draw_feedback_by_month(texts.texts_by_calendar_month(rows, S), Labels(False, 8))
    assert "more texts or months are needed" in headline(trend)
    assert headline(months).startswith("Too little feedback yet")


def test_months_run_over_the_turn_of_the_year() -> None:
    months = months_between(date(2023, 11, 30), date(2024, 2, 1))
    assert months == [date(2023, 11, 1), date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1)]


def test_no_month_stays_no_month() -> None:
    import pandas as pd

    assert newest_months(pd.DataFrame({"month_start": [], "texts": []})).empty


def test_a_month_that_dwarfs_all_others_is_cut_off_and_named(con: ibis.BaseBackend) -> None:
    rows = [order(n, "p", f"2024-{n + 1:02d}-28", "100.00") for n in range(12)]
    rows.append(order(50, "p", "2024-03-05", "999999.99"))
    frame = sales.amounts_by_month(stored(con, truth.ORDERS, rows), S)
    with drawing_style():
        figure = sales.draw_orders_by_month(frame, Labels(False, 13))
    top = figure.axes[0]
    assert headline(figure).startswith("Check March 2024: far above all other months")
    assert top.get_ylim()[1] == pytest.approx(130)
    assert [note.get_text() for note in top.texts] == ["£1M"]


def test_stars_without_words_are_not_drawn(con: ibis.BaseBackend) -> None:
    from custbehav_dagster.figures.registry import PICTURES

    table = given_texts(con, text(1, "lovely"), text(2, ""), text(3, "😀", word_count=0))
    for name in ("sentiment_distribution", "word_count_distribution", "trend_line"):
        assert PICTURES[name].narrow(table).count().to_pyarrow().as_py() == 2
