"""Which records are one person, and the tables of people and their orders that follow.

Evidence is an identifier or a mail address, never a name.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import PLACE, attach
from custbehav_dagster.cleaning.customers import EMAIL_IDENTIFIER
from custbehav_dagster.contract import truth

MOST_RECORDS_PER_ADDRESS = 10
"""An address on more records is a stand-in (none@…, the shop's own), not a person."""

SAME_ADDRESS_STRENGTH = 0.95
"""Households share addresses now and then."""

# Cast by hand: engines take such literals for decimals, and a cast to the type they bear is lost.
_LIKELY = ibis.literal(str(SAME_ADDRESS_STRENGTH)).cast("float64")
_CERTAIN = ibis.literal("1").cast("float64")

PURCHASE_STATUSES = ("completed", "pending")


def _people_by_address(customers: ir.Table) -> ir.Table:
    """For each mail address, the record that stands for its person: `address, person_id`."""
    known = customers.filter(customers.email.notnull())
    known = known.select(
        "customer_id",
        "signup_date",
        address=known.email,
        is_made=known.customer_id.startswith(EMAIL_IDENTIFIER),
        id_length=known.customer_id.length(),
    )
    # The oldest; then real identifiers before made ones, and 9 before 10.
    oldest_first = ibis.window(
        group_by="address",
        order_by=[known.signup_date.asc(nulls_first=False), "is_made", "id_length", "customer_id"],
    )
    ranked = known.mutate(
        place=ibis.row_number().over(oldest_first), records=known.customer_id.count().over(group_by="address")
    )
    first = ranked.filter((ranked.place == 0) & (ranked.records <= MOST_RECORDS_PER_ADDRESS))
    return first.select("address", person_id="customer_id")


def _links_of_records(customers: ir.Table, people: ir.Table) -> ir.Table:
    joined = attach(customers, people, {"email": "address"})
    person = joined.person_id.coalesce(joined.customer_id)
    is_own = person == joined.customer_id
    return joined.select(
        record_customer_id=joined.customer_id,
        customer_id=person,
        evidence=ibis.ifelse(is_own, "own record", "same e-mail"),
        strength=ibis.ifelse(is_own, _CERTAIN, _LIKELY),
    )


def _links_of_buyers(customers: ir.Table, orders: ir.Table, people: ir.Table) -> ir.Table:
    """Identifiers that only orders name; those made from a mail address may be a known person's."""
    buyers = orders.filter(orders.customer_id.notnull()).select(buyer="customer_id").distinct()
    unknown = buyers.anti_join(customers, buyers.buyer == customers.customer_id)
    joined = attach(unknown.mutate(address=_address_in(unknown.buyer)), people, {"address": "address"})
    is_found = joined.person_id.notnull()
    return joined.select(
        record_customer_id=joined.buyer,
        customer_id=joined.person_id.coalesce(joined.buyer),
        evidence=ibis.ifelse(is_found, "same e-mail", "orders only"),
        strength=ibis.ifelse(is_found, _LIKELY, _CERTAIN),
    )


def link_customers(cleaned_customers: ir.Table, cleaned_orders: ir.Table) -> ir.Table:
    """Which person each customer identifier is, and why, keeping `contract.truth.CUSTOMER_LINKS`.

    Records of one mail address are one person, under the identifier of the record
    with the earliest sign-up (then the smallest identifier); addresses on more than
    `MOST_RECORDS_PER_ADDRESS` records join nobody. Identifiers that only orders name
    are people of their own, unless they were made from the address of a record.
    """
    people = _people_by_address(cleaned_customers)
    records = _links_of_records(cleaned_customers, people)
    buyers = _links_of_buyers(cleaned_customers, cleaned_orders, people)
    return truth.CUSTOMER_LINKS.conform(ibis.union(records, buyers, distinct=False))


def _address_in(identifier: ir.StringValue) -> ir.StringValue:
    """The mail address that an identifier was made from, else NULL."""
    is_made = identifier.startswith(EMAIL_IDENTIFIER)
    return ibis.ifelse(is_made, identifier.replace(EMAIL_IDENTIFIER, ""), ibis.null("string"))


def _is_filled(table: ir.Table, column: str) -> ir.BooleanValue:
    return (ibis.literal(",") + table.imputed_columns + ",").contains(f",{column},")


def _persons(links: ir.Table) -> ir.Table:
    return links.select(record_id="record_customer_id", person_id="customer_id")


def _person_records(customers: ir.Table, links: ir.Table) -> ir.Table:
    """Records with `person_id`, and `age_rank`: 0 for the newest of the person."""
    is_filled = _is_filled(customers, "region")
    customers = customers.mutate(
        region=ibis.ifelse(is_filled, ibis.null("string"), customers.region),
        filled_region=ibis.ifelse(is_filled, customers.region, ibis.null("string")),
        proof=ibis.ifelse(customers.accepts_marketing, customers.consent_source, ibis.null("string")),
    )
    records = attach(customers, _persons(links), {"customer_id": "record_id"})
    newest_first = ibis.window(
        group_by="person_id",
        order_by=[records.signup_date.desc(nulls_first=False), *(records[name].desc() for name in PLACE)],
    )
    return records.mutate(age_rank=ibis.row_number().over(newest_first))


def _newest(records: ir.Table, column: str) -> ir.Value:
    """The value on a person's newest record that has one, as an aggregate over the person's records."""
    return records[column].argmin(records.age_rank, where=records[column].notnull())


def _last_place(orders: ir.Table, links: ir.Table, column: str) -> ir.Table:
    """The region or country of each person's last order that has one: `person, last_{column}`.

    Filled-in regions are nobody's. Of orders at the same moment the first by
    alphabet counts, so that the answer is always the same.
    """
    known = orders.filter(
        orders[column].notnull() & orders.customer_id.notnull() & ~_is_filled(orders, column)
    )
    known = attach(
        known.select("customer_id", "ordered_at", column), _persons(links), {"customer_id": "record_id"}
    )
    places = known.group_by("person_id", column).aggregate(last_at=known.ordered_at.max())
    latest_first = ibis.window(group_by="person_id", order_by=[places.last_at.desc(), places[column]])
    ranked = places.mutate(age_rank=ibis.row_number().over(latest_first))
    last = ranked.filter(ranked.age_rank == 0)
    return last.select(person="person_id", **{f"last_{column}": last[column]})


def _synthetic_buyers(orders: ir.Table, links: ir.Table) -> ir.Table:
    """Whether the orders of people without a record were generated: `person, order_is_synthetic`."""
    buyers = links.filter(links.evidence == "orders only")
    found = orders.semi_join(buyers, orders.customer_id == buyers.record_customer_id)
    return found.group_by(person=found.customer_id).aggregate(order_is_synthetic=found.is_synthetic.any())


def truth_customers(
    cleaned_customers: ir.Table, customer_links: ir.Table, cleaned_orders: ir.Table
) -> ir.Table:
    """One row per person, keeping `contract.truth.CUSTOMERS`.

    Marketing is accepted only if every record of the person proves it: one that does
    not counts as withdrawn. Region and country are those of the newest record that
    has them, else of the last order; a filled-in region of a record gives way to a
    region that an order gives.
    """
    records = _person_records(cleaned_customers, customer_links)
    people = customer_links.select(customer_id="customer_id").distinct()
    summary = records.group_by(person=records.person_id).aggregate(
        signup_date=records.signup_date.min(),
        all_accept=records.accepts_marketing.all(),
        records=records.count(),
        filled_region=records.filled_region.min(),
        record_is_synthetic=records.is_synthetic.any(),
        **{name: _newest(records, name) for name in ("email", "name", "region", "country", "proof")},
    )
    places = [_last_place(cleaned_orders, customer_links, name) for name in ("region", "country")]
    for part in (summary, *places, _synthetic_buyers(cleaned_orders, customer_links)):
        people = attach(people, part, {"customer_id": "person"})
    accepts = people.all_accept.fill_null(False)
    return truth.CUSTOMERS.conform(
        people.mutate(
            email=people.email.coalesce(_address_in(people.customer_id)),
            region=people.region.coalesce(people.last_region, people.filled_region),
            country=people.country.coalesce(people.last_country),
            accepts_marketing=accepts,
            consent_source=ibis.ifelse(accepts, people.proof, ibis.null("string")),
            record_count=people.records.fill_null(0),
            is_synthetic=people.record_is_synthetic.coalesce(people.order_is_synthetic, False),
        )
    )


def truth_orders(cleaned_orders: ir.Table, customer_links: ir.Table) -> ir.Table:
    """Orders tied to people, keeping `contract.truth.ORDERS`; the buyer's own identifier stays beside.

    An order is a purchase when it stands (completed or pending) with an amount above
    zero. Sales to nobody in particular stay without a person.
    """
    orders = attach(cleaned_orders, _persons(customer_links), {"customer_id": "record_id"})
    orders = orders.mutate(
        record_customer_id=orders.customer_id,
        customer_id=orders.person_id,
        is_purchase=orders.status.isin(PURCHASE_STATUSES) & (orders.gross_amount > 0),
    )
    return truth.ORDERS.conform(orders)
