import ibis
import numpy as np
import pytest

from custbehav_dagster.forecasting.columns import FEATURES
from custbehav_dagster.forecasting.reasons import (
    REASON_COLUMNS,
    THEMES,
    reason_about,
    reasons_in_words,
    state_in_words,
    strongest_reasons,
)


def contributions(**parts):
    return np.array([[parts.get(feature, 0.0) for feature in FEATURES]])


def named(reasons):
    return [("+" if reason > 0 else "-") + THEMES[abs(reason) - 1] for reason in reasons[0] if reason]


@pytest.mark.parametrize(
    ("parts", "order_count", "expected"),
    [
        ({}, 2, []),
        ({"order_count": 0.09}, 2, []),
        ({"order_count": 0.1}, 2, ["+order_count"]),
        ({"order_count": 0.5, "recency_days": -0.7}, 2, ["-last_order", "+order_count"]),
        (
            {"order_count": 0.5, "recency_days": -0.7, "total_amount": 0.2, "channel_code": -0.3},
            2,
            ["-last_order", "+order_count", "-channel"],
        ),
        ({"day_of_week": 0.05, "month": 0.05, "season": 0.05}, 2, ["+month"]),
        ({"recency_days": -0.3, "tenure_days": 0.2, "inter_purchase_days": -0.4}, 2,
         ["-gap", "-last_order", "+first_order"]),
        # Who bought once has one time to speak of, not three.
        ({"recency_days": -0.3, "tenure_days": 0.2, "inter_purchase_days": -0.4}, 1, ["-last_order"]),
        ({"recency_days": -0.3, "tenure_days": 0.3}, 1, []),
    ],
)  # fmt: skip
def test_the_three_strongest_parts_are_the_reasons(parts, order_count, expected):
    assert named(strongest_reasons(contributions(**parts), np.array([order_count]))) == expected


def test_one_theme_alone_gives_one_reason_for_or_against():
    assert reason_about("last_order", np.array([0.5, -0.5, 0.05])).tolist() == [
        [3, 0, 0],
        [-3, 0, 0],
        [0, 0, 0],
    ]


PERSON = {
    "order_count": 4,
    "total_amount": 1123.4,
    "recency_days": 12,
    "tenure_days": 400,
    "inter_purchase_days": 60.4,
    "month": 12,
    "channel": "etsy",
    "region": "Kent",
}


def table_of(**changes):
    row = {**PERSON, **changes}
    types = {name: "float64" if isinstance(value, float) else "int64" for name, value in row.items()}
    texts = dict.fromkeys(("channel", "region", "state"), "string")
    return ibis.memtable([row], schema={**types, **{name: texts[name] for name in texts if name in row}})


def words(reasons, currency="GBP", **changes):
    numbered = dict(zip(REASON_COLUMNS, [*reasons, 0, 0, 0], strict=False))
    told = reasons_in_words(table_of(**changes, **numbered), "like the others", currency)
    return told.as_table().to_pyarrow().to_pylist()[0].popitem()[1]


@pytest.mark.parametrize(
    ("theme", "changes", "sentence"),
    [
        ("order_count", {}, "bought 4 times (for)"),
        ("order_count", {"order_count": 1}, "bought once (for)"),
        ("spend", {}, "spent £1,123.40 in 4 orders (for)"),
        ("spend", {"order_count": 1, "total_amount": 84.5}, "spent £84.50 in one order (for)"),
        ("spend", {"total_amount": -5.0}, "spent −£5.00 in 4 orders (for)"),
        ("last_order", {}, "last order 12 days ago, on average every 60 (for)"),
        ("last_order", {"order_count": 1}, "last order 12 days ago (for)"),
        ("last_order", {"recency_days": 1}, "last order 1 day ago, on average every 60 (for)"),
        ("last_order", {"recency_days": 0, "order_count": 1}, "last order on the last known day (for)"),
        ("gap", {}, "orders every 60 days on average (for)"),
        ("first_order", {}, "first order 400 days ago (for)"),
        ("month", {}, "last order in December (for)"),
        ("channel", {}, "last order through etsy (for)"),
        ("channel", {"channel": None}, "channel unknown (for)"),
        ("region", {}, "region Kent (for)"),
        ("region", {"region": None}, "region unknown (for)"),
        ("year_ago", {}, "ordered at this time last year (for)"),
    ],
)
def test_each_theme_has_its_words(theme, changes, sentence):
    number = THEMES.index(theme) + 1
    assert words([number], **changes) == sentence
    assert words([-number], **changes) == sentence.replace("(for)", "(against)")


def test_reasons_are_joined_and_their_absence_has_words_too():
    assert words([1, -2]) == "bought 4 times (for); spent £1,123.40 in 4 orders (against)"
    assert words([1, -3, 7]).count("; ") == 2
    assert words([0]) == "like the others"


def test_the_usual_gap_is_told_once():
    assert words([3, 4]) == "last order 12 days ago (for); orders every 60 days on average (for)"


@pytest.mark.parametrize(
    ("amount", "currency", "sentence"),
    [
        (0.0, "GBP", "£0.00"),
        (0.005, "GBP", "£0.01"),
        (-0.004, "GBP", "£0.00"),
        (999.995, "EUR", "€1,000.00"),
        (12_345.6, "USD", "$12,345.60"),
        (1_002_003.04, "CHF", "CHF 1,002,003.04"),
    ],
)
def test_money_is_told_to_the_penny_in_the_currency_of_the_shop(amount, currency, sentence):
    assert words([2], currency, total_amount=amount) == f"spent {sentence} in 4 orders (for)"


@pytest.mark.parametrize(
    ("state", "changes", "sentence"),
    [
        ("new", {"tenure_days": 3}, "first order 3 days ago"),
        ("active", {}, "last order 12 days ago; next one usually within 55 days"),
        (
            "lapsed",
            {"order_count": 1, "recency_days": 500},
            "last order 500 days ago; half of those who come back here do so within 55 days",
        ),
        ("seasonal", {}, "buys each year around November and not between"),
        ("gift-only", {"order_count": 1}, "the one order was a gift"),
        ("gift-only", {}, "all 4 orders were gifts"),
    ],
)
def test_each_state_says_why(state, changes, sentence):
    table = table_of(state=state, usual_gap_days=54.6, **changes).mutate(
        next_order_due_date=ibis.date("2024-11-03")
    )
    assert state_in_words(table).as_table().to_pyarrow().to_pylist()[0].popitem()[1] == sentence
