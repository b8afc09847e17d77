"""Insights: what people say, and what the numbers mean for the shop."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster.assets.cleaned import WORKING
from custbehav_dagster.assets.conventions import asset, one_sentence, out
from custbehav_dagster.forecasting.features import last_known_day
from custbehav_dagster.insights import cohorts as cohorts_of_buyers
from custbehav_dagster.insights import practical
from custbehav_dagster.insights.affinity import product_affinity, product_names, sold_products
from custbehav_dagster.insights.affinity_suggestions import suggested_products
from custbehav_dagster.insights.aspects import aspect_tables
from custbehav_dagster.insights.context.effects import context_effects as effects_of_context
from custbehav_dagster.insights.keywords import keyword_frequencies
from custbehav_dagster.insights.leads import leads as posts_that_ask
from custbehav_dagster.insights.topics import topic_tables
from custbehav_dagster.insights.trends import trends as changing_words
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.weather import places_of
from custbehav_dagster.warehouse.store import Warehouse

ASPECT_TABLES = ("aspects", "aspect_trends", "aspect_products")
TOPIC_TABLES = ("topics", "topic_trends")


def _read(*keys: str) -> dict[str, dg.AssetIn]:
    return {key.replace("/", "_"): dg.AssetIn(key=key.split("/")) for key in keys}


@asset()
def context_effects(
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    truth_single_source_of_truth: ir.Table,
    raw_weather: ir.Table,
    raw_calendar_events: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """What of weather and calendar moves orders beyond the season."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    places = [place.name for place in places_of(shop.weather_places)]
    return effects_of_context(truth_orders, raw_weather, raw_calendar_events, places, as_of)


@asset(kinds=("duckdb", "nltk"))
def keywords(truth_single_source_of_truth: ir.Table, shop: ResourceParam[Settings]) -> ir.Table:
    """The words said most, by source, with their mood."""
    return keyword_frequencies(truth_single_source_of_truth, shop)


@dg.multi_asset(
    name="aspects_of_feedback",
    ins=_read("truth/single_source_of_truth", "truth/orders", "truth/customers", "cleaned/order_items"),
    outs={noun: out("insights", noun, kinds=("duckdb", "nltk")) for noun in ASPECT_TABLES},
    can_subset=True,
)
def aspects_of_feedback(
    context: dg.AssetExecutionContext,
    truth_single_source_of_truth: ir.Table,
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    cleaned_order_items: ir.Table,
    shop: ResourceParam[Settings],
) -> Iterator[dg.Output[Any]]:
    """What people praise and complain about, when, of which product, and whether they came back."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    with one_sentence():
        tables = aspect_tables(truth_single_source_of_truth, truth_orders, cleaned_order_items, as_of, shop)
    yield from _chosen(context, tables)


@dg.multi_asset(
    name="what_texts_are_about",
    ins=_read("truth/single_source_of_truth", "truth/orders", "truth/customers"),
    outs={noun: out("insights", noun, kinds=("duckdb", "scikitlearn")) for noun in TOPIC_TABLES},
    can_subset=True,
)
def what_texts_are_about(
    context: dg.AssetExecutionContext,
    truth_single_source_of_truth: ir.Table,
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    shop: ResourceParam[Settings],
) -> Iterator[dg.Output[Any]]:
    """Topics with a name, source by source, and how they change."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    with one_sentence():
        tables = topic_tables(truth_single_source_of_truth, as_of, shop)
    yield from _chosen(context, tables)


@asset(kinds=("duckdb", "nltk"))
def trends(
    truth_single_source_of_truth: ir.Table,
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Words and phrases that are said more or less often lately, where that is sure."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    return changing_words(truth_single_source_of_truth, as_of, shop)


@asset(kinds=("duckdb", "nltk"))
def leads(
    truth_single_source_of_truth: ir.Table,
    raw_reddit_posts: ir.Table,
    raw_web_content: ir.Table,
    cleaned_order_items: ir.Table,
    raw_listings: ir.Table,
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Recent public posts by people who look for what the shop makes."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    return posts_that_ask(
        truth_single_source_of_truth,
        raw_reddit_posts,
        raw_web_content,
        cleaned_order_items,
        raw_listings,
        as_of,
        shop,
    )


@dg.multi_asset(
    name="products_that_go_together",
    ins=_read(
        "truth/orders",
        "cleaned/order_items",
        "truth/customers",
        "truth/single_source_of_truth",
        "segments/customers_with_segments",
    ),
    outs={noun: out("insights", noun) for noun in ("product_affinity", "suggested_products")},
)
def products_that_go_together(
    truth_orders: ir.Table,
    cleaned_order_items: ir.Table,
    truth_customers: ir.Table,
    truth_single_source_of_truth: ir.Table,
    segments_customers_with_segments: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> Iterator[dg.Output[Any]]:
    """What is bought together and next, and one product to suggest to each buyer."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    # Kept, since every count below reads it.
    warehouse.write(WORKING, "sold_products", sold_products(truth_orders, cleaned_order_items, as_of))
    warehouse.write(WORKING, "product_names", product_names(cleaned_order_items))
    sold, names = (warehouse.table(WORKING, noun) for noun in ("sold_products", "product_names"))
    affinity = product_affinity(sold, names)
    yield dg.Output(affinity, "product_affinity")
    suggested = suggested_products(sold, names, affinity, segments_customers_with_segments, as_of)
    yield dg.Output(suggested, "suggested_products")


def _chosen(context: dg.AssetExecutionContext, tables: Mapping[str, ir.Table]) -> Iterator[dg.Output[Any]]:
    for noun in sorted(context.op_execution_context.selected_output_names):
        yield dg.Output(tables[noun], noun)


@asset()
def cohorts(
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    truth_single_source_of_truth: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Of those who first bought in a month, how many bought again."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    return cohorts_of_buyers.cohorts(truth_orders, as_of)


@asset()
def practical_insights(
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    truth_single_source_of_truth: ir.Table,
    churn_scores: ir.Table,
    churn_evaluation: ir.Table,
    segments_segment_profiles: ir.Table,
    insights_keywords: ir.Table,
    raw_ingested_files: ir.Table,
    cleaned_quarantine: ir.Table,
    churn_second_order: ir.Table,
    insights_aspects: ir.Table,
    insights_trends: ir.Table,
    insights_product_affinity: ir.Table,
    segments_rfm_profiles: ir.Table,
    segments_segment_transitions: ir.Table,
    insights_context_effects: ir.Table,
    insights_leads: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Sentences with their numbers, evidence and advice."""
    return practical.practical_insights(
        orders=truth_orders,
        customers=truth_customers,
        texts=truth_single_source_of_truth,
        scores=churn_scores,
        evaluation=churn_evaluation,
        segments=segments_segment_profiles,
        keywords=insights_keywords,
        files=raw_ingested_files,
        quarantine=cleaned_quarantine,
        second_orders=churn_second_order,
        aspects=insights_aspects,
        trends=insights_trends,
        affinity=insights_product_affinity,
        rfm_profiles=segments_rfm_profiles,
        segment_transitions=segments_segment_transitions,
        context_effects=insights_context_effects,
        leads=insights_leads,
        as_of=last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop),
        settings=shop,
    )
