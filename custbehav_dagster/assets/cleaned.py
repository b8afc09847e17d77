"""Cleaned: typed, filled where told, and every row that was left out kept with its reason."""

import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster.assets.conventions import asset
from custbehav_dagster.cleaning.customers import clean_customers
from custbehav_dagster.cleaning.dates import date_evidence as decide_date_orders
from custbehav_dagster.cleaning.feedback import clean_feedback
from custbehav_dagster.cleaning.orders import clean_order_items, clean_orders
from custbehav_dagster.cleaning.public_texts import clean_public_texts
from custbehav_dagster.cleaning.quarantine import quarantine_rejects
from custbehav_dagster.settings import Settings


@asset()
def date_evidence(
    raw_customers: ir.Table, raw_orders: ir.Table, raw_feedback: ir.Table, shop: ResourceParam[Settings]
) -> ir.Table:
    """Which day/month order each file's dates were taken in, and why."""
    tables = {"customers": raw_customers, "orders": raw_orders, "feedback": raw_feedback}
    return decide_date_orders(tables, shop)


@asset(exports=("customers_clean.csv",))
def customers(
    raw_customers: ir.Table,
    raw_orders: ir.Table,
    cleaned_date_evidence: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Customer records, typed and filled."""
    return clean_customers(raw_customers, raw_orders, cleaned_date_evidence, shop)


@asset()
def order_items(raw_order_items: ir.Table, raw_orders: ir.Table, shop: ResourceParam[Settings]) -> ir.Table:
    """Order lines, typed, products told from postage, fees and discounts."""
    return clean_order_items(raw_order_items, raw_orders, shop)


@asset(exports=("orders_clean.csv",))
def orders(
    raw_orders: ir.Table,
    cleaned_order_items: ir.Table,
    cleaned_date_evidence: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Orders, typed, in UTC, with their refunds."""
    return clean_orders(raw_orders, cleaned_order_items, cleaned_date_evidence, shop)


@asset(exports=("feedback_clean.csv",))
def feedback(
    raw_feedback: ir.Table, cleaned_date_evidence: ir.Table, shop: ResourceParam[Settings]
) -> ir.Table:
    """Reviews and messages, typed."""
    return clean_feedback(raw_feedback, cleaned_date_evidence, shop)


@asset()
def public_texts(
    raw_sentiment_public: ir.Table, raw_reddit_posts: ir.Table, raw_web_content: ir.Table
) -> ir.Table:
    """Texts that are not the shop's own, in one shape."""
    return clean_public_texts(raw_sentiment_public, raw_reddit_posts, raw_web_content)


@asset()
def quarantine(
    raw_customers: ir.Table,
    raw_orders: ir.Table,
    raw_order_items: ir.Table,
    raw_feedback: ir.Table,
    cleaned_customers: ir.Table,
    cleaned_orders: ir.Table,
    cleaned_order_items: ir.Table,
    cleaned_feedback: ir.Table,
    cleaned_date_evidence: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Every raw row that cleaning left out, with the rule that did it."""
    raw = {
        "customers": raw_customers,
        "orders": raw_orders,
        "order_items": raw_order_items,
        "feedback": raw_feedback,
    }
    kept = {
        "customers": cleaned_customers,
        "orders": cleaned_orders,
        "order_items": cleaned_order_items,
        "feedback": cleaned_feedback,
    }
    return quarantine_rejects(raw, kept, cleaned_date_evidence, shop)
