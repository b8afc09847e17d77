"""A shop's mailing list as Mailchimp and Klaviyo export it."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.writing import FILE_QUIRKS, local_text, records, write_table

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

_MEMBER = (
    "MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP", "LATITUDE", "LONGITUDE",
    "GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION", "LAST_CHANGED", "LEID", "EUID", "NOTES",
)  # fmt: skip
_LEFT = ("UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_REASON_OTHER")
_CLEANED = ("CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID")
_ENDINGS = {"subscribed": (), "unsubscribed": _LEFT, "cleaned": _CLEANED}
_MERGE_FIELDS = {
    "First Name": ("Email Address", "First Name", "Last Name"),
    "FNAME": ("Email Address", "FNAME", "LNAME", "Address", "Birthday"),
    "e-mail only": ("Email Address",),
}
MAILCHIMP_VARIANTS = tuple(_MERGE_FIELDS)
MAILCHIMP_QUIRKS = FILE_QUIRKS | {"imported", "single_opt_in"}

KLAVIYO_HEADER = (
    "Email", "Klaviyo ID", "First Name", "Last Name", "Organization", "Title", "Phone Number", "Address",
    "Address 2", "City", "State / Region", "Country", "Zip Code", "Latitude", "Longitude", "Source",
    "IP Address", "Email Marketing Consent", "Email Marketing Consent Timestamp",
    "Historic Customer Lifetime Value", "Total Customer Lifetime Value",
    "Predicted Customer Lifetime Value", "Average Order Value", "Historic Number Of Orders", "First Active",
    "Last Active", "Profile Created On", "Date Added", "Last Open", "Last Click",
    "Average Days Between Orders", "Email Suppressions",
)  # fmt: skip
KLAVIYO_VARIANTS = ("states", "moments")
KLAVIYO_QUIRKS = FILE_QUIRKS | {"custom_properties"}

_MOMENT = "%Y-%m-%d %H:%M:%S"


def write_mailchimp_audience(
    shop: ExportShop, folder: Path, variant: str = "First Name", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write a file for each state of the list: the three that lie in the archive Mailchimp gives.

    `variant` tells the merge fields. People who were 'imported' never opted in.
    """
    paths = []
    for state, ending in _ENDINGS.items():
        people = records(shop.subscribers[shop.subscribers["status"] == state])
        header = (*_MERGE_FIELDS[variant], *_MEMBER, *ending, "TAGS")
        path = folder / f"{state}_members_export_1a2b3c.csv"
        paths.append(write_table(path, header, [_member(shop, one, quirks) for one in people], quirks))
    return paths


def tags_cell(tags: str | None) -> str:
    """Tags as Mailchimp writes them, each in quotes of its own."""
    return ",".join(f'"{tag}"' for tag in tags.replace('"', "").split(",")) if tags else ""


def _member(shop: ExportShop, person: dict[str, Any], quirks: Set[str]) -> dict[str, str]:
    joined = local_text(person["subscribed_at"], shop.timezone, _MOMENT)
    left = local_text(person["unsubscribed_at"], shop.timezone, _MOMENT)
    first, last = person["first_name"], person["last_name"]
    return {
        "Email Address": person["email"],
        "First Name": first,
        "Last Name": last,
        "FNAME": first,
        "LNAME": last,
        "MEMBER_RATING": "2",
        "OPTIN_TIME": "" if "imported" in quirks else joined,
        "CONFIRM_TIME": "" if "single_opt_in" in quirks else joined,
        "TIMEZONE": shop.timezone,
        "CC": person["country_code"],
        "REGION": person["region"] or "",
        "LAST_CHANGED": left or joined,
        "LEID": "123456789",
        "EUID": "1a2b3c4d5e",
        "UNSUB_TIME": left,
        "UNSUB_CAMPAIGN_TITLE": "Spring, at last",
        "UNSUB_REASON": "NO_LONGER_INTERESTED",
        "CLEAN_TIME": left,
        "CLEAN_CAMPAIGN_TITLE": "Spring, at last",
        "TAGS": tags_cell(person["tags"]),
    }


def write_klaviyo_profiles(
    shop: ExportShop, folder: Path, variant: str = "states", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write klaviyo_profiles.csv: the mailing list, and everybody else with an account and an address.

    Consent is told in words, or (variant 'moments') by the moment of it.
    """
    header = KLAVIYO_HEADER + (("Shopify Tags", "loyalty, points") if "custom_properties" in quirks else ())
    listed = {one["email"]: one for one in records(shop.subscribers)}
    people = [one for one in records(shop.customers) if one["email"]]
    people += [
        guest | {"customer_id": None, "signup_at": guest["subscribed_at"]}
        for email, guest in listed.items()
        if email not in {one["email"] for one in people}
    ]
    rows = [_profile(number, one, listed.get(one["email"]), variant) for number, one in enumerate(people)]
    return [write_table(folder / "klaviyo_profiles.csv", header, rows, quirks)]


def profile_of(number: int) -> str:
    """Klaviyo's number of the profile in row `number`, from 0."""
    return f"01GDDKASAP8TKDDA2GRZDS{number:04d}"


def _profile(
    number: int, person: dict[str, Any], listed: dict[str, Any] | None, variant: str
) -> dict[str, str]:
    status = listed["status"] if listed else "never_subscribed"
    changed = (listed["unsubscribed_at"] or listed["subscribed_at"]) if listed else None
    moment = local_text(changed, "UTC", "%Y-%m-%dT%H:%M:%S+00:00")
    word = {"cleaned": "SUBSCRIBED"}.get(status, status.upper())
    if variant == "moments" and status == "subscribed":
        word, moment = moment, ""
    return {
        "Email": person["email"],
        "Klaviyo ID": profile_of(number),
        "First Name": person["first_name"],
        "Last Name": person["last_name"],
        "Phone Number": person.get("phone") or "",
        "State / Region": person["region"] or "",
        "Country": person.get("country") or "",
        "Zip Code": person.get("postcode") or "",
        "Email Marketing Consent": word,
        "Email Marketing Consent Timestamp": moment,
        "Profile Created On": local_text(person["signup_at"], "UTC", "%Y-%m-%d %H:%M:%S+00:00"),
        "Email Suppressions": {"cleaned": "HARD_BOUNCE", "unsubscribed": "USER_SUPPRESSED"}.get(status, ""),
        "Shopify Tags": '["vip","market"]',
    }
