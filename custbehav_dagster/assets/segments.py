"""Segments: groups of buyers that can be treated differently."""

import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster import contract
from custbehav_dagster.assets.conventions import asset
from custbehav_dagster.forecasting.artifacts import models_folder
from custbehav_dagster.segmentation import profiles, transitions
from custbehav_dagster.segmentation.group_facts import Behind
from custbehav_dagster.segmentation.kmeans import segment_customers
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import Warehouse


@asset(kinds=("duckdb", "scikitlearn"), exports=("customers_with_segments.csv",))
def customers_with_segments(
    features_customer_features: ir.Table,
    truth_customer_links: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> ir.Table:
    """The groups of each buyer."""
    earlier = warehouse.earlier(contract.segments.CUSTOMERS_WITH_SEGMENTS)
    folder = models_folder(shop.processed_path)
    return segment_customers(features_customer_features, shop, folder, earlier, truth_customer_links)


@asset()
def segment_profiles(
    segments_customers_with_segments: ir.Table,
    truth_orders: ir.Table,
    cleaned_order_items: ir.Table,
    truth_single_source_of_truth: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """What each group is like, and what to do."""
    behind = Behind(truth_orders, cleaned_order_items, truth_single_source_of_truth)
    return profiles.segment_profiles(segments_customers_with_segments, behind, shop.horizon_days)


@asset()
def rfm_profiles(
    segments_customers_with_segments: ir.Table,
    truth_orders: ir.Table,
    cleaned_order_items: ir.Table,
    truth_single_source_of_truth: ir.Table,
) -> ir.Table:
    """What each group by recency, frequency and money is like, and what to do."""
    behind = Behind(truth_orders, cleaned_order_items, truth_single_source_of_truth)
    return profiles.rfm_profiles(segments_customers_with_segments, behind)


@asset()
def segment_transitions(
    segments_customers_with_segments: ir.Table, warehouse: ResourceParam[Warehouse]
) -> ir.Table:
    """Who moved from which group to which, refresh by refresh."""
    earlier = warehouse.earlier(contract.segments.SEGMENT_TRANSITIONS)
    return transitions.segment_transitions(earlier, segments_customers_with_segments)
