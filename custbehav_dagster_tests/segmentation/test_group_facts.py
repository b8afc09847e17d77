from datetime import date

import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.segmentation.group_facts import Behind
from custbehav_dagster.segmentation.profiles import rfm_profiles, segment_profiles
from custbehav_dagster_tests.forecasting.shops import order, stored, text


def person(customer_id, segment, name):
    return {
        "customer_id": customer_id, "as_of": date(2024, 6, 30), "order_count": 10, "total_amount": 100.0,
        "recency_days": 3, "segment": 0, "segment_name": "everybody", "method": "k-means",
        "rfm_segment": segment, "rfm_segment_name": name, "is_synthetic": False,
    }  # fmt: skip


def item(order_id, product, **changes):
    return {
        "order_id": order_id, "product": product, "quantity": 1.0, "unit_price": 5, "line_amount": 5,
        "kind": "product", "is_synthetic": False, "source_file": "items.csv", **changes,
    }  # fmt: skip


@pytest.fixture
def made(con):
    """Ann buys twenty mugs on the web, Bea ten cards and ten mugs at fairs; both buy after the last day."""
    people = [person("ann", 0, "regulars"), person("bea", 1, "big spenders")]
    days = [f"2024-05-{day:02d}" for day in range(1, 21)] + ["2024-07-01"]
    orders = [order("ann", day, channel="web") for day in days]
    orders += [order("bea", day, channel="fair" if day < "2024-05-20" else "web") for day in days]
    items = [item(f"ann-{day}", "Mug") for day in days]
    items += [item(f"bea-{day}", "Card" if day < "2024-05-11" else "Mug") for day in days]
    items += [item(f"bea-{day}", "Gift wrapping", kind="gift_wrap") for day in days]
    texts = [
        text("ann", "2024-05-02T10:00:00", 0.5),
        text("ann", "2024-05-03T10:00:00", -0.1),
        text("ann", "2024-05-04T10:00:00", 0.9, word_count=0),
        text("ann", "2024-07-02T10:00:00", -1.0),
    ]
    behind = Behind(
        stored(con, contract.truth.ORDERS, orders),
        stored(con, contract.cleaned.ORDER_ITEMS, items),
        stored(con, contract.truth.SINGLE_SOURCE_OF_TRUTH, texts),
    )
    return stored(con, contract.segments.CUSTOMERS_WITH_SEGMENTS, people), behind


def test_a_group_is_told_by_what_it_buys_where_and_in_what_mood(made):
    table = rfm_profiles(*made)
    assert all(verdict.holds for verdict in judge(contract.segments.RFM_PROFILES, table))
    ann, bea = table.to_pyarrow().to_pylist()
    # Of 40 lines 30 are mugs: 15 expected of each; (20 + 5) / (15 + 5) and (10 + 5) / (5 + 5).
    assert (ann["segment_name"], ann["top_products"], ann["main_channels"]) == (
        "regulars",
        "Mug (1.2×)",
        "web 100%",
    )
    assert (bea["top_products"], bea["main_channels"]) == ("Card (1.5×)", "fair 95%, web 5%")
    assert (ann["texts"], ann["average_sentiment"]) == (2, pytest.approx(0.2))
    assert (bea["texts"], bea["average_sentiment"]) == (None, None)
    assert ann["what_to_do"].startswith("Show them first what is new; they need no discount.")


def test_one_group_has_no_tastes_of_its_own(made):
    (row,) = segment_profiles(*made).to_pyarrow().to_pylist()
    assert (row["top_products"], row["main_channels"], row["texts"]) == (None, "web 52%, fair 48%", 2)


def test_without_orders_items_and_texts_a_profile_tells_the_rest(made):
    rows = rfm_profiles(made[0]).to_pyarrow().to_pylist()
    assert [(row["people"], row["share_of_amount"], row["top_products"]) for row in rows] == [
        (1, 0.5, None)
    ] * 2
