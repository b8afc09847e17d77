"""What brings one-time buyers back: the second order by what the first one was, and by the days since."""

from custbehav_dagster.contract.results import SYNTHETIC
from custbehav_dagster.contract.table import Column, Table

EVERYBODY, WAITING = "everybody", "waiting"
GROUPINGS = ("first product", "channel", "season", "discount", "gift")
"""What is known of a first order."""
MORE, LESS, NO_DIFFERENCE, TOO_FEW = (
    "come back more often",
    "come back less often",
    "no sure difference",
    "too few to say",
)

SECOND_ORDER = Table(
    "churn",
    "second_order",
    "One row per kind of first order, and per 30 days of waiting: how many came back for a second order.",
    (
        Column(
            "factor",
            "string",
            "everybody, what the first order was, or waiting: those who had not come back by `from_day`",
            nullable=False,
            allowed=(EVERYBODY, *GROUPINGS, WAITING),
        ),
        Column("level", "string", "which product, channel, season and so on", nullable=False),
        Column("from_day", "int64", "days after the first order that had passed", nullable=False, minimum=0),
        Column("within_days", "int64", "days after `from_day` looked at", nullable=False, minimum=1),
        Column("people", "int64", "people who had not ordered again by then", nullable=False, minimum=0),
        Column("second_orders", "int64", "of them, seen to order again in it", nullable=False, minimum=0),
        Column(
            "share",
            "float64",
            "chance of ordering again in it, allowing for those whose time is not over (Kaplan-Meier); "
            "empty while too few have been watched so long",
            minimum=0,
            maximum=1,
        ),
        Column("share_low", "float64", "lower end of its 95% interval", minimum=0, maximum=1),
        Column("share_high", "float64", "upper end of it", minimum=0, maximum=1),
        Column(
            "expected_second_orders",
            "float64",
            "second orders so far if these people were like the shop's others, other things being equal",
            minimum=0,
        ),
        Column("all_second_orders", "int64", "second orders of these people so far, however late", minimum=0),
        Column(
            "ratio",
            "float64",
            "all_second_orders / expected_second_orders, shrunk towards 1 where there are few",
            minimum=0,
        ),
        Column("ratio_low", "float64", "lower end of its 95% interval", minimum=0),
        Column("ratio_high", "float64", "upper end of it", minimum=0),
        Column(
            "chance_of_luck",
            "float64",
            "probability that so large a difference is luck, corrected for all rows looked at (Holm)",
            minimum=0,
            maximum=1,
        ),
        Column(
            "verdict",
            "string",
            "what can be said; empty for everybody and for waiting",
            allowed=(MORE, LESS, NO_DIFFERENCE, TOO_FEW),
        ),
        Column(
            "half_within_days",
            "int64",
            "days within which half of the second orders of the first two years come; empty with few",
            minimum=1,
        ),
        Column("half_low_days", "int64", "lower end of its 95% interval", minimum=0),
        Column("half_high_days", "int64", "upper end of it", minimum=1),
        Column("most_within_days", "int64", "days within which four in five of them come", minimum=1),
        SYNTHETIC,
    ),
    key=("factor", "level", "from_day"),
)

TABLES = (SECOND_ORDER,)
