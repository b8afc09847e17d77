"""Who moved from which group to which, from one refresh to the next."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract

NOT_YET = "not a buyer yet"
NOT_KNOWN = "not known then"
"""Of people whose orders are older than the day before, and came in with an export later."""


def segment_transitions(earlier: ir.Table, customers_with_segments: ir.Table) -> ir.Table:
    """One row per pair of days and groups, as contract.segments.SEGMENT_TRANSITIONS says.

    Args:
        earlier: segments.segment_transitions of the last refresh, or an empty one; what it
            says of the day of `customers_with_segments` is replaced, the rest is kept.
            Moves in a generated shop are forgotten when a real one is there, and back.
        customers_with_segments: the groups of today, each beside that of the refresh before.
    """
    people = customers_with_segments
    moved = people.filter(people.earlier_as_of.notnull(), people.rfm_segment_name.notnull())
    has_bought_since = moved.recency_days < moved.as_of.delta(moved.earlier_as_of, unit="day")
    newcomer = ibis.ifelse(has_bought_since, NOT_YET, NOT_KNOWN)
    # Sums of decimals do not depend on the order of the rows, sums of floats do.
    now = moved.group_by(
        as_of_from=moved.earlier_as_of,
        as_of_to=moved.as_of,
        from_segment=moved.earlier_rfm_segment_name.fill_null(newcomer),
        to_segment=moved.rfm_segment_name,
        has_moved=(moved.earlier_rfm_segment != moved.rfm_segment).fill_null(True),
    ).aggregate(
        people=moved.count(),
        buyers=moved.count(where=has_bought_since),
        amount=moved.total_amount.cast("decimal(18, 2)").sum().cast("float64"),
        is_synthetic=moved.is_synthetic.any(),
    )
    table = contract.segments.SEGMENT_TRANSITIONS
    today = people.select("as_of").distinct()
    is_synthetic = people.is_synthetic.any().as_scalar()
    before = table.conform(earlier)
    before = before.filter((before.is_synthetic == is_synthetic) | is_synthetic.isnull())
    before = before.anti_join(today, before.as_of_to == today.as_of)
    return ibis.union(before, table.conform(now), distinct=False)
