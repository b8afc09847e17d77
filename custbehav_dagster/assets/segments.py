"""Segments: groups of buyers that can be treated differently."""

import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster.assets.conventions import asset
from custbehav_dagster.forecasting.artifacts import models_folder
from custbehav_dagster.segmentation import profiles
from custbehav_dagster.segmentation.kmeans import segment_customers
from custbehav_dagster.settings import Settings


@asset(kinds=("duckdb", "scikitlearn"), exports=("customers_with_segments.csv",))
def customers_with_segments(features_customer_features: ir.Table, shop: ResourceParam[Settings]) -> ir.Table:
    """The group of each buyer."""
    return segment_customers(features_customer_features, shop, models_folder(shop.processed_path))


@asset()
def segment_profiles(segments_customers_with_segments: ir.Table) -> ir.Table:
    """What each group is like, and what to do."""
    return profiles.segment_profiles(segments_customers_with_segments)
