"""Practical insights: every finding with its number, its evidence and what to do.

Each finding is a function in `sales`, `people` or `words`; here they are listed and put into one table.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.insights import currencies, people, sales, words
from custbehav_dagster.insights.evidence import Rows, real_rows, until, written_until
from custbehav_dagster.insights.insight import Facts, Insight
from custbehav_dagster.insights.money import main_currency
from custbehav_dagster.settings import Settings

FINDERS: tuple[Callable[[Facts], Insight | None], ...] = (
    sales.outlying_orders,
    currencies.orders_without_rate,
    people.bought_once,
    people.days_to_second_order,
    people.expected_returners,
    people.slipping_people,
    sales.top_tenth_share,
    people.best_segment,
    sales.busiest_month,
    sales.sales_against_last_year,
    sales.refund_share,
    words.positive_feedback,
    words.stars_disagree,
    words.worst_keyword,
    people.consent_proven,
    people.model_over_guess,
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
    as_of: date,
    settings: Settings,
) -> ir.Table:
    """At most 18 insights, as contract.insights.PRACTICAL_INSIGHTS says, in the order of FINDERS.

    An insight with fewer than 20 people, orders or texts behind it is left out.
    `evidence_filter` is a condition on `evidence_table` that gives `evidence_rows`
    rows. Shares have Wilson's interval, medians that of their ranks, a change of
    counts that of two Poisson counts, the AUC that of Hanley and McNeil.

    Takes truth.orders, truth.customers, truth.single_source_of_truth, churn.scores,
    churn.evaluation, segments.segment_profiles, insights.keywords, raw.ingested_files and,
    to tell how many rows cleaning left out, cleaned.quarantine.
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
        as_of=as_of,
        currency=main_currency(real_orders.table, settings.currency),
        settings=settings,
    )
    return _as_table([insight for find in FINDERS if (insight := find(facts)) is not None])


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
            "is_synthetic": insight.evidence.is_synthetic,
        }
        for insight in insights
    ]
    return table.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow())))
