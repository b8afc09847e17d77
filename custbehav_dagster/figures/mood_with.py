"""Pictures of what mood goes with: the length of a text, and where it comes from."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from custbehav_dagster.figures.sentiment import mood_ticks
from custbehav_dagster.figures.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    VERMILLION,
    Labels,
    canvas,
    percent_axis,
    thin_spines,
)
from custbehav_dagster.insights.wording import FEW, count, number, source_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from custbehav_dagster.settings import Settings

WEAK = 0.2
"""A correlation below this is not worth a claim."""


def length_and_mood(texts: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count texts by word count (steps of a fifth of a doubling) and score (steps of 0.1).

    `correlation` is Pearson's, of the score with the logarithm of the word count, over all texts.
    """
    steps = ((texts.word_count + 1).cast("float64").ln() / math.log(2) * 3).floor().cast("int64")
    length = (texts.word_count + 1).cast("float64").ln()
    correlation = (
        texts.aggregate(correlation=length.corr(texts.sentiment, how="pop"))
        .to_pyarrow()
        .to_pandas()["correlation"][0]
    )
    counted = (
        texts.mutate(length_step=steps, mood_step=(texts.sentiment * 10).round().cast("int64"))
        .group_by("length_step", "mood_step")
        .aggregate(
            texts=lambda t: t.count(),
            word_count=lambda t: t.word_count.mean(),
            sentiment=lambda t: t.sentiment.mean(),
        )
        .order_by("length_step", "mood_step")
        .to_pyarrow()
        .to_pandas()
    )
    return counted.assign(correlation=float("nan") if correlation is None else float(correlation))


def _length_headline(correlation: float, rows: int) -> str:
    if not math.isfinite(correlation) or rows < FEW:
        return "Too few texts yet to say whether length and mood go together"
    if abs(correlation) < WEAK:
        return f"Length says little about mood (correlation {number(correlation)})"
    direction = "positive" if correlation > 0 else "negative"
    return f"Longer texts are more {direction} (correlation {number(correlation)})"


def draw_scatter_wordcount_sentiment(counted: pd.DataFrame, labels: Labels) -> Figure:
    """Draw texts by length and score: one dot per group of alike texts, its area by their number."""
    note = (
        f"{count(counted['texts'].sum(), 'text')}. Each dot is a group of texts alike in length and mood: "
        "the bigger, the more texts."
    )
    figure, (axes,) = canvas(
        _length_headline(float(counted["correlation"].iloc[0]), labels.rows), note, labels
    )
    biggest = counted["texts"].max()
    area = (360 * counted["texts"] / biggest).clip(lower=14) if biggest > 1 else 40
    dots: dict[str, Any] = {"color": BLUE, "alpha": 0.6, "edgecolor": "white", "linewidth": 0.6}
    axes.scatter(counted["word_count"] + 1, counted["sentiment"], s=area, **dots)
    _mean_mood_line(axes, counted)
    axes.axhline(0, color=GREY, linewidth=0.8)
    _length_axis(axes, counted["word_count"].min(), counted["word_count"].max())
    axes.set_ylim(-1.08, 1.08)
    mood_ticks(axes, vertical=True)
    axes.set_ylabel("mood (−1 to +1)")
    axes.tick_params(length=0)
    return figure


def _mean_mood_line(axes: Axes, counted: pd.DataFrame) -> None:
    """Draw the mean score of each length that enough texts have."""
    weighted = (
        counted[["word_count", "sentiment"]].mul(counted["texts"], axis=0).assign(texts=counted["texts"])
    )
    sums = weighted.groupby(counted["length_step"]).sum()
    sums = sums[sums["texts"] >= FEW]
    if len(sums) < 2:
        return
    words, mood = sums["word_count"] / sums["texts"], sums["sentiment"] / sums["texts"]
    axes.plot(words + 1, mood, color=VERMILLION, linewidth=2.6, label="mean mood at that length")
    axes.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none")


