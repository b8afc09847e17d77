"""Insights: what people say, and what the numbers mean for the shop."""

import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster.assets.conventions import asset
from custbehav_dagster.forecasting.features import last_known_day
from custbehav_dagster.insights import aspects as aspects_of_feedback
from custbehav_dagster.insights import cohorts as cohorts_of_buyers
from custbehav_dagster.insights import practical
from custbehav_dagster.insights.keywords import keyword_frequencies
from custbehav_dagster.settings import Settings


@asset(kinds=("duckdb", "nltk"))
def keywords(truth_single_source_of_truth: ir.Table, shop: ResourceParam[Settings]) -> ir.Table:
    """The words said most, by source, with their mood."""
    return keyword_frequencies(truth_single_source_of_truth, shop)


@asset(kinds=("duckdb", "nltk"))
def aspects(
    truth_single_source_of_truth: ir.Table,
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """What people praise and complain about, and whether they came back."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    return aspects_of_feedback.aspects(truth_single_source_of_truth, truth_orders, as_of, shop)


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
        as_of=last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop),
        settings=shop,
    )
