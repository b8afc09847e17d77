"""Actions: lists of people to write to, and who of them is kept back for comparison."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import ibis.expr.types as ir

from custbehav_dagster.actions.formats import FOLDER, write_list, write_overview, write_suppression
from custbehav_dagster.actions.lists import Known, build_lists
from custbehav_dagster.actions.overview import reasons_of
from custbehav_dagster.actions.uplift import measure_uplift, remember_decisions
from custbehav_dagster.assets.conventions import DAILY, asset, out
from custbehav_dagster.contract.actions import LIST_HISTORY, LIST_NAMES
from custbehav_dagster.forecasting.features import last_known_day
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import Warehouse


@dg.multi_asset(
    name="lists",
    ins={
        f"{layer}_{noun}": dg.AssetIn(key=[layer, noun])
        for layer, noun in (
            ("truth", "customers"),
            ("truth", "customer_links"),
            ("truth", "orders"),
            ("truth", "single_source_of_truth"),
            ("features", "customer_features"),
            ("churn", "scores"),
            ("churn", "second_order"),
            ("segments", "customers_with_segments"),
            ("insights", "suggested_products"),
            ("raw", "calendar_events"),
        )
    },
    outs={
        **{name: out("actions", name, kinds=("duckdb", "csv"), is_looked_at=True) for name in LIST_NAMES},
        "holdout": out("actions", "holdout", is_looked_at=True),
        "list_overview": out("actions", "list_overview", kinds=("duckdb", "csv"), is_looked_at=True),
    },
    can_subset=True,
)
def lists(
    context: dg.AssetExecutionContext,
    truth_customers: ir.Table,
    truth_customer_links: ir.Table,
    truth_orders: ir.Table,
    truth_single_source_of_truth: ir.Table,
    features_customer_features: ir.Table,
    churn_scores: ir.Table,
    churn_second_order: ir.Table,
    segments_customers_with_segments: ir.Table,
    insights_suggested_products: ir.Table,
    raw_calendar_events: ir.Table,
    shop: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.Output[Any]]:
    """People whose consent is proven, each in one list, with the reason and the window."""
    known = Known(
        customers=truth_customers,
        features=features_customer_features,
        scores=churn_scores,
        segments=segments_customers_with_segments,
        orders=truth_orders,
        texts=truth_single_source_of_truth,
        second_order=churn_second_order,
        calendar=raw_calendar_events,
        suggestions=insights_suggested_products,
        history=warehouse.earlier(LIST_HISTORY),
        customer_links=truth_customer_links,
    )
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    tables = build_lists(known, as_of, shop)
    folder = shop.processed_path / FOLDER
    write_suppression(truth_customers, folder)
    write_overview(tables["list_overview"], folder)
    why_empty = reasons_of(tables["list_overview"])
    for name in sorted(context.op_execution_context.selected_output_names):
        metadata: dict[str, str | int] = {}
        if name in LIST_NAMES:
            written = write_list(tables[name], name, folder)
            metadata = {"file": f"processed/lists/{name}.csv", "people in the file": written.people}
            metadata |= {"why it is empty": why_empty[name]} if name in why_empty else {}
        yield dg.Output(tables[name], name, metadata=metadata)


@asset(freshness_policy=DAILY)
def list_history(
    actions_holdout: ir.Table,
    truth_customers: ir.Table,
    truth_customer_links: ir.Table,
    truth_orders: ir.Table,
    truth_single_source_of_truth: ir.Table,
    shop: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> ir.Table:
    """Who was ever on a list or left out by lot."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    earlier = warehouse.earlier(LIST_HISTORY)
    return remember_decisions(earlier, actions_holdout, truth_customer_links, as_of)


@asset(freshness_policy=DAILY)
def uplift(
    actions_list_history: ir.Table,
    truth_orders: ir.Table,
    truth_customers: ir.Table,
    truth_single_source_of_truth: ir.Table,
    shop: dg.ResourceParam[Settings],
) -> ir.Table:
    """What being on a list was worth, against those left out by lot."""
    as_of = last_known_day(truth_orders, truth_customers, truth_single_source_of_truth, shop)
    return measure_uplift(actions_list_history, truth_orders, as_of)
