"""Lists of people to write to, and who of them was kept back to see whether writing helps."""

from custbehav_dagster.contract.table import Column, Table

LIST_NAMES = ("win_back", "second_order", "thank_loyal", "never_bought")
"""Highest priority first: somebody who fits several lists is in the first of them only."""

HOLDOUT = Table(
    "actions",
    "holdout",
    "One row per person on a list: whether they were kept back, to measure what writing is worth.",
    (
        Column("customer_id", "string", "person", nullable=False),
        Column("list_name", "string", "list they are on", nullable=False, allowed=LIST_NAMES),
        Column(
            "held_back", "boolean", "true for those who are not written to, for comparison", nullable=False
        ),
        Column("decided_on", "date", "last day that was seen when it was decided", nullable=False),
        Column("is_synthetic", "boolean", "true when the person was generated", nullable=False),
    ),
    key=("customer_id", "list_name"),
)

LIST_HISTORY = Table(
    "actions",
    "list_history",
    "One row per person, list and day of decision: who was on a list or left out by lot, remembered.",
    (
        Column("customer_id", "string", "person, as they are known now", nullable=False),
        Column("list_name", "string", "list they were on", nullable=False, allowed=LIST_NAMES),
        Column("decided_on", "date", "last day that was seen when it was decided", nullable=False),
        Column("held_back", "boolean", "true for those who were left out, for comparison", nullable=False),
        Column("is_synthetic", "boolean", "true when the person was generated", nullable=False),
    ),
    key=("customer_id", "list_name", "decided_on"),
)

UPLIFT = Table(
    "actions",
    "uplift",
    "One row per list: how many ordered of those on it and of those left out by lot.",
    (
        Column("list_name", "string", "list", nullable=False, allowed=LIST_NAMES),
        Column(
            "days", "int64", "days after the decision in which an order counts", nullable=False, minimum=1
        ),
        Column("people_listed", "int64", "people on the list", nullable=False, minimum=1),
        Column("listed_who_ordered", "int64", "of them, who ordered", nullable=False, minimum=0),
        Column("people_held_back", "int64", "people left out by lot", nullable=False, minimum=0),
        Column("held_back_who_ordered", "int64", "of them, who ordered", nullable=False, minimum=0),
        Column(
            "difference",
            "float64",
            "share who ordered of the listed minus that of the others",
            minimum=-1,
            maximum=1,
        ),
        Column("difference_low", "float64", "lower end of its 95% interval", minimum=-1, maximum=1),
        Column("difference_high", "float64", "upper end of it", minimum=-1, maximum=1),
        Column("is_synthetic", "boolean", "true when made from generated people", nullable=False),
    ),
    key=("list_name",),
)


def _list(noun: str, description: str) -> Table:
    return Table(
        "actions",
        noun,
        description,
        (
            Column("customer_id", "string", "person", nullable=False),
            Column("email", "string", "mail address, lower case", nullable=False),
            Column("first_name", "string", "first name; empty when the name is unknown or only an initial"),
            Column("action", "string", "what to do, in a sentence", nullable=False),
            Column("reason", "string", "why this person, in plain words", nullable=False),
            Column("window", "string", "when to do it, such as 'before 2026-12-01'", nullable=False),
            Column(
                "expected_value",
                "float64",
                "amount expected within the horizon without any message, in the shop's currency",
            ),
            Column(
                "held_back",
                "boolean",
                "true for those who are not written to; they are not in the file",
                nullable=False,
            ),
            Column("is_synthetic", "boolean", "true when the person was generated", nullable=False),
        ),
        key=("customer_id",),
    )


WIN_BACK = _list(
    "win_back", "One row per person worth winning back: repeat or high-value buyers who fall silent."
)
SECOND_ORDER = _list(
    "second_order", "One row per person who bought once and may still be asked for a second order."
)
THANK_LOYAL = _list(
    "thank_loyal", "One row per loyal person to thank: bought again and again, and still does."
)
NEVER_BOUGHT = _list("never_bought", "One row per person who agreed to be written to and never ordered.")

LISTS = {table.noun: table for table in (WIN_BACK, SECOND_ORDER, THANK_LOYAL, NEVER_BOUGHT)}
"""By name, in the order of LIST_NAMES."""

TABLES = (HOLDOUT, LIST_HISTORY, UPLIFT, *LISTS.values())
