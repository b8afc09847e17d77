"""The single source of truth: all texts, the shop's own and public ones, in one table.

How a text is cleaned, stemmed and scored is decided in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.times import add_time_features
from custbehav_dagster.contract.truth import SINGLE_SOURCE_OF_TRUTH
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.normalize import noise_share, word_count
from custbehav_dagster.text.scorers import ANY_SOURCE
from custbehav_dagster.text.scoring import text_hash


def texts_to_score(feedback: ir.Table, public_texts: ir.Table, domains: Collection[str]) -> ir.Table:
    """`text` and `domain` of every row of cleaned.feedback and cleaned.public_texts, in any number of rows.

    `domains` are the source types with a scorer of their own; the others share one.
    """
    own = feedback.select("text", source_type=ibis.literal("internal_feedback"))
    texts = own.union(public_texts.select("text", "source_type"))
    return texts.select("text", domain=_domain(texts.source_type, domains))


def single_source_of_truth(
    feedback: ir.Table,
    public_texts: ir.Table,
    links: ir.Table,
    orders: ir.Table,
    text_scores: ir.Table,
    settings: Settings,
) -> ir.Table:
    """One row per feedback and per public text, conforming to truth.single_source_of_truth.

    Texts without words stay, with sentiment 0 and no words; texts in a language that no
    scorer reads stay without sentiment. The writer of a feedback is the person `links` names for
    the identifier in the source, else the buyer of the order it is about, else unknown.

    Args:
        feedback: rows of cleaned.feedback.
        public_texts: rows of cleaned.public_texts.
        links: rows of truth.customer_links.
        orders: rows of truth.orders.
        text_scores: rows of truth.text_scores, made from these feedbacks and public texts.
        settings: `shop_timezone`, `hemisphere`.
    """
    domains = set(text_scores.select("domain").distinct().to_pyarrow()["domain"].to_pylist())
    texts = _own_texts(feedback, links, orders).union(_public_texts(public_texts))
    texts = texts.mutate(
        text_hash=text_hash(texts.text), domain=_domain(texts.source_type, domains - {ANY_SOURCE})
    )
    # A text that was not scored stays, and fails the checks, rather than being lost.
    table = texts.left_join(text_scores, ["text_hash", "domain"]).drop("text_hash_right", "domain_right")
    table = table.mutate(
        word_count=word_count(table.text_clean),
        char_count=table.text.length(),
        noise=noise_share(table.text),
    )
    return SINGLE_SOURCE_OF_TRUTH.conform(add_time_features(table, "created_at", settings))


def _domain(source_type: ir.StringValue, domains: Collection[str]) -> ir.StringValue:
    any_source = ibis.literal(ANY_SOURCE)
    return ibis.ifelse(source_type.isin(sorted(domains)), source_type, any_source) if domains else any_source


def _own_texts(feedback: ir.Table, links: ir.Table, orders: ir.Table) -> ir.Table:
    people = links.select("record_customer_id", person="customer_id")
    table = feedback.left_join(people, feedback.customer_id == people.record_customer_id)
    buyers = _buyers_of(feedback, orders)
    table = table.left_join(buyers, table.order_id == buyers.bought_order)
    line = ibis.literal(":") + table.source_line.cast("string")
    return table.select(
        text_id=ibis.literal("internal_feedback:") + table.feedback_id,
        source_type=ibis.literal("internal_feedback"),
        customer_id=table.person.coalesce(table.buyer),
        order_id=table.order_id,
        created_at=table.created_at,
        text=table.text,
        rating=table.rating,
        is_synthetic=table.is_synthetic,
        provenance=table.source_file + line.fill_null(""),
    )


def _buyers_of(feedback: ir.Table, orders: ir.Table) -> ir.Table:
    """Who bought the orders that reviews are about: `bought_order, buyer`."""
    named = feedback.filter(feedback.order_id.notnull()).select("order_id").distinct()
    return orders.semi_join(named, "order_id").select(bought_order="order_id", buyer="customer_id")


def _public_texts(public_texts: ir.Table) -> ir.Table:
    return public_texts.select(
        "text_id",
        "source_type",
        customer_id=ibis.null("string"),
        order_id=ibis.null("string"),
        created_at=public_texts.created_at,
        text=public_texts.text,
        rating=public_texts.rating,
        is_synthetic=public_texts.is_synthetic,
        provenance=public_texts.provenance,
    )
