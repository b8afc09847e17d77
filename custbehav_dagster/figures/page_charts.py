"""Charts of the owner's page: small, without a headline of their own, in the page's language.

Each takes plain numbers and the words of a language, and gives a figure; the pictures
in data/processed/plots are drawn elsewhere and say more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from custbehav_dagster.figures.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    VERMILLION,
    drawing_style,
    thin_spines,
)
from custbehav_dagster.wording.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 5.6, 3.1
"""Inches: at this width letters stay readable on a phone, where the chart fills the screen."""
MOST_TICKS = 7


def small_canvas(height: float = HEIGHT) -> tuple[Figure, Axes]:
    """A figure of the page's size with one pair of axes and no paper of its own."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.patch.set_visible(False)
    axes = figure.subplots()
    axes.patch.set_visible(False)
    axes.tick_params(labelsize=10)
    return figure, axes


def draw_sales(
    months: Sequence[date], net: Sequence[float], adjusted: Sequence[float | None], whole: Sequence[bool],
    words: Words,
) -> Figure:  # fmt: skip
    """Bars of each month's sales, grey where the month is not over, and a line without the season."""
    with drawing_style():
        figure, axes = small_canvas()
        colours = [SKY if is_whole else GREY for is_whole in whole]
        axes.bar(range(len(net)), net, width=0.8, color=colours, label=words.text("charts.sales"))
        if any(value is not None for value in adjusted):
            line = [float("nan") if value is None else value for value in adjusted]
            axes.plot(range(len(line)), line, color=VERMILLION, lw=2, label=words.text("charts.adjusted"))
            _legend(axes)
        axes.axhline(0, color=GREY, linewidth=0.8)
        _numbers(axes.yaxis, words, "short_money")
        _months(axes, months, words)
        thin_spines(axes)
    return figure


def draw_first_and_repeat(
    months: Sequence[date], first: Sequence[int], repeat: Sequence[int], words: Words
) -> Figure:
    """Stacked bars of first orders and repeat orders of each month."""
    with drawing_style():
        figure, axes = small_canvas()
        places = range(len(first))
        axes.bar(places, first, width=0.8, color=ORANGE, label=words.text("charts.first_orders"))
        axes.bar(
            places, repeat, bottom=first, width=0.8, color=BLUE, label=words.text("charts.repeat_orders")
        )
        _legend(axes)
        _numbers(axes.yaxis, words)
        _months(axes, months, words)
        thin_spines(axes)
    return figure


def draw_segments(segments: Sequence[dict[str, Any]], names: Sequence[str], words: Words) -> Figure:
    """Each group's share of the people beside its share of the money."""
    with drawing_style():
        figure, axes = small_canvas(1.3 + 0.55 * len(segments))
        for column, offset, colour in (("share_of_people", -0.2, ORANGE), ("share_of_amount", 0.2, BLUE)):
            shares = [row[column] or 0 for row in segments]
            places = [place + offset for place in range(len(segments))]
            axes.barh(places, shares, height=0.38, color=colour, label=words.text(f"charts.{column}"))
            for place, share in zip(places, shares, strict=True):
                axes.annotate(
                    words.write(share, "percent"), (max(share, 0), place), xytext=(4, 0),
                    textcoords="offset points", va="center", size=10, color=INK,
                )  # fmt: skip
        axes.set_yticks(range(len(segments)), names)
        axes.set_ylim(len(segments) - 0.5, -0.5)
        axes.margins(x=0.12)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        _legend(axes)
        thin_spines(axes, grid="x")
    return figure


def draw_mood(
    months: Sequence[date], positive: Sequence[int], neutral: Sequence[int], negative: Sequence[int],
    words: Words,
) -> Figure:  # fmt: skip
    """Stacked bars of the texts of each month by mood."""
    with drawing_style():
        figure, axes = small_canvas()
        places, below = range(len(months)), [0] * len(months)
        for name, values, colour in (
            ("positive", positive, BLUE),
            ("neutral", neutral, GREY),
            ("negative", negative, VERMILLION),
        ):
            axes.bar(
                places, values, bottom=below, width=0.8, color=colour, label=words.text(f"charts.{name}")
            )
            below = [low + value for low, value in zip(below, values, strict=True)]
        _legend(axes, 3)
        _numbers(axes.yaxis, words)
        _months(axes, months, words)
        thin_spines(axes)
    return figure


def draw_forecasts(grades: Sequence[Any], words: Words) -> Figure:
    """What was said, as a range and a dot, and what came, as a cross, for each forecast that is due."""
    with drawing_style():
        figure, axes = small_canvas(1.2 + 0.5 * len(grades))
        for place, grade in enumerate(grades):
            axes.plot([grade.low, grade.high], [place, place], color=SKY, lw=7, solid_capstyle="round")
        places = range(len(grades))
        axes.plot(
            [grade.expected for grade in grades], places, "o", color=BLUE, label=words.text("charts.expected")
        )
        axes.plot(
            [grade.actual for grade in grades], places, "X", color=VERMILLION, ms=9,
            label=words.text("charts.came"),
        )  # fmt: skip
        axes.set_yticks(places, [words.write(grade.due_date, "month") for grade in grades])
        axes.set_ylim(len(grades) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_xlabel(words.text("charts.people"), size=10)
        _numbers(axes.xaxis, words)
        _legend(axes)
        thin_spines(axes, grid="x")
    return figure


def _legend(axes: Axes, columns: int = 2) -> None:
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=columns, borderaxespad=0.2, columnspacing=2.4,
        handlelength=1.2, fontsize=10,
    )  # fmt: skip


def _numbers(axis: Axis, words: Words, form: str = "number") -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(
        MaxNLocator(nbins=5, integer=form == "number", min_n_ticks=1, steps=[1, 2, 2.5, 5, 10])
    )
    axis.set_major_formatter(FuncFormatter(lambda value, _: words.write(value, form)))


def _months(axes: Axes, months: Sequence[date], words: Words) -> None:
    """Label at most MOST_TICKS months, January or the first one with its year."""
    step = next(step for step in (1, 2, 3, 4, 6, 12, 24) if len(months) <= step * MOST_TICKS or step == 24)
    first = next((i for i, month in enumerate(months) if (month.month - 1) % min(step, 12) == 0), 0)
    ticks = list(range(first, len(months), step))
    axes.set_xticks(ticks, [words.write(months[place], "short_month") for place in ticks])
    margin = max(0.7, (6 - len(months)) / 2)
    axes.set_xlim(-margin, len(months) - 1 + margin)
