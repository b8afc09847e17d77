"""Cleaned: typed, filled where told, and every row that was left out kept with its reason."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster.assets.conventions import asset, one_sentence, out
from custbehav_dagster.cleaning.currencies import clean_exchange_rates
from custbehav_dagster.cleaning.customers import judge_customers
from custbehav_dagster.cleaning.dates import date_evidence as decide_date_orders
from custbehav_dagster.cleaning.feedback import judge_feedback
from custbehav_dagster.cleaning.forensics.repairs import find_repairs, proofs_as_markdown, repaired
from custbehav_dagster.cleaning.order_items import judge_order_items
from custbehav_dagster.cleaning.orders import judge_orders
from custbehav_dagster.cleaning.public_texts import clean_public_texts
from custbehav_dagster.cleaning.quarantine import quarantine_rejects
from custbehav_dagster.cleaning.rules import Judged
from custbehav_dagster.cleaning.subscribers import clean_subscribers
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import Warehouse

REPAIRED = ("customers", "orders", "order_items", "feedback")
"""Raw tables whose files may have been through a spreadsheet."""

WORKING = "working"
"""Schema of tables that one step leaves for another, and nobody else reads."""


def _kept(noun: str, judged: Judged, warehouse: Warehouse) -> ir.Table:
    """The rows that stay; the verdicts on the others are left for the quarantine to read."""
    warehouse.write(WORKING, f"{noun}_left_out", judged.left_out)
    return judged.kept


def _left_out(warehouse: Warehouse) -> dict[str, ir.Table]:
    names = {noun: f"{noun}_left_out" for noun in REPAIRED}
    return {
        noun: warehouse.table(WORKING, name) for noun, name in names.items() if warehouse.has(WORKING, name)
    }


@dg.multi_asset(
    name="forensics",
    ins={f"raw_{noun}": dg.AssetIn(key=["raw", noun]) for noun in REPAIRED},
    outs={noun: out("cleaned", noun) for noun in ("repairs", "repair_proofs")},
)
def forensics(
    raw_customers: ir.Table,
    raw_orders: ir.Table,
    raw_order_items: ir.Table,
    raw_feedback: ir.Table,
    shop: dg.ResourceParam[Settings],
) -> Iterator[dg.Output[Any]]:
    """What spreadsheets did to the files, where the files' own figures prove it, cell by cell."""
    tables = dict(zip(REPAIRED, (raw_customers, raw_orders, raw_order_items, raw_feedback), strict=True))
    with one_sentence():
        repairs, proofs = find_repairs(tables, shop)
        proof = dg.MetadataValue.md(proofs_as_markdown(proofs))
    yield dg.Output(repairs, "repairs", metadata={"proof": proof})
    yield dg.Output(proofs, "repair_proofs", metadata={"proof": proof})


@asset()
def date_evidence(
    raw_customers: ir.Table,
    raw_orders: ir.Table,
    raw_feedback: ir.Table,
    raw_subscribers: ir.Table,
    cleaned_repairs: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Which day/month order each file's dates were taken in, and why."""
    orders = repaired(raw_orders, cleaned_repairs, "orders")
    tables = {"customers": raw_customers, "orders": orders, "feedback": raw_feedback}
    tables["subscribers"] = raw_subscribers
    return decide_date_orders(tables, shop)


@asset(exports=("customers_clean.csv",))
def customers(
    raw_customers: ir.Table,
    raw_orders: ir.Table,
    cleaned_repairs: ir.Table,
    cleaned_date_evidence: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> ir.Table:
    """Customer records, typed and filled."""
    records = repaired(raw_customers, cleaned_repairs, "customers")
    orders = repaired(raw_orders, cleaned_repairs, "orders")
    return _kept("customers", judge_customers(records, orders, cleaned_date_evidence, shop), warehouse)


@asset()
def order_items(
    raw_order_items: ir.Table,
    raw_orders: ir.Table,
    cleaned_repairs: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> ir.Table:
    """Order lines, typed, products told from postage, fees and discounts."""
    items = repaired(raw_order_items, cleaned_repairs, "order_items")
    orders = repaired(raw_orders, cleaned_repairs, "orders")
    return _kept("order_items", judge_order_items(items, orders, shop), warehouse)


@asset(exports=("orders_clean.csv",))
def orders(
    raw_orders: ir.Table,
    cleaned_order_items: ir.Table,
    cleaned_repairs: ir.Table,
    cleaned_date_evidence: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> ir.Table:
    """Orders, typed, in UTC, with their refunds."""
    raw = repaired(raw_orders, cleaned_repairs, "orders")
    judged = judge_orders(raw, cleaned_order_items, cleaned_date_evidence, shop)
    return _kept("orders", judged, warehouse)


@asset(exports=("feedback_clean.csv",))
def feedback(
    raw_feedback: ir.Table,
    cleaned_repairs: ir.Table,
    cleaned_date_evidence: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> ir.Table:
    """Reviews and messages, typed."""
    texts = repaired(raw_feedback, cleaned_repairs, "feedback")
    return _kept("feedback", judge_feedback(texts, cleaned_date_evidence, shop), warehouse)


@asset()
def exchange_rates(raw_exchange_rates: ir.Table, shop: ResourceParam[Settings]) -> ir.Table:
    """The owner's exchange rates, typed."""
    return clean_exchange_rates(raw_exchange_rates, shop)


@asset()
def subscribers(
    raw_subscribers: ir.Table, cleaned_date_evidence: ir.Table, shop: ResourceParam[Settings]
) -> ir.Table:
    """Entries of mailing lists, and what proves that people want to be on them."""
    return clean_subscribers(raw_subscribers, cleaned_date_evidence, shop)


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
    cleaned_repairs: ir.Table,
    cleaned_date_evidence: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> ir.Table:
    """Every raw row that cleaning left out, with the rule that did it."""
    tables = dict(zip(REPAIRED, (raw_customers, raw_orders, raw_order_items, raw_feedback), strict=True))
    raw = {noun: repaired(table, cleaned_repairs, noun) for noun, table in tables.items()}
    kept = {
        "customers": cleaned_customers,
        "orders": cleaned_orders,
        "order_items": cleaned_order_items,
        "feedback": cleaned_feedback,
    }
    return quarantine_rejects(raw, kept, cleaned_date_evidence, shop, _left_out(warehouse))
