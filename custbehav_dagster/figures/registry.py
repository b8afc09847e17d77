"""The list of pictures: what each is called, what it reads, how its numbers are made and drawn.

Whoever adds a picture adds one entry here; assets, page and summary follow by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from custbehav_dagster.figures import mood_with, people, sales, sentiment, texts
from custbehav_dagster.figures.style import Labels
from custbehav_dagster.insights.money import takings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from custbehav_dagster.settings import Settings

TEXTS = "truth.single_source_of_truth"
ORDERS = "truth.orders"


@dataclass(frozen=True)
class Picture:
    """One picture: `narrow` picks its rows, `aggregate` makes a small frame of them, `draw` a figure.

    `aggregate` gets rows that are all real or all synthetic, and at least one of them.
    """

    name: str
    title: str
    table: str
    aggregate: Callable[[ir.Table, Settings], pd.DataFrame]
    draw: Callable[[pd.DataFrame, Labels], Figure]
    empty: str
    advice: str
    narrow: Callable[[ir.Table], ir.Table] = lambda table: table

    @property
    def reads(self) -> tuple[str, ...]:
        """Tables the picture is made from, as `layer.noun`."""
        return (self.table,)


def _written(table: ir.Table) -> ir.Table:
    # Stars without a word are no text: they would all count as neutral.
    return table.filter(table.char_count > 0)


def _scored(table: ir.Table) -> ir.Table:
    # A text in a language that is not scored has no mood to show.
    return _written(table).filter(table.sentiment.notnull())


def _scored_dated_feedback(table: ir.Table) -> ir.Table:
    return _dated_feedback(table).filter(table.sentiment.notnull())


def _dated_feedback(table: ir.Table) -> ir.Table:
    return _written(table).filter(table.source_type == "internal_feedback", table.created_at.notnull())


def _known_purchases(table: ir.Table) -> ir.Table:
    return table.filter(table.is_purchase & table.customer_id.notnull())


def _with_probability(table: ir.Table) -> ir.Table:
    return table.filter(table.p_return.notnull())


def _with_value(table: ir.Table) -> ir.Table:
    return table.filter(table.value.notnull() & table.metric.isin(list(people.METRICS)))


BRING_TEXTS = "Put a file of reviews or messages into data/raw, then refresh."
BRING_ORDERS = "Put your shop's order export into data/raw, then refresh."
WHEN_FORECAST = "It will appear by itself when a forecast can be made; SUMMARY.md says what is missing."

_ALL = (
    Picture(
        "orders_by_month",
        "Sales by month",
        ORDERS,
        sales.amounts_by_month,
        sales.draw_orders_by_month,
        "No orders yet",
        BRING_ORDERS,
        takings,
    ),
    Picture(
        "customers_first_and_repeat",
        "First and repeat orders by month",
        ORDERS,
        sales.first_and_repeat_by_month,
        sales.draw_customers_first_and_repeat,
        "No orders of known customers yet",
        BRING_ORDERS,
        _known_purchases,
    ),
    Picture(
        "purchases_per_customer",
        "How often people buy",
        ORDERS,
        sales.people_by_purchases,
        sales.draw_purchases_per_customer,
        "No orders of known customers yet",
        BRING_ORDERS,
        _known_purchases,
    ),
    Picture(
        "segment_distribution",
        "Segments: people and money",
        "segments.segment_profiles",
        people.segment_shares,
        people.draw_segment_distribution,
        "No segments yet",
        BRING_ORDERS,
    ),
    Picture(
        "return_probability_distribution",
        "Chance of coming back",
        "churn.scores",
        people.probability_bins,
        people.draw_return_probability_distribution,
        "No probabilities yet",
        WHEN_FORECAST,
        _with_probability,
    ),
    Picture(
        "churn_models_vs_baselines",
        "How good the models are",
        "churn.evaluation",
        people.metrics_of_contestants,
        people.draw_churn_models_vs_baselines,
        "No model could be tested yet",
        WHEN_FORECAST,
        _with_value,
    ),
    Picture(
        "sentiment_distribution",
        "Mood of all texts",
        TEXTS,
        sentiment.sentiment_bins,
        sentiment.draw_sentiment_distribution,
        "No texts yet",
        BRING_TEXTS,
        _scored,
    ),
    Picture(
        "word_count_distribution",
        "Length of all texts",
        TEXTS,
        texts.word_count_steps,
        texts.draw_word_count_distribution,
        "No texts yet",
        BRING_TEXTS,
        _written,
    ),
    Picture(
        "source_type_counts",
        "Where the texts come from",
        TEXTS,
        texts.texts_per_source,
        texts.draw_source_type_counts,
        "No texts yet",
        BRING_TEXTS,
        _written,
    ),
    Picture(
        "feedback_by_month",
        "Feedback by calendar month",
        TEXTS,
        texts.texts_by_calendar_month,
        texts.draw_feedback_by_month,
        "No feedback with a date yet",
        BRING_TEXTS,
        _dated_feedback,
    ),
    Picture(
        "trend_line",
        "Mood of feedback over time",
        TEXTS,
        sentiment.monthly_mood,
        sentiment.draw_trend_line,
        "No feedback with a date yet",
        BRING_TEXTS,
        _scored_dated_feedback,
    ),
    Picture(
        "scatter_wordcount_sentiment",
        "Length of texts and their mood",
        TEXTS,
        mood_with.length_and_mood,
        mood_with.draw_scatter_wordcount_sentiment,
        "No texts yet",
        BRING_TEXTS,
        _scored,
    ),
    Picture(
        "boxplot_sentiment_noise",
        "Mood and noise by source",
        TEXTS,
        mood_with.mood_and_noise_quantiles,
        mood_with.draw_boxplot_sentiment_noise,
        "No texts yet",
        BRING_TEXTS,
        _scored,
    ),
    Picture(
        "keywords",
        "Words said most",
        "insights.keywords",
        texts.top_keywords,
        texts.draw_keywords,
        "No keywords yet",
        BRING_TEXTS,
    ),
)

PICTURES: dict[str, Picture] = {picture.name: picture for picture in _ALL}
