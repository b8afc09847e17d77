"""Whether a person may be written to: only with proof, and a later withdrawal beats it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from custbehav_dagster.cleaning.identity import link_customers, truth_customers
from custbehav_dagster.contract import cleaned
from custbehav_dagster_tests.cleaning.shop_rows import Row, cleaned_customers, rows_of, settled, table_of

EARLY, LATE = datetime(2024, 1, 1), datetime(2024, 6, 1)


def on_list(email: str = "ada@a.co", *, gives: bool = False, **values: Any) -> Row:
    usual = {"status": "subscribed" if gives else "unsubscribed", "is_consent_proven": gives,
             "consent_source": "a list" if gives else None}  # fmt: skip
    return {**usual, "email": email, **values}


def in_shop(state: str | None, **values: Any) -> Row:
    gives = state == "given"
    usual = {"customer_id": "1", "email": "ada@a.co", "imputed_columns": "", "accepts_marketing": gives,
             "consent_source": "checkout" if gives else None, "consent_state": state}  # fmt: skip
    return {**usual, **values}


def people(records: list[Row], entries: list[Row]) -> list[Row]:
    customers, orders = table_of(cleaned.CUSTOMERS, records), table_of(cleaned.ORDERS, ())
    lists = table_of(cleaned.SUBSCRIBERS, entries)
    links = settled(link_customers(customers, orders, subscribers=lists))
    return rows_of(truth_customers(customers, links, orders, lists), "customer_id")


GIVEN_EARLY = on_list(gives=True, subscribed_at=EARLY)
LEFT_LATE = on_list(subscribed_at=EARLY, unsubscribed_at=LATE)


CASES: list[tuple[list[Row], list[Row], str | None]] = [
    ([in_shop("given")], [], "checkout"),
    ([in_shop("refused")], [], None),
    ([in_shop("unasked")], [], None),
    ([in_shop("unasked")], [GIVEN_EARLY], "a list"),
    ([in_shop("refused")], [GIVEN_EARLY], "a list"),  # the list tells the day
    ([in_shop("refused")], [on_list(gives=True)], None),  # this one does not
    ([in_shop("withdrawn")], [GIVEN_EARLY], None),
    ([in_shop("given"), in_shop("refused", customer_id="2")], [], None),
    ([in_shop("given"), in_shop("unasked", customer_id="2")], [], "checkout"),
    ([in_shop("given"), in_shop(None, customer_id="2")], [], None),
    ([in_shop("given")], [LEFT_LATE], None),
    ([], [GIVEN_EARLY, LEFT_LATE], None),
    ([], [on_list(gives=True, subscribed_at=datetime(2024, 7, 1)), LEFT_LATE], "a list"),
    ([], [GIVEN_EARLY, on_list()], None),  # left nobody knows when
    ([], [GIVEN_EARLY, on_list(status="cleaned")], None),
    ([], [on_list(status="pending")], None),
]


@pytest.fixture(scope="module")
def by_address() -> dict[str, Row]:
    """The person of each of CASES, all in one shop, under an address of its own."""
    records, entries = [], []
    for number, (rows, listed, _) in enumerate(CASES):
        address = {"email": f"ada{number}@a.co"}
        records += [{**row, **address, "customer_id": f"{number}-{row['customer_id']}"} for row in rows]
        entries += [{**entry, **address} for entry in listed]
    found = people(records, entries)
    assert len(found) == len(CASES)
    return {row["email"]: row for row in found}


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_person_may_be_written_to_with_this_proof_or_not_at_all(
    number: int, by_address: dict[str, Row]
) -> None:
    *_, source = CASES[number]
    person = by_address[f"ada{number}@a.co"]
    assert (person["accepts_marketing"], person["consent_source"]) == (source is not None, source)


def test_people_on_a_list_only_are_people_without_records() -> None:
    entry = on_list("new@n.co", gives=True, subscribed_at=EARLY, name="New Person")
    ada, new = people([in_shop("given")], [entry])
    assert (new["customer_id"], new["name"], new["email"]) == ("email:new@n.co", "New Person", "new@n.co")
    assert (new["signup_date"], new["record_count"], new["accepts_marketing"]) == (date(2024, 1, 1), 0, True)
    assert ada["customer_id"] == "1"


def test_the_address_to_write_to_is_the_one_that_consent_was_given_for() -> None:
    records = [
        in_shop("given", name="Ada Smith", postcode="CT1 2AB", signup_date=date(2024, 1, 1)),
        in_shop("unasked", customer_id="2", email="ada@new.co", name="Ada Smith", postcode="CT1 2AB",
                signup_date=date(2024, 5, 1)),
    ]  # fmt: skip
    (ada,) = people(records, [])
    assert (ada["email"], ada["record_count"]) == ("ada@a.co", 2)


def test_a_record_says_what_state_consent_is_in() -> None:
    told = [
        ("yes", "checkout", "given"),
        ("yes", None, "unasked"),  # others of the file name a source, this one does not
        ("no", None, "refused"),
        ("no", "bought on Etsy only", "unasked"),
        ("unsubscribed", None, "withdrawn"),
        ("", None, "unasked"),
    ]
    usual = {"name": "Ada", "signup_date": "2024-01-01", "region": "Kent", "country": "GB"}
    rows = [
        {**usual, "customer_id": str(number), "accepts_marketing": answer, "consent_source": source}
        for number, (answer, source, _) in enumerate(told)
    ]
    found = cleaned_customers(rows)
    assert [row["consent_state"] for row in found] == [state for *_, state in told]
    assert [row["accepts_marketing"] for row in found] == [state == "given" for *_, state in told]


def test_an_older_entry_of_a_list_takes_no_identifier_from_a_customer() -> None:
    record = in_shop("unasked", signup_date=date(2024, 3, 1))
    (ada,) = people([record], [on_list(gives=True, subscribed_at=EARLY)])
    assert (ada["customer_id"], ada["signup_date"], ada["accepts_marketing"]) == ("1", date(2024, 3, 1), True)
