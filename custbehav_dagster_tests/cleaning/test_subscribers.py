"""Mailing lists: who is on them, and what proves it."""

from __future__ import annotations

from datetime import datetime

import pytest

from custbehav_dagster.cleaning.dates import date_evidence
from custbehav_dagster.cleaning.subscribers import clean_subscribers
from custbehav_dagster.contract import raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.shop_rows import Row, rows_of, table_of


def entries(*rows: Row) -> list[Row]:
    table, settings = table_of(raw.SUBSCRIBERS, rows), Settings(shop_timezone="UTC")
    evidence = date_evidence({"subscribers": table}, settings)
    return rows_of(clean_subscribers(table, evidence, settings), "source_line")


PROOF = {"consent_source": "Mailchimp, confirmed 2024-03-01", "subscribed_at": "2024-03-01"}
ENTRIES: list[tuple[Row, str, str | None]] = [
    (
        {"status": "Subscribed", "subscribed_at": "2024-03-01 10:00", "platform": "mailchimp"},
        "subscribed",
        "mailchimp, column status, subscribed 2024-03-01",
    ),
    ({"status": "subscribed", "platform": "mailchimp", **PROOF}, "subscribed", PROOF["consent_source"]),
    ({"status": "subscribed", "consent_source": "stall"}, "subscribed", "subscribers.csv, stall"),
    ({"status": "subscribed"}, "subscribed", None),  # others of this file tell how, this one does not
    (
        {"subscribed_at": "2024-03-01"},
        "subscribed",
        "subscribers.csv, column status, subscribed 2024-03-01",
    ),
    ({"status": "UNSUBSCRIBED", "subscribed_at": "2024-03-01"}, "unsubscribed", None),
    ({"unsubscribed_at": "2024-03-01", "subscribed_at": "2023-03-01"}, "unsubscribed", None),
    ({"status": "cleaned"}, "cleaned", None),
    ({"status": "pending", "subscribed_at": "2024-03-01"}, "pending", None),
    ({"status": "never_subscribed", "subscribed_at": "2024-03-01"}, "none", None),
    ({}, "none", None),
]


@pytest.fixture(scope="module")
def found() -> list[Row]:
    """What becomes of ENTRIES, in one list."""
    return entries(*({"email": f"Ada{n}@A.co ", **row} for n, (row, _, _) in enumerate(ENTRIES)))


@pytest.mark.parametrize("number", range(len(ENTRIES)))
def test_consent_is_proven_only_where_the_entry_says_how_or_when(number: int, found: list[Row]) -> None:
    _, status, source = ENTRIES[number]
    row = found[number]
    assert (row["email"], row["status"], row["consent_source"]) == (f"ada{number}@a.co", status, source)
    assert row["is_consent_proven"] is (source is not None)


def test_a_list_that_never_tells_how_proves_by_its_state() -> None:
    (found,) = entries({"email": "ada@a.co", "status": "subscribed"})
    assert (found["is_consent_proven"], found["consent_source"]) == (True, "subscribers.csv, column status")


def test_a_bare_list_of_addresses_proves_nothing() -> None:
    (found,) = entries({"email": "ada@a.co"})
    assert (found["status"], found["is_consent_proven"]) == ("none", False)


def test_no_entry_is_lost_and_none_without_an_address_proves_anything() -> None:
    found = entries(
        {"email": "no address", "status": "subscribed", "subscribed_at": "2024-03-01"},
        {"email": "ada@a.co", "name": "ADA LOVELACE", "subscribed_at": "01/03/2024", "tags": "vip,  wool"},
        {"email": "ada@a.co", "status": "unsubscribed"},
    )
    assert [(row["email"], row["is_consent_proven"]) for row in found] == [
        (None, False), ("ada@a.co", True), ("ada@a.co", False)
    ]  # fmt: skip
    assert (found[1]["name"], found[1]["tags"]) == ("Ada Lovelace", "vip, wool")
    assert found[1]["subscribed_at"] == datetime(2024, 3, 1)
