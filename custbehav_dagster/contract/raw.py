"""Raw tables: what the files and services said, as text, nothing repaired."""

from custbehav_dagster.contract.outside import (
    CALENDAR_EVENTS,
    REDDIT_POSTS,
    REDDIT_READS,
    SENTIMENT_PUBLIC,
    WEATHER,
    WEB_CONTENT,
    WEB_READS,
)
from custbehav_dagster.contract.table import Column, Table, provenance_columns

PLATFORM = Column(
    "platform", "string", "where the record comes from: etsy, shopify, …; empty for the shop's own tables"
)

CUSTOMERS = Table(
    "raw",
    "customers",
    "One row per customer record as the file gives it, all text.",
    (
        Column("customer_id", "string", "identifier in the source, as text"),
        Column("email", "string", "mail address as written"),
        Column("name", "string", "full name as written"),
        Column("signup_date", "string", "day the record was made, as written"),
        Column("region", "string", "region, county or state as written"),
        Column("country", "string", "country as written"),
        Column("postcode", "string", "postcode as written"),
        Column("phone", "string", "telephone as written"),
        Column("accepts_marketing", "string", "whether mail is accepted, as written"),
        Column("consent_source", "string", "where that consent comes from, as written"),
        PLATFORM,
        *provenance_columns(),
    ),
)

ORDERS = Table(
    "raw",
    "orders",
    "One row per order record as the file gives it, all text. Amounts are empty where the "
    "format has only lines; they are summed from raw.order_items in cleaning.",
    (
        Column("order_id", "string", "order number as text"),
        Column("customer_id", "string", "buyer's identifier in the source"),
        Column("email", "string", "buyer's mail address as written"),
        Column("ordered_at", "string", "date or time of the order as written"),
        Column("gross_amount", "string", "order total before refunds as written"),
        Column("refund_amount", "string", "amount given back as written"),
        Column("currency", "string", "currency code or sign as written"),
        Column("channel", "string", "where the order was placed, as written"),
        Column("status", "string", "order status as written"),
        Column("is_gift", "string", "whether it was a gift, as written"),
        Column("region", "string", "delivery region as written"),
        Column("country", "string", "delivery country as written"),
        Column("discount_amount", "string", "taken off before `gross_amount`, as written"),
        Column("shipping_amount", "string", "postage, part of `gross_amount`, as written"),
        Column("tax_amount", "string", "tax, part of `gross_amount`, as written"),
        Column("tip_amount", "string", "tip, part of `gross_amount`, as written"),
        Column("shipped_at", "string", "when the goods were sent, as written"),
        Column("recipient_name", "string", "who the parcel is addressed to, as written"),
        Column("recipient_postcode", "string", "postcode the parcel is sent to, as written"),
        Column(
            "reference", "string", "what a payment says it is for, such as another platform's order number"
        ),
        PLATFORM,
        *provenance_columns(),
    ),
)

ORDER_ITEMS = Table(
    "raw",
    "order_items",
    "One row per order line as the file gives it, all text.",
    (
        Column("order_id", "string", "order the line belongs to"),
        Column("product_id", "string", "stock code or SKU as text"),
        Column("product", "string", "product description as written"),
        Column("quantity", "string", "units as written"),
        Column("unit_price", "string", "price of one unit as written"),
        Column("discount_amount", "string", "taken off the line, not in `unit_price`, as written"),
        Column("currency", "string", "currency code or sign as written"),
        Column(
            "kind", "string", "what the line is, where the format tells: product, tip, gift_wrap, shipping, …"
        ),
        Column("variation", "string", "size, colour or words to engrave, as written"),
        Column(
            "line_number",
            "string",
            "tells equal lines of one order apart; empty where each record of the file is a line of its own",
        ),
        PLATFORM,
        *provenance_columns(),
    ),
)

FEEDBACK = Table(
    "raw",
    "feedback",
    "One row per review or message as the file gives it, all text.",
    (
        Column("feedback_id", "string", "identifier in the source"),
        Column("customer_id", "string", "writer's customer identifier"),
        Column("order_id", "string", "order it is about"),
        Column("created_at", "string", "when it was written, as written"),
        Column("text", "string", "the words"),
        Column("rating", "string", "stars as written"),
        Column("email", "string", "writer's mail address as written"),
        Column("product", "string", "product it is about, as written"),
        PLATFORM,
        *provenance_columns(),
    ),
)

