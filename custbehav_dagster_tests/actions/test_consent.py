"""Nobody is written to without a proven consent and an address that can be delivered to."""

from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster import contract
from custbehav_dagster.actions.consent import is_plausible, people_to_write_to, unproven_addresses
from custbehav_dagster_tests.actions.given import Person, agreed, list_by_person, lists_of
from custbehav_dagster_tests.forecasting.shops import customer, stored


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("jane@example.com", True),
        ("jane.o'neil+shop@mail.example.co.uk", True),
        ("j@xn--bcher-kva.example", True),
        (f"{'a' * 64}@example.com", True),
        (f"{'a' * 65}@example.com", False),
        (f"a@{'b' * 248}.com", True),
        (f"a@{'b' * 249}.com", False),
        ("=cmd@example.com", False),
        ("+jane@example.com", False),
        ("-jane@example.com", False),
        ("jane@localhost", False),
        ("jane@@example.com", False),
        ("jane@example.com, bob@example.com", False),
        ("jane@example.com\nbob@example.com", False),
        ("jane@exam ple.com", False),
        ("jane..doe@example.com", False),
        ("jane.@example.com", False),
        ("jane@-example.com", False),
        ("jane@example.123", False),
        ("\u202ejane@example.com", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_that_mail_tools_accept_are_plausible(address: str | None, expected: bool) -> None:
    table = ibis.memtable({"email": [address]}, schema={"email": "string"})
    assert table.select(ok=is_plausible(table.email)).to_pyarrow().to_pylist() == [{"ok": expected}]


def test_an_address_that_also_stands_beside_a_refusal_is_not_written_to(con: ibis.BaseBackend) -> None:
    refusal = customer("other", email=" ANN@example.com ", accepts_marketing=False)
    built = lists_of(con, Person("ann"), Person("bob"), extra_customers=(refusal,))
    assert list_by_person(built) == {"bob": "never_bought"}


def test_buyers_of_the_marketplace_alone_are_never_written_to(con: ibis.BaseBackend) -> None:
    etsy, web = {"channel": "etsy"}, {"channel": "web"}
    built = lists_of(con, Person("ann", (20,), order=etsy), Person("bob", (20,), order=web), Person("cleo"))
    assert list_by_person(built) == {"bob": "second_order", "cleo": "never_bought"}


def test_the_suppression_list_holds_each_unproven_address_once(con: ibis.BaseBackend) -> None:
    records = [
        agreed("ann"),
        customer("bob", email="Bob@Example.com"),
        customer("bob2", email="bob@example.com"),
        customer("cleo", email=None),
        customer("dan", email="not an address"),
    ]
    table = stored(con, contract.truth.CUSTOMERS, records)
    assert sorted(unproven_addresses(table).email.to_pyarrow().to_pylist()) == [
        "bob@example.com",
        "not an address",
    ]


ADDRESSES = st.sampled_from(
    ["a@example.com", "A@example.com", " a@example.com", "b@example.com", "=b@example.com", "", None]
)
RECORDS = st.lists(st.tuples(ADDRESSES, st.booleans()), min_size=1, max_size=8)


@given(RECORDS)
@settings(max_examples=12)
def test_no_unproven_address_is_ever_written_to(records: list[tuple[str | None, bool]]) -> None:
    rows: list[dict[str, Any]] = [
        customer(str(number), email=email, accepts_marketing=accepts)
        for number, (email, accepts) in enumerate(records)
    ]
    customers = ibis.memtable(
        contract.truth.CUSTOMERS.empty()
        .to_pyarrow()
        .from_pylist(rows, contract.truth.CUSTOMERS.schema.to_pyarrow())
    )
    written = people_to_write_to(customers, contract.truth.ORDERS.empty()).email.to_pyarrow().to_pylist()
    refused = {email.strip().lower() for email, accepts in records if email and not accepts}
    agreed_to = {email.strip().lower() for email, accepts in records if email and accepts}
    assert set(written) == {address for address in agreed_to - refused if address[:1] in ("a", "b")}
