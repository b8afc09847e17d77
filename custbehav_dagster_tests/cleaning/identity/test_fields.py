"""What records say is brought to one notation, so that equal means equal."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pytest

from custbehav_dagster.cleaning.identity.fields import country_key, mailbox, postcode_key, telephone_key


def value(function: Callable[[ir.StringValue], ir.StringValue], text: str | None) -> str | None:
    table = ibis.memtable({"text": [text]}, schema={"text": "string"})
    return table.select(found=function(table.text)).to_pyarrow().to_pylist()[0]["found"]


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("jane.smith@gmail.com", "janesmith@gmail.com"),
        ("jane.smith+shop@googlemail.com", "janesmith@gmail.com"),
        ("jane.smith@example.com", "jane.smith@example.com"),
        ("jane+etsy@example.com", "jane@example.com"),
        (None, None),
    ],
)
def test_a_mail_address_is_where_mail_arrives(email: str | None, expected: str | None) -> None:
    assert value(mailbox, email) == expected


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+447862514989", "862514989"),
        ("07862 514989", "862514989"),
        ("00447862514989", "862514989"),
        ("+4522334455", "22334455"),
        ("22334455", "22334455"),
        ("123456", None),  # too short for a number
        ("000000000", None),
        ("+44123456789", None),  # what people type to get past a field
        (None, None),
    ],
)
def test_a_telephone_is_one_with_and_without_the_code_of_its_country(
    phone: str | None, expected: str | None
) -> None:
    assert value(telephone_key, phone) == expected


@pytest.mark.parametrize(
    ("postcode", "expected"),
    [("ct1 2ab", "CT12AB"), ("12345-6789", "12345"), ("12345", "12345"), ("1", None), (None, None)],
)
def test_a_postcode_is_its_letters_and_figures(postcode: str | None, expected: str | None) -> None:
    assert value(postcode_key, postcode) == expected


@pytest.mark.parametrize(
    ("country", "expected"),
    [("England", "GB"), ("uk", "GB"), ("de", "DE"), ("Deutschland", "DE"), ("Narnia", None), (None, None)],
)
def test_a_country_is_a_code_and_an_unknown_one_contradicts_nothing(
    country: str | None, expected: str | None
) -> None:
    assert value(country_key, country) == expected
