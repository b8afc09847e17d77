"""Orders of the made-up shop, drawn from the nature of its people (see `customers`)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from custbehav_dagster.sources.synthetic import vocabulary
from custbehav_dagster.sources.synthetic.columns import category_column, identifiers, moments, text_column
from custbehav_dagster.sources.synthetic.randomness import shares, stream
from custbehav_dagster.sources.synthetic.seasons import Seasons
from custbehav_dagster.sources.synthetic.vocabulary import LAST_DAY

if TYPE_CHECKING:
    import pandas as pd

STATUSES = ("completed", "cancelled", "pending")

CANCELLED_SHARE = 0.02
REFUNDED_SHARE = 0.035
COMMISSION_SHARE = 0.015
_LATE_SHARE = 0.04
_GIFT_SHARE, _GIFT_SHARE_AT_PEAK = 0.12, 0.55
_SAME_PRODUCT_SHARE, _SAME_CHANNEL_SHARE = 0.5, 0.85
_PENDING_DAYS = 3
_PRICE_SPREAD = 0.3
_COMMISSION_TAIL, _COMMISSION_PENCE, _LARGEST_PENCE = 1.4, 9_000, 500_000
_QUANTITIES = {1: 78, 2: 14, 3: 4, 4: 2, 5: 1, 6: 0.7, 12: 0.3}
# Hours from 0 to 23: quiet nights, lunch breaks, long evenings. Nothing after one o'clock at
# night: on one day in spring British clocks have no such hour.
_HOUR_WEIGHTS = (3, 0, 1, 1, 1, 2, 4, 8, 11, 13, 14, 14, 16, 15, 13, 13, 14, 15, 17, 21, 24, 22, 15, 8)


def generate_orders(
    customers: pd.DataFrame, seed: int, *, orders_per_customer: float | None = None, last_day: date = LAST_DAY
) -> pd.DataFrame:
    """Make the orders of `customers` over the three years up to `last_day`, oldest first.

    Args:
        customers: as `generate_customers` gives them, made with the same
            `orders_per_customer` and `last_day`.
        seed: same seed and people, same orders.
        orders_per_customer: with a number there are exactly so many orders per
            person on average; None: as many as chance gives.
        last_day: last day of the history, inclusive.

    Returns:
        One row per order: the columns of orders.csv, typed and clean (amounts in
        pounds, `order_date` in the shop's local time), and `true_customer` (row
        number in `customers`), `true_is_late`.
    """
    import pandas as pd

    seasons = Seasons(last_day)
    buyer, day, is_first = _purchases(customers, seed, seasons, orders_per_customer)
    random, count = stream(seed, "orders"), len(buyer)
    second = random.choice(24, count, p=shares(_HOUR_WEIGHTS)) * 3600 + random.integers(0, 60, count) * 60
    # Sorted by the minute, so that order numbers run with time.
    order = np.argsort(day.astype(np.int64) * 86_400 + second, kind="stable")
    buyer, day, is_first, second = buyer[order], day[order], is_first[order], second[order]
    product, channel, is_late = _choices(customers, random, buyer, is_first)
    gift_chance = _GIFT_SHARE + (_GIFT_SHARE_AT_PEAK - _GIFT_SHARE) * seasons.gift_peak[day]
    status = _statuses(random, day, seasons)
    money = _money(random, product, status)
    return pd.DataFrame(
        {
            "order_id": text_column(identifiers("O", np.arange(1, count + 1), width=7)),
            "customer_id": customers["customer_id"].array.take(buyer),
            "order_date": moments(np.datetime64(seasons.first_day), day, second),
            "amount": money["amount"],
            "refund_amount": money["refund_amount"],
            "currency": category_column(["GBP"], np.zeros(count, dtype=np.int8)),
            "channel": category_column(vocabulary.CHANNELS, channel),
            "status": category_column(STATUSES, status),
            "is_gift": random.random(count) < gift_chance,
            "product": category_column([product.name for product in vocabulary.CATALOGUE], product),
            "quantity": money["quantity"],
            "true_customer": buyer,
            "true_is_late": is_late,
        }
    )


def _purchases(
    customers: pd.DataFrame, seed: int, seasons: Seasons, orders_per_customer: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who buys on which day, and whether it is their first time, in no order of time."""
    random, count = stream(seed, "purchases"), len(customers)
    began, settled = customers["true_began"].to_numpy(), customers["true_settled"].to_numpy()
    span = np.minimum(customers["true_left"].to_numpy(), seasons.days) - settled
    expected = customers["true_rate"].to_numpy() * span
    second = np.flatnonzero(settled > began)
    if orders_per_customer is None:
        repeats = random.poisson(expected)
    else:
        # Counts of independent Poisson buyers, given their sum.
        missing = round(count * orders_per_customer) - count - len(second)
        repeats = random.multinomial(missing, expected / expected.sum()) if missing else np.zeros(count, int)
    again = np.repeat(np.arange(count, dtype=np.int32), repeats)
    buyer = np.concatenate([np.arange(count, dtype=np.int32), second.astype(np.int32), again])
    moment = np.concatenate(
        [began, settled[second], settled[again] + random.random(len(again)) * span[again]]
    )
    return buyer, seasons.day_numbers(moment), np.arange(len(buyer)) < count


