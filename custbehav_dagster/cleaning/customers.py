"""Customer records become typed and unique by identifier, each traceable to its line.

Whether two records are one person is decided in `identity`, not here.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.categories import place_name, repair_name, says_yes
from custbehav_dagster.cleaning.cells import (
    attach,
    data_columns,
    filled_count,
    identifier,
    single_spaced,
    translator,
    trimmed,
)
from custbehav_dagster.cleaning.consent import consent_state, proves_consent
from custbehav_dagster.cleaning.dates import date_reader, month_first_files
from custbehav_dagster.cleaning.missing import (
    is_too_empty,
    too_empty_reason,
    used_column_counts,
    word_reader,
)
from custbehav_dagster.cleaning.rules import Judged, Repetition, Rule, judge, repetition_hash, settle
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings

RATED_COLUMNS = ("customer_id", "email", "name", "signup_date", "region", "country")
"""The columns that `min_fill_ratio` looks at."""

EMAIL_IDENTIFIER = "email:"
"""What an identifier made from a mail address begins with."""


def mail_address(column: ir.StringValue) -> ir.StringValue:
    """The address in lower case; NULL when it cannot be one (one @, no spaces, a dot in the domain)."""
    address = trimmed(column).lower()
    return ibis.ifelse(address.re_search(r"^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$"), address, ibis.null("string"))


def buyer_identifier(table: ir.Table) -> ir.StringValue:
    """The customer's identifier, else one made from the mail address, else NULL."""
    return identifier(table.customer_id).coalesce(ibis.literal(EMAIL_IDENTIFIER) + mail_address(table.email))


def telephone(column: ir.StringValue) -> ir.StringValue:
    """Digits and a leading plus; NULL for what a spreadsheet has turned into a power of ten."""
    text = trimmed(column)
    digits = text.re_replace(r"[^0-9]", "").nullif("")
    number = ibis.ifelse(text.re_search(r"^\W*\+"), ibis.literal("+") + digits, digits)
    return ibis.ifelse(text.re_search(r"\d[eE]\+?\d"), ibis.null("string"), number)


def _read(raw_customers: ir.Table, evidence: ir.Table, settings: Settings) -> ir.Table:
    """The raw records with identifier, address and date read, and the rule that leaves each out, if any."""
    month_first = month_first_files(evidence, "signup_date")
    read_dates = date_reader(raw_customers, "signup_date", month_first, settings.timezone, day="signup_day")
    used = used_column_counts(raw_customers, RATED_COLUMNS)
    records = raw_customers.mutate(
        customer_id=buyer_identifier(raw_customers),
        email=mail_address(raw_customers.email),
        is_too_empty=is_too_empty(raw_customers, RATED_COLUMNS, used, settings.min_fill_ratio),
    )
    records = read_dates(records)
    no_key = records.customer_id.isnull()
    rules = (
        Rule("missing_key", "customer_id", no_key, "Neither identifier nor mail address."),
        Rule("min_fill_ratio", "", records.is_too_empty, too_empty_reason(settings.min_fill_ratio)),
    )
    return judge(records, rules)


def _with_words(customers: ir.Table, raw_customers: ir.Table, settings: Settings) -> ir.Table:
    """Repair names and places; fill regions by their file's commonest."""
    # Most names are written well: only those of one case are looked at one by one.
    one_case = (raw_customers.name == raw_customers.name.upper()) | (
        raw_customers.name == raw_customers.name.lower()
    )
    customers = translator(raw_customers.filter(one_case), "name", repair_name, "repaired_name")(customers)
    customers = customers.mutate(name=customers.repaired_name.coalesce(single_spaced(customers.name)))
    fill = (settings.category_fill, settings.category_fill_constant)
    customers = word_reader(raw_customers, "region", place_name, fill)(customers.drop("repaired_name"))
    return word_reader(raw_customers, "country", place_name)(customers)


def _with_consent(table: ir.Table) -> ir.Table:
    """Consent is proven by a clear yes that says where it comes from; a yes alone proves nothing."""
    source = trimmed(table.consent_source)
    accepts = says_yes(table.accepts_marketing) & proves_consent(source)
    return table.mutate(
        accepts_marketing=accepts,
        consent_source=ibis.ifelse(accepts, source, ibis.null("string")),
        consent_state=consent_state(table.accepts_marketing, table.consent_source, accepts),
    )


def _with_address_from_orders(table: ir.Table, raw_orders: ir.Table) -> ir.Table:
    """Give records without an address the one that all orders under their identifier carry."""
    orders = raw_orders.select(
        order_buyer=identifier(raw_orders.customer_id), address=mail_address(raw_orders.email)
    )
    orders = orders.filter(orders.address.notnull() & orders.order_buyer.notnull())
    addresses = orders.group_by("order_buyer").aggregate(
        lowest_address=orders.address.min(), highest_address=orders.address.max()
    )
    addresses = addresses.filter(addresses.lowest_address == addresses.highest_address).drop(
        "highest_address"
    )
    table = attach(table, addresses, {"customer_id": "order_buyer"})
    return table.mutate(email=table.email.coalesce(table.lowest_address)).drop("lowest_address")


def judge_customers(
    raw_customers: ir.Table, raw_orders: ir.Table, evidence: ir.Table, settings: Settings
) -> Judged:
    """One typed row per identifier, keeping `contract.cleaned.CUSTOMERS`, and the records left out.

    Computed now. Takes what `clean_customers` takes. Of several records with one
    identifier the most complete stays; of equally complete ones, the first by file and line.
    """
    columns = data_columns(raw.CUSTOMERS)
    records = _read(raw_customers, evidence, settings)
    records = _with_consent(_with_words(records, raw_customers, settings))
    records = _with_address_from_orders(records, raw_orders)
    records = records.mutate(
        signup_date=records.signup_day,
        postcode=single_spaced(records.postcode.re_replace(r"^\s*'", "")).upper(),
        phone=telephone(records.phone),
        key_hash=repetition_hash(records.customer_id),
    )
    repetition = Repetition(
        buyer_identifier,
        columns,
        "customer record",
        "customer_id",
        first=lambda rows: filled_count(rows, columns),
    )
    return settle(cleaned.CUSTOMERS, records, raw_customers, repetition)


def clean_customers(
    raw_customers: ir.Table, raw_orders: ir.Table, evidence: ir.Table, settings: Settings
) -> ir.Table:
    """One typed row per identifier, keeping `contract.cleaned.CUSTOMERS`.

    Args:
        raw_customers: keeps `contract.raw.CUSTOMERS`.
        raw_orders: keeps `contract.raw.ORDERS`; a record without a mail address takes
            the one that all orders under its identifier carry (a fact of the same
            account, so not marked as imputed). People who are only here are not added.
        evidence: keeps `contract.cleaned.DATE_EVIDENCE`.
        settings: fill of regions, `min_fill_ratio`, time zone.

    Regions are filled by their file's commonest and marked; addresses, names and
    consent are never made up. A sign-up date that cannot be read is left empty.
    Computed now.
    """
    return judge_customers(raw_customers, raw_orders, evidence, settings).kept
