"""Lists of people to write to, and who of them was kept back to see whether writing helps."""

from custbehav_dagster.contract.table import Column, Table

UNHAPPY = "unhappy"
"""The list for personal answers: no message of a mail tool, so without lots and import files."""

LIST_NAMES = (
    UNHAPPY,
    "gift_reminder",
    "slipping",
    "second_order",
    "win_back",
    "thank_loyal",
    "never_bought",
)
"""Highest priority first: somebody who fits several lists is in the first of them only."""

MAILED_LISTS = tuple(name for name in LIST_NAMES if name != UNHAPPY)
"""Those whose message is sent by a mail tool: import files, people kept back, a measured worth."""

EMPTY_BECAUSE = ("nobody fits", "no proven consent", "written to lately", "left out by lot")

HOLDOUT = Table(
    "actions",
    "holdout",
    "One row per person on a list: whether they were kept back, to measure what writing is worth.",
    (
        Column("customer_id", "string", "person", nullable=False),
        Column("list_name", "string", "list they are on", nullable=False, allowed=LIST_NAMES),
        Column(
            "held_back",
            "boolean",
            "true for those who are not written to, for comparison; never of a complaint",
            nullable=False,
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
        Column("list_name", "string", "list", nullable=False, allowed=MAILED_LISTS),
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

LIST_OVERVIEW = Table(
    "actions",
    "list_overview",
    "One row per list: how many people fit, how many are in the file, and why it is empty when it is.",
    (
        Column("list_name", "string", "list", nullable=False, allowed=LIST_NAMES),
        Column("priority", "int64", "1 is the first to take a person", nullable=False, minimum=1),
        Column("people", "int64", "people in the file", nullable=False, minimum=0),
        Column("held_back", "int64", "people left out by lot", nullable=False, minimum=0),
        Column("fitting", "int64", "people whom the list is made for, consent or not", nullable=False,
               minimum=0),
        Column("without_consent", "int64", "of them, who may not be written to", nullable=False, minimum=0),
        Column("resting", "int64", "of the others, who are or were on a list lately", nullable=False,
               minimum=0),
        Column("left_for_later", "int64", "people beyond the length that is useful", nullable=False,
               minimum=0),
        Column("expected_value", "float64", "amount expected of those in the file; empty when unknown"),
        Column("empty_because", "string", "why nobody is in the file", allowed=EMPTY_BECAUSE),
        Column("why_empty", "string", "the same in a sentence; empty when somebody is"),
        Column("is_synthetic", "boolean", "true when made from generated people", nullable=False),
    ),
    key=("list_name",),
)  # fmt: skip


def _list(noun: str, description: str, *more: Column, has_address: bool = True) -> Table:
    email = "mail address, lower case" + ("" if has_address else "; empty without proven consent")
    amount = "in the shop's currency"
    return Table(
        "actions",
        noun,
        description,
        (
            Column("customer_id", "string", "person", nullable=False),
            Column("email", "string", email, nullable=not has_address),
            Column("first_name", "string", "first name; empty when the name is unknown or only an initial"),
            Column("action", "string", "what to do, in a sentence", nullable=False),
            Column("reason", "string", "why this person, in plain words", nullable=False),
            Column("suggested_product", "string", "product to show them; empty where none is suggested"),
            Column("window", "string", "when to do it, such as 'before 2026-12-01'", nullable=False),
            Column("write_from", "date", "first day of that window", nullable=False),
            Column("write_until", "date", "last day of it", nullable=False),
            Column(
                "expected_value",
                "float64",
                f"amount expected within the horizon without any message, {amount}",
            ),
            Column("expected_value_low", "float64", f"amount in four of five cases at least, {amount}"),
            Column("expected_value_high", "float64", f"amount in four of five cases at most, {amount}"),
            *more,
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


UNHAPPY_PEOPLE = _list(
    UNHAPPY,
    "One row per person who complained lately, to be answered in person; never for advertising.",
    Column("order_id", "string", "order they wrote about, by which the shop's own records know them"),
    Column("text", "string", "what they wrote, shortened"),
    has_address=False,
)
GIFT_REMINDER = _list(
    "gift_reminder", "One row per person who gave a gift, or buys in season, and whose time comes soon."
)
SLIPPING = _list("slipping", "One row per good customer who is late for their next order and not lost yet.")
SECOND_ORDER = _list(
    "second_order", "One row per person who bought once and may still be asked for a second order."
)
WIN_BACK = _list(
    "win_back", "One row per person worth winning back: repeat or high-value buyers who have fallen silent."
)
THANK_LOYAL = _list(
    "thank_loyal", "One row per loyal person to thank: bought again and again, and still does."
)
NEVER_BOUGHT = _list("never_bought", "One row per person who agreed to be written to and never ordered.")

LISTS = {
    table.noun: table
    for table in (
        UNHAPPY_PEOPLE,
        GIFT_REMINDER,
        SLIPPING,
        SECOND_ORDER,
        WIN_BACK,
        THANK_LOYAL,
        NEVER_BOUGHT,
    )
}
"""By name, in the order of LIST_NAMES."""

TABLES = (HOLDOUT, LIST_HISTORY, UPLIFT, LIST_OVERVIEW, *LISTS.values())
