from datetime import date, datetime, timedelta
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster import contract
from custbehav_dagster.forecasting.features import NO_DAY, customer_features, last_known_day, resolve_as_of
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.shops import customer, order, refund, shop_of, text, toy_shop

AS_OF = date(2024, 3, 31)


def features_of(shop, as_of=AS_OF, **knobs):
    table = customer_features(*shop.tables, as_of, Settings(**knobs))
    return {row["customer_id"]: row for row in table.to_pyarrow().to_pylist()}


def test_counts_days_and_amounts_of_a_person(con):
    shop = shop_of(
        con,
        [
            order("ann", "2024-01-01", "10.00"),
            order("ann", "2024-01-11", "21.00"),
            order("ann", "2024-03-01", "5.00"),
        ],
    )
    ann = features_of(shop)["ann"]
    assert (ann["order_count"], ann["total_amount"], ann["average_amount"]) == (3, 36.0, 12.0)
    assert (ann["recency_days"], ann["tenure_days"], ann["inter_purchase_days"]) == (30, 90, 30.0)
    assert (ann["first_order_date"], ann["last_order_date"]) == (date(2024, 1, 1), date(2024, 3, 1))
    # 1 March 2024 was a Friday.
    assert (ann["day_of_week"], ann["month"], ann["season"]) == (4, 3, "spring")
    assert ann["as_of"] == AS_OF


def test_season_follows_the_hemisphere(con):
    shop = shop_of(con, [order("ann", "2024-01-01")])
    assert features_of(shop)["ann"]["season"] == "winter"
    assert features_of(shop, hemisphere="south")["ann"]["season"] == "summer"


def test_of_somebody_who_bought_once_the_tenure_stands_for_the_days_between_purchases(con):
    ann = features_of(shop_of(con, [order("ann", "2024-03-01")]))["ann"]
    assert (ann["recency_days"], ann["tenure_days"], ann["inter_purchase_days"]) == (30, 30, 30.0)


@pytest.mark.parametrize(("day", "seen"), [("2024-03-30", True), ("2024-03-31", True), ("2024-04-01", False)])
def test_orders_are_seen_up_to_and_including_the_as_of_day(con, day, seen):
    assert ("ann" in features_of(shop_of(con, [order("ann", day)]))) is seen


@pytest.mark.parametrize("net_amount", ["-4.00", "4.00"])
def test_a_refund_record_lowers_the_amount_whatever_its_sign_and_is_no_purchase(con, net_amount):
    shop = shop_of(con, [order("ann", "2024-01-01", "10.00"), refund("ann", "2024-02-01", net_amount)])
    ann = features_of(shop)["ann"]
    assert (ann["order_count"], ann["total_amount"], ann["recency_days"]) == (1, 6.0, 90)


def test_a_refund_on_the_order_lowers_the_amount(con):
    refunded = order("ann", "2024-01-01", "10.00", refund_amount=Decimal("3.00"), net_amount=Decimal("7.00"))
    assert features_of(shop_of(con, [refunded]))["ann"]["total_amount"] == 7.0


def test_a_later_refund_is_not_known_yet(con):
    shop = shop_of(con, [order("ann", "2024-01-01", "10.00"), refund("ann", "2024-04-01", "-4.00")])
    assert features_of(shop)["ann"]["total_amount"] == 10.0


def test_cancelled_orders_sales_to_nobody_and_lone_refunds_make_no_person(con):
    shop = shop_of(
        con,
        [
            order("ann", "2024-01-01", status="cancelled", is_purchase=False),
            order(None, "2024-01-02"),
            refund("ben", "2024-01-03", "-1.00"),
        ],
    )
    assert features_of(shop) == {}


def test_the_channel_is_that_of_the_last_purchase_even_when_unknown(con):
    shop = shop_of(
        con,
        [
            order("ann", "2024-01-01", channel="etsy"),
            order("ann", "2024-02-01", channel=None),
            order("ben", "2024-01-01", channel="web"),
            order("ben", "2024-01-01", channel="fair", order_id="b", ordered_at=datetime(2024, 1, 1, 18)),
        ],
    )
    found = features_of(shop)
    assert found["ann"]["channel"] is None
    assert found["ben"]["channel"] == "fair"


def test_of_two_purchases_of_one_second_the_same_one_is_always_the_last(con):
    twins = [order("ann", "2024-01-01", channel=name, order_id=name) for name in ("web", "etsy", "fair")]
    found = {features_of(shop_of(con, rows))["ann"]["channel"] for rows in (twins, twins[::-1])}
    assert found == {"etsy"}


def test_region_comes_from_the_record_and_else_from_the_country(con):
    shop = shop_of(
        con,
        [order("ann", "2024-01-01"), order("ben", "2024-01-01")],
        [customer("ann", region="Kent", country="England"), customer("ben", country="Wales")],
    )
    found = features_of(shop)
    assert (found["ann"]["region"], found["ben"]["region"]) == ("Kent", "Wales")


def test_a_region_that_only_a_later_order_can_have_told_stays_unknown(con):
    shop = shop_of(
        con,
        [
            order("ann", "2024-01-01", region="Kent"),
            order("ben", "2024-01-01"),
            order("ben", "2024-06-01", region="Devon"),
        ],
        [customer("ann", region="Kent"), customer("ben", region="Devon")],
    )
    found = features_of(shop)
    assert (found["ann"]["region"], found["ben"]["region"]) == ("Kent", None)


