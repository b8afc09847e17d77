"""One row per person, and orders tied to people, from records and the links between them."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import PLACE, attach
from custbehav_dagster.cleaning.consent import entry_facts, may_be_written_to
from custbehav_dagster.cleaning.customers import EMAIL_IDENTIFIER
from custbehav_dagster.cleaning.identity.fields import address_in
from custbehav_dagster.contract import cleaned, truth

PURCHASE_STATUSES = ("completed", "pending")
_NEWEST = ("email", "name", "region", "country", "proof", "proof_email")


def _is_filled(table: ir.Table, column: str) -> ir.BooleanValue:
    return (ibis.literal(",") + table.imputed_columns + ",").contains(f",{column},")


def joined_records(links: ir.Table) -> ir.Table:
    """The records that do not stand for themselves: `record_id, person_id`. Usually few."""
    joined = links.filter(links.record_customer_id != links.customer_id)
    return joined.select(record_id="record_customer_id", person_id="customer_id")


def with_person(table: ir.Table, links: ir.Table, record: str = "customer_id") -> ir.Table:
    """Add `person_id`: the record itself unless it was joined into another."""
    table = attach(table, joined_records(links), {record: "record_id"})
    return table.mutate(person_id=table.person_id.coalesce(table[record]))


def _record_facts(customers: ir.Table) -> ir.Table:
    """Records with filled-in regions told apart, and the proof of consent and its address."""
    is_filled = _is_filled(customers, "region")
    nothing, gives = ibis.null("string"), customers.accepts_marketing
    # Where it is not told how the answer came about, a no is a refusal.
    state = customers.consent_state.coalesce(ibis.ifelse(gives, "given", "refused"))
    return customers.mutate(
        region=ibis.ifelse(is_filled, nothing, customers.region),
        filled_region=ibis.ifelse(is_filled, customers.region, nothing),
        proof=ibis.ifelse(gives, customers.consent_source, nothing),
        proof_email=ibis.ifelse(gives, customers.email, nothing),
        gives=gives,
        refuses=state == "refused",
        withdraws=state == "withdrawn",
        records=ibis.literal(1, "int64"),
        record_is_synthetic=customers.is_synthetic,
    )


_FACTS = ("signup_date", "gives", "refuses", "withdraws", "records", "filled_region", "record_is_synthetic")


def _summary(customers: ir.Table, links: ir.Table) -> ir.Table:
    """What the records of each person say together: `person`, _FACTS and _NEWEST.

    People with one record are taken as they are, which spares grouping nearly everybody.
    """
    joined = joined_records(links)
    groups = joined.select(person_id="person_id").distinct()
    facts = _record_facts(customers)
    alone = facts.anti_join(joined, facts.customer_id == joined.record_id)
    alone = alone.anti_join(groups, alone.customer_id == groups.person_id)
    several = with_person(facts, links)
    several = several.semi_join(groups, "person_id")
    newest_first = ibis.window(
        group_by="person_id",
        order_by=[several.signup_date.desc(nulls_first=False), *(several[name].desc() for name in PLACE)],
    )
    several = several.mutate(age_rank=ibis.row_number().over(newest_first))
    grouped = several.group_by(person=several.person_id).aggregate(
        signup_date=several.signup_date.min(),
        gives=several.gives.any(),
        refuses=several.refuses.any(),
        withdraws=several.withdraws.any(),
        records=several.records.sum(),
        filled_region=several.filled_region.min(),
        record_is_synthetic=several.record_is_synthetic.any(),
        **{name: several[name].argmin(several.age_rank, where=several[name].notnull()) for name in _NEWEST},
    )
    columns = ("person", *_FACTS, *_NEWEST)
    return ibis.union(
        alone.mutate(person="customer_id").select(*columns), grouped.select(*columns), distinct=False
    )


def _last_place(orders: ir.Table, links: ir.Table, people: ir.Table, column: str) -> ir.Table:
    """The region or country of the last order that has one, of those `people` who have none.

    Filled-in regions are nobody's, and a present goes where somebody else lives. Of
    orders at the same moment the first by alphabet counts, so that the answer is
    always the same.

    Returns:
        `person, last_{column}`.
    """
    without = people.filter(people[column].isnull()).select(person="customer_id")
    known = orders.filter(
        orders[column].notnull(), orders.customer_id.notnull(), ~_is_filled(orders, column), ~orders.is_gift
    )
    known = with_person(known.select("customer_id", "ordered_at", column), links)
    known = known.semi_join(without, known.person_id == without.person)
    places = known.group_by("person_id", column).aggregate(last_at=known.ordered_at.max())
    latest_first = ibis.window(group_by="person_id", order_by=[places.last_at.desc(), places[column]])
    ranked = places.mutate(age_rank=ibis.row_number().over(latest_first))
    last = ranked.filter(ranked.age_rank == 0)
    return last.select(person="person_id", **{f"last_{column}": last[column]})


def _synthetic_buyers(orders: ir.Table, links: ir.Table) -> ir.Table:
    """Whether the orders of people without a record were generated: `person, order_is_synthetic`."""
    buyers = links.filter(links.evidence == "orders only").select(buyer="record_customer_id")
    found = orders.semi_join(buyers, orders.customer_id == buyers.buyer)
    return found.group_by(person=found.customer_id).aggregate(order_is_synthetic=found.is_synthetic.any())


def _entries(subscribers: ir.Table | None, links: ir.Table) -> ir.Table:
    """Mailing list entries with an address, and whose they are."""
    table = cleaned.SUBSCRIBERS.empty() if subscribers is None else subscribers
    known = table.filter(table.email.notnull())
    return with_person(known.mutate(entry_id=ibis.literal(EMAIL_IDENTIFIER) + known.email), links, "entry_id")


def truth_customers(
    cleaned_customers: ir.Table,
    customer_links: ir.Table,
    cleaned_orders: ir.Table,
    subscribers: ir.Table | None = None,
) -> ir.Table:
    """One row per person, keeping `contract.truth.CUSTOMERS`; people on mailing lists only, too.

    Whether a person may be written to is decided by `consent.may_be_written_to`; the
    address is then the one that consent was given for, else that of the newest record.
    Region and country are those of the newest record that has them, else of the last
    order that was no present; a filled-in region of a record gives way to a region
    that an order gives.
    """
    people = customer_links.select("customer_id").distinct()
    parts = (
        _summary(cleaned_customers, customer_links),
        _synthetic_buyers(cleaned_orders, customer_links),
        entry_facts(_entries(subscribers, customer_links)),
    )
    for part in parts:
        people = attach(people, part, {"customer_id": "person"})
    for column in ("region", "country"):
        place = _last_place(cleaned_orders, customer_links, people.select("customer_id", column), column)
        people = attach(people, place, {"customer_id": "person"})
    accepts, source, address = may_be_written_to(people)
    said_no = people.refuses | people.withdraws | people.list_withdrawn_undated
    said_no = said_no.fill_null(False) | people.list_withdrawn_at.notnull()
    return truth.CUSTOMERS.conform(
        people.mutate(
            email=address.coalesce(people.email, people.list_email, address_in(people.customer_id)),
            name=people.name.coalesce(people.list_name),
            signup_date=people.signup_date.coalesce(people.list_date),
            region=people.region.coalesce(people.last_region, people.filled_region),
            country=people.country.coalesce(people.last_country),
            accepts_marketing=accepts,
            consent_source=source,
            refused_marketing=said_no & ~accepts,
            record_count=people.records.fill_null(0),
            is_synthetic=people.record_is_synthetic.coalesce(
                people.order_is_synthetic, people.list_is_synthetic, False
            ),
        )
    )


def truth_orders(cleaned_orders: ir.Table, customer_links: ir.Table) -> ir.Table:
    """Orders tied to people, keeping `contract.truth.ORDERS`; the buyer's own identifier stays beside.

    An order is a purchase when it stands (completed or pending) with an amount above
    zero. Sales to nobody in particular stay without a person.
    """
    orders = with_person(cleaned_orders, customer_links)
    orders = orders.mutate(
        record_customer_id=orders.customer_id,
        customer_id=orders.person_id,
        is_purchase=orders.status.isin(PURCHASE_STATUSES) & (orders.gross_amount > 0),
    )
    return truth.ORDERS.conform(orders)
