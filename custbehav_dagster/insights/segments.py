"""Insights about groups of buyers: who moved since the last refresh, and where the money sits."""

from __future__ import annotations

from typing import Any

from custbehav_dagster.insights.evidence import Rows
from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.wording import count, day, money, percent, quoted
from custbehav_dagster.segmentation.names import LAPSED, LONG_AGO, QUIET
from custbehav_dagster.segmentation.transitions import NOT_KNOWN, NOT_YET

SILENT = (QUIET, LAPSED, LONG_AGO)


def _is_silent(name: str) -> bool:
    return name.startswith(SILENT)


def _moves(facts: Facts) -> tuple[Rows, list[dict[str, Any]]]:
    """The newest day's moves, with its rows as evidence; none where too few people stand behind them."""
    table = facts.moves.table
    newest = table.as_of_to.max().to_pyarrow().as_py()
    if newest is None or newest > facts.as_of:
        return facts.moves, []
    rows = facts.moves.where(f"as_of_to = DATE '{newest}'", lambda t: t.as_of_to == newest)
    found = rows.table.order_by("from_segment", "to_segment").to_pyarrow().to_pylist()
    return rows, found if sum(row["people"] for row in found) >= FLOOR else []


def _without_buyers(row: dict[str, Any]) -> dict[str, Any]:
    """The row's people who bought nothing since; of the amount, which is known of all, their part."""
    silent = row["people"] - row["buyers"]
    return {**row, "people": silent, "amount": row["amount"] * silent / row["people"]}


def fell_silent(facts: Facts) -> Insight | None:
    """How many people went from a group that buys to one that has stopped, since the refresh before."""
    rows, found = _moves(facts)
    # Who bought once more may land in a group of regulars that has paused: that is no silence.
    gone = [
        _without_buyers(row)
        for row in found
        if row["has_moved"]
        and row["people"] > row["buyers"]
        and row["from_segment"] not in (NOT_YET, NOT_KNOWN)
        and _is_silent(row["to_segment"])
        and not _is_silent(row["from_segment"])
    ]
    if not gone:
        return None
    people, worth = (sum(row[name] for row in gone) for name in ("people", "amount"))
    about = "about " if any(row["buyers"] for row in gone) else ""
    most = max(gone, key=lambda row: row["amount"])
    return Insight(
        "fell_silent",
        "customers",
        f"Since {day(most['as_of_from'])}, {count(people, 'person has', 'people have')} fallen silent who "
        f"brought {about}{money(worth, facts.currency)} so far; most of that money is from "
        f"{count(most['people'], 'person', 'people')} who belonged to {quoted(most['from_segment'])}.",
        float(people),
        "people",
        rows,
        "Write now to those who gave consent, the largest amounts first: they are in "
        "customers_with_segments.csv, with their group of then and of now.",
        parameters={
            "since": str(most["as_of_from"]),
            "worth": worth,
            "name": most["from_segment"],
            "most": most["people"],
        },
    )


def came_back(facts: Facts) -> Insight | None:
    """How many people went from a group that had stopped buying to one that buys."""
    rows, found = _moves(facts)
    back = [
        row
        for row in found
        if row["buyers"] and _is_silent(row["from_segment"]) and not _is_silent(row["to_segment"])
    ]
    if not back:
        return None
    people = sum(row["buyers"] for row in back)
    return Insight(
        "came_back",
        "customers",
        f"Since {day(back[0]['as_of_from'])}, {count(people, 'person', 'people')} who had fallen silent "
        f"{'has' if people == 1 else 'have'} bought again.",
        float(people),
        "people",
        rows,
        "See what they bought and what they were sent: more of that may bring others back.",
        parameters={"since": str(back[0]["as_of_from"])},
    )


def money_by_group(facts: Facts) -> Insight | None:
    """Which group by recency, frequency and money brought most, and which silent one."""
    profiles = facts.rfm.table.order_by("segment").to_pyarrow().to_pylist()
    known = [row for row in profiles if row["share_of_amount"] is not None]
    if len(known) < 2 or sum(row["people"] for row in known) < FLOOR:
        return None
    best = max(known, key=lambda row: row["share_of_amount"])
    silent = [row for row in known if _is_silent(row["segment_name"]) and row is not best]
    told = (
        f"{percent(best['share_of_amount'])} of the money came from {quoted(best['segment_name'])} "
        f"({count(best['people'], 'person', 'people')}, {percent(best['share_of_people'])} of the buyers)"
    )
    if silent:
        lost = max(silent, key=lambda row: row["share_of_amount"])
        days = count(lost["median_recency_days"], "day")
        silent_people = "one person, who has" if lost["people"] == 1 else "of whom half have"
        told += (
            f"; {percent(lost['share_of_amount'])} from {quoted(lost['segment_name'])}, {silent_people} "
            f"not bought for {days}"
        )
    return Insight(
        "money_by_group",
        "customers",
        f"{told}.",
        best["share_of_amount"],
        "share of net amount",
        facts.rfm.where(f"segment = {best['segment']}", lambda t: t.segment == best["segment"]),
        best["what_to_do"],
        parameters={
            "name": best["segment_name"],
            "people": best["people"],
            "share": best["share_of_people"],
            "silent": lost["segment_name"] if silent else "",
            "silent_share": lost["share_of_amount"] if silent else None,
            "days": lost["median_recency_days"] if silent else None,
        },
    )