def _choices(
    customers: pd.DataFrame, random: np.random.Generator, buyer: np.ndarray, is_first: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Product, channel and whether the parcel is late: for a first order by the buyer's nature."""
    count = len(buyer)
    product = customers["true_first_product"].to_numpy()[buyer]
    other = random.choice(
        len(vocabulary.CATALOGUE), count, p=shares(product.weight for product in vocabulary.CATALOGUE)
    ).astype(np.int8)
    channel = customers["true_channel"].to_numpy()[buyer]
    channels = vocabulary.CHANNELS
    elsewhere = random.choice(len(channels), count, p=shares(channels.values())).astype(np.int8)
    is_late = np.where(
        is_first, customers["true_first_late"].to_numpy()[buyer], random.random(count) < _LATE_SHARE
    )
    return (
        np.where(is_first | (random.random(count) < _SAME_PRODUCT_SHARE), product, other),
        np.where(is_first | (random.random(count) < _SAME_CHANNEL_SHARE), channel, elsewhere),
        is_late,
    )


def _statuses(random: np.random.Generator, day: np.ndarray, seasons: Seasons) -> np.ndarray:
    """Place in `STATUSES` of each order; only the newest can still be pending."""
    chance = random.random(len(day))
    is_pending = (day >= seasons.days - _PENDING_DAYS) & (chance > 0.5)
    return np.where(chance < CANCELLED_SHARE, 1, np.where(is_pending, 2, 0)).astype(np.int8)


def _money(random: np.random.Generator, product: np.ndarray, status: np.ndarray) -> dict[str, np.ndarray]:
    """Amount, refund (pounds) and quantity: price points, a log-normal spread, a Pareto tail."""
    count = len(product)
    pence = np.array([100 * product.price for product in vocabulary.CATALOGUE])[product]
    # Half of the sales are at the list price, the others are sizes and variants of it.
    pence *= np.where(random.random(count) < 0.5, 1, random.lognormal(0, _PRICE_SPREAD, count))
    is_commission = random.random(count) < COMMISSION_SHARE
    commission = _COMMISSION_PENCE * (1 + random.pareto(_COMMISSION_TAIL, count))
    pence = np.where(is_commission, np.minimum(commission, _LARGEST_PENCE), pence)
    step = np.where(pence < 10_000, 50, 500)
    quantities = np.array(list(_QUANTITIES), dtype=np.int8)
    quantity = np.where(is_commission, 1, random.choice(quantities, count, p=shares(_QUANTITIES.values())))
    amount = (np.maximum(np.round(pence / step), 1) * step).astype(np.int64) * quantity
    part = np.where(random.random(count) < 0.6, amount, amount // 200 * 100)
    is_cancelled = status == STATUSES.index("cancelled")
    refund = np.where(is_cancelled, amount, np.where(random.random(count) < REFUNDED_SHARE, part, 0))
    return {"amount": amount / 100, "refund_amount": refund / 100, "quantity": quantity}
