"""Churn: who will order again within the horizon, and how far that can be trusted."""

import ibis.expr.types as ir
from dagster import ResourceParam

from custbehav_dagster import contract
from custbehav_dagster.assets.conventions import asset
from custbehav_dagster.forecasting import labels
from custbehav_dagster.forecasting.artifacts import models_folder
from custbehav_dagster.forecasting.evaluation import evaluate_models
from custbehav_dagster.forecasting.features import last_known_day
from custbehav_dagster.forecasting.ledger import append_forecasts, grade_forecasts
from custbehav_dagster.forecasting.order_days import EVALUATION_PEOPLE
from custbehav_dagster.forecasting.scores import score_people
from custbehav_dagster.forecasting.second_order import table as second_orders
from custbehav_dagster.forecasting.training import train_models
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import Warehouse


@asset()
def dataset(
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    truth_single_source_of_truth: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Features before each cutoff, labels after it."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    cutoffs = labels.rolling_cutoffs(truth_orders, as_of, shop)
    return labels.churn_dataset(
        truth_orders,
        truth_customers,
        truth_single_source_of_truth,
        as_of,
        shop,
        cutoffs,
        EVALUATION_PEOPLE,
    )


@asset(kinds=("duckdb", "scikitlearn"))
def evaluation(churn_dataset: ir.Table, truth_orders: ir.Table, shop: ResourceParam[Settings]) -> ir.Table:
    """The contest of forecasters on earlier days, beside a constant guess and simple rules."""
    return evaluate_models(churn_dataset, shop, truth_orders)


@asset(kinds=("duckdb", "scikitlearn"))
def models(churn_dataset: ir.Table, churn_evaluation: ir.Table, shop: ResourceParam[Settings]) -> ir.Table:
    """The fitted models, saved with their cards; or why there are none."""
    return train_models(churn_dataset, churn_evaluation, shop, models_folder(shop.processed_path))


@asset(kinds=("duckdb", "scikitlearn"), deps=[["churn", "models"]])
def scores(
    features_customer_features: ir.Table,
    churn_dataset: ir.Table,
    churn_evaluation: ir.Table,
    truth_orders: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """Each person's chance of ordering again, with its interval and reasons."""
    folder = models_folder(shop.processed_path)
    return score_people(
        features_customer_features, churn_dataset, churn_evaluation, folder, shop, truth_orders
    )


@asset()
def forecast_ledger(
    churn_scores: ir.Table,
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    truth_customer_links: ir.Table,
    truth_single_source_of_truth: ir.Table,
    shop: ResourceParam[Settings],
    warehouse: ResourceParam[Warehouse],
) -> ir.Table:
    """Every forecast ever told, with what came of it once its horizon has passed."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    earlier = warehouse.earlier(contract.results.FORECAST_LEDGER)
    return append_forecasts(earlier, churn_scores, truth_orders, truth_customer_links, as_of)


@asset()
def forecast_grades(churn_forecast_ledger: ir.Table) -> ir.Table:
    """How many were said to return, and how many did, forecast by forecast."""
    return grade_forecasts(churn_forecast_ledger)


@asset()
def second_order(
    truth_orders: ir.Table,
    cleaned_order_items: ir.Table,
    truth_customers: ir.Table,
    truth_single_source_of_truth: ir.Table,
    shop: ResourceParam[Settings],
) -> ir.Table:
    """What brings one-time buyers back, and how soon."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    return second_orders.second_order(truth_orders, cleaned_order_items, as_of, shop)