SUBSCRIBERS = Table(
    "raw",
    "subscribers",
    "One row per person on a mailing list as the file gives it, all text.",
    (
        Column("email", "string", "mail address as written"),
        Column("name", "string", "name as written"),
        Column("status", "string", "subscribed, unsubscribed or cleaned, as written"),
        Column("subscribed_at", "string", "when they opted in, as written"),
        Column("unsubscribed_at", "string", "when they left, as written"),
        Column("consent_source", "string", "where the consent comes from, as written"),
        Column("tags", "string", "tags of the mail tool, comma separated"),
        PLATFORM,
        *provenance_columns(),
    ),
)

LISTINGS = Table(
    "raw",
    "listings",
    "One row per product that the shop offers, as the file gives it, all text.",
    (
        Column("listing_id", "string", "identifier in the source, else the stock code"),
        Column("product_id", "string", "stock code or SKU as text"),
        Column("title", "string", "name of the product"),
        Column("description", "string", "what the shop says of it"),
        Column("price", "string", "price as written"),
        Column("currency", "string", "currency code or sign as written"),
        Column("quantity", "string", "units in stock as written"),
        Column("tags", "string", "search words, comma separated"),
        Column("materials", "string", "materials, comma separated"),
        PLATFORM,
        *provenance_columns(),
    ),
)

EXCHANGE_RATES = Table(
    "raw",
    "exchange_rates",
    "One row per exchange rate that the owner gives, all text.",
    (
        Column("rate_date", "string", "day from which the rate holds, as written; empty: always"),
        Column("currency", "string", "currency code as written"),
        Column("rate", "string", "what one unit of it is worth in the shop's currency, as written"),
        *provenance_columns(),
    ),
)

INGESTED_FILES = Table(
    "raw",
    "ingested_files",
    "One row per file found in data/raw: what it was taken for, and where its rows went.",
    (
        Column("source_file", "string", "path below data/raw", nullable=False),
        Column("sha256", "string", "hash of the bytes", nullable=False),
        Column("format", "string", "recognised format, or 'unknown'", nullable=False),
        Column("variant", "string", "variant of the format"),
        Column("confidence", "float64", "share of the format's signature found", minimum=0, maximum=1),
        Column(
            "rows_in", "int64", "records in the file, header and blank lines aside", nullable=False, minimum=0
        ),
        Column("rows_kept", "int64", "records that reached a raw table", nullable=False, minimum=0),
        Column("rows_quarantined", "int64", "records in raw.quarantine", nullable=False, minimum=0),
        Column(
            "amount_in_file",
            "decimal(18, 4)",
            "sum of the money column over all records; empty if it has none",
        ),
        Column("amount_kept", "decimal(18, 4)", "the same over the records kept"),
        Column("is_synthetic", "boolean", "true when this project generated the file", nullable=False),
        Column("note", "string", "what the reader should know, in a sentence"),
    ),
    key=("source_file",),
)

FILE_AMOUNTS = Table(
    "raw",
    "file_amounts",
    "One row per file and currency: the money in the file, and where it went.",
    (
        Column("source_file", "string", "path below data/raw", nullable=False),
        Column(
            "currency",
            "string",
            "code or sign as the file gives it; the setting `currency` where it gives none",
            nullable=False,
        ),
        Column("amount_in_file", "decimal(18, 4)", "sum over all records", nullable=False),
        Column("amount_kept", "decimal(18, 4)", "sum over the records kept", nullable=False),
        Column(
            "amount_quarantined",
            "decimal(18, 4)",
            "sum over the records in raw.quarantine, lines of totals aside",
            nullable=False,
        ),
    ),
    key=("source_file", "currency"),
)

QUARANTINE = Table(
    "raw",
    "quarantine",
    "One row per record of a file that could not be read, with the reason.",
    (
        Column("source_file", "string", "path below data/raw", nullable=False),
        Column("source_line", "int64", "line where the record starts", nullable=False, minimum=1),
        Column("column_name", "string", "column at fault; empty when it is the whole record"),
        Column("reason", "string", "why, in a sentence", nullable=False),
        Column("raw_text", "string", "the record as it stood, at most 10,000 characters"),
    ),
)

TABLES = (
    CUSTOMERS,
    ORDERS,
    ORDER_ITEMS,
    FEEDBACK,
    SUBSCRIBERS,
    LISTINGS,
    EXCHANGE_RATES,
    SENTIMENT_PUBLIC,
    REDDIT_POSTS,
    REDDIT_READS,
    WEB_CONTENT,
    WEB_READS,
    WEATHER,
    CALENDAR_EVENTS,
    INGESTED_FILES,
    FILE_AMOUNTS,
    QUARANTINE,
)
