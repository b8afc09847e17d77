"""What page and summary tell: gathered once from the run's own tables, counts and sums, no person.

Nothing here is in any language: sentences are messages, worded by `wording`. How it is
put on paper is decided in `page` and `summary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.insights.evidence import Rows, real_rows, until, written_until
from custbehav_dagster.insights.money import main_currency
from custbehav_dagster.reporting.doing import Doing, gather_doing
from custbehav_dagster.reporting.footnotes import Source, source_of_table
from custbehav_dagster.reporting.groups import Groups, gather_groups
from custbehav_dagster.reporting.interest import Interest, gather_interest
from custbehav_dagster.reporting.retention import Cohort, newest_cohorts
from custbehav_dagster.reporting.said import WhatPeopleSay, gather_said
from custbehav_dagster.reporting.slipping import Slipping, gather_slipping
from custbehav_dagster.reporting.this_week import ThisWeek, gather_this_week
from custbehav_dagster.reporting.track_record import TrackRecord, gather_track_record
from custbehav_dagster.reporting.trust import Trust, gather_trust
from custbehav_dagster.settings import Settings
from custbehav_dagster.wording.words import Message

READS = (
    "truth.orders",
    "truth.customers",
    "truth.single_source_of_truth",
    "churn.scores",
    "churn.second_order",
    "segments.segment_profiles",
    "segments.rfm_profiles",
    "segments.segment_transitions",
    "churn.evaluation",
    "churn.forecast_grades",
    "churn.forecast_ledger",
    "insights.practical_insights",
    "insights.cohorts",
    "insights.aspects",
    "insights.topics",
    "insights.trends",
    "insights.product_affinity",
    "insights.context_effects",
    "insights.leads",
    "raw.ingested_files",
    "raw.quarantine",
    "cleaned.quarantine",
    "cleaned.repairs",
    "actions.uplift",
    "actions.list_overview",
    *(f"actions.{name}" for name in LIST_NAMES),
)
"""Tables that the page is made from."""

SECTION_OF_TOPIC = {
    "sales": "doing",
    "customers": "segments",
    "returns": "slipping",
    "words": "said",
    "data": "trust",
}
"""Where an insight is told, by its topic; others are told under what moves interest."""
INTEREST = "interest"
TOLD_UNDER_INTEREST = (
    "calendar_moves_orders",
    "weather_moves_orders",
    "brings_people_back",
    "keeps_people_away",
    "bought_together",
    "bought_next",
    "rising_words",
    "rising_in_public",
)
"""Insights of other topics that say what moves interest."""
LEADS, TOLD_UNDER_LEADS = "leads", ("posts_look_for_it",)
OF_AMOUNT_GROUPS = ("best_segment",)
"""Insights about the groups by amount, which the page leaves out where it shows those by recency too:
two groups of one name and different sizes would only puzzle."""


@dataclass(frozen=True)
class Report:
    """Everything page and summary tell.

    `is_synthetic` says that the shop itself is made up, `samples` which sources of texts are
    not the shop's but samples of this program; `insights` are rows of their table.
    """

    as_of: date | None
    why_empty: Message
    currency: str
    horizon_days: int
    is_synthetic: bool
    samples: list[str]
    doing: Doing
    this_week: ThisWeek
    insights: list[dict[str, Any]]
    slipping: Slipping
    groups: Groups
    cohorts: list[Cohort]
    cohorts_source: Source
    said: WhatPeopleSay
    interest: Interest
    track_record: TrackRecord
    trust: Trust

    def insights_of(self, section: str) -> list[dict[str, Any]]:
        """The insights that are told in a section, in their order."""
        return [row for row in self.told_insights if section_of(row) == section]

    @property
    def told_insights(self) -> list[dict[str, Any]]:
        """The insights that the page tells."""
        left_out = OF_AMOUNT_GROUPS if self.groups.by_recency else ()
        return [row for row in self.insights if row["insight_id"] not in left_out]


def section_of(insight: Mapping[str, Any]) -> str:
    """The part of the page in which an insight is told."""
    if insight["insight_id"] in TOLD_UNDER_INTEREST:
        return INTEREST
    if insight["insight_id"] in TOLD_UNDER_LEADS:
        return LEADS
    return SECTION_OF_TOPIC.get(insight["topic"], INTEREST)


def gather_report(tables: Mapping[str, ir.Table], as_of: date | None, settings: Settings) -> Report:
    """Gather what page and summary tell from the tables READS, by `layer.noun`.

    `as_of` is the last known day, None when there is no order yet.
    """
    orders = real_rows("truth.orders", tables["truth.orders"])
    texts = real_rows("truth.single_source_of_truth", tables["truth.single_source_of_truth"])
    if as_of is not None:
        orders, texts = until(orders, as_of), written_until(texts, as_of, settings)
    scored = real_rows("churn.scores", tables["churn.scores"])
    lists = {name: tables[f"actions.{name}"] for name in LIST_NAMES}
    return Report(
        as_of=as_of,
        why_empty=_why_empty(tables["truth.orders"], settings),
        currency=main_currency(orders.table, settings.currency),
        horizon_days=settings.horizon_days,
        is_synthetic=orders.is_synthetic,
        samples=_sampled_sources(orders, tables["truth.single_source_of_truth"]),
        doing=gather_doing(orders, scored, as_of, settings),
        this_week=gather_this_week(
            lists,
            *(
                tables[name]
                for name in ("actions.list_overview", "actions.uplift", "truth.customers", "churn.scores")
            ),
        ),
        insights=tables["insights.practical_insights"].to_pyarrow().to_pylist(),
        slipping=gather_slipping(scored),
        groups=gather_groups(
            tables["segments.rfm_profiles"],
            tables["segments.segment_profiles"],
            tables["segments.segment_transitions"],
        ),
        cohorts=newest_cohorts(tables["insights.cohorts"]),
        cohorts_source=source_of_table("insights.cohorts", tables["insights.cohorts"]),
        said=gather_said(texts, tables["insights.aspects"], settings),
        interest=gather_interest(tables),
        track_record=gather_track_record(
            tables["churn.forecast_grades"],
            tables["churn.forecast_ledger"],
            real_rows("churn.evaluation", tables["churn.evaluation"]),
        ),
        trust=gather_trust(
            tables["raw.ingested_files"],
            tables["raw.quarantine"],
            tables["cleaned.quarantine"],
            tables["cleaned.repairs"],
        ),
    )


def _why_empty(orders: ir.Table, settings: Settings) -> Message:
    """What to say when no order counts."""
    total = int(orders.count().to_pyarrow().as_py()) if settings.as_of else 0
    if not total or settings.as_of is None:
        return Message("empty.no_orders")
    return Message("empty.all_later", {"orders": total, "day": settings.as_of})


def _sampled_sources(orders: Rows, texts: ir.Table) -> list[str]:
    """Sources that hold nothing but samples; those of a made-up shop are part of it."""
    by_source = (
        texts.group_by("source_type")
        .aggregate(is_sample=texts.is_synthetic.all())
        .order_by("source_type")
        .to_pyarrow()
        .to_pylist()
    )
    return [
        row["source_type"]
        for row in by_source
        if row["is_sample"] and not (orders.is_synthetic and row["source_type"] == "internal_feedback")
    ]
