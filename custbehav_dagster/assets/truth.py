"""Truth: one row per person, per order, per text."""

import dagster as dg
import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster.assets.conventions import asset
from custbehav_dagster.cleaning import identity
from custbehav_dagster.cleaning.currencies import with_shop_amounts
from custbehav_dagster.cleaning.forensics.repairs import repaired
from custbehav_dagster.contract.truth import SENTIMENT_SCORERS, TEXT_SCORES
from custbehav_dagster.forecasting.artifacts import models_folder
from custbehav_dagster.settings import Settings
from custbehav_dagster.text import truth as texts
from custbehav_dagster.text.choice import choose_scorers, labelled_texts, scorers_by_domain
from custbehav_dagster.text.scorers import ANY_SOURCE
from custbehav_dagster.text.scoring import score_texts
from custbehav_dagster.warehouse.store import Warehouse

FOLLOWED = "every_line_followed"
SCORED_AS_WISHED = "scored_as_wished"
WORKING, LEARNT_FROM = "working", "sentiment_learnt_from"
"""The table that tells the next refresh which texts the models learnt from."""


@asset(
    check_specs=[
        dg.AssetCheckSpec(
            FOLLOWED,
            asset=["truth", "chosen_pairs"],
            description="Every line of the owner's file of pairs names records that are there.",
        )
    ]
)
def chosen_pairs(
    raw_ingested_files: ir.Table,
    cleaned_customers: ir.Table,
    cleaned_orders: ir.Table,
    cleaned_subscribers: ir.Table,
    shop: ResourceParam[Settings],
) -> dg.MaterializeResult[ir.Table]:
    """Who is one person and who is not, by the owner's word."""
    files = identity.files_of_pairs(raw_ingested_files, shop.raw_path)
    pairs, problems = identity.chosen_pairs(
        files, shop.raw_path, cleaned_customers, cleaned_orders, cleaned_subscribers
    )
    check = dg.AssetCheckResult(
        check_name=FOLLOWED,
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(problems) or "Every line is followed, or there is none.",
    )
    return dg.MaterializeResult(value=pairs, check_results=[check])


@asset()
def customer_links(
    cleaned_customers: ir.Table,
    cleaned_orders: ir.Table,
    cleaned_subscribers: ir.Table,
    raw_orders: ir.Table,
    cleaned_repairs: ir.Table,
    truth_chosen_pairs: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Which record is which person."""
    return identity.link_customers(
        cleaned_customers,
        cleaned_orders,
        subscribers=cleaned_subscribers,
        raw_orders=repaired(raw_orders, cleaned_repairs, "orders"),
        choices=truth_chosen_pairs,
        matching=shop.matching,
    )


@asset()
def customers(
    cleaned_customers: ir.Table,
    truth_customer_links: ir.Table,
    cleaned_orders: ir.Table,
    cleaned_subscribers: ir.Table,
) -> ir.Table:
    """People, however many records they left."""
    return identity.truth_customers(
        cleaned_customers, truth_customer_links, cleaned_orders, cleaned_subscribers
    )


@asset()
def orders(
    cleaned_orders: ir.Table,
    cleaned_exchange_rates: ir.Table,
    truth_customer_links: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Orders, tied to people, with their amounts in the shop's currency too."""
    priced = with_shop_amounts(cleaned_orders, cleaned_exchange_rates, shop)
    return identity.truth_orders(priced, truth_customer_links)


@asset()
def repeat_by_matching(truth_orders: ir.Table, truth_customer_links: ir.Table) -> ir.Table:
    """How many bought again, under strict and under loose matching."""
    return identity.repeat_purchase_by_matching(truth_orders, truth_customer_links)


@asset(kinds=("duckdb", "scikitlearn"))
def sentiment_scorers(
    cleaned_feedback: ir.Table,
    cleaned_public_texts: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> ir.Table:
    """Whether a scorer trained on labelled texts beats VADER on texts of their kind."""
    chosen = choose_scorers(
        labelled_texts(cleaned_feedback, cleaned_public_texts),
        warehouse.earlier(SENTIMENT_SCORERS),
        warehouse.table(WORKING, LEARNT_FROM) if warehouse.has(WORKING, LEARNT_FROM) else None,
        models_folder(shop.processed_path),
        shop,
    )
    warehouse.write(WORKING, LEARNT_FROM, chosen.learnt_from)
    return chosen.scorers


@asset(
    kinds=("duckdb", "nltk"),
    check_specs=[
        dg.AssetCheckSpec(
            SCORED_AS_WISHED,
            asset=["truth", "text_scores"],
            description="The model that the settings name for sentiment, if any, could be loaded.",
        )
    ],
)
def text_scores(
    cleaned_feedback: ir.Table,
    cleaned_public_texts: ir.Table,
    truth_sentiment_scorers: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> dg.MaterializeResult[ir.Table]:
    """Words and mood of each different text; only new texts are worked on."""
    scorers, problem = scorers_by_domain(truth_sentiment_scorers, models_folder(shop.processed_path), shop)
    wanted = texts.texts_to_score(cleaned_feedback, cleaned_public_texts, scorers.keys() - {ANY_SOURCE})
    check = dg.AssetCheckResult(
        check_name=SCORED_AS_WISHED,
        passed=not problem,
        severity=dg.AssetCheckSeverity.WARN,
        description=problem or f"Scored by {', '.join(sorted(one.name for one in scorers.values()))}.",
    )
    value = score_texts(wanted, warehouse.earlier(TEXT_SCORES), scorers, shop)
    return dg.MaterializeResult(value=value, check_results=[check])


@asset(exports=("single_source_of_truth.csv", "single_source_of_truth.parquet"))
def single_source_of_truth(
    cleaned_feedback: ir.Table,
    cleaned_public_texts: ir.Table,
    truth_customer_links: ir.Table,
    truth_orders: ir.Table,
    truth_text_scores: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """All texts, cleaned, stemmed and scored."""
    return texts.single_source_of_truth(
        cleaned_feedback,
        cleaned_public_texts,
        truth_customer_links,
        truth_orders,
        truth_text_scores,
        shop,
    )
