"""What state an order is in, and so what was paid and what was given back.

Takes orders whose amounts are read; knows nothing of files or duplicates.
"""

from __future__ import annotations

import re

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.categories import plain_word
from custbehav_dagster.cleaning.cells import replaced
from custbehav_dagster.cleaning.money import AMOUNT_TYPE

_WORDS = {
    "completed": (
        "completed", "complete", "paid", "fulfilled", "shipped", "delivered", "sent", "dispatched", "posted",
        "closed", "success", "succeeded", "settled", "captured", "done", "partially refunded",
        "partial refund", "payment",
    ),
    "pending": (
        "pending", "processing", "on hold", "open", "unfulfilled", "unpaid", "authorized", "authorised",
        "new", "partially paid", "partially fulfilled", "partial", "pending payment", "awaiting payment",
        "awaiting shipment", "in progress", "unshipped", "not shipped",
    ),
    "cancelled": (
        "cancelled", "canceled", "cancel", "voided", "void", "failed", "declined", "expired", "abandoned",
    ),
    "refunded": ("refunded", "fully refunded"),
    "refund": ("refund", "credit", "credit note", "return", "returned", "chargeback"),
}  # fmt: skip
ENDED_WORDS = _WORDS["cancelled"] + _WORDS["refunded"]
"""States that an order comes to last: a record that tells one is newer than one that does not."""

_MEANINGS = {word: meaning for meaning, words in _WORDS.items() for word in words}

# One digit less than the contract's, so that a difference fits the contract's type exactly.
CENTS_TYPE = "decimal(17, 2)"
ZERO = ibis.literal(0).cast(AMOUNT_TYPE)


def is_credit_number(order_id: ir.StringValue) -> ir.BooleanValue:
    """True for invoice numbers such as C536379, which mark a reversal when the amount is not above zero."""
    return ibis.ifelse(order_id.left(1).isin(("C", "c")), order_id.re_search(r"^[Cc]\d{5,}$"), False)


def status_meaning(text: str) -> str | None:
    """What a status as written means: completed, pending, cancelled, refunded, refund or unknown.

    `refunded` is said of an order, `refund` of a record that only gives money back.
    None when nothing is written.
    """
    word = plain_word(re.sub(r"[-_]", " ", text))
    return _MEANINGS.get(word, "unknown") if word else None


def with_state(orders: ir.Table) -> ir.Table:
    """Tell orders from refunds, and add the state of each.

    Args:
        orders: has `order_id`, `meaning` of the status (`status_meaning`),
            `gross_amount` and `refund_amount` as decimals, and, where the record gives
            no amount, `lines_total` and `has_goods` of its lines (else NULL).

    Returns:
        The table without `meaning`, with

        - `total`: the amount on the record, else of the lines; NULL when neither is there;
        - `is_refund`: a record that only gives money back: its status is a refund (and it
          does not give both an amount and a refund, as a refunded order does), or its
          total is below zero and its status or its number (C and figures) says so;
        - `is_given_back`: a cancelled order, or a refunded one that does not say how much;
        - `status`: one of the contract's. An empty status is an order that stands; a
          word that is not known, and an order of nothing but fees and adjustments, is
          'unknown'.
    """
    # In stages, since one expression would repeat its parts many times over in the query.
    orders = orders.mutate(
        meaning=orders.meaning.fill_null("completed"),
        is_credit=is_credit_number(orders.order_id),
        total=orders.gross_amount.coalesce(orders.lines_total),
    )
    meaning, has_no_amount = orders.meaning, orders.gross_amount.isnull()
    gives_refund = (orders.refund_amount != 0).fill_null(False)
    gives_both = (orders.gross_amount > 0).fill_null(False) & gives_refund
    says_reversed = orders.is_credit | meaning.isin(("refund", "refunded", "cancelled"))
    is_reversal = ((orders.total < 0) & says_reversed).fill_null(False)
    is_empty_credit = (has_no_amount & (orders.lines_total == 0)).fill_null(False) & orders.is_credit
    orders = orders.mutate(
        is_refund=((meaning == "refund") & ~gives_both) | is_reversal | is_empty_credit,
        is_given_back=(meaning == "cancelled") | ((meaning == "refunded") & ~gives_refund),
    )
    status = ibis.cases(
        (has_no_amount & ~orders.has_goods.fill_null(True), "unknown"),
        (orders.is_refund, "refund"),
        (meaning.isin(("refund", "refunded")), "completed"),
        else_=meaning,
    )
    return replaced(orders, ("meaning", "is_credit"), status=status)


def with_amounts(orders: ir.Table) -> ir.Table:
    """Settle `gross_amount`, `refund_amount` and `net_amount` from `total` and the state.

    A refund's gross is 0 and its refund the whole total; an order given back has its
    gross as refund; else the refund is as written, never below 0.
    """
    written_refund = orders.refund_amount.abs().fill_null(ZERO)
    gross = ibis.ifelse(orders.is_refund, ZERO, orders.total.fill_null(ZERO))
    whole = orders.total.abs().nullif(ZERO).coalesce(written_refund)
    refund = ibis.cases((orders.is_refund, whole), (orders.is_given_back, gross), else_=written_refund)
    # Cents first, so that gross minus refund is net to the cent.
    gross, refund = gross.cast(CENTS_TYPE), refund.cast(CENTS_TYPE)
    return orders.mutate(
        gross_amount=gross, refund_amount=refund, net_amount=(gross - refund).cast(CENTS_TYPE)
    )
