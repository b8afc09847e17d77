"""What one insight is, and what all of them are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.settings import Settings

FLOOR = 20
"""With fewer rows, people or texts than this behind it, an insight is left out."""


@dataclass(frozen=True)
class Facts:
    """The tables insights are made from: real rows where there are any, none after `as_of`."""

    orders: Rows
    customers: Rows
    texts: Rows
    scores: Rows
    evaluation: Rows
    files: Rows
    segments: Rows
    keywords: Rows
    quarantine: Rows
    second_order: Rows
    rfm: Rows
    moves: Rows
    aspects: Rows
    trends: Rows
    affinity: Rows
    context: Rows
    leads: Rows
    as_of: date
    currency: str
    settings: Settings

    @property
    def purchases(self) -> Rows:
        """Orders that stand."""
        return self.orders.where("is_purchase", lambda t: t.is_purchase)

    @property
    def known_purchases(self) -> Rows:
        """Orders that stand and are tied to a person."""
        return self.purchases.where("customer_id IS NOT NULL", lambda t: t.customer_id.notnull())

    @property
    def takings(self) -> Rows:
        """Purchases and refunds whose amount in the shop's currency is known."""
        return self.orders.where(
            "(is_purchase OR status = 'refund')", lambda t: t.is_purchase | (t.status == "refund")
        ).where("shop_net_amount IS NOT NULL", lambda t: t.shop_net_amount.notnull())

    @property
    def feedback(self) -> Rows:
        """Texts of the shop's own customers; stars without a word are no text."""
        own = self.texts.where(
            "source_type = 'internal_feedback'", lambda t: t.source_type == "internal_feedback"
        )
        return own.where("char_count > 0", lambda t: t.char_count > 0)

    @property
    def scored_feedback(self) -> Rows:
        """Feedback in a language that is scored; told as a condition only where some is not."""
        rows = self.feedback
        unscored = rows.table.filter(rows.table.sentiment.isnull()).count().to_pyarrow().as_py()
        if not unscored:
            return rows
        return rows.where("sentiment IS NOT NULL", lambda t: t.sentiment.notnull())


@dataclass(frozen=True)
class Insight:
    """One finding: its sentence, number, interval, rows behind it and advice."""

    insight_id: str
    topic: str
    sentence: str
    value: float
    unit: str
    evidence: Rows
    what_to_do: str
    interval: tuple[float, float] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Numbers, names and ISO days of the sentence, by which a catalogue words it in another language."""
