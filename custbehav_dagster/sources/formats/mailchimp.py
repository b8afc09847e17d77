"""Mailchimp's audience: one file each of those who are subscribed, unsubscribed and cleaned."""

from __future__ import annotations

import re
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Head, Lesson, Records
from custbehav_dagster.sources.formats.buyers import full_name, written
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_email

PLATFORM = "mailchimp"
_NAME = re.compile(r"(?:^|/)(unsubscribed|cleaned|nonsubscribed)(?![^\W_])[^/]*$")


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
    """The cells do not name the state; the files differ in their columns, and in their names."""
    if "left_at" in columns or "left_campaign" in columns or "left_reason" in columns:
        return "unsubscribed"
    return "cleaned" if "cleaned_at" in columns or "cleaned_campaign" in columns else "subscribed"


def _names_of_states(cells: Cells) -> dict[str, Lesson]:
    """State of each file whose columns tell none, and whose name says that its people are no subscribers."""
    if _state(cells.columns) != "subscribed":
        return {}
    files = cells.records.select("source_file").distinct().to_pyarrow().to_pylist()
    found = {row["source_file"]: _NAME.search(row["source_file"].casefold()) for row in files}
    return {
        name: Lesson(
            match.group(1),
            f"By its name its people are {match.group(1)}; the columns that tell when and why are missing.",
            match.group(1),
        )
        for name, match in found.items()
        if match
    }


def _status(cells: Cells) -> ir.StringValue:
    told = ibis.literal(_state(cells.columns))
    if not cells.learned:
        return told
    file = cells.records["source_file"]
    return ibis.cases(*((file == name, lesson.kind) for name, lesson in cells.learned.items()), else_=told)


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
            status=_status(cells),
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
    learn=_names_of_states,
)
