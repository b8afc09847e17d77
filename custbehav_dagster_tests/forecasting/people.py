"""People as the models read them, without a shop: for tests of the numbers alone."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster import contract


def people_of(**columns: Any) -> pa.Table:
    """Rows of churn.dataset from these columns; the others are plain and the same for everybody."""
    size = max(len(values) for values in columns.values())
    plain = {
        "customer_id": [f"c{number:05d}" for number in range(size)],
        "order_count": [1] * size,
        "total_amount": [10.0] * size,
        "average_amount": [10.0] * size,
        "recency_days": [30] * size,
        "tenure_days": [30] * size,
        "inter_purchase_days": [30.0] * size,
        "day_of_week": [0] * size,
        "month": [1] * size,
        "season": ["winter"] * size,
        "channel": ["web"] * size,
        "region": [None] * size,
        "returned": [False] * size,
        "orders_in_horizon": [0] * size,
        "amount_in_horizon": [0.0] * size,
        "is_synthetic": [False] * size,
    }
    schema = contract.results.CHURN_DATASET.schema.to_pyarrow()
    return pa.table(
        {name: pa.array(values, schema.field(name).type) for name, values in {**plain, **columns}.items()}
    )


def random_people(size: int, seed: int = 0) -> pa.Table:
    """People who return the likelier, the more and the later they bought; channel and month say nothing."""
    generator = np.random.default_rng(seed)
    order_count = 1 + generator.poisson(generator.gamma(0.5, 4, size))
    recency = generator.integers(0, 400, size)
    tenure = recency + np.where(order_count > 1, generator.integers(1, 500, size), 0)
    log_odds = 0.8 * np.log(order_count) - recency / 150
    returned = generator.random(size) < 1 / (1 + np.exp(-log_odds))
    orders = np.where(returned, 1 + generator.poisson(0.5, size), 0)
    amount = generator.lognormal(3, 0.5, size).round(2)
    return people_of(
        order_count=order_count,
        total_amount=order_count * amount,
        average_amount=amount,
        recency_days=recency,
        tenure_days=tenure,
        inter_purchase_days=np.where(
            order_count > 1, (tenure - recency) / np.maximum(order_count - 1, 1), tenure
        ),
        day_of_week=generator.integers(0, 7, size),
        month=generator.integers(1, 13, size),
        season=generator.choice(["winter", "spring", "summer", "autumn"], size).tolist(),
        channel=generator.choice(["web", "etsy", "fair"], size, p=[0.6, 0.3, 0.1]).tolist(),
        region=generator.choice(["Kent", "Devon"], size).tolist(),
        returned=returned,
        orders_in_horizon=orders,
        amount_in_horizon=orders * amount,
    )


def as_dataset(people: pa.Table, cutoff: str = "2024-03-02", horizon_days: int = 120) -> ir.Table:
    """These people as churn.dataset."""
    table = ibis.memtable(people)
    return contract.results.CHURN_DATASET.conform(
        table.mutate(
            cutoff=ibis.date(cutoff), horizon_days=ibis.literal(horizon_days), churned=~table.returned
        )
    )


def as_features(people: pa.Table, as_of: str = "2024-06-30") -> ir.Table:
    """These people as features.customer_features."""
    table = ibis.memtable(people)
    day = ibis.date(as_of)
    return contract.truth.CUSTOMER_FEATURES.conform(
        table.mutate(as_of=day, feedback_count=ibis.literal(0), first_order_date=day, last_order_date=day)
    )
