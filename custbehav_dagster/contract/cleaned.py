"""Cleaned tables: typed, de-duplicated, filled where told, each row traceable."""

from custbehav_dagster.contract.table import Column, Table, provenance_columns

IMPUTED = Column(
    "imputed_columns",
    "string",
    "names of the columns filled by imputation, comma separated; empty if none",
    nullable=False,
)
CONSENT_STATES = ("given", "refused", "withdrawn", "unasked")
LIST_STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "none")
ORDER_STATUSES = ("completed", "pending", "cancelled", "refund", "unknown")
ITEM_KINDS = ("product", "gift_wrap", "tip", "shipping", "fee", "discount", "adjustment")

CUSTOMERS = Table(
    "cleaned",
    "customers",
    "One row per customer record, typed and filled.",
    (
        Column(
            "customer_id",
            "string",
            "identifier in the source; made from the e-mail when the source has none",
            nullable=False,
        ),
        Column("email", "string", "mail address, lower case; empty when it cannot be one"),
        Column("name", "string", "full name, spaces and case repaired"),
        Column("signup_date", "date", "day the record was made"),
        Column("region", "string", "region in title case"),
        Column("country", "string", "country in title case"),
        Column("postcode", "string", "postcode, upper case"),
        Column("phone", "string", "telephone, digits and leading plus"),
        Column("accepts_marketing", "boolean", "true only when consent is proven", nullable=False),
        Column("consent_source", "string", "where the consent comes from; empty when there is none"),
        Column(
            "consent_state",
            "string",
            "what the record says: unasked is neither a yes nor a no",
            allowed=CONSENT_STATES,
        ),
        Column("platform", "string", "where the record comes from; empty for the shop's own tables"),
        IMPUTED,
        *provenance_columns(),
    ),
    key=("customer_id",),
)

ORDERS = Table(
    "cleaned",
    "orders",
    "One row per order, typed; refunds that come as records of their own have status 'refund'.",
    (
        Column("order_id", "string", "order number as text", nullable=False),
        Column("customer_id", "string", "buyer's identifier; empty when the sale is not tied to a person"),
        Column("ordered_at", "timestamp(6)", "moment of the order in UTC", nullable=False),
        Column("order_date", "date", "day of the order in the shop's time zone", nullable=False),
        Column("gross_amount", "decimal(18, 2)", "amount before refunds, in `currency`", nullable=False),
        Column(
            "refund_amount", "decimal(18, 2)", "amount given back, in `currency`", nullable=False, minimum=0
        ),
        Column("net_amount", "decimal(18, 2)", "gross minus refund, in `currency`", nullable=False),
        Column("currency", "string", "ISO 4217 code", nullable=False),
        Column("channel", "string", "where it was placed, lower case"),
        Column("status", "string", "state of the order", nullable=False, allowed=ORDER_STATUSES),
        Column("is_gift", "boolean", "true when marked as a gift", nullable=False),
        Column("region", "string", "delivery region in title case"),
        Column("country", "string", "delivery country in title case"),
        IMPUTED,
        *provenance_columns(),
    ),
    key=("order_id",),
)

ORDER_ITEMS = Table(
    "cleaned",
    "order_items",
    "One row per order line, typed.",
    (
        Column("order_id", "string", "order the line belongs to", nullable=False),
        Column("product_id", "string", "stock code, upper case"),
        Column("product", "string", "description, single spaces"),
        Column("quantity", "float64", "units; negative when returned", nullable=False),
        Column("unit_price", "decimal(18, 4)", "price of one unit in the order's currency", nullable=False),
        Column("line_amount", "decimal(18, 4)", "quantity times unit price", nullable=False),
        Column("kind", "string", "what the line is", nullable=False, allowed=ITEM_KINDS),
        *provenance_columns(),
    ),
)

FEEDBACK = Table(
    "cleaned",
    "feedback",
    "One row per review or message, typed; the text is as written but for HTML.",
    (
        Column(
            "feedback_id",
            "string",
            "identifier; made from file and line when the source has none",
            nullable=False,
        ),
        Column("customer_id", "string", "writer's customer identifier"),
        Column("order_id", "string", "order it is about"),
        Column("created_at", "timestamp(6)", "when it was written, UTC"),
        Column("text", "string", "the words, HTML removed; empty when only stars were left", nullable=False),
        Column("rating", "float64", "stars, 1 to 5", minimum=1, maximum=5),
        IMPUTED,
        *provenance_columns(),
    ),
    key=("feedback_id",),
)

SUBSCRIBERS = Table(
    "cleaned",
    "subscribers",
    "One row per entry of a mailing list, typed: who is on it, and what proves that they want to be.",
    (
        Column("email", "string", "mail address, lower case; empty when it cannot be one"),
        Column("name", "string", "name, spaces and case repaired"),
        Column("status", "string", "state of the entry", nullable=False, allowed=LIST_STATUSES),
        Column("subscribed_at", "timestamp(6)", "when they joined, UTC"),
        Column("unsubscribed_at", "timestamp(6)", "when they left or the address failed, UTC"),
        Column("is_consent_proven", "boolean", "subscribed, and it is told how or when", nullable=False),
        Column("consent_source", "string", "where, how and when consent was given; empty without proof"),
        Column("tags", "string", "tags of the mail tool, comma separated"),
        Column("platform", "string", "mail tool; empty for the shop's own tables"),
        *provenance_columns(),
    ),
    key=("source_file", "source_line"),
)

