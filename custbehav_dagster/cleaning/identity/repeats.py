"""How many people bought again, which depends on who is taken for one person."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract import truth
from custbehav_dagster.warehouse.working import settled

MATCHINGS = ("strict", "loose")


def repeat_purchase_by_matching(truth_orders: ir.Table, customer_links: ir.Table) -> ir.Table:
    """Buyers and repeat buyers under each matching, keeping `contract.truth.REPEAT_BY_MATCHING`.

    One row per matching and provenance (a shop's own rows or generated ones), from all
    purchases on record; two orders of one day count as one visit. Purchases that are
    tied to nobody are counted beside.
    """

    bought = truth_orders.filter(truth_orders.is_purchase)
    # Ten million orders are gone through once; who is whom is asked of the buyers only.
    buyers = settled(
        bought.group_by("record_customer_id", "is_synthetic").aggregate(
            first_date=bought.order_date.min(), last_date=bought.order_date.max(), orders=bought.count()
        )
    )
    parts = []
    for matching in MATCHINGS:
        people = customer_links.select(record="record_customer_id", person=f"{matching}_customer_id")
        of_people = buyers.join(people, buyers.record_customer_id == people.record)
        visits = of_people.group_by("person", "is_synthetic").aggregate(
            comes_back=of_people.first_date.min() < of_people.last_date.max()
        )
        parts.append(
            visits.group_by("is_synthetic").aggregate(
                matching=ibis.literal(matching),
                people=visits.count(),
                repeat_buyers=visits.comes_back.sum().coalesce(0),
            )
        )
    nobody = buyers.filter(buyers.record_customer_id.isnull())
    unknown = nobody.select(synthetic="is_synthetic", orders_of_nobody="orders")
    table = ibis.union(*parts, distinct=False)
    table = table.left_join(unknown, table.is_synthetic == unknown.synthetic)
    share = table.repeat_buyers.cast("float64") / table.people.cast("float64")
    return truth.REPEAT_BY_MATCHING.conform(
        table.mutate(repeat_share=share, orders_of_nobody=table.orders_of_nobody.fill_null(0))
    )
