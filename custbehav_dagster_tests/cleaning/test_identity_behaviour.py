"""Which records are one person: the address says so, the name never does."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from custbehav_dagster.cleaning.identity import (
    link_customers,
    truth_customers,
    truth_orders,
)
from custbehav_dagster.cleaning.identity.evidence import MOST_RECORDS_PER_ADDRESS, SAME_EMAIL, STRENGTH
from custbehav_dagster.contract import cleaned
from custbehav_dagster_tests.cleaning.shop_rows import Row, rows_of, settled, table_of


def record(customer_id: str, email: str | None, day: int | None = 1, **values: Any) -> Row:
    """A customer record made on a day of 2024's January, or on no known day."""
    made = day and date(2024, 1, day)
    usual = {"accepts_marketing": True, "consent_source": f"form {customer_id}", "imputed_columns": ""}
    return {**usual, "customer_id": customer_id, "email": email, "signup_date": made, **values}


def order(order_id: str, customer_id: str | None, **values: Any) -> Row:
    """An order of 20.00, given the last of January."""
    usual = {"ordered_at": datetime(2024, 1, 31), "order_date": date(2024, 1, 31),
             "gross_amount": Decimal(20), "refund_amount": Decimal(0), "net_amount": Decimal(20),
             "currency": "GBP", "status": "completed",
             "is_gift": False, "imputed_columns": ""}  # fmt: skip
    return {**usual, "order_id": order_id, "customer_id": customer_id, **values}


RECORDS = [
    record("2", "ada@a.co", 9, name="Ada Lovelace", region="Kent"),
    record("10", "ada@a.co", 3, name="A. Lovelace", region="Surrey", country="GB"),
    record("3", "bo@b.co", name="Bo", accepts_marketing=True),
    record("4", "bo@b.co", 2, name="Bo", accepts_marketing=False, consent_source=None),
    record("5", None, name="Ada Lovelace"),
    record("6", None, name="Ada Lovelace", region="Essex", imputed_columns="region"),
    record("7", "cy@c.co", None),
    record("email:cy@c.co", "cy@c.co", None),
    *[record(f"shop-{number}", "none@shop.co") for number in range(MOST_RECORDS_PER_ADDRESS + 1)],
    *[record(f"home-{number}", "home@h.co") for number in range(MOST_RECORDS_PER_ADDRESS)],
]
ORDERS = [
    order("1", "2"),
    order("2", "10"),
    order("3", "99", region="Kent", country="GB", is_synthetic=True),
    order("4", "email:ada@a.co"),
    order("5", "email:new@n.co"),
    order("6", None),
    order("7", "6", region="Dorset", imputed_columns="channel"),
    order("8", "5", region="Kent", imputed_columns="region"),
    order("9", "2", status="pending"),
    order("10", "2", status="cancelled"),
    order("11", "2", gross_amount=Decimal(0)),
    order("12", "2", status="refund", gross_amount=Decimal(0), refund_amount=Decimal(5)),
]


@pytest.fixture(scope="module")
def shop() -> dict[str, dict[str, Row]]:
    """Links, people and orders, each by its key."""
    customers, orders = table_of(cleaned.CUSTOMERS, RECORDS), table_of(cleaned.ORDERS, ORDERS)
    links = settled(link_customers(customers, orders))
    return {
        "links": {row["record_customer_id"]: row for row in rows_of(links)},
        "people": {row["customer_id"]: row for row in rows_of(truth_customers(customers, links, orders))},
        "orders": {row["order_id"]: row for row in rows_of(truth_orders(orders, links))},
    }


@pytest.mark.parametrize(
    ("identifier", "person", "evidence"),
    [
        ("10", "10", "own record"),  # the older of the two
        ("2", "10", "same e-mail"),
        ("5", "5", "own record"),  # the same name joins nobody
        ("6", "6", "own record"),
        ("7", "7", "own record"),  # a real identifier before one made from the address
        ("email:cy@c.co", "7", "same e-mail"),
        ("99", "99", "orders only"),
        ("email:ada@a.co", "10", "same e-mail"),
        ("email:new@n.co", "email:new@n.co", "orders only"),
        ("shop-0", "shop-0", "own record"),  # an address on too many records is nobody's
        ("shop-10", "shop-10", "own record"),
        ("home-9", "home-0", "same e-mail"),
    ],
)
def test_an_identifier_is_this_person_for_this_reason(
    shop: dict[str, dict[str, Row]], identifier: str, person: str, evidence: str
) -> None:
    link = shop["links"][identifier]
    assert (link["customer_id"], link["evidence"]) == (person, evidence)
    assert link["strength"] == (STRENGTH[SAME_EMAIL] if evidence == SAME_EMAIL else 1)


def test_every_identifier_has_one_link_and_every_link_leads_to_a_person(
    shop: dict[str, dict[str, Row]],
) -> None:
    named = {row["customer_id"] for row in [*RECORDS, *ORDERS]} - {None}
    assert set(shop["links"]) == named
    assert {row["customer_id"] for row in shop["links"].values()} == set(shop["people"])
    assert sum(row["record_count"] for row in shop["people"].values()) == len(RECORDS)


def test_a_person_has_the_newest_name_the_first_day_and_what_only_the_older_record_knows(
    shop: dict[str, dict[str, Row]],
) -> None:
    ada = shop["people"]["10"]
    assert (ada["name"], ada["region"], ada["country"]) == ("Ada Lovelace", "Kent", "GB")
    assert (ada["signup_date"], ada["record_count"]) == (date(2024, 1, 3), 2)
    assert (ada["accepts_marketing"], ada["consent_source"]) == (True, "form 2")


def test_consent_denied_on_one_record_denies_it_for_the_person(shop: dict[str, dict[str, Row]]) -> None:
    bo = shop["people"]["3"]
    assert (bo["accepts_marketing"], bo["consent_source"]) == (False, None)


def test_people_known_from_orders_only_have_their_place_and_no_consent(
    shop: dict[str, dict[str, Row]],
) -> None:
    stranger, newcomer = shop["people"]["99"], shop["people"]["email:new@n.co"]
    assert (stranger["region"], stranger["country"], stranger["record_count"]) == ("Kent", "GB", 0)
    assert (stranger["is_synthetic"], newcomer["is_synthetic"]) == (True, False)
    assert newcomer["email"] == "new@n.co"
    assert not stranger["accepts_marketing"]
    assert not newcomer["accepts_marketing"]


def test_a_region_that_an_order_gives_comes_before_one_that_was_filled_in(
    shop: dict[str, dict[str, Row]],
) -> None:
    assert shop["people"]["6"]["region"] == "Dorset"
    assert shop["people"]["5"]["region"] is None


def test_no_order_is_lost_and_guests_stay_without_a_person(shop: dict[str, dict[str, Row]]) -> None:
    people = {key: row["customer_id"] for key, row in shop["orders"].items()}
    assert set(people) == {row["order_id"] for row in ORDERS}
    assert [people[key] for key in ("1", "2", "3", "4", "5", "6")] == [
        "10",
        "10",
        "99",
        "10",
        "email:new@n.co",
        None,
    ]
    assert shop["orders"]["4"]["record_customer_id"] == "email:ada@a.co"


def test_an_order_is_a_purchase_when_it_stands_and_something_was_paid(
    shop: dict[str, dict[str, Row]],
) -> None:
    purchases = {key for key, row in shop["orders"].items() if row["is_purchase"]}
    assert {"1", "9"} <= purchases
    assert not purchases & {"10", "11", "12"}
