"""What around the shop moves its orders: weather and the calendar."""

from custbehav_dagster.contract.results import SYNTHETIC
from custbehav_dagster.contract.table import Column, Table

FACTOR_KINDS = ("weather", "calendar")

CONTEXT_EFFECTS = Table(
    "insights",
    "context_effects",
    "One row per thing around the shop that may move its orders: by how much, and how sure that is.",
    (
        Column("factor", "string", "what was looked at", nullable=False),
        Column("kind", "string", "weather or calendar", nullable=False, allowed=FACTOR_KINDS),
        Column("compared", "string", "which days are compared with which", nullable=False),
        Column(
            "ratio", "float64", "orders of such days over those of other days of the same season", minimum=0
        ),
        Column("ratio_low", "float64", "lower end of its interval", minimum=0),
        Column("ratio_high", "float64", "upper end of it", minimum=0),
        Column(
            "confidence",
            "float64",
            "of the interval; above 0.95, since several things were looked at",
            minimum=0,
            maximum=1,
        ),
        Column(
            "smallest_noticeable",
            "float64",
            "a lift of this share would have been noticed four times out of five",
            minimum=0,
        ),
        Column("days", "int64", "days looked at", nullable=False, minimum=0),
        Column("such_days", "int64", "of them, days of this kind", nullable=False, minimum=0),
        Column("orders", "int64", "orders on the days looked at", nullable=False, minimum=0),
        Column(
            "is_sure",
            "boolean",
            "the interval leaves 1 out, and days held back are told better with it than by season alone",
            nullable=False,
        ),
        Column("note", "string", "why nothing could be told, or empty"),
        SYNTHETIC,
    ),
    key=("factor",),
)

TABLES = (CONTEXT_EFFECTS,)
