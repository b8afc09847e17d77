"""Files with this project's own column names or close aliases, as a spreadsheet would have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ibis.expr.types as ir

from custbehav_dagster.sources.formats import own_words as words
from custbehav_dagster.sources.formats.base import (
    Cells,
    Field,
    Format,
    Group,
    Head,
    Records,
    Rejection,
    plain_name,
)
from custbehav_dagster.sources.formats.looks import (
    looks_like_date,
    looks_like_email,
    looks_like_number,
    looks_like_stars,
)
from custbehav_dagster.sources.formats.order_rows import (
    amount_once,
    learn_rows,
    price_of_line,
    put_together,
    status_of_returns,
)
from custbehav_dagster.sources.formats.platforms import without_apostrophe

SUBSCRIPTION_STATES = frozenset(
    {"subscribed", "unsubscribed", "cleaned", "pending", "nonsubscribed", "neversubscribed"}
)
LABELS = frozenset({"0", "1", "-1", "2", "pos", "neg", "positive", "negative", "neutral"})

CUSTOMER_ID = ("customer_id", "client_id", *words.CUSTOMER_NUMBERS)
EMAIL = Field(
    "email",
    ("email", "e-mail", "email address", "mail", *words.MAIL_ADDRESSES),
    looks_like_email,
    "mail addresses",
)
REGION = Field("region", ("region", "state", "county", "province"))
COUNTRY = Field("country", ("country",))
PERSON_NAMES = (
    Field("name", ("name", "full name", "customer name")),
    Field("first_name", ("first name",)),
    Field("last_name", ("last name",)),
)


def _date(name: str, *aliases: str) -> Field:
    return Field(name, aliases, looks_like_date, "dates")


CUSTOMER_FIELDS = (
    Field("customer_id", ("customer_id", "id", "client_id", *words.CUSTOMER_NUMBERS)),
    EMAIL,
    *PERSON_NAMES,
    _date("signup_date", "signup_date", "created_at", "joined", "registered", *words.SIGN_UP_DATES),
    REGION,
    COUNTRY,
    Field("postcode", ("postcode", "zip")),
    Field("phone", ("phone", "telephone")),
    Field("accepts_marketing", ("accepts_marketing", "newsletter", "opt in", "subscribed")),
    Field("consent_source", ("consent_source",)),
)
ORDER_FIELDS = (
    Field("order_id", ("order_id", "order", "order number", "invoice", *words.ORDER_NUMBERS)),
    Field("customer_id", CUSTOMER_ID),
    EMAIL,
    _date(
        "ordered_at",
        *("order_date", "ordered_at", "date", "purchase date", "created_at", *words.ORDER_DATES),
    ),
    Field(
        "gross_amount",
        ("amount", "total", "gross_amount", "price", "order total", *words.AMOUNTS),
        looks_like_number,
        "amounts",
    ),
    Field("refund_amount", ("refund_amount", "refunded", *words.REFUNDS)),
    Field("currency", ("currency",)),
    Field("channel", ("channel", "source", "platform")),
    Field("status", ("status",)),
    Field("is_gift", ("is_gift", "gift")),
    REGION,
    COUNTRY,
    Field("product", ("product", "item")),
    Field("product_id", ("product_id", "sku")),
    Field("quantity", ("quantity", "qty")),
    Field("unit_price", ("unit_price", "item price", "price each"), looks_like_number, "amounts"),
)
FEEDBACK_FIELDS = (
    Field("feedback_id", ("feedback_id", "review_id", "id", *words.REVIEW_NUMBERS)),
    Field("customer_id", CUSTOMER_ID),
    Field("order_id", ("order_id", "order number", *words.ORDER_NUMBERS)),
    _date("created_at", "created_at", "date", *words.REVIEW_DATES),
    Field("text", ("text", "review", "comment", "message", "feedback", *words.REVIEW_TEXTS)),
    Field("rating", ("rating", "stars", "score", *words.RATINGS), looks_like_stars, "stars"),
)
SUBSCRIBER_FIELDS = (
    EMAIL,
    *PERSON_NAMES,
    Field(
        "status",
        ("status", "subscription status", "email marketing status"),
        lambda value: plain_name(value) in SUBSCRIPTION_STATES,
        "subscription states",
    ),
    _date("subscribed_at", "subscribed_at", "subscribed on", "opt in time", "confirm time"),
    _date("unsubscribed_at", "unsubscribed_at", "unsubscribed on", "unsub time"),
    Field("consent_source", ("consent_source",)),
)
SENTENCE_FIELDS = (
    Field("text", ("text", "sentence", "review", "comment", "message", "tweet")),
    Field(
        "label",
        ("label", "sentiment", "polarity", "class"),
        lambda value: value.strip().casefold() in LABELS,
        "labels such as 0 and 1 or positive and negative",
    ),
    Field("source", ("source",)),
)


def _spellings(name: str) -> frozenset[str]:
    return frozenset(plain_name(alias) for one in ORDER_FIELDS if one.name == name for alias in one.aliases)


_IS_AMOUNT, _IS_ORDER = _spellings("gross_amount"), _spellings("order_id")
_INVOICE_LINES = frozenset({"stockcode", "quantity", "invoicedate"})
_IS_SALE = _IS_AMOUNT | _IS_ORDER | {"subtotal", "quantity", "qty", "grosssales", "netsales", "transactionid"}


def _names(head: Head) -> set[str]:
    return {plain_name(name) for name in head.header}


def _not_customers(columns: Mapping[str, int], head: Head) -> str:
    return "it has order numbers or amounts" if _IS_SALE & _names(head) else ""


def _not_orders(columns: Mapping[str, int], head: Head) -> str:
    if "gross_amount" not in columns and {"text", "review", "rating", "stars"} & _names(head):
        return "it has reviews and no amounts"
    if _names(head) >= _INVOICE_LINES:
        return "it has invoice lines with stock codes"
    return ""


def _not_feedback(columns: Mapping[str, int], head: Head) -> str:
    return (
        "it has order numbers and amounts" if _IS_AMOUNT & _names(head) and _IS_ORDER & _names(head) else ""
    )


def _naming(fields: tuple[Field, ...]) -> Callable[[Mapping[str, int], Head], str]:
    """Variant 'canonical' when every column bears our own name, else 'aliases'."""
    ours = {one.name: {plain_name(one.name), plain_name(one.aliases[0])} for one in fields}

    def variant(columns: Mapping[str, int], head: Head) -> str:
        is_ours = all(plain_name(head.header[number]) in ours[name] for name, number in columns.items())
        return "canonical" if is_ours else "aliases"

    return variant


def _name(cells: Cells) -> ir.StringValue:
    if "name" in cells or not ("first_name" in cells or "last_name" in cells):
        return cells["name"]
    both = cells["first_name"].fill_null("").strip() + " " + cells["last_name"].fill_null("").strip()
    return both.strip().nullif("")


def _email(cells: Cells) -> ir.StringValue:
    return without_apostrophe(cells["email"].strip())


def _customers(cells: Cells) -> Records:
    kept = ("customer_id", "signup_date", "region", "country", "postcode", "phone")
    also = ("accepts_marketing", "consent_source")
    return {"customers": cells.select(*kept, *also, name=_name(cells), email=_email(cells))}


def _orders(cells: Cells) -> Records:
    has_products = "product" in cells or "product_id" in cells
    orders = cells.select(
        *("order_id", "customer_id", "ordered_at", "gross_amount", "refund_amount", "currency"),
        *("channel", "is_gift", "region", "country", "product", "product_id"),
        email=_email(cells),
        status=status_of_returns(cells),
    )
    if not has_products:
        return {"orders": orders.drop("product", "product_id")}
    return {
        "orders": put_together(orders, cells).drop("product", "product_id"),
        "order_items": cells.select(
            "order_id", "product_id", "product", "quantity", unit_price=price_of_line(cells)
        ),
    }


def _feedback(cells: Cells) -> Records:
    return {
        "feedback": cells.select("feedback_id", "customer_id", "order_id", "created_at", "text", "rating")
    }


def _subscribers(cells: Cells) -> Records:
    kept = ("status", "subscribed_at", "unsubscribed_at", "consent_source")
    return {"subscribers": cells.select(*kept, name=_name(cells), email=_email(cells))}


def _sentences(cells: Cells) -> Records:
    return {"sentiment_public": cells.select("text", "label", "source")}


def _without_text(cells: Cells) -> Rejection:
    return Rejection(cells["text"].isnull(), "text", "The record has no text.")


ORDERS = Format(
    "own_orders",
    "a list of orders",
    ORDER_FIELDS,
    (
        Group("an order number", ("order_id",), required=True),
        Group("an order date", ("ordered_at",), required=True),
        Group("an amount or a product", ("gross_amount", "product", "product_id"), required=True),
        Group("a customer number or e-mail", ("customer_id", "email")),
    ),
    _orders,
    amount=amount_once,
    learn=learn_rows,
    contradiction=_not_orders,
    variant=_naming(ORDER_FIELDS),
)
CUSTOMERS = Format(
    "own_customers",
    "a list of customers",
    CUSTOMER_FIELDS,
    (
        Group("a customer number or e-mail", ("customer_id", "email"), required=True),
        Group(
            "something about the person, such as a name or a sign-up date",
            (
                "name",
                "first_name",
                "last_name",
                "signup_date",
                "postcode",
                "phone",
                "accepts_marketing",
                "region",
                "country",
            ),
            required=True,
        ),
        Group("a name", ("name", "first_name", "last_name")),
        Group("a sign-up date", ("signup_date",)),
        Group("a place", ("region", "country", "postcode")),
    ),
    _customers,
    contradiction=_not_customers,
    variant=_naming(CUSTOMER_FIELDS),
)
FEEDBACK = Format(
    "own_feedback",
    "a list of reviews",
    FEEDBACK_FIELDS,
    (
        Group("a text or a rating", ("text", "rating"), required=True),
        Group("a number or a date", ("feedback_id", "created_at", "order_id", "customer_id"), required=True),
        Group("a text", ("text",)),
        Group("a rating", ("rating",)),
        Group("a date", ("created_at",)),
    ),
    _feedback,
    contradiction=_not_feedback,
    variant=_naming(FEEDBACK_FIELDS),
)
SUBSCRIBERS = Format(
    "own_subscribers",
    "a mailing list",
    SUBSCRIBER_FIELDS,
    (
        Group("an e-mail", ("email",), required=True),
        Group(
            "a subscription state or its date", ("status", "subscribed_at", "unsubscribed_at"), required=True
        ),
        Group("a name", ("name", "first_name", "last_name")),
    ),
    _subscribers,
    contradiction=_not_customers,
    variant=_naming(SUBSCRIBER_FIELDS),
)
SENTENCES = Format(
    "labelled_sentences",
    "labelled sentences",
    SENTENCE_FIELDS,
    (Group("a text", ("text",), required=True), Group("a label such as positive", ("label",), required=True)),
    _sentences,
    reject=_without_text,
    variant=_naming(SENTENCE_FIELDS),
    is_shop=False,
)
