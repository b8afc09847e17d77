"""What people say: aspects they name, and how the mood of their texts moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.figures.months import NEWEST_MONTHS, with_text_month
from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.insights.words import NEGATIVE_TO, POSITIVE_FROM
from custbehav_dagster.reporting.footnotes import Source, source_of, source_of_table
from custbehav_dagster.settings import Settings

FEWEST_COMPLAINERS = 10
"""With fewer people who complained, nothing is said about whether they came back."""


@dataclass(frozen=True)
class MoodMonth:
    """Texts of the shop's own feedback in one month, by mood."""

    first_day: date
    positive: int
    neutral: int
    negative: int


@dataclass(frozen=True)
class WhatPeopleSay:
    """Rows of insights.aspects, and the months of the shop's own feedback."""

    aspects: list[dict[str, Any]]
    months: list[MoodMonth]
    aspects_source: Source
    texts_source: Source


def gather_said(texts: Rows, aspects: ir.Table, settings: Settings) -> WhatPeopleSay:
    """Sum up truth.single_source_of_truth (up to the last known day) and insights.aspects."""
    own = texts.where(
        "source_type = 'internal_feedback' AND char_count > 0 AND created_at IS NOT NULL "
        "AND sentiment IS NOT NULL",
        lambda t: (
            (t.source_type == "internal_feedback")
            & (t.char_count > 0)
            & t.created_at.notnull()
            & t.sentiment.notnull()
        ),
    )
    dated = with_text_month(own.table, settings)
    counted = (
        dated.group_by("month_start")
        .aggregate(
            texts=dated.count(),
            positive=(dated.sentiment >= POSITIVE_FROM).sum(),
            negative=(dated.sentiment <= NEGATIVE_TO).sum(),
        )
        .order_by(ibis.desc("month_start"))
        .limit(NEWEST_MONTHS)
        .to_pyarrow()
        .to_pylist()
    )
    months = [
        MoodMonth(
            row["month_start"],
            row["positive"],
            row["texts"] - row["positive"] - row["negative"],
            row["negative"],
        )
        for row in reversed(counted)
    ]
    return WhatPeopleSay(
        aspects=aspects.order_by([ibis.desc("texts"), "aspect"]).to_pyarrow().to_pylist(),
        months=months,
        aspects_source=source_of_table("insights.aspects", aspects),
        texts_source=source_of(own),
    )
