"""Pictures of what is written: how much, how long, from where, when, and in which words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract.truth import SOURCE_TYPES
from custbehav_dagster.figures.months import every_month, with_text_month
from custbehav_dagster.figures.sentiment import mood_ticks
from custbehav_dagster.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Labels,
    canvas,
    count_axis,
    drawable,
    leave_headroom,
    legend_above,
    percent_axis,
    thin_spines,
    write_beside,
)
from custbehav_dagster.insights.wording import (
    FEW,
    count,
    month_name,
    month_span,
    percent,
    quoted,
    source_name,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from custbehav_dagster.settings import Settings

MOST_BARS = 30
MOST_YEARS = 5
MOST_KEYWORDS = 12
# A month with less than this is no more than a quarter above its twelfth.
EVEN_SHARE = 1.25 / 12
# Five years back from any month touch six calendar years.
YEAR_COLOURS = (VERMILLION, PURPLE, GREEN, SKY, ORANGE, BLUE)


def word_count_steps(texts: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count texts by word count: exact below 200, in steps of 50 below 2,000, of 1,000 above."""
    words = texts.word_count
    step = ibis.cases((words < 200, 1), (words < 2000, 50), else_=1000)
    return (
        texts.mutate(word_count=words // step * step)
        .group_by("word_count")
        .aggregate(texts=lambda t: t.count())
        .order_by("word_count")
        .to_pyarrow()
        .to_pandas()
    )


def _bar_width(longest: int) -> int:
    """Smallest round width with which `longest` words fit into the bars."""
    return next(
        width for width in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if longest // width < MOST_BARS
    )


def draw_word_count_distribution(steps: pd.DataFrame, labels: Labels) -> Figure:
    """Draw how many texts have how many words; the longest 2% share the last bar."""
    everything, running, longest = steps["texts"].sum(), steps["texts"].cumsum(), steps["word_count"].max()
    middle = int(steps["word_count"][running * 2 >= everything].iloc[0])
    usual = int(steps["word_count"][running >= everything * 0.98].iloc[0])
    width = _bar_width(usual)
    last = usual // width
    counts = steps["texts"].groupby((steps["word_count"] // width).clip(upper=last + 1)).sum()
    headline = f"Half of the texts have {count(middle, 'word')} or fewer"
    about = "about " if longest >= 200 else ""
    note = f"{count(everything, 'text')}. The longest has {about}{count(longest, 'word')}."
    if everything == 1:
        headline, note = f"The only text has {count(middle, 'word')}", "1 text."
    figure, (axes,) = canvas(headline, note, labels)
    axes.bar(
        counts.index + 0.5, counts, width=0.9, color=[GREY if bar > last else BLUE for bar in counts.index]
    )
    if everything > 1:
        line = (middle + 0.5) / width
        axes.axvline(line, color=VERMILLION, linewidth=2)
        write_beside(
            axes, f"half have up to {middle}", line, counts.max() * 1.07, color=VERMILLION, weight="bold"
        )
    _word_axis(axes, width, last, has_longer=bool((counts.index > last).any()))
    axes.set_ylabel("texts")
    axes.set_ylim(0, counts.max() * 1.14)
    count_axis(axes.yaxis)
    thin_spines(axes)
    return figure


def _word_axis(axes: Axes, width: int, last: int, has_longer: bool) -> None:
    """Label about ten of the bars, and the one of all longer texts."""
    every = -(-(last + 1) // 10)
    bars = [bar for bar in range(0, last + 1, every) if not has_longer or bar <= last - every / 2]
    # A bar of one word count is labelled in its middle, a bar of several at its start.
    positions = [bar + (0.5 if width == 1 else 0.0) for bar in bars]
    names = [f"{bar * width:,}" for bar in bars]
    if has_longer:
        positions.append(last + 1.5)
        names.append(f"{(last + 1) * width:,}\nor more")
    axes.set_xticks(positions, names)
    axes.set_xlim(-0.3, max(last + (2.3 if has_longer else 1.3), 4))
    axes.set_xlabel("words in the text")


def texts_per_source(texts: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count texts per source, 0 for sources without any."""
    counted = texts.group_by("source_type").aggregate(texts=texts.count()).to_pyarrow().to_pandas()
    return counted.set_index("source_type").reindex(list(SOURCE_TYPES), fill_value=0).reset_index()


def _source_headline(name: str, texts: int, everything: int) -> str:
    if everything == 1:
        return f"The only text comes from {name}"
    if texts == everything:
        return f"All {texts:,} texts come from {name}"
    if texts * 2 > everything:
        return f"Most texts come from {name}: {texts:,} of {everything:,}"
    return f"No source has most of the texts; the largest: {name}, {texts:,} of {everything:,}"


def draw_source_type_counts(counted: pd.DataFrame, labels: Labels) -> Figure:
    """Draw how many texts come from which source."""
    everything = counted["texts"].sum()
    ordered = counted.sort_values("texts", ascending=False, kind="stable")
    biggest = ordered.iloc[0]
    headline = _source_headline(source_name(biggest["source_type"]), biggest["texts"], int(everything))
    note = "Texts by where they come from."
    if not labels.is_synthetic:
        note += " Samples that ship with the program are not counted."
    figure, (axes,) = canvas(headline, note, labels, height_inches=3.8)
    positions = range(len(ordered))
    axes.barh(positions, ordered["texts"], color=BLUE, height=0.6)
    for position, texts in zip(positions, ordered["texts"], strict=True):
        share = f" ({percent(texts / everything)})" if texts else ""
        write_beside(axes, f"{texts:,}{share}" if texts else "none yet", texts, position)
    axes.set_yticks(positions, [textwrap.fill(source_name(name), 16) for name in ordered["source_type"]])
    axes.set_ylim(len(ordered) - 0.5, -0.5)
    axes.set_xlim(0, biggest["texts"] * 1.2)
    axes.set_xlabel("texts")
    count_axis(axes.xaxis)
    thin_spines(axes, grid="x")
    return figure


def texts_by_calendar_month(texts: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count texts by month, in the shop's time zone; `calendar_month` is 1 to 12.

    Only whole years back from the newest full month are kept (at most five), so that
    each calendar month is seen equally often; with less than a year, everything is.
    """
    import pandas as pd

    dated = with_text_month(texts, settings)
    counted = (
        dated.group_by("month_start")
        .aggregate(texts=lambda t: t.count(), last_day=lambda t: t.local_date.max())
        .order_by("month_start")
        .to_pyarrow()
        .to_pandas()
    )
    months = every_month(counted)
    is_full = len(months) > 0 and pd.Timestamp(months["last_day"].iloc[-1]).is_month_end
    full = months if is_full else months.iloc[:-1]
    years = min(len(full) // 12, MOST_YEARS)
    kept = full.iloc[-12 * years :] if years else months
    calendar = {
        "calendar_month": [month.month for month in kept.index],
        "year": [month.year for month in kept.index],
    }
    return kept[["texts"]].assign(**calendar)


def _busiest_headline(month: int, texts: float, everything: float, months: int) -> str:
    if everything < FEW:
        return f"Too little feedback yet to tell busy months from quiet ones: {count(everything, 'text')}"
    name, share = month_name(month), percent(texts / everything)
    if months >= 12 and texts / everything < EVEN_SHARE:
        return f"Feedback comes evenly through the year; the busiest month, {name}, has {share}"
    return f"{name} brings the most feedback: {texts:,.0f} of {count(everything, 'text')} ({share})"


def draw_feedback_by_month(months: pd.DataFrame, labels: Labels) -> Figure:
    """Draw how much feedback each calendar month brings, the years stacked."""
    everything = months["texts"].sum()
    by_month = months.groupby("calendar_month")["texts"].sum()
    headline = _busiest_headline(
        by_month.index[int(by_month.argmax())], by_month.max(), everything, len(months)
    )
    span = month_span(months.index[0], months.index[-1])
    note = (
        f"{span}: whole years, so that each month counts equally often."
        if len(months) >= 12
        else f"All feedback so far, {span}: less than a year, so months without a bar are not known yet."
    )
    figure, (axes,) = canvas(headline, note, labels)
    table = months.pivot_table(
        index="calendar_month", columns="year", values="texts", aggfunc="sum", fill_value=0
    )
    table = table.reindex(range(1, 13), fill_value=0)
    bottom = 0 * table.sum(axis=1)
    for year, colour in zip(table.columns, YEAR_COLOURS[-len(table.columns) :], strict=True):
        axes.bar(table.index, table[year], bottom=bottom, width=0.8, color=colour, label=str(year))
        bottom = bottom + table[year]
    axes.set_xticks(range(1, 13), [month_name(month)[:3] for month in range(1, 13)])
    axes.set_ylabel("texts of feedback")
    leave_headroom(axes, by_month.max())
    legend_above(axes, len(YEAR_COLOURS))
    count_axis(axes.yaxis)
    thin_spines(axes)
    return figure


def top_keywords(keywords: ir.Table, settings: Settings) -> pd.DataFrame:
    """Take the most frequent words of the shop's own feedback, else of the source with most texts."""
    rows = (
        keywords.filter(keywords.keyword_rank <= MOST_KEYWORDS)
        .order_by("source_type", "keyword_rank")
        .to_pyarrow()
        .to_pandas()
    )
    if rows.empty:
        return rows
    own = rows["source_type"] == "internal_feedback"
    chosen = "internal_feedback" if own.any() else rows.groupby("source_type")["text_count"].max().idxmax()
    return rows[rows["source_type"] == chosen].reset_index(drop=True)


def draw_keywords(words: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the most frequent words: how often they are said, and in what mood."""
    first = words.iloc[0]
    headline = (
        f"{quoted(drawable(first['keyword'], 20))} is said most: "
        f"in {percent(first['share_of_texts'])} of {source_name(first['source_type'])}"
    )
    note = "Left: share of the texts that hold the word in any form. Right: mean mood of those texts."
    grid: dict[str, Any] = {"ncols": 2, "width_ratios": [3, 2], "sharey": True}
    height = 2.6 + 0.28 * len(words)
    figure, (left, right) = canvas(headline, note, labels, height_inches=height, **grid)
    positions = range(len(words))
    left.barh(positions, words["share_of_texts"], color=SKY, height=0.7)
    for position, row in zip(positions, words.to_dict("records"), strict=True):
        write_beside(left, f"{row['text_count']:,}", row["share_of_texts"], position, size=10)
    left.set_yticks(positions, [drawable(word, 20) or "(cannot be drawn)" for word in words["keyword"]])
    left.set_ylim(len(words) - 0.5, -0.5)
    left.set_xlim(0, words["share_of_texts"].max() * 1.2)
    left.set_xlabel("share of texts")
    percent_axis(left.xaxis)
    mood = words["average_sentiment"]
    right.axvline(0, color=GREY, linewidth=0.8)
    colours = [BLUE if value >= 0 else VERMILLION for value in mood]
    right.scatter(mood, positions, s=60, color=colours, zorder=3)
    right.set_xlim(-1.05, 1.05)
    mood_ticks(right)
    right.set_xlabel("mean mood (−1 to +1)")
    for axes in (left, right):
        thin_spines(axes, grid="x")
    right.grid(True, axis="y")
    return figure