def test_feedback_is_counted_and_averaged(con):
    shop = shop_of(
        con,
        [order("ann", "2024-01-01"), order("ben", "2024-01-01")],
        texts=[
            text("ann", "2024-01-05T10:00:00", 0.5, rating=5.0),
            text("ann", "2024-01-06T10:00:00", -0.1, rating=None),
            text("ann", "2024-01-07T10:00:00", 0.0, rating=2.0, word_count=0),
            text(None, "2024-01-07T10:00:00", source_type="reddit"),
        ],
    )
    found = features_of(shop)
    ann = found["ann"]
    assert (ann["feedback_count"], ann["average_rating"], ann["average_sentiment"]) == (3, 3.5, 0.2)
    ben = found["ben"]
    assert (ben["feedback_count"], ben["average_rating"], ben["average_sentiment"]) == (0, None, None)


@pytest.mark.parametrize(
    ("moment", "timezone", "seen"),
    [
        ("2024-03-31T22:59:59", "Europe/London", True),
        ("2024-03-31T23:00:00", "Europe/London", False),  # midnight of summer time
        ("2024-04-01T04:59:59", "America/Chicago", True),
        ("2024-04-01T05:00:00", "America/Chicago", False),
        (None, "Europe/London", False),
    ],
)
def test_feedback_is_seen_until_the_shops_own_midnight(con, moment, timezone, seen):
    shop = shop_of(con, [order("ann", "2024-01-01")], texts=[text("ann", moment)])
    assert features_of(shop, shop_timezone=timezone)["ann"]["feedback_count"] == int(seen)


def test_nothing_after_the_as_of_day_changes_a_feature(con):
    """The leak test: the future is shuffled among the people, and some of it dropped."""
    shop = toy_shop(con, 60)
    as_of = date(2023, 3, 1)
    later = shop.orders.order_date > as_of
    before = features_of(shop, as_of)
    other_person = shop.customers.filter(shop.customers.customer_id == "c00007").customer_id.max().as_scalar()
    changed = shop.orders.mutate(
        customer_id=ibis.ifelse(later, other_person, shop.orders.customer_id),
        net_amount=ibis.ifelse(later, Decimal("9999.00"), shop.orders.net_amount),
        channel=ibis.ifelse(later, "future", shop.orders.channel),
        region=ibis.ifelse(later, "Future", shop.orders.region),
        status=ibis.ifelse(later & (shop.orders.net_amount > 20), "refund", shop.orders.status),
    )
    after = {
        row["customer_id"]: row
        for row in customer_features(changed, shop.customers, shop.texts, as_of, Settings())
        .to_pyarrow()
        .to_pylist()
    }
    assert len(before) > 30
    assert after == before


PURCHASE = st.tuples(st.integers(0, 400), st.decimals("0.01", "9999.99", places=2))


@settings(max_examples=10)
@given(people=st.lists(st.lists(PURCHASE, min_size=1, max_size=6), min_size=1, max_size=8))
def test_features_keep_their_bounds_whatever_the_orders(con, people):
    start = date(2023, 1, 1)
    rows = [
        order(f"c{person}", str(start + timedelta(days=day)), str(amount), order_id=f"{person}-{number}")
        for person, purchases in enumerate(people)
        for number, (day, amount) in enumerate(purchases)
    ]
    found = features_of(shop_of(con, rows), date(2024, 2, 29))
    for person, purchases in enumerate(people):
        row = found[f"c{person}"]
        assert row["order_count"] == len(purchases)
        assert row["total_amount"] == float(sum(amount for _, amount in purchases))
        assert 0 <= row["recency_days"] <= row["tenure_days"]
        assert 0 <= row["inter_purchase_days"] <= row["tenure_days"]


def test_as_of_is_the_newest_purchase_unless_it_is_set(con):
    shop = shop_of(
        con, [order("ann", "2024-01-01"), order(None, "2024-02-01"), refund("ann", "2024-03-01", "-1")]
    )
    assert resolve_as_of(shop.orders, Settings()) == date(2024, 2, 1)
    assert resolve_as_of(shop.orders, Settings(as_of=date(2020, 5, 5))) == date(2020, 5, 5)


def test_without_a_purchase_as_of_cannot_be_told(con):
    shop = shop_of(con, [refund("ann", "2024-03-01", "-1")])
    with pytest.raises(ValueError, match=r"There is no completed order .* CUSTBEHAV_AS_OF"):
        resolve_as_of(shop.orders, Settings())


def test_a_shop_without_orders_is_known_up_to_its_newest_sign_up_or_else_to_no_day() -> None:
    orders, texts = contract.truth.ORDERS.empty(), contract.truth.SINGLE_SOURCE_OF_TRUTH.empty()
    person = {"customer_id": ["a"], "signup_date": [date(2024, 2, 2)], "accepts_marketing": [True]}
    people = ibis.memtable(pa.table({**person, "record_count": [1], "is_synthetic": [False]}))
    customers = contract.truth.CUSTOMERS.conform(people)
    assert last_known_day(orders, customers, texts, Settings()) == date(2024, 2, 2)
    assert last_known_day(orders, contract.truth.CUSTOMERS.empty(), texts, Settings()) == NO_DAY
    assert last_known_day(orders, customers, texts, Settings(as_of=date(2020, 5, 5))) == date(2020, 5, 5)
