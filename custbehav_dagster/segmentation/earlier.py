"""The groups that people were in when the shop was last refreshed on an earlier day."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.cleaning.identity.people import with_person

EARLIER = ("earlier_as_of", "earlier_rfm_segment", "earlier_rfm_segment_name")


def with_earlier_groups(
    features: ir.Table, earlier: ir.Table | None = None, customer_links: ir.Table | None = None
) -> ir.Table:
    """Features with EARLIER: the last refresh before their day, and each person's group then.

    Args:
        features: features.customer_features.
        earlier: segments.customers_with_segments as the last refresh left it. Of a refresh of
            the same day the groups that one came from are taken, so that refreshing twice
            changes nothing.
        customer_links: truth.customer_links: of people who turned out to be one, the group of
            the record that spent most counts.
    """
    today = None if earlier is None else features.as_of.max().to_pyarrow().as_py()
    if earlier is None or customer_links is None or today is None:
        kinds = contract.segments.CUSTOMERS_WITH_SEGMENTS.schema
        return features.mutate(**{name: ibis.null(kinds[name]) for name in EARLIER})
    rows = contract.segments.CUSTOMERS_WITH_SEGMENTS.conform(earlier)
    is_before = rows.as_of < ibis.date(today)
    rows = rows.select(
        "customer_id",
        "total_amount",
        "is_synthetic",
        earlier_as_of=ibis.ifelse(is_before, rows.as_of, rows.earlier_as_of),
        earlier_rfm_segment=ibis.ifelse(is_before, rows.rfm_segment, rows.earlier_rfm_segment),
        earlier_rfm_segment_name=ibis.ifelse(is_before, rows.rfm_segment_name, rows.earlier_rfm_segment_name),
    )
    rows = rows.filter(rows.earlier_as_of < ibis.date(today))
    # Generated people are nobody's past.
    is_synthetic = features.is_synthetic.any().as_scalar()
    rows = rows.filter(rows.is_synthetic == is_synthetic)
    day = rows.earlier_as_of.max().as_scalar()
    known = with_person(rows.filter(rows.earlier_rfm_segment.notnull()), customer_links)
    groups = known.group_by(_person=known.person_id).aggregate(
        earlier_rfm_segment=known.earlier_rfm_segment.argmax(known.total_amount),
        earlier_rfm_segment_name=known.earlier_rfm_segment_name.argmax(known.total_amount),
    )
    joined = features.left_join(groups, features.customer_id == groups._person).drop("_person")
    return joined.mutate(earlier_as_of=day)
