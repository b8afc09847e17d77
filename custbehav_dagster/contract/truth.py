"""Truth and features: one row per person, per order, per text, per person and day."""

from custbehav_dagster.contract.cleaned import ORDER_STATUSES
from custbehav_dagster.contract.table import Column, Table

SEASONS = ("winter", "spring", "summer", "autumn")
SOURCE_TYPES = ("internal_feedback", "public_sentiment", "reddit", "web")

LINK_EVIDENCE = (
    "own record",
    "mailing list only",
    "orders only",
    "joined by you",
    "same e-mail",
    "same name and telephone",
    "same name and postcode",
    "same name and start of e-mail",
    "same telephone, name alike",
    "same postcode, name mistyped",
    "same postcode and surname, initial fits",
)
"""What can be said of a record: where its own comes from, or what joined it into another."""
DECISIONS = ("same person", "different people")

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
            "refused_marketing",
            "boolean",
            "true when they said no, left or bounced, and did not agree again later",
        ),
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
        Column(
            "customer_id", "string", "person it was joined into, by the setting `matching`", nullable=False
        ),
        Column("strict_customer_id", "string", "person by account and e-mail alone", nullable=False),
        Column("loose_customer_id", "string", "person by all evidence", nullable=False),
        Column("evidence", "string", "what joined it", nullable=False, allowed=LINK_EVIDENCE),
        Column(
            "strength",
            "float64",
            "share of such links that are right, measured on generated records; 1 is certain",
            nullable=False,
            minimum=0,
            maximum=1,
        ),
        Column("joined_with", "string", "record with which that evidence connects it; empty for its own"),
    ),
    key=("record_customer_id",),
)

CHOSEN_PAIRS = Table(
    "truth",
    "chosen_pairs",
    "One row per pair of records that the owner joins or keeps apart, or line that cannot be followed.",
    (
        Column("source_file", "string", "file of the line", nullable=False),
        Column("source_line", "int64", "line of the file", nullable=False, minimum=1),
        Column("decision", "string", "the owner's word; empty when unclear", allowed=DECISIONS),
        Column("record_customer_id", "string", "one record; empty when the line cannot be followed"),
        Column("other_customer_id", "string", "the other record"),
        Column("problem", "string", "why the line is not followed; empty when it is"),
    ),
)

REPEAT_BY_MATCHING = Table(
    "truth",
    "repeat_by_matching",
    "One row per way of matching: how many people bought, and how many again. The answer differs.",
    (
        Column("matching", "string", "what makes one person", nullable=False, allowed=("strict", "loose")),
        Column("people", "int64", "people with a purchase", nullable=False, minimum=0),
        Column("repeat_buyers", "int64", "of them with purchases on two days", nullable=False, minimum=0),
        Column(
            "repeat_share", "float64", "repeat_buyers / people; empty without people", minimum=0, maximum=1
        ),
        Column("orders_of_nobody", "int64", "purchases that are tied to no one", nullable=False, minimum=0),
        Column("is_synthetic", "boolean", "true for generated orders", nullable=False),
    ),
    key=("matching", "is_synthetic"),
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
        Column("shop_currency", "string", "ISO 4217 code of the currency that sums are made in"),
        Column(
            "shop_gross_amount", "decimal(18, 2)", "gross in `shop_currency`; empty where no rate is known"
        ),
        Column("shop_net_amount", "decimal(18, 2)", "net in `shop_currency`; empty where no rate is known"),
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

SENTIMENT = Column(
    "sentiment",
    "float64",
    "mood of the text, -1 bad to 1 good; empty in a language that is not scored",
    minimum=-1,
    maximum=1,
)
SENTIMENT_MODEL = Column(
    "sentiment_model", "string", "which model scored it, or 'not scored'", nullable=False
)
LANGUAGE = Column("language", "string", "ISO 639 code; empty for a text without letters")

SENTIMENT_SCORERS = Table(
    "truth",
    "sentiment_scorers",
    "One row per kind of text that people label: whether a scorer trained on it beats VADER there.",
    (
        Column("domain", "string", "source type", nullable=False, allowed=SOURCE_TYPES),
        Column("is_used", "boolean", "true when the trained scorer scores these texts", nullable=False),
        Column("reason", "string", "why it does or does not, in words", nullable=False),
        Column("labelled_texts", "int64", "different real texts with stars or a label", nullable=False),
        Column("good_texts", "int64", "English ones with 4 or 5 stars that were learnt from"),
        Column("bad_texts", "int64", "English ones with 1 or 2 stars that were learnt from"),
        *(
            Column(f"{measure}_{part}", "float64", told.format(meaning), minimum=-1, maximum=1)
            for measure, meaning in (
                ("auc", "share of pairs of a good and a bad text that are ranked rightly"),
                ("balanced_accuracy", "mean share of good and of bad texts on the right side of 0"),
                ("correlation", "correlation of score and stars"),
            )
            for part, told in (
                ("trained", "{}, by the trained scorer on texts it has not seen"),
                ("vader", "{}, by VADER"),
                ("gain_low", "{}: lower end of the 95% interval of what the trained scorer gains"),
                ("gain_high", "{}: upper end of it"),
            )
        ),
        Column("model_sha256", "string", "hash of the model's file; empty when none is used"),
        Column("made_by", "string", "versions of what made it", nullable=False),
    ),
    key=("domain",),
)

TEXT_SCORES = Table(
    "truth",
    "text_scores",
    "One row per different text: its words and mood, kept so that a refresh only works on new texts.",
    (
        Column("text_hash", "string", "first 32 hexadecimal digits of the text's SHA-256", nullable=False),
        Column("domain", "string", "source type that has a scorer of its own, else 'any'", nullable=False),
        Column("text_clean", "string", "lower-case words, no HTML, no punctuation", nullable=False),
        Column("text_stemmed", "string", "text_clean without stopwords, in stems or lemmas", nullable=False),
        LANGUAGE,
        SENTIMENT,
        SENTIMENT_MODEL,
        Column(
            "made_by",
            "string",
            "12 digits that stand for the versions of all it was made by; others make it anew",
            nullable=False,
        ),
    ),
    key=("text_hash", "domain"),
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
        SENTIMENT,
        SENTIMENT_MODEL,
        LANGUAGE,
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

TABLES = (
    CUSTOMERS,
    CUSTOMER_LINKS,
    CHOSEN_PAIRS,
    REPEAT_BY_MATCHING,
    ORDERS,
    SENTIMENT_SCORERS,
    TEXT_SCORES,
    SINGLE_SOURCE_OF_TRUTH,
    CUSTOMER_FEATURES,
)
