"""Klaviyo's profiles: people with their address, and whether they agreed to be written to."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Records
from custbehav_dagster.sources.formats.buyers import full_name, written
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_email

PLATFORM = "klaviyo"
FIELDS = (
    Field("email", ("Email",), looks_like_email, "mail addresses"),
    Field("profile_id", ("Klaviyo ID",)),
    Field("first_name", ("First Name",)),
    Field("last_name", ("Last Name",)),
    Field("phone", ("Phone Number",)),
    Field("region", ("State / Region", "State/Region")),
    Field("country", ("Country",)),
    Field("postcode", ("Zip Code", "Zip")),
    Field("consent", ("Email Marketing Consent",)),
    Field("consent_at", ("Email Marketing Consent Timestamp",), looks_like_date, "dates"),
    Field("consent_source", ("Email Marketing Consent Source", "Consent Source", "Source")),
    Field("created_at", ("Profile Created On", "Date Added"), looks_like_date, "dates"),
    Field("suppressions", ("Email Suppressions", "Suppressed")),
    Field("tags", ("Tags",)),
)
_AGREED = ("subscribed", "subscribe", "true", "yes", "double opt-in", "single opt-in")
_LEFT = ("unsubscribed", "unsubscribe")
_NOT_SUPPRESSED = ("", "[]", "no", "false", "none", "not suppressed")


def _status(cells: Cells) -> ir.StringValue:
    """A suppression overrules what was agreed to: an address that bounces is cleaned, any other left."""
    consent = cells["consent"].fill_null("").lower().strip()
    suppressed = cells["suppressions"].fill_null("").lower().strip()
    is_dead = suppressed.re_search("bounce|invalid")
    has_left = consent.isin(_LEFT) | suppressed.notin(_NOT_SUPPRESSED)
    return ibis.cases(
        (is_dead, "cleaned"),
        (has_left, "unsubscribed"),
        # A moment in place of a word is when they agreed.
        (consent.isin(_AGREED) | consent.re_search(r"^\d{4}-\d\d-\d\d"), "subscribed"),
        else_="nonsubscribed",
    )


def _tables(cells: Cells) -> Records:
    name, profile = full_name(cells["first_name"], cells["last_name"]), written(cells["profile_id"])
    status, moment = _status(cells), written(cells["consent_at"])
    moment = moment.coalesce(written(cells["consent"].re_extract(r"^\d{4}-\d\d-\d\d.*$", 0)))
    is_subscribed = status == "subscribed"
    has_left = status.isin(("unsubscribed", "cleaned"))
    proof = ibis.literal("Klaviyo, subscribed") + (ibis.literal(" ") + moment).fill_null("")
    platform, nothing = ibis.literal(PLATFORM), ibis.null("string")
    people = cells.select(
        *("email", "phone", "region", "country", "postcode"),
        customer_id=profile,
        name=name,
        signup_date=cells["created_at"],
        platform=platform,
    )
    subscribers = cells.select(
        "email",
        name=name,
        status=status,
        subscribed_at=ibis.ifelse(is_subscribed, moment, nothing),
        unsubscribed_at=ibis.ifelse(has_left, moment, nothing),
        consent_source=ibis.ifelse(is_subscribed, proof, nothing),
        tags=cells["tags"],
        platform=platform,
    )
    return {
        "customers": people,
        "subscribers": subscribers.filter(written(subscribers.email).notnull()),
    }


KLAVIYO_PROFILES = Format(
    "klaviyo_profiles",
    "Klaviyo's profiles",
    FIELDS,
    (
        Group("the column Email", ("email",), required=True),
        Group("the column Klaviyo ID or Email Marketing Consent", ("profile_id", "consent"), required=True),
        Group(
            "the column Email Marketing Consent or Email Suppressions",
            ("consent", "suppressions"),
            required=True,
        ),
    ),
    _tables,
    variant=lambda columns, head: "with consent" if "consent" in columns else "without consent",
)
