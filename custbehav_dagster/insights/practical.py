"""Practical insights: every finding with its number, its evidence and what to do.

Each finding is a function in `sales`, `people` or `words`; here they are listed and put into one table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.insights import (
    currencies,
    drivers,
    languages,
    leads_findings,
    people,
    sales,
    second_order,
    states,
    words,
)
from custbehav_dagster.insights import segments as groups
from custbehav_dagster.insights.context import findings
from custbehav_dagster.insights.evidence import Rows, real_rows, until, written_until
from custbehav_dagster.insights.insight import Facts, Insight
from custbehav_dagster.insights.money import main_currency
from custbehav_dagster.settings import Settings

FINDERS: tuple[Callable[[Facts], Insight | None], ...] = (
    sales.outlying_orders,
    currencies.orders_without_rate,
    people.bought_once,
    second_order.second_order_window,
    second_order.brings_people_back,
    second_order.keeps_people_away,
    people.expected_returners,
    states.where_people_stand,
    states.worth_of_a_year,
    people.slipping_people,
    sales.top_tenth_share,
    people.best_segment,
    groups.money_by_group,
    groups.fell_silent,
    groups.came_back,
    sales.busiest_month,
    sales.sales_against_last_year,
    sales.refund_share,
    drivers.complaints_cost,
    drivers.complaints_grow,
    drivers.praised_most,
    drivers.complained_most,
    words.positive_feedback,
    words.stars_disagree,
    languages.feedback_not_scored,
    words.worst_keyword,
    drivers.rising_words,
    drivers.rising_in_public,
    leads_findings.posts_look_for_it,
    findings.weather_moves_orders,
    findings.calendar_moves_orders,
    drivers.bought_together,
    drivers.bought_next,
    people.consent_proven,
    people.model_over_guess,
    second_order.horizon_fits,
    words.orders_without_customer,
    words.rows_set_aside,
)
"""In the order in which an owner should read them."""


def practical_insights(
    *,
    orders: ir.Table,
    customers: ir.Table,
    texts: ir.Table,
    scores: ir.Table,
    evaluation: ir.Table,
    segments: ir.Table,
    keywords: ir.Table,
    files: ir.Table,
    quarantine: ir.Table | None = None,
    second_orders: ir.Table | None = None,
    rfm_profiles: ir.Table | None = None,
    segment_transitions: ir.Table | None = None,
    aspects: ir.Table | None = None,
    trends: ir.Table | None = None,
    affinity: ir.Table | None = None,
    context_effects: ir.Table | None = None,
    leads: ir.Table | None = None,
    as_of: date,
    settings: Settings,
) -> ir.Table:
    """Insights, as contract.insights.PRACTICAL_INSIGHTS says, in the order of FINDERS.

    An insight with fewer than 20 people, orders or texts behind it is left out.
    `evidence_filter` is a condition on `evidence_table` that gives `evidence_rows`
    rows. Shares have Wilson's interval, medians that of their ranks, a change of
    counts that of two Poisson counts, the AUC that of Hanley and McNeil.

    Takes truth.orders, truth.customers, truth.single_source_of_truth, churn.scores,
    churn.evaluation, segments.segment_profiles, insights.keywords, raw.ingested_files and,
    to tell how many rows cleaning left out, cleaned.quarantine; and churn.second_order,
    insights.aspects, insights.trends and insights.product_affinity; segments.rfm_profiles
    and segments.segment_transitions.
    Orders and texts after the day `as_of` are not seen.
    """
    real_orders = until(real_rows("truth.orders", orders), as_of)
    facts = Facts(
        orders=real_orders,
        customers=real_rows("truth.customers", customers),
        texts=written_until(real_rows("truth.single_source_of_truth", texts), as_of, settings),
        scores=real_rows("churn.scores", scores),
        evaluation=real_rows("churn.evaluation", evaluation),
        files=real_rows("raw.ingested_files", files),
        keywords=real_rows("insights.keywords", keywords),
        segments=real_rows("segments.segment_profiles", segments),
        quarantine=Rows("cleaned.quarantine", quarantine)
        if quarantine is not None
        else Rows("cleaned.quarantine", contract.cleaned.QUARANTINE.empty()),
        second_order=real_rows(
            "churn.second_order",
            contract.second_order.SECOND_ORDER.empty() if second_orders is None else second_orders,
        ),
        aspects=_given("insights.aspects", aspects, contract.insights.ASPECTS),
        trends=_given("insights.trends", trends, contract.interest.TRENDS),
        affinity=_given("insights.product_affinity", affinity, contract.interest.PRODUCT_AFFINITY),
        rfm=_given("segments.rfm_profiles", rfm_profiles, contract.segments.RFM_PROFILES),
        moves=_given(
            "segments.segment_transitions", segment_transitions, contract.segments.SEGMENT_TRANSITIONS
        ),
        context=_given("insights.context_effects", context_effects, contract.context.CONTEXT_EFFECTS),
        leads=_given("insights.leads", leads, contract.leads.LEADS),
        as_of=as_of,
        currency=main_currency(real_orders.table, settings.currency),
        settings=settings,
    )
    return _as_table([insight for find in FINDERS if (insight := find(facts)) is not None])


def _given(name: str, table: ir.Table | None, spec: contract.Table) -> Rows:
    """The real rows of a table that may not be there."""
    return real_rows(name, spec.empty() if table is None else table)


def _as_table(insights: list[Insight]) -> ir.Table:
    import pyarrow as pa

    table = contract.insights.PRACTICAL_INSIGHTS
    rows = [
        {
            "insight_id": insight.insight_id,
            "topic": insight.topic,
            "sentence": insight.sentence,
            "value": insight.value,
            "value_low": insight.interval[0] if insight.interval else None,
            "value_high": insight.interval[1] if insight.interval else None,
            "unit": insight.unit,
            "evidence_table": insight.evidence.name,
            "evidence_filter": insight.evidence.filter_text,
            "evidence_rows": insight.evidence.count(),
            "what_to_do": insight.what_to_do,
            "parameters": json.dumps(insight.parameters, ensure_ascii=False) if insight.parameters else None,
            "is_synthetic": insight.evidence.is_synthetic,
        }
        for insight in insights
    ]
    return table.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow())))
