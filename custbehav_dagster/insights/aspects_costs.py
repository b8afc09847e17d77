"""What complaints go with: people who do not come back, orders that are refunded, and more of them lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from custbehav_dagster.insights.comparisons import (
    Comparison,
    Stratum,
    compared,
    p_of_shares,
    sure_by_holm,
)
from custbehav_dagster.insights.lately import FEWEST_PEOPLE, writers_of
from custbehav_dagster.insights.statistics import share_difference, wilson_interval

Rows = Sequence[Mapping[str, Any]]


def returns(complaints: Collection[int], rows: Rows) -> dict[str, Any]:
    """Who came back among those whose first text is one of `complaints`, and among the others.

    `rows` are the texts, with `customer_id`, `written`, `came_back` and `had_bought_before`.
    """
    people = _first_texts(rows)
    groups: dict[Any, Counter[str]] = {}
    for number in people:
        row = rows[number]
        season = (row["written"].year, (row["written"].month - 1) // 3)
        group = groups.setdefault((season, row["had_bought_before"]), Counter())
        side = "complainers" if number in complaints else "others"
        group[side] += 1
        group[f"{side}_who_came_back"] += row["came_back"]
    total = sum(groups.values(), Counter())
    told: dict[str, Any] = {}
    for side in ("complainers", "others"):
        of, back = total[side], total[f"{side}_who_came_back"]
        low, high = wilson_interval(back, of) if of else (None, None)
        told |= {side: of, f"{side}_who_came_back": back, f"{side}_low": low, f"{side}_high": high}
    if min(total["complainers"], total["others"]) < FEWEST_PEOPLE:
        return told
    found = compared(
        Stratum(
            group["complainers_who_came_back"],
            group["complainers"],
            group["others_who_came_back"],
            group["others"],
        )
        for group in groups.values()
    )
    return told | (_told_of(found, total["complainers"]) if found else {})


def _told_of(found: Comparison, complainers: int) -> dict[str, Any]:
    return {
        "return_difference": found.difference,
        "return_difference_low": found.difference_low,
        "return_difference_high": found.difference_high,
        "return_ratio": found.ratio,
        "return_ratio_low": found.ratio_low,
        "return_ratio_high": found.ratio_high,
        "people_lost": -found.difference * complainers,
        "people_lost_low": -found.difference_high * complainers,
        "people_lost_high": -found.difference_low * complainers,
        "return_p": found.p,
    }


def _first_texts(rows: Rows) -> list[int]:
    """Everybody's first text of those old enough to know, so that nobody counts twice."""
    first: dict[str, int] = {}
    for number, row in enumerate(rows):
        if row["came_back"] is None:
            continue
        known = first.get(row["customer_id"])
        if known is None or (row["written"], row["text_id"]) < (
            rows[known]["written"],
            rows[known]["text_id"],
        ):
            first[row["customer_id"]] = number
    return list(first.values())


def refunds(complaints: Collection[int], rows: Rows) -> dict[str, Any]:
    """How many orders were refunded among those complained of, and among the others with a text."""
    is_complained: dict[str, bool] = {}
    was_refunded: dict[str, bool] = {}
    for number, row in enumerate(rows):
        if row["was_refunded"] is not None:
            was_refunded[row["order_id"]] = row["was_refunded"]
            is_complained[row["order_id"]] = is_complained.get(row["order_id"], False) or number in complaints
    bad = [was_refunded[order] for order, complained in is_complained.items() if complained]
    others = [was_refunded[order] for order, complained in is_complained.items() if not complained]
    told: dict[str, Any] = {
        "complained_orders": len(bad),
        "complained_orders_refunded": sum(bad),
        "other_orders": len(others),
        "other_orders_refunded": sum(others),
    }
    if min(len(bad), len(others)) < FEWEST_PEOPLE:
        return told
    low, high = share_difference(sum(bad), len(bad), sum(others), len(others))
    return told | {
        "refund_difference": sum(bad) / len(bad) - sum(others) / len(others),
        "refund_difference_low": low,
        "refund_difference_high": high,
        "refund_p": p_of_shares(sum(bad), len(bad), sum(others), len(others)),
    }


def changes(complaints: Collection[int], rows: Rows, as_of: date) -> dict[str, Any]:
    """Writers who complain lately, and before; everybody counts once in each time."""
    writers = writers_of(complaints, rows, as_of)
    counts = {
        "recent_writers": writers.recent_writers,
        "recent_complainers": writers.recent,
        "earlier_writers": writers.earlier_writers,
        "earlier_complainers": writers.earlier,
    }
    change = writers.change()
    if change is None:
        return counts
    return counts | {
        "complaint_ratio": change.ratio,
        "complaint_ratio_low": change.low,
        "complaint_ratio_high": change.high,
        "complaint_p": change.p,
    }


def with_certainty(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with `is_return_sure`, `is_refund_sure` and `is_complaint_change_sure`.

    All aspects are asked at once: the chance that even one of the answers to a question is
    called sure where there is nothing is five in a hundred at most.
    """
    rows = [dict(row) for row in told]
    for question in ("return", "refund", "complaint"):
        asked = [row for row in rows if row.get(f"{question}_p") is not None]
        name = f"is_{question}_change_sure" if question == "complaint" else f"is_{question}_sure"
        for row, is_sure in zip(asked, sure_by_holm([row[f"{question}_p"] for row in asked]), strict=True):
            row[name] = is_sure
        for row in rows:
            row.pop(f"{question}_p", None)
    return rows
