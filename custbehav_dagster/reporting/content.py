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

from custbehav_dagster.contract import TABLES
from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.insights.evidence import Rows, real_rows, until, written_until
from custbehav_dagster.insights.money import main_currency
from custbehav_dagster.reporting.doing import Doing, gather_doing
from custbehav_dagster.reporting.footnotes import Source, source_of, source_of_table
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
    "segments.segment_profiles",
    "churn.evaluation",
    "churn.forecast_grades",
    "churn.forecast_ledger",
    "insights.practical_insights",
    "insights.cohorts",
    "insights.aspects",
    "raw.ingested_files",
    "raw.quarantine",
    "cleaned.quarantine",
    "cleaned.repairs",
    "actions.uplift",
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
    segments: list[dict[str, Any]]
    segments_source: Source
    cohorts: list[Cohort]
    cohorts_source: Source
    said: WhatPeopleSay
    track_record: TrackRecord
    trust: Trust

    def insights_of(self, section: str) -> list[dict[str, Any]]:
        """The insights that are told in a section, in their order."""
        return [row for row in self.insights if SECTION_OF_TOPIC.get(row["topic"], INTEREST) == section]


def gather_report(tables: Mapping[str, ir.Table], as_of: date | None, settings: Settings) -> Report:
    """Gather what page and summary tell from the tables READS, by `layer.noun`.

    `as_of` is the last known day, None when there is no order yet.
    """
    orders = real_rows("truth.orders", tables["truth.orders"])
    texts = real_rows("truth.single_source_of_truth", tables["truth.single_source_of_truth"])
    if as_of is not None:
        orders, texts = until(orders, as_of), written_until(texts, as_of, settings)
    scored = real_rows("churn.scores", tables["churn.scores"])
    profiles = real_rows("segments.segment_profiles", tables["segments.segment_profiles"])
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
            lists, tables["actions.uplift"], tables["truth.customers"], scored.table, orders.table
        ),
        insights=tables["insights.practical_insights"].to_pyarrow().to_pylist(),
        slipping=gather_slipping(scored),
        segments=profiles.table.order_by("segment").to_pyarrow().to_pylist(),
        segments_source=source_of(profiles),
        cohorts=newest_cohorts(tables["insights.cohorts"]),
        cohorts_source=source_of_table("insights.cohorts", tables["insights.cohorts"]),
        said=gather_said(texts, tables["insights.aspects"], settings),
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


def known_tables(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the tables, as `layer.noun`, that the contract knows."""
    return tuple(name for name in names if tuple(name.split(".")) in TABLES)


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
