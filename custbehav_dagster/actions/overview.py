"""How long each list is, how many people it could have held, and why nobody is on it when that is so."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.actions.complaints import COMPLAINT_DAYS
from custbehav_dagster.contract.actions import LIST_NAMES, LIST_OVERVIEW, UNHAPPY
from custbehav_dagster.insights.money import steady_sum

NOBODY_FITS = {
    "unhappy": f"Nobody whose last words were a complaint wrote them in the last {COMPLAINT_DAYS} days.",
    "gift_reminder": "No season, and no gift of last year, is near enough to remind anybody of it.",
    "slipping": "No good customer is late for their next order without being lost already.",
    "second_order": "Nobody who bought once is in the time in which second orders come.",
    "win_back": "No good customer has fallen silent within the last two years.",
    "thank_loyal": "Nobody has bought three times or more and still does.",
    "never_bought": "Nobody who agreed to be written to in the last two years is still without an order.",
}
"""Each list's reason when it is made for nobody."""


def overview(judged: ir.Table, listed: ir.Table) -> ir.Table:
    """One row per list, keeping contract.actions.LIST_OVERVIEW.

    Takes whom the rules fit, and those on the lists, of whom `in_line` says how many there
    would be if lists were longer. Runs two queries.
    """
    import pyarrow as pa

    sums = {}
    for name in LIST_NAMES:
        fits, may = judged[f"fits_{name}"], judged.may_write | ibis.literal(name == UNHAPPY)
        sums[f"fitting_{name}"] = fits.sum()
        sums[f"without_consent_{name}"] = (fits & ~may).sum()
        sums[f"resting_{name}"] = (fits & may & ~judged[f"open_{name}"]).sum()
    counts = judged.aggregate(**sums, is_synthetic=judged.is_synthetic.any()).to_pyarrow().to_pylist()[0]
    in_file = {row["list_name"]: row for row in _in_files(listed).to_pyarrow().to_pylist()}
    rows = [_row(number, name, counts, in_file.get(name)) for number, name in enumerate(LIST_NAMES, 1)]
    schema = LIST_OVERVIEW.schema.to_pyarrow()
    return LIST_OVERVIEW.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=schema)))


def reasons_of(table: ir.Table) -> dict[str, str]:
    """Why each empty list is empty, by name, from actions.list_overview."""
    rows = table.filter(table.why_empty.notnull()).select("list_name", "why_empty").to_pyarrow().to_pylist()
    return {row["list_name"]: row["why_empty"] for row in rows}


def _in_files(listed: ir.Table) -> ir.Table:
    written = ~listed.held_back
    rows = listed.mutate(written=written, worth=ibis.ifelse(written, listed.expected_value, None))
    return rows.group_by("list_name").aggregate(
        people=rows.written.sum(),
        held_back=rows.held_back.sum(),
        left_for_later=rows.in_line.max() - rows.count(),
        expected_value=steady_sum(rows.worth),
    )


def _row(number: int, name: str, counts: dict[str, Any], in_file: dict[str, Any] | None) -> dict[str, Any]:
    fitting, without, resting = (
        counts[f"{what}_{name}"] or 0 for what in ("fitting", "without_consent", "resting")
    )
    found = in_file or {"people": 0, "held_back": 0, "left_for_later": 0, "expected_value": None}
    because, sentence = None, None
    if not found["people"]:
        because, sentence = _why_empty(name, fitting, without, found["held_back"])
    return {
        "list_name": name,
        "priority": number,
        **found,
        "fitting": fitting,
        "without_consent": without,
        "resting": resting,
        "empty_because": because,
        "why_empty": sentence,
        "is_synthetic": bool(counts["is_synthetic"]),
    }


def _why_empty(name: str, fitting: int, without: int, kept_back: int) -> tuple[str, str]:
    people = "1 person fits" if fitting == 1 else f"{fitting:,} people fit"
    if not fitting:
        return "nobody fits", NOBODY_FITS[name]
    if kept_back:
        return "left out by lot", f"{people}, and the lot left out who could have been written to."
    if without == fitting:
        return "no proven consent", f"{people}, but no consent to be written to is proven."
    return "written to lately", (
        f"{people}, but those who may be written to are on another list this week, or were on one lately."
    )
