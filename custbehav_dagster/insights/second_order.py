"""Insights about the second order: when it comes, what brings it, and how far ahead to look."""

from __future__ import annotations

from typing import Any

from custbehav_dagster.contract.second_order import EVERYBODY, LESS, MORE, WAITING
from custbehav_dagster.forecasting.horizon import suggested_horizon
from custbehav_dagster.insights.evidence import Rows, sql_text
from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.wording import count, number, percent, quoted

FALLS_BELOW = 0.5
"""Below this part of a new buyer's chance, writing pays much less."""

Row = dict[str, Any]


def second_order_window(facts: Facts) -> Insight | None:
    """Within how many days second orders come, and what is left of the chance after."""
    everybody = _rows_where(facts, "factor", EVERYBODY)
    told = everybody.table.to_pyarrow().to_pylist()
    if not told or told[0]["half_within_days"] is None or told[0]["all_second_orders"] < FLOOR:
        return None
    half, most = told[0]["half_within_days"], told[0]["most_within_days"]
    waiting = _rows_where(facts, "factor", WAITING).table.order_by("from_day").to_pyarrow().to_pylist()
    first = next((row for row in waiting if row["from_day"] == 0), None)
    later = next((row for row in waiting if row["from_day"] >= most), None)
    falls = bool(first and later and later["share_high"] < FALLS_BELOW * first["share"])
    return Insight(
        "days_to_second_order",
        "customers",
        f"Half of all second orders come within {count(half, 'day')} of the first, "
        f"four in five within {most}{_later(first, later)}.",
        float(half),
        "days",
        everybody,
        f"Write for the second order before day {half}, and again before day {most}: later it rarely pays."
        if falls
        else f"Write for the second order before day {half}, and again before day {most}.",
        (float(told[0]["half_low_days"]), float(told[0]["half_high_days"])),
        parameters={"half": half, "most": most, "later_is_rare": falls},
    )


def too_late(facts: Facts, group: Row) -> str | None:
    """Advice for a group (a row of segments.segment_profiles) most of whom waited longer than it takes.

    None where they have not, or bought more than once. Asking them for a second order would
    contradict what is told of its days.
    """
    told = _rows_where(facts, "factor", EVERYBODY).table.to_pyarrow().to_pylist()
    most = (told[0]["most_within_days"] if told else None) or facts.settings.horizon_days
    silent = group["median_recency_days"]
    if group["median_order_count"] > 1 or silent is None or silent <= most:
        return None
    return (
        f"Half of the {group['people']:,} people here have not bought for {round(silent):,} days, when "
        "second orders hardly come any more: one message before the season in which they bought, and no more."
    )


def _later(first: Row | None, later: Row | None) -> str:
    if not first or not later:
        return ""
    chance = percent(later["share"]) if later["share"] else "next to none"
    return (
        f". Of new buyers {percent(first['share'])} come back within {first['within_days']} days; "
        f"of those silent for {later['from_day']} days, {chance} in the next {later['within_days']}"
    )


def brings_people_back(facts: Facts) -> Insight | None:
    """The kind of first order after which people come back more often, when that is no luck."""
    found = _surest(facts, MORE)
    if found is None:
        return None
    return _insight(
        "brings_people_back",
        facts,
        found,
        "more often",
        "Let more people begin there, and see whether they come back as often: "
        "it may be the people and not what they bought."
        if found["factor"] in ("first product", "channel")
        else "Look what was different for them, and try it with others: it may be the people themselves.",
    )


def keeps_people_away(facts: Facts) -> Insight | None:
    """The kind of first order after which people come back less often, when that is no luck."""
    found, other = _surest(facts, LESS), _surest(facts, MORE)
    if found is None:
        return None
    both = _rows_where(facts, "factor", found["factor"])
    if other is not None and other["factor"] == found["factor"] and both.count() == 2:
        # Of two sides, each tells the other.
        return None
    return _insight(
        "keeps_people_away",
        facts,
        found,
        "less often",
        "Write to these people early, while they remember you, and show them what else you make.",
    )


def horizon_fits(facts: Facts) -> Insight | None:
    """Whether the forecasts look as far ahead as the shop's people take to come back."""
    rows = facts.known_purchases
    found = suggested_horizon(rows.table, facts.as_of)
    if found is None:
        return None
    horizon = facts.settings.horizon_days
    told = (
        f"Of the people who come back, half do so within {count(found.half, 'day')} of the order before, "
        f"four in five within {found.exact}; forecasts look {horizon} days ahead"
    )
    if not found.is_far_from(horizon):
        fits = "about as far as the shop's history allows" if found.is_cut else "which fits"
        told, advice = f"{told}, {fits}.", "Nothing to do."
    elif found.days > horizon or not found.is_cut:
        told = f"{told}, which is {'short' if found.days > horizon else 'long'} for this shop."
        advice = f"Set CUSTBEHAV_HORIZON_DAYS={found.days} in the file .env, then refresh."
    else:
        told = f"{told}, which is long for a shop whose history is this short."
        advice = f"Set CUSTBEHAV_HORIZON_DAYS={found.days} in the file .env until there is more of it."
    parameters = {"half": found.half, "most": found.exact, "horizon": horizon, "days": found.days,
                  "fits": not found.is_far_from(horizon), "is_short": found.days > horizon}  # fmt: skip
    return Insight(
        "horizon_fits", "returns", told, float(found.days), "days", rows, advice, parameters=parameters
    )


def _rows_where(facts: Facts, column: str, value: str) -> Rows:
    return facts.second_order.where(f"{column} = {sql_text(value)}", lambda t: t[column] == value)


def _surest(facts: Facts, verdict: str) -> Row | None:
    """The row of that verdict that is least likely luck; the larger difference where two are level."""
    rows = _rows_where(facts, "verdict", verdict).table.to_pyarrow().to_pylist()
    told = [row for row in rows if row["share"] is not None and row["people"] >= FLOOR]
    if not told:
        return None
    return min(told, key=lambda row: (row["chance_of_luck"], -abs(row["ratio"] - 1), row["level"]))


def _insight(name: str, facts: Facts, row: Row, how: str, advice: str) -> Insight:
    everybody = _rows_where(facts, "factor", EVERYBODY).table.to_pyarrow().to_pylist()[0]
    of_all = f", of all buyers {percent(everybody['share'])}" if everybody["share"] is not None else ""
    rows = _rows_where(facts, "factor", row["factor"])
    return Insight(
        name,
        "customers",
        f"{_who(row)} come back {how}: {percent(row['share'])} of {row['people']:,} order again within "
        f"{row['within_days']} days{of_all}. Other things being equal that is {number(row['ratio'])} "
        f"times the average (95% sure: {number(row['ratio_low'])} to {number(row['ratio_high'])}).",
        row["ratio"],
        "times the average",
        rows.where(f"level = {sql_text(row['level'])}", lambda t: t.level == row["level"]),
        advice,
        (row["ratio_low"], row["ratio_high"]),
        parameters={
            "factor": row["factor"],
            "level": row["level"],
            "share": row["share"],
            "people": row["people"],
            "days": row["within_days"],
        },
    )


def _who(row: Row) -> str:
    words = {
        "first product": f"Buyers whose first order was {quoted(row['level'])}",
        "channel": f"Buyers who first came through {quoted(row['level'])}",
        "season": f"Buyers who first ordered in {row['level']}",
        "discount": "Buyers whose first order had a discount"
        if row["level"] == "with a discount"
        else "Buyers whose first order was at full price",
        "gift": f"Buyers whose first order was {row['level']}",
    }
    return words[row["factor"]]
