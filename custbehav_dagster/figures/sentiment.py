"""Pictures of mood: how it is spread, how it moves, how it goes with length and source."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.figures.months import newest_months, with_text_month
from custbehav_dagster.figures.style import (
    BLUE,
    GREY,
    SKY,
    VERMILLION,
    Labels,
    canvas,
    count_axis,
    leave_headroom,
    legend_above,
    month_axis,
    thin_spines,
)
from custbehav_dagster.insights.wording import FEW, count, month_span, number, share_or_count
from custbehav_dagster.insights.words import NEGATIVE_TO, POSITIVE_FROM

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from custbehav_dagster.settings import Settings

MOOD_AXIS = "mood of the text (−1 very negative, +1 very positive)"
SMALLEST_CHANGE = 0.03
"""A smaller change of the mean score is not worth telling, however certain."""


def mood_ticks(axes: Axes, vertical: bool = False) -> None:
    """Label −1, −0.5, 0, 0.5 and 1."""
    ticks = (-1, -0.5, 0, 0.5, 1)
    (axes.set_yticks if vertical else axes.set_xticks)(ticks, [number(tick, 1) for tick in ticks])


def mood_of(sentiment: ir.FloatingValue) -> ir.StringValue:
    """Name the mood of a score: positive, negative or neutral."""
    return ibis.cases(
        (sentiment >= POSITIVE_FROM, "positive"), (sentiment <= NEGATIVE_TO, "negative"), else_="neutral"
    )


def sentiment_bins(texts: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count texts by mood and by 40 bins of score 0.05 wide; `bin` is the lower edge times 20."""
    # In ten-thousandths, as VADER rounds, so that a score on an edge always falls to the same side.
    bins = ((texts.sentiment * 10_000).round().cast("int64") + 10_000) // 500 - 20
    return (
        texts.mutate(bin=bins.clip(upper=19), mood=mood_of(texts.sentiment))
        .group_by("bin", "mood")
        .aggregate(texts=lambda t: t.count())
        .order_by("bin", "mood")
        .to_pyarrow()
        .to_pandas()
    )


def _mood_headline(positive: int, negative: int, everything: int) -> str:
    if everything == 1:
        return f"The only text is {'positive' if positive else 'negative' if negative else 'neutral'}"
    if positive * 2 > everything:
        return f"Most texts are positive: {share_or_count(positive, everything)} score above 0.05"
    if negative * 2 > everything:
        return f"Most texts are negative: {share_or_count(negative, everything)} score below −0.05"
    return (
        f"Moods are mixed: {share_or_count(positive, everything)} of the texts are positive, "
        f"{share_or_count(negative, everything)} negative"
    )


def draw_sentiment_distribution(bins: pd.DataFrame, labels: Labels) -> Figure:
    """Draw how many texts have which score, coloured by mood."""
    totals = bins.groupby("mood")["texts"].sum()
    everything = totals.sum()
    headline = _mood_headline(totals.get("positive", 0), totals.get("negative", 0), int(everything))
    note = (
        f"{count(everything, 'text')}. Above 0.05 counts as positive, below −0.05 as negative (VADER score)."
    )
    figure, (axes,) = canvas(headline, note, labels)
    table = bins.pivot_table(index="bin", columns="mood", values="texts", aggfunc="sum", fill_value=0)
    bottom = 0 * table.sum(axis=1)
    for mood, colour in (("negative", VERMILLION), ("neutral", GREY), ("positive", BLUE)):
        if mood in table:
            name = f"{mood} ({totals[mood]:,})"
            axes.bar(
                table.index / 20 + 0.025, table[mood], width=0.044, bottom=bottom, color=colour, label=name
            )
            bottom = bottom + table[mood]
    leave_headroom(axes, bottom.max())
    axes.set_xlim(-1.02, 1.02)
    mood_ticks(axes)
    axes.set_xlabel(MOOD_AXIS)
    axes.set_ylabel("texts")
    count_axis(axes.yaxis)
    thin_spines(axes)
    axes.legend(loc="upper left")
    return figure


