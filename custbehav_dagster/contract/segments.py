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
        Column(
            "rfm_segment", "int64", "group by recency, frequency and money; kept while it lives", minimum=0
        ),
        Column("rfm_segment_name", "string", "name of that group; kept from refresh to refresh while true"),
        Column("rfm_method", "string", "how those groups were found, or the rule used instead"),
        Column("earlier_as_of", "date", "last day of the refresh that the next two columns come from"),
        Column(
            "earlier_rfm_segment", "int64", "their group then; empty before the first purchase", minimum=0
        ),
        Column("earlier_rfm_segment_name", "string", "name of that group then"),
    ),
    key=("customer_id",),
)

_ABOUT_A_GROUP = (
    Column(
        "top_products", "string", "what they buy more often than buyers at large, and how many times as often"
    ),
    Column("main_channels", "string", "where they buy, with the share of their orders"),
    Column("texts", "int64", "texts they wrote", minimum=0),
    Column("average_sentiment", "float64", "mean sentiment of these texts", minimum=-1, maximum=1),
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
        *_ABOUT_A_GROUP,
    ),
    key=("segment",),
)

RFM_PROFILES = Table(
    "segments",
    "rfm_profiles",
    "One row per group by recency, frequency and money: how big, what it is worth, what to do.",
    SEGMENT_PROFILES.columns,
    key=("segment",),
)

SEGMENT_TRANSITIONS = Table(
    "segments",
    "segment_transitions",
    "One row per refresh and pair of groups by recency, frequency and money: who moved where.",
    (
        Column("as_of_from", "date", "last day of the refresh before", nullable=False),
        Column("as_of_to", "date", "last day of this refresh", nullable=False),
        Column(
            "from_segment",
            "string",
            "group then, or 'not a buyer yet', or 'not known then' of older orders that came in later",
            nullable=False,
        ),
        Column("to_segment", "string", "group now", nullable=False),
        Column("people", "int64", "people who took this way or stayed", nullable=False, minimum=1),
        Column("buyers", "int64", "of them with a purchase between the two days", nullable=False, minimum=0),
        Column("amount", "float64", "net amount they had brought by then", nullable=False),
        Column(
            "has_moved",
            "boolean",
            "false when they are in the same group, which may bear another name by now",
            nullable=False,
        ),
        SYNTHETIC,
    ),
    key=("as_of_from", "as_of_to", "from_segment", "to_segment"),
)

TABLES = (CUSTOMERS_WITH_SEGMENTS, SEGMENT_PROFILES, RFM_PROFILES, SEGMENT_TRANSITIONS)
