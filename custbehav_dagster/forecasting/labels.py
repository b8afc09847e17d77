"""What happened after a cutoff, beside what was known at it: the table models learn from.

A person enters when their first purchase lies on or before the cutoff. The label is
`returned`: at least one purchase in (cutoff, cutoff + horizon].
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.forecasting.order_days import numbered_buyers
from custbehav_dagster.settings import Settings

MOST_CUTOFFS = 3
SHORTEST_HISTORY = 60


def churn_dataset(
    orders: ir.Table,
    customers: ir.Table,
    texts: ir.Table,
    as_of: date,
    settings: Settings,
    cutoffs: Sequence[date] | None = None,
    largest: int | None = None,
) -> ir.Table:
    """One row per person and cutoff, as contract.results.CHURN_DATASET says.

    Above `largest` buyers, cutoffs before the last hold each so-many-th of them only
    (`order_days.numbered_buyers`): they serve the evaluation, which takes no more.

    Without `cutoffs` there is one: the last day whose label window of
    `settings.horizon_days` ends on `as_of`.

    Raises:
        ValueError: the label window of a cutoff ends after `as_of`, where nothing is known.
    """
    latest = as_of - timedelta(days=settings.horizon_days)
    days = sorted({latest} if cutoffs is None else set(cutoffs))
    for cutoff in days:
        if cutoff > latest:
            raise ValueError(
                f"The cutoff {cutoff} leaves fewer than {settings.horizon_days} days before {as_of}: "
                f"take {latest} or an earlier day."
            )
    if not days:
        return contract.results.CHURN_DATASET.empty()
    fewer = orders
    if largest is not None and len(days) > 1:
        fewer = orders.semi_join(numbered_buyers(orders, as_of, largest), "customer_id")
    labelled = [
        _labelled(orders if cutoff == days[-1] else fewer, customers, texts, cutoff, settings)
        for cutoff in days
    ]
    return labelled[0] if len(labelled) == 1 else ibis.union(*labelled)


def rolling_cutoffs(orders: ir.Table, as_of: date, settings: Settings) -> list[date]:
    """The days the contest is held at: the last whose window ends on `as_of`, and full horizons before.

    At most MOST_CUTOFFS, and none before the shop had SHORTEST_HISTORY days; the last is always there.
    """
    first = orders.filter(orders.is_purchase, orders.customer_id.notnull()).order_date.min()
    oldest = first.to_pyarrow().as_py()
    latest = as_of - timedelta(days=settings.horizon_days)
    days = [latest - timedelta(days=settings.horizon_days * step) for step in range(MOST_CUTOFFS)]
    return [
        day for day in days if day == latest or (oldest and day >= oldest + timedelta(days=SHORTEST_HISTORY))
    ]


def _labelled(
    orders: ir.Table, customers: ir.Table, texts: ir.Table, cutoff: date, settings: Settings
) -> ir.Table:
    features = customer_features(orders, customers, texts, cutoff, settings)
    window_end = cutoff + timedelta(days=settings.horizon_days)
    later = orders.filter(
        orders.is_purchase,
        orders.customer_id.notnull(),
        orders.order_date > cutoff,
        orders.order_date <= window_end,
    )
    outcome = later.group_by("customer_id").aggregate(
        orders_in_horizon=later.count(), amount_in_horizon=later.shop_gross_amount.sum()
    )
    joined = features.left_join(outcome, "customer_id").drop("customer_id_right")
    orders_in_horizon = joined.orders_in_horizon.fill_null(0)
    return contract.results.CHURN_DATASET.conform(
        joined.mutate(
            cutoff=ibis.date(cutoff),
            horizon_days=ibis.literal(settings.horizon_days),
            returned=orders_in_horizon > 0,
            churned=orders_in_horizon == 0,
            orders_in_horizon=orders_in_horizon,
            amount_in_horizon=joined.amount_in_horizon.fill_null(0),
        )
    )