def monthly_mood(texts: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count texts per month with mean and standard deviation of their score, the newest 36 months."""
    dated = with_text_month(texts, settings)
    counted = (
        dated.group_by("month_start")
        .aggregate(
            texts=dated.count(),
            total=dated.sentiment.sum(),
            squares=(dated.sentiment * dated.sentiment).sum(),
        )
        .order_by("month_start")
        .to_pyarrow()
        .to_pandas()
    )
    return newest_months(counted)


def _mean_and_error(part: pd.DataFrame) -> tuple[float, float]:
    """Mean score of some months and its standard error, from sums."""
    texts, total, squares = part["texts"].sum(), part["total"].sum(), part["squares"].sum()
    mean = total / texts
    variance = max(squares / texts - mean**2, 0) * texts / max(texts - 1, 1)
    return float(mean), math.sqrt(variance / texts)


def _trend_headline(months: pd.DataFrame) -> str:
    enough = len(months) >= 6 and months["texts"].iloc[-3:].sum() and months["texts"].iloc[-6:-3].sum()
    if not enough or months["texts"].sum() < FEW:
        mean, _ = _mean_and_error(months)
        return f"The mood averages {number(mean)}; more texts or months are needed to see a trend"
    (now, now_error), (before, before_error) = (
        _mean_and_error(months.iloc[-3:]),
        _mean_and_error(months.iloc[-6:-3]),
    )
    # Beyond chance (twice the standard error of the difference), and large enough to matter.
    clear = abs(now - before) > max(1.96 * math.hypot(now_error, before_error), SMALLEST_CHANGE)
    change = (
        ("The mood is rising" if now > before else "The mood is falling")
        if clear
        else "The mood shows no clear change"
    )
    return f"{change}: {number(now)} on average in the last 3 months, {number(before)} in the 3 before"


def draw_trend_line(months: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the mean score per month with its 95% interval, its rolling mean, and the number of texts."""
    note = (
        f"{count(months['texts'].sum(), 'text')}, {month_span(months.index[0], months.index[-1])}. "
        "Bars: 95% interval of the month's mean; line: mean of the texts of three months."
    )
    grid: dict[str, Any] = {"nrows": 2, "height_ratios": [3, 1], "sharex": True}
    figure, (top, bottom) = canvas(_trend_headline(months), note, labels, height_inches=5.4, **grid)
    _monthly_means(top, months)
    bottom.bar(range(len(months)), months["texts"].to_numpy(), color=GREY, width=0.8)
    bottom.set_ylabel("texts")
    count_axis(bottom.yaxis, steps=4)
    month_axis(bottom, list(months.index))
    for axes in (top, bottom):
        thin_spines(axes)
    figure.align_ylabels()
    return figure


def _monthly_means(axes: Axes, months: pd.DataFrame) -> None:
    import numpy as np

    positions = np.arange(len(months))
    texts, total, squares = (months[name].to_numpy(dtype=float) for name in ("texts", "total", "squares"))
    # A month without texts has no mean, and one text tells nothing about the spread.
    seen, several = np.where(texts > 0, texts, np.nan), np.where(texts > 1, texts, np.nan)
    means = total / seen
    errors = 1.96 * np.sqrt(np.maximum(squares / several - means**2, 0) / (several - 1))
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.errorbar(
        positions, means, yerr=errors, fmt="o", color=SKY, elinewidth=1.6, markersize=4.5, label="month"
    )
    rolling = months[["total", "texts"]].rolling(3, min_periods=min(3, len(months))).sum()
    line = (rolling["total"] / rolling["texts"].replace(0, np.nan)).to_numpy()
    axes.plot(positions, line, color=BLUE, linewidth=2.4, label="three months")
    low, high = np.nanmin(means - np.nan_to_num(errors)), np.nanmax(means + np.nan_to_num(errors))
    margin = max(0.25 * (high - low), 0.1)
    axes.set_ylim(max(-1.05, min(low - margin, -margin)), min(1.05, max(high + margin, margin)))
    axes.set_ylabel("mean mood (−1 to +1)")
    legend_above(axes, 2)
