"""What all of Etsy's exports have in common: who the buyer is, and what may be concluded from it.

Etsy gives no mail address. The buyer is told by a user name, beside the name that
the parcel is addressed to, which on a gift is somebody else's.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.formats.buyers import written
from custbehav_dagster.sources.formats.platforms import (
    BOUGHT_ONLY,
    guest_identifier,
    same_words,
    without_apostrophe,
)

PLATFORM = "etsy"
_NAME_AND_USER = r"^(.*?)\s*\(([^()]+)\)\s*$"


def with_buyer(orders: ir.Table) -> ir.Table:
    """Tell the buyer of each order.

    Args:
        orders: has `order_id`, `buyer` ("Name (username)"), `buyer_user_id`, `recipient_name`
            and `recipient_postcode` as written.

    Returns:
        The table without `buyer` and `buyer_user_id`, with `customer_id`: the user name, else
        one made from the order; and `buyer_name`: the name beside it, else the recipient's.
    """
    buyer = written(orders.buyer)
    has_user = buyer.re_search(_NAME_AND_USER)
    user = ibis.ifelse(has_user, buyer.re_extract(_NAME_AND_USER, 2), ibis.null("string"))
    name = ibis.ifelse(has_user, buyer.re_extract(_NAME_AND_USER, 1), buyer)
    order_id = without_apostrophe(orders.order_id)
    known = written(without_apostrophe(orders.buyer_user_id)).coalesce(written(user)).strip()
    return orders.mutate(
        order_id=order_id,
        customer_id=known.coalesce(guest_identifier(PLATFORM, order_id)),
        buyer_name=written(name).coalesce(orders.recipient_name),
        recipient_postcode=without_apostrophe(orders.recipient_postcode),
    ).drop("buyer", "buyer_user_id")


def buyers(orders: ir.Table) -> ir.Table:
    """One customer record per buyer and file, from orders as `with_buyer` gives them.

    The address is the buyer's only where the parcel goes to the buyer's name; of several orders
    the first that tells a thing counts.
    """
    is_own = same_words(orders.buyer_name, orders.recipient_name)
    own = {
        "name": orders.buyer_name,
        "postcode": ibis.ifelse(is_own, orders.recipient_postcode, ibis.null("string")),
        "region": ibis.ifelse(is_own, orders.region, ibis.null("string")),
        "country": ibis.ifelse(is_own, orders.country, ibis.null("string")),
    }
    rows = orders.select("customer_id", "source_file", "is_synthetic", "source_line", **own)
    firsts = {name: rows[name].argmin(rows.source_line, where=rows[name].notnull()) for name in own}
    people = rows.group_by("customer_id", "source_file", "is_synthetic").aggregate(
        source_line=rows.source_line.min(), **firsts
    )
    return people.mutate(
        accepts_marketing=ibis.literal("no"),
        consent_source=ibis.literal(BOUGHT_ONLY.format("Etsy")),
        platform=ibis.literal(PLATFORM),
    ).order_by("source_file", "source_line")
