"""Retention by cohort: of the people who first bought in a month, how many bought again, and how soon.

What cannot be known yet is empty, not zero: a share is told only when everybody of the
cohort has had the time.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.insights.statistics import wilson_interval
from custbehav_dagster.provenance import prefer_real

WITHIN_DAYS = (30, 90, 180, 365)
"""Days after a person's first purchase in which a second counts."""


def cohorts(orders: ir.Table, as_of: date) -> ir.Table:
    """One row per month of first purchase and length of time, keeping contract.insights.COHORTS.

    Takes truth.orders; purchases after `as_of` are not seen. A second purchase on the
    day of the first counts as one visit.
    """
    import pyarrow as pa

    rows, is_synthetic = prefer_real(orders)
    seen = rows.filter(rows.is_purchase, rows.customer_id.notnull(), rows.order_date <= ibis.date(as_of))
    first = seen.group_by("customer_id").aggregate(first=seen.order_date.min())
    later = seen.join(first, "customer_id")
    again = later.filter(later.order_date > later.first)
    waits = again.group_by("customer_id").aggregate(
        waited=again.order_date.min().delta(again.first.min(), unit="day")
    )
    people = first.left_join(waits, "customer_id")
    people = people.mutate(cohort=people.first.truncate("M").cast("date"))
    counted = people.group_by("cohort").aggregate(
        people=people.count(),
        newest=people.first.max(),
        **{f"within_{days}": (people.waited <= days).sum().fill_null(0) for days in WITHIN_DAYS},
    )
    found = [
        _row(row, days, as_of, is_synthetic)
        for row in counted.order_by("cohort").to_pyarrow().to_pylist()
        for days in WITHIN_DAYS
    ]
    schema = contract.insights.COHORTS.schema.to_pyarrow()
    return contract.insights.COHORTS.conform(ibis.memtable(pa.Table.from_pylist(found, schema=schema)))


def _row(row: dict[str, Any], days: int, as_of: date, is_synthetic: bool) -> dict[str, Any]:
    is_known = (as_of - row["newest"]).days >= days
    people, returned = row["people"], row[f"within_{days}"] if is_known else None
    low, high = (None, None) if returned is None else wilson_interval(returned, people)
    return {
        "cohort": row["cohort"],
        "within_days": days,
        "people": people,
        "returned": returned,
        "share": None if returned is None else returned / people,
        "share_low": low,
        "share_high": high,
        "is_synthetic": is_synthetic,
    }