PUBLIC_TEXTS = Table(
    "cleaned",
    "public_texts",
    "One row per text that is not the shop's own: labelled sentences, Reddit, web.",
    (
        Column("text_id", "string", "source type and identifier there", nullable=False),
        Column(
            "source_type",
            "string",
            "where it comes from",
            nullable=False,
            allowed=("public_sentiment", "reddit", "web"),
        ),
        Column("created_at", "timestamp(6)", "when it was written, UTC; empty if unknown"),
        Column("text", "string", "the words, HTML removed", nullable=False),
        Column("rating", "float64", "label brought to 1 to 5 stars", minimum=1, maximum=5),
        Column("is_synthetic", "boolean", "true for samples that ship with this project", nullable=False),
        Column("provenance", "string", "url, file or 'sample'", nullable=False),
    ),
    key=("text_id",),
)

QUARANTINE = Table(
    "cleaned",
    "quarantine",
    "One row per raw row that cleaning left out, with the rule that did it.",
    (
        Column(
            "raw_table",
            "string",
            "raw table the row was in",
            nullable=False,
            allowed=("customers", "orders", "order_items", "feedback"),
        ),
        Column("source_file", "string", "file of the row", nullable=False),
        Column("source_line", "int64", "line of the row"),
        Column("column_name", "string", "column at fault; empty when it is the whole row"),
        Column(
            "rule",
            "string",
            "short name of the rule",
            nullable=False,
            allowed=(
                "missing_key",
                "min_fill_ratio",
                "unreadable_date",
                "unreadable_amount",
                "implausible_amount",
                "exact_duplicate",
                "duplicate_key",
                "overlapping_export",
            ),
        ),
        Column("reason", "string", "why, in a sentence", nullable=False),
        Column("raw_text", "string", "the row's values as one line of text"),
    ),
)

DATE_EVIDENCE = Table(
    "cleaned",
    "date_evidence",
    "One row per file and date column: which day/month order was taken, and on what evidence.",
    (
        Column("source_file", "string", "file of the column", nullable=False),
        Column("column_name", "string", "date column", nullable=False),
        Column(
            "date_order",
            "string",
            "order taken for figures like 03/04/2024",
            nullable=False,
            allowed=("day_first", "month_first"),
        ),
        Column(
            "decided_by", "string", "evidence: the figures, the row order, or the setting", nullable=False
        ),
        Column("day_first_values", "int64", "values that can only be day first", nullable=False, minimum=0),
        Column(
            "month_first_values", "int64", "values that can only be month first", nullable=False, minimum=0
        ),
        Column("ambiguous_values", "int64", "values that could be either", nullable=False, minimum=0),
        Column("unreadable_values", "int64", "values that are no date", nullable=False, minimum=0),
        Column("note", "string", "what the reader should know, in a sentence"),
    ),
    key=("source_file", "column_name"),
)

EXCHANGE_RATES = Table(
    "cleaned",
    "exchange_rates",
    "One row per currency and day from which its rate holds.",
    (
        Column("currency", "string", "ISO 4217 code", nullable=False),
        Column("rate_date", "date", "first day of the rate; empty: whenever no dated rate holds"),
        Column(
            "rate", "decimal(18, 8)", "worth of one unit in the shop's currency", nullable=False, minimum=0
        ),
        Column("source_file", "string", "file of the rate", nullable=False),
        Column("source_line", "int64", "line of the rate", minimum=1),
    ),
    key=("source_file", "source_line"),
)

REPAIRS = Table(
    "cleaned",
    "repairs",
    "One row per cell of the files that was repaired before cleaning, with the figures that prove it.",
    (
        Column("raw_table", "string", "raw table of the cell", nullable=False),
        Column("source_file", "string", "file of the cell", nullable=False),
        Column("source_line", "int64", "line of its record", nullable=False),
        Column("column_name", "string", "column of the raw table", nullable=False),
        Column("before", "string", "the cell as it stands in the file"),
        Column("after", "string", "the cell as cleaning takes it; empty when it is left out"),
        Column("rule", "string", "kind of damage", nullable=False),
        Column("step", "int64", "the later of two repairs of one cell counts", nullable=False, minimum=0),
        Column("proof", "string", "figures of the file before and after"),
    ),
    key=("raw_table", "source_file", "source_line", "column_name", "step"),
)

REPAIR_PROOFS = Table(
    "cleaned",
    "repair_proofs",
    "One row per file, kind of damage and figure: what was weighed, and whether it was repaired.",
    (
        Column("raw_table", "string", "raw table", nullable=False),
        Column("source_file", "string", "file, or platform for order numbers shared", nullable=False),
        Column("column_name", "string", "column of the raw table", nullable=False),
        Column("rule", "string", "kind of damage", nullable=False),
        Column("is_applied", "boolean", "the figures prove it, so it was repaired", nullable=False),
        Column("cells", "int64", "cells repaired", nullable=False, minimum=0),
        Column("statistic", "string", "figure of the file", nullable=False),
        Column("value_before", "float64", "the figure as the file stands"),
        Column("value_after", "float64", "the figure after the repair"),
        Column("note", "string", "what the reader should know, in a sentence", nullable=False),
    ),
)

TABLES = (
    CUSTOMERS,
    ORDERS,
    ORDER_ITEMS,
    FEEDBACK,
    SUBSCRIBERS,
    PUBLIC_TEXTS,
    QUARANTINE,
    DATE_EVIDENCE,
    EXCHANGE_RATES,
    REPAIRS,
    REPAIR_PROOFS,
)
