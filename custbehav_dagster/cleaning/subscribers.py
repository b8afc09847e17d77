"""Mailing list entries become typed: who is on a list, since when, and whether consent is proven."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.categories import repair_name
from custbehav_dagster.cleaning.cells import has_content, replaced, single_spaced, translator, trimmed
from custbehav_dagster.cleaning.consent import proves_consent, withdraws_consent
from custbehav_dagster.cleaning.customers import mail_address
from custbehav_dagster.cleaning.dates import date_reader, month_first_files
from custbehav_dagster.cleaning.missing import used_column_counts
from custbehav_dagster.contract import cleaned
from custbehav_dagster.settings import Settings

STATUS_WORDS = {
    "subscribed": ("subscribed", "active", "confirmed", "opted in", "opt-in", "opted-in", "yes", "true"),
    "unsubscribed": ("unsubscribed", "unsubscribe", "opted out", "opted-out", "opt-out", "no", "false",
                     "withdrawn", "revoked", "suppressed", "spam complaint", "complained"),
    "cleaned": ("cleaned", "bounced", "bounce", "invalid"),
    "pending": ("pending", "unconfirmed", "waiting", "not confirmed"),
}  # fmt: skip
"""Words of mail tools for each state; what is none of them is `none`: nobody agreed to anything."""


def clean_subscribers(raw_subscribers: ir.Table, evidence: ir.Table, settings: Settings) -> ir.Table:
    """One row per entry of a mailing list, keeping `contract.cleaned.SUBSCRIBERS`; none is left out.

    Consent is proven for those who are subscribed where the entry says how or when. A
    list that says neither for anybody proves by its state alone, as the file itself
    is then the source. An entry whose address cannot be one keeps NULL there, and
    proves nothing.

    Args:
        raw_subscribers: keeps `contract.raw.SUBSCRIBERS`.
        evidence: keeps `contract.cleaned.DATE_EVIDENCE`.
        settings: time zone of dates without one.
    """
    told = used_column_counts(raw_subscribers, ["subscribed_at", "consent_source"])
    silent = sorted(str(file) for file, count in told.items() if not count)
    table = raw_subscribers.mutate(
        has_unsubscribed=has_content(raw_subscribers.unsubscribed_at),
        has_subscribed=has_content(raw_subscribers.subscribed_at),
    )
    for column in ("subscribed_at", "unsubscribed_at"):
        read = date_reader(raw_subscribers, column, month_first_files(evidence, column), settings.timezone)
        table = replaced(read(table), (f"{column}_is_unreadable",))
    table = translator(raw_subscribers, "name", repair_name, "repaired_name")(table)
    status = _status(table)
    email = mail_address(table.email)
    source = trimmed(table.consent_source)
    takes_back = withdraws_consent(source) & (status == "subscribed")
    status = ibis.ifelse(takes_back, "unsubscribed", status)
    source = ibis.ifelse(proves_consent(source), source, ibis.null("string"))
    says_how = source.notnull() | table.subscribed_at.notnull()
    is_proof = says_how | table.source_file.isin(silent) if silent else says_how
    proven = (status == "subscribed") & email.notnull() & is_proof
    return cleaned.SUBSCRIBERS.conform(
        table.mutate(
            email=email,
            name=table.repaired_name,
            status=status,
            is_consent_proven=proven,
            consent_source=ibis.ifelse(proven, _source_in_words(table, source), ibis.null("string")),
            tags=single_spaced(table.tags),
        )
    )


def _status(table: ir.Table) -> ir.StringValue:
    word = trimmed(table.status).lower().replace("_", " ")
    by_dates = ibis.cases(
        (table.has_unsubscribed, "unsubscribed"), (table.has_subscribed, "subscribed"), else_="none"
    )
    named = ibis.cases(*((word.isin(words), status) for status, words in STATUS_WORDS.items()), else_="none")
    return ibis.ifelse(word.isnull(), by_dates, named)


def _source_in_words(table: ir.Table, source: ir.StringValue) -> ir.StringValue:
    """Where, how and when: `mailchimp, sign-up form, subscribed 2024-03-01`, without saying a thing twice."""
    place = trimmed(table.platform).coalesce(table.source_file)
    how = source.coalesce("column status")
    has_place = how.lower().contains(place.lower())
    where = ibis.ifelse(has_place, how, place + ", " + how)
    day = table.subscribed_at.cast("date").cast("string")
    has_day = table.subscribed_at.isnull() | where.contains(day)
    return ibis.ifelse(has_day, where, where + ", subscribed " + day)
