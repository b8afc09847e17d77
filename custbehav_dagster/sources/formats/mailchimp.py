"""Mailchimp's audience: one file each of those who are subscribed, unsubscribed and cleaned."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.formats.base import (
    Cells,
    Field,
    Format,
    Group,
    Head,
    Records,
    looks_like_date,
    looks_like_email,
)
from custbehav_dagster.sources.formats.buyers import full_name, written

PLATFORM = "mailchimp"


def _date(name: str, *aliases: str) -> Field:
    return Field(name, aliases, looks_like_date, "dates")


FIELDS = (
    Field(
        "email",
        (
            "Email Address",
            "Email",
            "E-Mail-Adresse",
            "Adresse e-mail",
            "Dirección de correo electrónico",
            "Indirizzo email",
            "Indirizzo e-mail",
            "E-mailadres",
        ),
        looks_like_email,
        "mail addresses",
    ),
    Field("first_name", ("First Name", "FNAME", "Vorname", "Prénom", "Nombre", "Nome", "Voornaam")),
    Field("last_name", ("Last Name", "LNAME", "Nachname", "Nom", "Apellidos", "Cognome", "Achternaam")),
    Field("name", ("Name", "Full Name")),
    _date("opted_in_at", "OPTIN_TIME"),
    _date("confirmed_at", "CONFIRM_TIME"),
    _date("left_at", "UNSUB_TIME"),
    _date("cleaned_at", "CLEAN_TIME"),
    Field("left_campaign", ("UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID")),
    Field("cleaned_campaign", ("CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID")),
    Field("left_reason", ("UNSUB_REASON",)),
    Field("rating", ("MEMBER_RATING",)),
    Field("leid", ("LEID",)),
    Field("euid", ("EUID",)),
    Field("changed_at", ("LAST_CHANGED",)),
    Field("tags", ("TAGS",)),
)


def _state(columns: Mapping[str, int], head: Head | None = None) -> str:
    """The files do not name the state; they differ in their columns."""
    if "left_at" in columns or "left_campaign" in columns or "left_reason" in columns:
        return "unsubscribed"
    return "cleaned" if "cleaned_at" in columns or "cleaned_campaign" in columns else "subscribed"


def _tags(column: ir.StringValue) -> ir.StringValue:
    """`"VIP","market stall"`, each tag in quotes, as `VIP,market stall`."""
    return written(column.strip().re_replace(r'"\s*,\s*"', ",").re_replace(r'^"|"$', ""))


def _tables(cells: Cells) -> Records:
    """Consent was proven when somebody confirmed; opting in comes before, and imports have none."""
    confirmed, opted_in = written(cells["confirmed_at"]), written(cells["opted_in_at"])
    proof = (ibis.literal("Mailchimp, confirmed ") + confirmed).coalesce(
        ibis.literal("Mailchimp, opted in ") + opted_in
    )
    return {
        "subscribers": cells.select(
            "email",
            name=full_name(cells["first_name"], cells["last_name"]).coalesce(written(cells["name"])),
            status=ibis.literal(_state(cells.columns)),
            subscribed_at=opted_in.coalesce(confirmed),
            unsubscribed_at=written(cells["left_at"]).coalesce(written(cells["cleaned_at"])),
            consent_source=proof,
            tags=_tags(cells["tags"]),
            platform=ibis.literal(PLATFORM),
        )
    }


MAILCHIMP_AUDIENCE = Format(
    "mailchimp_audience",
    "a Mailchimp audience",
    FIELDS,
    (
        Group("an e-mail", ("email",), required=True),
        Group("the column OPTIN_TIME or CONFIRM_TIME", ("opted_in_at", "confirmed_at"), required=True),
        Group("the column LEID, EUID or MEMBER_RATING", ("leid", "euid", "rating"), required=True),
    ),
    _tables,
    variant=_state,
)
