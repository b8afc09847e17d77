"""What of weather and calendar moves orders, as insights; silent where nothing does."""

from __future__ import annotations

from typing import Any

from custbehav_dagster.insights.evidence import sql_text
from custbehav_dagster.insights.insight import Facts, Insight
from custbehav_dagster.insights.wording import number, percent

MANY_TIMES = 2

ADVICE = {
    "rain": "Look at the forecast before you plan a post or a stall: put it on the days that bring more.",
    "warmth": "Plan posts and stock by the forecast, not by the month alone.",
    "sunshine": "Plan posts and stock by the forecast, not by the month alone.",
    "public holidays": "Have posts ready for holidays if they bring more, and rest on them if not.",
}


def weather_moves_orders(facts: Facts) -> Insight | None:
    """The weather that surely moves orders most."""
    return _strongest(facts, "weather")


def calendar_moves_orders(facts: Facts) -> Insight | None:
    """The day or season that surely moves orders most."""
    return _strongest(facts, "calendar")


def _strongest(facts: Facts, kind: str) -> Insight | None:
    sure = facts.context.where(f"kind = {sql_text(kind)} AND is_sure", lambda t: (t.kind == kind) & t.is_sure)
    found = (
        sure.table.order_by(sure.table.ratio.ln().abs().desc(), "factor").limit(1).to_pyarrow().to_pylist()
    )
    if not found:
        return None
    row = found[0]
    change, low, high = row["ratio"] - 1, row["ratio_low"] - 1, row["ratio_high"] - 1
    name = row["factor"]
    return Insight(
        f"{kind}_moves_orders",
        "sales",
        f"{_when(name)} {_moved(row)} season and weekday alone would bring; {row['such_days']:,} such days "
        f"of {row['days']:,} were looked at.",
        change,
        "share more",
        sure.where(f"factor = {sql_text(name)}", lambda t: t.factor == name),
        ADVICE.get(name, f"Have what people buy for it on show before the days of {name} begin."),
        (low, high),
        {
            key: row[key]
            for key in ("factor", "ratio", "ratio_low", "ratio_high", "confidence", "such_days", "days")
        },
    )


def _moved(row: dict[str, Any]) -> str:
    ratio, low, high = row["ratio"], row["ratio_low"], row["ratio_high"]
    sure = f"{percent(row['confidence'])} sure: between"
    if ratio >= MANY_TIMES:
        return (
            f"{number(ratio, 1)} times as many orders come ({sure} {number(low, 1)} and {number(high, 1)}) as"
        )
    if ratio >= 1:
        return (
            f"{percent(ratio - 1)} more orders come ({sure} {percent(low - 1)} and {percent(high - 1)}) than"
        )
    return f"{percent(1 - ratio)} fewer orders come ({sure} {percent(1 - high)} and {percent(1 - low)}) than"


def _when(name: str) -> str:
    if name == "rain":
        return "On days with rain or snow"
    if name == "warmth":
        return "With each 5 °C above what is usual at that time of year"
    if name == "sunshine":
        return "With each 3 hours of sun above what is usual at that time of year"
    if name == "public holidays":
        return "On public holidays"
    return f"In the days on which people shop for {name}"
