"""Who may be written to, and who may not. Every list goes through here."""

from __future__ import annotations

import ibis.expr.types as ir

LONGEST_ADDRESS, LONGEST_LOCAL_PART = 254, 64
"""Characters; longer ones cannot be delivered to (RFC 5321, 4.5.3.1, with the erratum on the whole)."""

_LOCAL_PART = r"[a-z0-9_][a-z0-9!#$%&'*/=?^_`{|}~+-]*(?:\.[a-z0-9!#$%&'*/=?^_`{|}~+-]+)*"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
PLAUSIBLE = rf"^{_LOCAL_PART}@{_DOMAIN}$"
"""What mail tools accept. The first character is never one that a spreadsheet takes for a formula."""

MARKETPLACE = "etsy"
"""A channel whose name holds this word: its buyers are the marketplace's, who may not be advertised to."""


def mail_address(column: ir.StringValue) -> ir.StringValue:
    """The address as it is compared: no spaces around it, lower case."""
    return column.strip().lower()


def is_plausible(address: ir.StringValue) -> ir.BooleanValue:
    """Whether an address, in lower case, can be delivered to; false where there is none."""
    return (
        address.re_search(PLAUSIBLE)
        & (address.length() <= LONGEST_ADDRESS)
        & (address.find("@") <= LONGEST_LOCAL_PART)
    ).fill_null(False)


def people_to_write_to(customers: ir.Table, orders: ir.Table) -> ir.Table:
    """The rows of truth.customers whose consent is proven and whose address is plausible.

    Left out, although they agreed: people whose address also stands beside a
    refusal, and people all of whose orders came through the marketplace. The column
    `has_ordered` tells of any order, whatever became of it.
    """
    people = with_permission(customers, orders)
    return people.filter(people.may_write).drop("may_write", "is_marketplace_only")


def with_permission(customers: ir.Table, orders: ir.Table) -> ir.Table:
    """Everybody of truth.customers, with what is known of writing to them.

    Added are `may_write` (as `people_to_write_to` says), `is_marketplace_only` and
    `has_ordered`. `email` is as it is compared.
    """
    people = customers.mutate(email=mail_address(customers.email))
    unproven = unproven_addresses(customers).mutate(is_unproven=True)
    people = people.left_join(unproven, "email").drop("email_right")
    people = people.left_join(_buyers(orders), "customer_id").drop("customer_id_right")
    people = people.mutate(
        has_ordered=people.bought_elsewhere.notnull(),
        is_marketplace_only=~people.bought_elsewhere.fill_null(True),
    )
    may_write = people.accepts_marketing.fill_null(False) & is_plausible(people.email)
    return people.mutate(
        may_write=may_write & people.is_unproven.isnull() & ~people.is_marketplace_only
    ).drop("bought_elsewhere", "is_unproven")


def unproven_addresses(customers: ir.Table) -> ir.Table:
    """One row (`email`) per address for which no consent is proven, or it was withdrawn.

    Whatever stands in the mail column counts, plausible or not: better one address
    too many that is never written to.
    """
    return _addresses_of(customers.filter(~customers.accepts_marketing.fill_null(False)))


def refused_addresses(customers: ir.Table) -> ir.Table:
    """One row (`email`) per address of somebody who said no, left or bounced.

    Who was merely never asked is not among them: a mail tool may know of a consent that
    the files do not show, and would take an import of this list as a withdrawal.
    """
    return _addresses_of(customers.filter(customers.refused_marketing.fill_null(False)))


def _addresses_of(customers: ir.Table) -> ir.Table:
    addresses = customers.select(email=mail_address(customers.email))
    return addresses.filter(addresses.email.notnull(), addresses.email != "").distinct()


def _buyers(orders: ir.Table) -> ir.Table:
    """One row per person with an order: did any come another way than through the marketplace?"""
    known = orders.filter(orders.customer_id.notnull())
    through_it = known.channel.lower().contains(MARKETPLACE).fill_null(False)
    return known.group_by("customer_id").aggregate(bought_elsewhere=(~through_it).any())
