"""What moves interest: calendar and weather, first orders that bring people back, what goes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.reporting.footnotes import Source, source_of_table

MOST_ROWS = 8
SURE_VERDICTS = ("come back more often", "come back less often")


@dataclass(frozen=True)
class Found:
    """Rows of one table that are told, and where they come from."""

    rows: list[dict[str, Any]]
    source: Source


@dataclass(frozen=True)
class Interest:
    """Rows of context_effects, second_order, product_affinity, trends, topics and leads."""

    context: Found
    first_orders: Found
    affinity: Found
    trends: Found
    topics: Found
    topics_note: str
    leads: Found

    @property
    def is_empty(self) -> bool:
        """Nothing sure was found."""
        return not (self.context.rows or self.first_orders.rows or self.affinity.rows or self.trends.rows)


def gather_interest(tables: Mapping[str, ir.Table]) -> Interest:
    """Pick what is told of each table, the surest first, at most MOST_ROWS of each."""
    context, second = tables["insights.context_effects"], tables["churn.second_order"]
    affinity, trends, topics = (
        tables[f"insights.{noun}"] for noun in ("product_affinity", "trends", "topics")
    )
    own = topics.filter(topics.source_type == "internal_feedback")
    notes = own.filter(own.topic == 0).note.to_pyarrow().to_pylist()
    return Interest(
        context=_found(
            "insights.context_effects",
            context.filter(context.ratio.notnull()),
            "ratio IS NOT NULL",
            [ibis.desc("is_sure"), ibis.desc("ratio"), "factor"],
        ),
        first_orders=_found(
            "churn.second_order",
            second.filter(second.verdict.isin(SURE_VERDICTS), second.share.notnull()),
            "verdict IN ('come back more often', 'come back less often')",
            [ibis.desc("ratio"), "level"],
        ),
        affinity=_found(
            "insights.product_affinity",
            # What is bought together stands in the table both ways round.
            affinity.filter(
                (affinity.kind != "bought together") | (affinity.product_key < affinity.other_key)
            ),
            "kind <> 'bought together' OR product_key < other_key",
            ["affinity_rank", "kind", "product_key"],
        ),
        trends=_found("insights.trends", trends, "TRUE", ["trend_rank", "source_type", "said"]),
        topics=_found(
            "insights.topics",
            own.filter(own.topic > 0),
            "source_type = 'internal_feedback' AND topic > 0",
            ["topic"],
        ),
        topics_note=str(notes[0] or "") if notes else "",
        leads=_found("insights.leads", tables["insights.leads"], "TRUE", ["lead_rank"]),
    )


def _found(name: str, table: ir.Table, condition: str, order: list[Any]) -> Found:
    rows = table.order_by(order).limit(MOST_ROWS).to_pyarrow().to_pylist()
    return Found(rows, source_of_table(name, table, condition))
