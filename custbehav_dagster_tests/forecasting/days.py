"""Order days without a warehouse: for tests of what is made from them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from custbehav_dagster.forecasting.order_days import OrderDays


def days_of(shop: dict[str, list[int]], orders: int = 1, amount: float = 10.0) -> OrderDays:
    """Each person's days with orders, as numbers; `orders` and `amount` of every day."""
    names = sorted(shop)
    rows = [(number, day) for number, name in enumerate(names) for day in sorted(shop[name])]
    person, day = (np.array(values, dtype="int64") for values in zip(*rows, strict=True))
    size = len(rows)
    return OrderDays(
        pa.chunked_array([pa.array(names)]), person, day, np.full(size, float(orders)), np.full(size, amount)
    )


def steady_shop(people: int, length: int = 700, seed: int = 0, christmas: float = 1.0) -> OrderDays:
    """People who buy at a rate of their own and stop at some time; `christmas` times as often in winter.

    Day 0 is 1 January; winter are the last 60 days of each year.
    """
    generator = np.random.default_rng(seed)
    shop = {}
    for number in range(people):
        rate, lasting = generator.gamma(0.7, 1 / 60), generator.exponential(400)
        first = int(generator.integers(0, length - 100))
        until = min(length, first + lasting)
        moments = first + generator.uniform(0, 1, generator.poisson(rate * christmas * (until - first))) * (
            until - first
        )
        winter = moments % 365 >= 305
        kept = winter | (generator.random(len(moments)) < 1 / christmas)
        shop[f"c{number:05d}"] = sorted({first, *moments[kept].astype(int).tolist()})
    return days_of(shop)
