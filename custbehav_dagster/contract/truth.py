"""Truth and features: one row per person, per order, per text, per person and day."""

from custbehav_dagster.contract.cleaned import ORDER_STATUSES
from custbehav_dagster.contract.table import Column, Table

SEASONS = ("winter", "spring", "summer", "autumn")
SOURCE_TYPES = ("internal_feedback", "public_sentiment", "reddit", "web")

CUSTOMERS = Table(
    "truth",
    "customers",
    "One row per person, however many records they left.",
    (
        Column("customer_id", "string", "identifier of the person", nullable=False),
        Column("email", "string", "mail address, lower case"),
        Column("name", "string", "name on the newest record that has one"),
        Column("signup_date", "date", "earliest day a record was made"),
        Column("region", "string", "region on the record, else of the last order"),
        Column("country", "string", "country on the record, else of the last order"),
        Column(
            "accepts_marketing",
            "boolean",
            "true only when consent is proven and never withdrawn",
            nullable=False,
        ),
        Column("consent_source", "string", "where the consent comes from"),
        Column(
            "record_count", "int64", "customer records joined into this person", nullable=False, minimum=0
        ),
        Column("is_synthetic", "boolean", "true when the person was generated", nullable=False),
    ),
    key=("customer_id",),
)

CUSTOMER_LINKS = Table(
    "truth",
    "customer_links",
    "One row per customer identifier in the sources: which person it is, and why.",
    (
        Column("record_customer_id", "string", "identifier in the source", nullable=False),
        Column("customer_id", "string", "person it was joined into", nullable=False),
        Column(
            "evidence",
            "string",
            "what joined it",
            nullable=False,
            allowed=("own record", "same e-mail", "orders only"),
        ),
        Column("strength", "float64", "1 is certain", nullable=False, minimum=0, maximum=1),
    ),
    key=("record_customer_id",),
)

ORDERS = Table(
    "truth",
    "orders",
    "One row per order, tied to a person where one is known.",
    (
        Column("order_id", "string", "order number", nullable=False),
        Column("customer_id", "string", "person; empty when the sale is not tied to anyone"),
        Column("record_customer_id", "string", "buyer's identifier in the source"),
        Column("ordered_at", "timestamp(6)", "moment of the order in UTC", nullable=False),
        Column("order_date", "date", "day of the order in the shop's time zone", nullable=False),
        Column("gross_amount", "decimal(18, 2)", "amount before refunds, in `currency`", nullable=False),
        Column(
            "refund_amount", "decimal(18, 2)", "amount given back, in `currency`", nullable=False, minimum=0
        ),
        Column("net_amount", "decimal(18, 2)", "gross minus refund, in `currency`", nullable=False),
        Column("currency", "string", "ISO 4217 code", nullable=False),
        Column("channel", "string", "where it was placed"),
        Column("status", "string", "state of the order", nullable=False, allowed=ORDER_STATUSES),
        Column(
            "is_purchase",
            "boolean",
            "true for an order that stands: completed or pending, amount above zero",
            nullable=False,
        ),
        Column("is_gift", "boolean", "true when marked as a gift", nullable=False),
        Column("region", "string", "delivery region"),
        Column("country", "string", "delivery country"),
        Column("is_synthetic", "boolean", "true when generated", nullable=False),
    ),
    key=("order_id",),
)

SINGLE_SOURCE_OF_TRUTH = Table(
    "truth",
    "single_source_of_truth",
    "One row per text from anywhere, cleaned, stemmed and scored.",
    (
        Column("text_id", "string", "source type and identifier there", nullable=False),
        Column("source_type", "string", "where it comes from", nullable=False, allowed=SOURCE_TYPES),
        Column("customer_id", "string", "person who wrote it, for the shop's own feedback"),
        Column("order_id", "string", "order it is about"),
        Column("created_at", "timestamp(6)", "when it was written, UTC; empty if unknown"),
        Column("text", "string", "the words as written", nullable=False),
        Column("text_clean", "string", "lower case, letters and digits, single spaces", nullable=False),
        Column(
            "text_stemmed",
            "string",
            "text_clean without stopwords, each word by its stem or lemma",
            nullable=False,
        ),
        Column("word_count", "int64", "words in text_clean", nullable=False, minimum=0),
        Column("char_count", "int64", "characters in text", nullable=False, minimum=0),
        Column(
            "sentiment",
            "float64",
            "VADER compound score of text, -1 to 1",
            nullable=False,
            minimum=-1,
            maximum=1,
        ),
        Column("sentiment_model", "string", "which model scored it", nullable=False),
        Column("rating", "float64", "stars, 1 to 5", minimum=1, maximum=5),
        Column("day_of_week", "int64", "0 is Monday, in the shop's time zone", minimum=0, maximum=6),
        Column("month", "int64", "1 to 12, in the shop's time zone", minimum=1, maximum=12),
        Column("season", "string", "by the shop's hemisphere", allowed=SEASONS),
        Column(
            "noise",
            "float64",
            "share of characters that are neither letter, digit nor space",
            nullable=False,
            minimum=0,
            maximum=1,
        ),
        Column("is_synthetic", "boolean", "true when generated or a sample", nullable=False),
        Column("provenance", "string", "file and line, url, or 'sample'", nullable=False),
    ),
    key=("text_id",),
)

CUSTOMER_FEATURES = Table(
    "features",
    "customer_features",
    "One row per person and as-of date, from what was known on that day.",
    (
        Column("customer_id", "string", "person", nullable=False),
        Column("as_of", "date", "last day that was seen, inclusive", nullable=False),
        Column("order_count", "int64", "purchases so far", nullable=False, minimum=1),
        Column("total_amount", "float64", "net amount of all purchases and refunds so far", nullable=False),
        Column("average_amount", "float64", "total_amount per purchase", nullable=False),
        Column("recency_days", "int64", "days since the last purchase", nullable=False, minimum=0),
        Column("tenure_days", "int64", "days since the first purchase", nullable=False, minimum=0),
        Column(
            "inter_purchase_days",
            "float64",
            "mean days between purchases; tenure for one-time buyers",
            nullable=False,
            minimum=0,
        ),
        Column(
            "day_of_week", "int64", "of the last purchase, 0 is Monday", nullable=False, minimum=0, maximum=6
        ),
        Column("month", "int64", "of the last purchase", nullable=False, minimum=1, maximum=12),
        Column("season", "string", "of the last purchase", nullable=False, allowed=SEASONS),
        Column("channel", "string", "of the last purchase"),
        Column("region", "string", "of the person"),
        Column("feedback_count", "int64", "texts written so far", nullable=False, minimum=0),
        Column("average_rating", "float64", "mean stars given so far", minimum=1, maximum=5),
        Column("average_sentiment", "float64", "mean sentiment so far", minimum=-1, maximum=1),
        Column("first_order_date", "date", "day of the first purchase", nullable=False),
        Column("last_order_date", "date", "day of the last purchase", nullable=False),
        Column("is_synthetic", "boolean", "true when the person was generated", nullable=False),
    ),
    key=("customer_id", "as_of"),
)

TABLES = (CUSTOMERS, CUSTOMER_LINKS, ORDERS, SINGLE_SOURCE_OF_TRUTH, CUSTOMER_FEATURES)
