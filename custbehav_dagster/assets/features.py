"""Features: what is known of each person on the last known day."""

import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster.assets.conventions import asset
from custbehav_dagster.forecasting import features
from custbehav_dagster.settings import Settings


@asset()
def customer_features(
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    truth_single_source_of_truth: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """One row per buyer, as of the last known day."""
    as_of = features.last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    return features.customer_features(
        truth_orders, truth_customers, truth_single_source_of_truth, as_of, shop
    )
