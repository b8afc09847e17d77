"""What writing was worth: people on the lists beside those who were left out by lot.

Whether the owner really sent the message is not known, so this measures being on the
list: if it was not sent, the difference is nothing, and the interval says so.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.actions.memory import past_decisions
from custbehav_dagster.insights.answers import who_ordered_within
from custbehav_dagster.insights.statistics import share_difference
from custbehav_dagster.provenance import prefer_real

MEASURE_DAYS = 60
"""Days after a decision in which an order counts as an answer; nobody is entered anew before they end."""


def remember_decisions(
    history: ir.Table, holdout: ir.Table, customer_links: ir.Table, as_of: date
) -> ir.Table:
    """The history with today's decisions in it, keeping contract.actions.LIST_HISTORY.

    Args:
        history: actions.list_history of the last refresh, or an empty one.
        holdout: actions.holdout, who is on a list today and who of them is held back.
        customer_links: truth.customer_links; people who turned out to be one become one.
        as_of: last known day; decisions of this day are replaced, so that a second
            refresh of the same day changes nothing.

    A person who stays on a list is entered once and again after MEASURE_DAYS. Decisions
    about generated people are forgotten when a real person is on a list.
    """
    past = past_decisions(history, customer_links, as_of)
    has_real = bool((~holdout.is_synthetic).any().to_pyarrow().as_py())
    past = past.filter(~past.is_synthetic) if has_real else past
    past = past.group_by("customer_id", "list_name", "decided_on").aggregate(
        held_back=past.held_back.all(), is_synthetic=past.is_synthetic.any()
    )
    running = past.filter(past.decided_on > ibis.date(as_of - timedelta(days=MEASURE_DAYS)))
    today = holdout.anti_join(
        running.select("customer_id", "list_name").distinct(), ["customer_id", "list_name"]
    )
    columns = contract.actions.LIST_HISTORY.column_names
    return contract.actions.LIST_HISTORY.conform(
        past.select(*columns).union(today.mutate(decided_on=ibis.date(as_of)).select(*columns))
    )


def measure_uplift(history: ir.Table, orders: ir.Table, as_of: date) -> ir.Table:
    """One row per mailed list whose first decisions are old enough, keeping contract.actions.UPLIFT.

    Takes actions.list_history and truth.orders. Runs queries.
    """
    import pyarrow as pa

    history, _ = prefer_real(history)
    due = history.filter(history.decided_on <= ibis.date(as_of - timedelta(days=MEASURE_DAYS)))
    came = who_ordered_within(due, orders, "decided_on", MEASURE_DAYS)
    groups = ("list_name", "held_back")
    all_counts, came_counts = (
        {(row["list_name"], row["held_back"]): row for row in table.to_pyarrow().to_pylist()}
        for table in (
            due.group_by(*groups).aggregate(n=due.count(), is_synthetic=due.is_synthetic.any()),
            came.group_by(*groups).aggregate(n=came.count()),
        )
    )
    rows = [
        _row(name, all_counts, came_counts)
        for name in contract.actions.MAILED_LISTS
        if (name, False) in all_counts
    ]
    schema = contract.actions.UPLIFT.schema.to_pyarrow()
    return contract.actions.UPLIFT.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=schema)))


def _row(name: str, everybody: dict[Any, dict[str, Any]], came: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    nothing = {"n": 0}
    listed, left_out = (everybody.get((name, held), nothing)["n"] for held in (False, True))
    listed_came, left_out_came = (came.get((name, held), nothing)["n"] for held in (False, True))
    difference = low = high = None
    if left_out:
        difference = listed_came / listed - left_out_came / left_out
        low, high = share_difference(listed_came, listed, left_out_came, left_out)
    return {
        "list_name": name,
        "days": MEASURE_DAYS,
        "people_listed": listed,
        "listed_who_ordered": listed_came,
        "people_held_back": left_out,
        "held_back_who_ordered": left_out_came,
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "is_synthetic": bool(everybody[name, False]["is_synthetic"]),
    }
