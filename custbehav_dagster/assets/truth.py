"""Truth: one row per person, per order, per text."""

import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster.assets.conventions import asset
from custbehav_dagster.cleaning.identity import link_customers, truth_customers, truth_orders
from custbehav_dagster.settings import Settings
from custbehav_dagster.text import truth as texts


@asset()
def customer_links(cleaned_customers: ir.Table, cleaned_orders: ir.Table) -> ir.Table:
    """Which record is which person."""
    return link_customers(cleaned_customers, cleaned_orders)


@asset()
def customers(
    cleaned_customers: ir.Table, truth_customer_links: ir.Table, cleaned_orders: ir.Table
) -> ir.Table:
    """People, however many records they left."""
    return truth_customers(cleaned_customers, truth_customer_links, cleaned_orders)


@asset()
def orders(cleaned_orders: ir.Table, truth_customer_links: ir.Table) -> ir.Table:
    """Orders, tied to people."""
    return truth_orders(cleaned_orders, truth_customer_links)


@asset(exports=("single_source_of_truth.csv", "single_source_of_truth.parquet"))
def single_source_of_truth(
    cleaned_feedback: ir.Table,
    cleaned_public_texts: ir.Table,
    truth_customer_links: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """All texts, cleaned, stemmed and scored."""
    return texts.single_source_of_truth(cleaned_feedback, cleaned_public_texts, truth_customer_links, shop)
