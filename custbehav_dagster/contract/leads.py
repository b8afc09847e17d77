"""Public posts by people who look for what the shop makes."""

from custbehav_dagster.contract.results import SYNTHETIC
from custbehav_dagster.contract.table import Column, Table

LEADS = Table(
    "insights",
    "leads",
    "One row per public post of the last days that asks for something a small maker could make; made "
    "anew from the posts that are still there, without names of their writers.",
    (
        Column("text_id", "string", "the text in truth.single_source_of_truth", nullable=False),
        Column("lead_rank", "int64", "1 is the one to read first", nullable=False, minimum=1),
        Column("source_type", "string", "where it was written", nullable=False, allowed=("reddit", "web")),
        Column("title", "string", "title of the post, user names taken out", nullable=False),
        Column("text", "string", "its first 400 characters, user names taken out", nullable=False),
        Column("link", "string", "address of the post; empty for samples and for pages of users"),
        Column("created_at", "timestamp(6)", "when it was written, UTC", nullable=False),
        Column("age_days", "int64", "days since then, to the last known day", nullable=False, minimum=0),
        Column(
            "intent_score",
            "float64",
            "how surely it asks for such a thing; it ranks, and is no share of posts that do",
            nullable=False,
            minimum=0,
            maximum=1,
        ),
        Column("reasons", "string", "what in it speaks for that, in plain words", nullable=False),
        Column("telling_words", "string", "the words themselves that made the score", nullable=False),
        Column("product", "string", "the product of the shop that fits best; empty when none has its words"),
        Column("product_words", "string", "words that the post and that product share"),
        Column("products", "int64", "products that share a word with it", nullable=False, minimum=0),
        Column("names_budget", "boolean", "it says what it may cost", nullable=False),
        Column("names_day", "boolean", "it says by when", nullable=False),
        Column("what_to_answer", "string", "what the owner could answer, if at all", nullable=False),
        SYNTHETIC,
    ),
    key=("text_id",),
)

TABLES = (LEADS,)
