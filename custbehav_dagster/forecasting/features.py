"""What is known about each person on one day: counts, amounts, days, last purchase, words.

Only rows up to that day are seen. Labels, models and words for readers do not belong here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.cleaning.times import season_of
from custbehav_dagster.settings import Settings

NO_DAY = date(1970, 1, 1)


def resolve_as_of(orders: ir.Table, settings: Settings) -> date:
    """Give the last known day: `settings.as_of`, else the day of the newest purchase.

    Raises:
        ValueError: no day is set and no purchase tells one.
    """
    if settings.as_of is not None:
        return settings.as_of
    newest = orders.filter(orders.is_purchase).order_date.max().to_pyarrow().as_py()
    if newest is None:
        raise ValueError(
            "There is no completed order with an amount above zero, so the last known day cannot be told: "
            "put a file with orders into data/raw, or set CUSTBEHAV_AS_OF to a day such as 2024-12-31."
        )
    return newest


def as_of_or_none(orders: ir.Table, settings: Settings) -> date | None:
    """Give the last known day, or None for a shop without a purchase."""
    try:
        return resolve_as_of(orders, settings)
    except ValueError:
        return None


def last_known_day(orders: ir.Table, customers: ir.Table, texts: ir.Table, settings: Settings) -> date:
    """Give the last known day of any shop: without a purchase, that of its newest sign-up or text.

    A shop that knows no day at all gets NO_DAY: nothing of it is dated, so nothing is left out.
    """
    as_of = as_of_or_none(orders, settings)
    if as_of is not None:
        return as_of
    own = texts.filter(texts.source_type == "internal_feedback")
    newest = [customers.signup_date.max(), own.created_at.max().date()]
    days = [day for day in (value.to_pyarrow().as_py() for value in newest) if day is not None]
    return max(days, default=NO_DAY)


def customer_features(
    orders: ir.Table, customers: ir.Table, texts: ir.Table, as_of: date, settings: Settings
) -> ir.Table:
    """One row per person with a purchase up to `as_of`, as contract.truth.CUSTOMER_FEATURES says.

    Takes truth.orders, truth.customers and truth.single_source_of_truth. Days are
    those of the shop's time zone; amounts are net and in the shop's currency;
    orders without a known rate count as purchases and not in amounts.
    Texts without a time are left out, since they may have been written later.
    """
    features = purchase_features(orders, customers, as_of, settings)
    feedback = _feedback(texts, as_of, settings)
    joined = features.left_join(feedback, "customer_id").drop("customer_id_right")
    return contract.truth.CUSTOMER_FEATURES.conform(
        joined.mutate(feedback_count=joined.feedback_count.fill_null(0))
    )


def purchase_features(orders: ir.Table, customers: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    """The columns of `customer_features` that come from orders and the customer's record.

    A refund lowers `total_amount` from the day of its own record. One that is
    written on the order itself (`refund_amount`) carries no day: it counts from
    the day of that order, which is the one thing here that may be known too early.
    """
    known = orders.filter(orders.customer_id.notnull(), orders.order_date <= as_of)
    people = _counts(known).left_join(_places(known, customers), "customer_id").drop("customer_id_right")
    day = ibis.date(as_of)
    recency_days = day.delta(people.last_order_date, unit="day")
    tenure_days = day.delta(people.first_order_date, unit="day")
    days_between = people.last_order_date.delta(people.first_order_date, unit="day").cast("float64")
    month = people.last_order_date.month()
    return people.mutate(
        as_of=day,
        total_amount=people.total_amount.cast("float64"),
        average_amount=(people.total_amount.cast("float64") / people.priced_count.nullif(0)).fill_null(0.0),
        recency_days=recency_days,
        tenure_days=tenure_days,
        inter_purchase_days=ibis.ifelse(
            people.order_count > 1,
            days_between / (people.order_count - 1).nullif(0),
            tenure_days.cast("float64"),
        ),
        day_of_week=people.last_order_date.day_of_week.index(),
        month=month,
        season=season_of(month, settings.hemisphere),
    )


def _counts(known: ir.Table) -> ir.Table:
    """One row per buyer: purchases, net amount, first and last day, channel of the last purchase."""
    purchases = known.filter(known.is_purchase)
    people = purchases.group_by("customer_id").aggregate(
        order_count=purchases.count(),
        paid_amount=purchases.shop_net_amount.sum().fill_null(0),
        priced_count=purchases.shop_net_amount.count(),
        first_order_date=purchases.order_date.min(),
        last_order_date=purchases.order_date.max(),
        last_ordered_at=purchases.ordered_at.max(),
        is_synthetic=purchases.is_synthetic.any(),
    )
    # Two orders of one second: the channel that comes first in the alphabet, so that
    # it is always the same one. (Sorting the orders of each person takes five times as long.)
    last = purchases.semi_join(
        people,
        [
            purchases.customer_id == people.customer_id,
            purchases.ordered_at == people.last_ordered_at,
        ],
    )
    channels = last.group_by("customer_id").aggregate(channel=last.channel.min())
    refunds = known.filter(known.status == "refund", ~known.is_purchase)
    # Some exports write the amount of a refund with a minus, some without.
    returned = refunds.group_by("customer_id").aggregate(refunded_amount=refunds.shop_net_amount.abs().sum())
    joined = (
        people.left_join(channels, "customer_id")
        .drop("customer_id_right")
        .left_join(returned, "customer_id")
        .drop("customer_id_right")
    )
    return joined.mutate(total_amount=joined.paid_amount - joined.refunded_amount.fill_null(0))


def _places(known: ir.Table, customers: ir.Table) -> ir.Table:
    """The region of each person, the country where no region is known.

    A customer record may have learnt its place from a later order; to know it
    would be to know that the person came back. So where orders name places, the
    record counts only for people one of whose orders so far names one.
    """
    place = ibis.coalesce(known.region, known.country)
    placed = known.filter(place.notnull()).select("customer_id").distinct().mutate(is_placed=True)
    any_place = placed.is_placed.any().fill_null(False).as_scalar()
    records = customers.select("customer_id", region=ibis.coalesce(customers.region, customers.country))
    joined = records.left_join(placed, "customer_id")
    return joined.select(
        "customer_id", region=ibis.ifelse(joined.is_placed.fill_null(False) | ~any_place, joined.region, None)
    )


def _feedback(texts: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    """One row per writer: texts, mean stars, mean sentiment of the texts that hold words."""
    next_day = datetime.combine(as_of + timedelta(days=1), time(), settings.timezone)
    limit = ibis.literal(next_day.astimezone(UTC).replace(tzinfo=None), type="timestamp")
    written = texts.filter(texts.customer_id.notnull(), texts.created_at < limit)
    has_words = (written.word_count > 0) & written.sentiment.notnull()
    # Sums of decimals do not depend on the order of the rows, sums of floats do.
    stars = written.rating.cast("decimal(18, 6)").sum().cast("float64")
    mood = written.sentiment.cast("decimal(18, 6)").sum(where=has_words).cast("float64")
    return written.group_by("customer_id").aggregate(
        feedback_count=written.count(),
        average_rating=stars / written.rating.count().nullif(0),
        average_sentiment=mood / has_words.sum().nullif(0),
    )
