"""One product to suggest to each buyer: what others bought next, or with it, else a bestseller.

Nobody is offered what they already have, or what has not been sold for a year.
"""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract import interest
from custbehav_dagster.insights.affinity import FEWEST_WITH_BOTH

PARTNERS = 8
"""So many products that go with another are looked at; whoever has them all is offered a bestseller."""
BESTSELLERS = 12
"""So many of each group are looked at; whoever has them all is offered nothing."""
SOLD_WITHIN_DAYS = 365
"""A product that nobody bought for longer is probably no longer made."""


def suggested_products(
    sold: ir.Table, names: ir.Table, affinity: ir.Table, segments: ir.Table, as_of: date
) -> ir.Table:
    """One row per buyer with a suggestion, keeping contract.interest.SUGGESTED_PRODUCTS.

    First comes what people with the same last purchase bought next, then what is bought
    together with anything they have, both only where it is more than chance and the
    likeliest by the lower end of its interval first; then the bestseller of their group
    that they do not have, then that of the shop.

    Args:
        sold: what `affinity.sold_products` gives.
        names: what `affinity.product_names` gives.
        affinity: insights.product_affinity.
        segments: segments.customers_with_segments.
        as_of: last known day.
    """
    owned = (
        sold.filter(sold.customer_id.notnull())
        .group_by("customer_id", "product_key")
        .aggregate(last_date=lambda t: t.order_date.max())
    )
    offered = _still_sold(sold, as_of)
    by_pair = _by_pair(owned, affinity, offered, names)
    groups = segments.select("customer_id", group_name="segment_name")
    people = owned.select("customer_id").distinct()
    left = people.anti_join(by_pair, "customer_id").join(groups, "customer_id")
    by_group = _by_bestseller(left, owned.join(groups, "customer_id"), owned, offered, names)
    rest = people.anti_join(by_pair, "customer_id").anti_join(by_group, "customer_id")
    everybody = ibis.literal("").name("group_name")
    by_shop = _by_bestseller(
        rest.mutate(group_name=everybody), owned.mutate(group_name=everybody), owned, offered, names
    )
    found = by_pair.union(by_group).union(by_shop)
    return interest.SUGGESTED_PRODUCTS.conform(found.join(names, "product_key"))


def _still_sold(sold: ir.Table, as_of: date) -> ir.Table:
    newest = sold.group_by("product_key").aggregate(last_date=lambda t: t.order_date.max())
    return newest.filter(newest.last_date > ibis.date(as_of - timedelta(days=SOLD_WITHIN_DAYS)))


def _without_owned(candidates: ir.Table, owned: ir.Table, offered: ir.Table, names: ir.Table) -> ir.Table:
    """Candidates that are still sold and that the person has not, neither by stock code nor by name."""
    left = candidates.semi_join(offered, "product_key").anti_join(owned, ["customer_id", "product_key"])
    # One product may have stood in two exports, with its stock code and without.
    alike = names.select("product_key", name=names.product.lower())
    twins = alike.join(alike.select(twin="product_key", name="name"), "name")
    twins = twins.filter(twins.product_key != twins.twin).select("product_key", "twin")
    had = owned.join(twins, owned.product_key == twins.twin).select("customer_id", had=twins.product_key)
    return left.anti_join(had, [left.customer_id == had.customer_id, left.product_key == had.had])


def _by_pair(owned: ir.Table, affinity: ir.Table, offered: ir.Table, names: ir.Table) -> ir.Table:
    pairs = affinity.filter(affinity.kind != "bought again").select(
        "kind", "other_key", "both", "with_product", "confidence", "confidence_low",
        because_of=affinity.product, had_key=affinity.product_key,
    )  # fmt: skip
    likeliest = ibis.window(
        group_by=[pairs.kind, pairs.had_key], order_by=[pairs.confidence_low.desc(), pairs.other_key]
    )
    pairs = pairs.mutate(place=ibis.row_number().over(likeliest)).filter(lambda t: t.place < PARTNERS)
    newest = owned.group_by("customer_id").aggregate(newest=lambda t: t.last_date.max())
    had = owned.join(newest, "customer_id").select(
        "customer_id", had_key="product_key", is_last=lambda t: t.last_date == t.newest
    )
    met = had.join(pairs, "had_key")
    met = met.filter((met.kind == "bought together") | met.is_last)
    free = _without_owned(met.rename(product_key="other_key"), owned, offered, names)
    best_first = ibis.window(
        group_by=free.customer_id,
        order_by=[free.kind != "bought next", free.confidence_low.desc(), free.product_key, free.had_key],
    )
    best = free.mutate(choice=ibis.row_number().over(best_first)).filter(lambda t: t.choice == 0)
    both, of = best.both.cast("string"), best.with_product.cast("string")
    product = ibis.literal("“") + best.because_of + "”"
    why = ibis.ifelse(
        best.kind == "bought next",
        both + " of " + of + " people who came back after buying " + product + " bought this next.",
        both + " of " + of + " orders with " + product + " hold this too.",
    )
    return best.select(
        "customer_id",
        "product_key",
        "kind",
        "because_of",
        why=why,
        support=best.both,
        confidence=best.confidence,
    )


def _by_bestseller(
    people: ir.Table, bought: ir.Table, owned: ir.Table, offered: ir.Table, names: ir.Table
) -> ir.Table:
    """The first bestseller of the group that each of `people` has not; a group without a name is the shop."""
    buyers = bought.group_by("group_name").aggregate(group_buyers=lambda t: t.customer_id.nunique())
    sales = bought.group_by("group_name", "product_key").aggregate(buyers=lambda t: t.count())
    sales = sales.filter(sales.buyers >= FEWEST_WITH_BOTH).semi_join(offered, "product_key")
    most_first = ibis.window(group_by=sales.group_name, order_by=[sales.buyers.desc(), sales.product_key])
    best = sales.mutate(place=ibis.row_number().over(most_first)).filter(lambda t: t.place < BESTSELLERS)
    free = _without_owned(people.join(best, "group_name"), owned, offered, names)
    # The least place by person, and not a rank: half the memory for a million people.
    chosen = free.group_by("customer_id", "group_name").aggregate(place=lambda t: t.place.min())
    told = chosen.join(best, ["group_name", "place"]).join(buyers, "group_name")
    share = told.buyers.cast("string") + " of " + told.group_buyers.cast("string")
    is_shop = told.group_name == ""
    return told.select(
        "customer_id",
        "product_key",
        kind=ibis.ifelse(is_shop, "bestseller", "bestseller of the group"),
        because_of=ibis.null("string"),
        why=ibis.ifelse(
            is_shop,
            ibis.literal("A bestseller: ") + share + " buyers have it.",
            ibis.literal("A bestseller in the group “") + told.group_name + "”: " + share + " have it.",
        ),
        support=told.buyers,
        confidence=told.buyers / told.group_buyers,
    )
