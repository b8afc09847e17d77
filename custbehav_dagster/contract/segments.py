"""Groups of buyers that can be treated differently."""

from custbehav_dagster.contract.results import SYNTHETIC
from custbehav_dagster.contract.table import Column, Table

CUSTOMERS_WITH_SEGMENTS = Table(
    "segments",
    "customers_with_segments",
    "One row per person with a purchase: the group they belong to.",
    (
        Column("customer_id", "string", "person", nullable=False),
        Column("as_of", "date", "last day that was seen", nullable=False),
        Column("order_count", "int64", "purchases so far", nullable=False, minimum=1),
        Column("total_amount", "float64", "net amount so far", nullable=False),
        Column("recency_days", "int64", "days since the last purchase", nullable=False, minimum=0),
        Column("segment", "int64", "number of the group, 0 spends least", nullable=False, minimum=0),
        Column("segment_name", "string", "name of the group", nullable=False),
        Column("method", "string", "k-means, or the rule used for small shops", nullable=False),
        SYNTHETIC,
    ),
    key=("customer_id",),
)

SEGMENT_PROFILES = Table(
    "segments",
    "segment_profiles",
    "One row per group: how big, what it is worth, what to do.",
    (
        Column("segment", "int64", "number of the group", nullable=False, minimum=0),
        Column("segment_name", "string", "name of the group", nullable=False),
        Column("people", "int64", "people in it", nullable=False, minimum=1),
        Column("share_of_people", "float64", "share of all buyers", nullable=False, minimum=0, maximum=1),
        Column("share_of_amount", "float64", "share of the net amount"),
        Column("median_order_count", "float64", "purchases of the middle person", nullable=False),
        Column("median_total_amount", "float64", "amount of the middle person", nullable=False),
        Column(
            "median_recency_days",
            "float64",
            "days since the last purchase of the middle person",
            nullable=False,
        ),
        Column("what_to_do", "string", "advice in a sentence", nullable=False),
        SYNTHETIC,
    ),
    key=("segment",),
)

TABLES = (CUSTOMERS_WITH_SEGMENTS, SEGMENT_PROFILES)