def _length_axis(axes: Axes, shortest: float, longest: float) -> None:
    """Put word counts on a logarithmic axis, one more than they are, so that texts without words fit."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    axes.set_xscale("log")
    ticks = (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000, 1_000_000)
    axes.set_xticks([tick + 1 for tick in ticks])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value - 1:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(max(0.8, (shortest + 1) * 0.4), (longest + 1) * 2)
    axes.set_xlabel("words in the text (each step right is about three times as many)")


def mood_and_noise_quantiles(texts: ir.Table, settings: Settings) -> pd.DataFrame:
    """Compute the 5, 25, 50, 75 and 95% points of score and noise for each source."""
    points = {"low": 0.05, "first_quarter": 0.25, "middle": 0.5, "last_quarter": 0.75, "high": 0.95}
    return (
        texts.group_by("source_type")
        .aggregate(
            texts=texts.count(),
            **{
                f"{measure}_{name}": texts[measure].quantile(point)
                for measure in ("sentiment", "noise")
                for name, point in points.items()
            },
        )
        .order_by("source_type")
        .to_pyarrow()
        .to_pandas()
    )


def _boxes(axes: Axes, quantiles: pd.DataFrame, measure: str, colour: str) -> None:
    boxes = [
        {
            "whislo": row[f"{measure}_low"],
            "q1": row[f"{measure}_first_quarter"],
            "med": row[f"{measure}_middle"],
            "q3": row[f"{measure}_last_quarter"],
            "whishi": row[f"{measure}_high"],
        }
        for row in quantiles.to_dict("records")
    ]
    axes.bxp(
        boxes,
        orientation="horizontal",
        positions=range(len(boxes)),
        widths=0.5,
        showfliers=False,
        patch_artist=True,
        boxprops={"facecolor": colour, "edgecolor": INK, "linewidth": 0.8},
        medianprops={"color": INK, "linewidth": 2.6},
        whiskerprops={"color": INK},
        capprops={"color": INK},
    )
    axes.set_ylim(len(boxes) - 0.45, -0.55)
    thin_spines(axes, grid="x")


def _source_headline(quantiles: pd.DataFrame) -> str:
    enough = quantiles[quantiles["texts"] >= FEW]
    compared = enough if len(enough) else quantiles.nlargest(1, "texts")
    by_mood = compared.sort_values("sentiment_middle", kind="stable")
    worst, best = by_mood.iloc[0], by_mood.iloc[-1]
    name, middle = source_name(best["source_type"]), number(best["sentiment_middle"])
    if len(compared) == 1:
        return f"Half of the texts in {name} score {middle} or more"
    if best["sentiment_middle"] == worst["sentiment_middle"]:
        return f"The typical mood is the same in every source: {middle}"
    return (
        f"The mood is best in {name} (typical text {middle}), "
        f"worst in {source_name(worst['source_type'])} ({number(worst['sentiment_middle'])})"
    )


def draw_boxplot_sentiment_noise(quantiles: pd.DataFrame, labels: Labels) -> Figure:
    """Draw boxes of score and of noise for each source, side by side."""
    note = (
        "Box: the middle half of the texts; thick line: the middle text; "
        "whiskers: all but the lowest and highest 5%."
    )
    grid: dict[str, Any] = {"ncols": 2, "sharey": True}
    height = 3.0 + 0.6 * len(quantiles)
    figure, (left, right) = canvas(_source_headline(quantiles), note, labels, height_inches=height, **grid)
    _boxes(left, quantiles, "sentiment", SKY)
    _boxes(right, quantiles, "noise", ORANGE)
    names = [
        f"{textwrap.fill(source_name(row['source_type']), 16)}\n({count(row['texts'], 'text')})"
        for row in quantiles.to_dict("records")
    ]
    left.set_yticks(range(len(names)), names)
    left.set_xlim(-1.05, 1.05)
    mood_ticks(left)
    left.axvline(0, color=GREY, linewidth=0.8)
    left.set_xlabel("mood (−1 to +1)")
    right.set_xlim(0, max(quantiles["noise_high"].max() * 1.1, 0.05))
    percent_axis(right.xaxis)
    right.set_xlabel("noise: share of signs that are\nno letter, figure or space")
    return figure
