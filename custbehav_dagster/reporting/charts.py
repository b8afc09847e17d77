"""The charts of the owner's page, drawn from what was gathered, with a title and words for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from custbehav_dagster.reporting.content import Report
from custbehav_dagster.reporting.translated import segment_name
from custbehav_dagster.wording.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST_MONTHS = 2
MOST_SEGMENTS = 12


@dataclass(frozen=True)
class Chart:
    """One chart as it stands on the page, and what is seen on it in a sentence."""

    title: str
    svg: Markup
    told: str


def charts_of(report: Report, words: Words) -> dict[str, Chart]:
    """The charts for which there are numbers, by name."""
    makers: dict[str, Callable[[Report, Words], tuple[Figure, dict[str, Any]] | None]] = {
        "sales": _sales,
        "people": _first_and_repeat,
        "segments": _segments,
        "mood": _mood,
        "forecasts": _forecasts,
    }
    found = {}
    for name, make in makers.items():
        if made := make(report, words):
            found[name] = _chart(name, *made, words)
    return found


def _chart(name: str, figure: Figure, values: dict[str, Any], words: Words) -> Chart:
    from custbehav_dagster.figures.vector import inline_svg

    title, told = words.text(f"charts.{name}_title"), words.text(f"charts.{name}_told", **values)
    return Chart(title, Markup(inline_svg(figure, f"chart-{name}", title, told)), told)


def _sales(report: Report, words: Words) -> tuple[Figure, dict[str, Any]] | None:
    from custbehav_dagster.figures.page_charts import draw_sales

    months = report.doing.months
    if len(months) < FEWEST_MONTHS:
        return None
    best = max(months, key=lambda month: month.net)
    figure = draw_sales(
        [month.first_day for month in months],
        [month.net for month in months],
        [month.adjusted for month in months],
        [month.is_whole for month in months],
        words,
    )
    return figure, {"best": best.first_day, "amount": best.net, "unfinished": not months[-1].is_whole,
                    "last": months[-1].first_day}  # fmt: skip


def _first_and_repeat(report: Report, words: Words) -> tuple[Figure, dict[str, Any]] | None:
    from custbehav_dagster.figures.page_charts import draw_first_and_repeat

    months = report.doing.months
    first, repeat = [month.first_orders for month in months], [month.repeat_orders for month in months]
    if len(months) < FEWEST_MONTHS or not sum(first):
        return None
    figure = draw_first_and_repeat([month.first_day for month in months], first, repeat, words)
    newest = sum(first[-12:]) + sum(repeat[-12:])
    return figure, {"share": sum(repeat[-12:]) / newest if newest else 0.0, "orders": newest}


def _segments(report: Report, words: Words) -> tuple[Figure, dict[str, Any]] | None:
    from custbehav_dagster.figures.page_charts import draw_segments

    rows = report.groups.rows[:MOST_SEGMENTS]
    known = [row for row in rows if row["share_of_amount"] is not None]
    if len(known) < 2:
        return None
    best = max(known, key=lambda row: row["share_of_amount"] - row["share_of_people"])
    names = [_short(segment_name(words, row["segment_name"])) for row in rows]
    return draw_segments(rows, names, words), {
        "name": segment_name(words, best["segment_name"]),
        "people": best["share_of_people"], "amount": best["share_of_amount"],
    }  # fmt: skip


def _short(name: str) -> str:
    """A name for an axis: what the font cannot draw is left out, and long ones take two lines."""
    import textwrap

    from custbehav_dagster.figures.style import drawable

    return textwrap.fill(drawable(name), 20)


def _mood(report: Report, words: Words) -> tuple[Figure, dict[str, Any]] | None:
    from custbehav_dagster.figures.page_charts import draw_mood

    months = report.said.months
    if len(months) < FEWEST_MONTHS:
        return None
    positive, neutral, negative = (
        [getattr(month, mood) for month in months] for mood in ("positive", "neutral", "negative")
    )
    texts = sum(positive) + sum(neutral) + sum(negative)
    figure = draw_mood([month.first_day for month in months], positive, neutral, negative, words)
    return figure, {"positive": sum(positive) / texts, "negative": sum(negative) / texts, "texts": texts}


def _forecasts(report: Report, words: Words) -> tuple[Figure, dict[str, Any]] | None:
    from custbehav_dagster.figures.page_charts import draw_forecasts

    grades = report.track_record.grades
    if not grades:
        return None
    hits = sum(grade.low <= grade.actual <= grade.high for grade in grades)
    return draw_forecasts(grades, words), {"hits": hits, "forecasts": len(grades)}
