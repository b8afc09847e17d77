import ibis
import numpy as np
import pytest

from custbehav_dagster.forecasting.columns import FEATURES
from custbehav_dagster.forecasting.reasons import (
    REASON_COLUMNS,
    THEMES,
    reason_about,
    reasons_in_words,
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
    "total_amount": 123.4,
    "recency_days": 12,
    "tenure_days": 400,
    "inter_purchase_days": 60.4,
    "month": 12,
    "channel": "etsy",
    "region": "Kent",
}


def words(reasons, **changes):
    row = {**PERSON, **changes, **dict(zip(REASON_COLUMNS, [*reasons, 0, 0, 0], strict=False))}
    table = ibis.memtable([row], schema={"channel": "string", "region": "string"} | {
        name: "float64" if isinstance(value, float) else "int64"
        for name, value in row.items() if name not in ("channel", "region")
    })  # fmt: skip
    return table.select(words=reasons_in_words(table, "like the others")).to_pyarrow().to_pylist()[0]["words"]


@pytest.mark.parametrize(
    ("theme", "changes", "sentence"),
    [
        ("order_count", {}, "bought 4 times (for)"),
        ("order_count", {"order_count": 1}, "bought once (for)"),
        ("total_amount", {}, "spent 123.40 in all (for)"),
        ("total_amount", {"total_amount": -5.0}, "spent -5.00 in all (for)"),
        ("last_order", {}, "last bought 12 days ago (for)"),
        ("last_order", {"recency_days": 1}, "last bought 1 day ago (for)"),
        ("last_order", {"recency_days": 0}, "last bought on the last known day (for)"),
        ("gap", {}, "usual gap 60 days (for)"),
        ("first_order", {}, "first bought 400 days ago (for)"),
        ("month", {}, "last bought in December (for)"),
        ("channel", {}, "last bought through etsy (for)"),
        ("channel", {"channel": None}, "channel unknown (for)"),
        ("region", {}, "region Kent (for)"),
        ("region", {"region": None}, "region unknown (for)"),
    ],
)
def test_each_theme_has_its_words(theme, changes, sentence):
    number = THEMES.index(theme) + 1
    assert words([number], **changes) == sentence
    assert words([-number], **changes) == sentence.replace("(for)", "(against)")


def test_reasons_are_joined_and_their_absence_has_words_too():
    assert words([1, -3]) == "bought 4 times (for); last bought 12 days ago (against)"
    assert words([1, -3, 7]).count("; ") == 2
    assert words([0]) == "like the others"
