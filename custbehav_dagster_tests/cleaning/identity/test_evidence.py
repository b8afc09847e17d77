"""Which evidence makes one person of two records, and what looks like evidence and is none."""

from __future__ import annotations

from typing import Any

import pytest

from custbehav_dagster.cleaning.identity.evidence import STRENGTH
from custbehav_dagster_tests.cleaning.identity.records import links_of, people_of, record

IMOGEN = {"customer_id": "a", "name": "Imogen Smith", "email": "imogen@a.co", "postcode": "CT1 2AB",
        "phone": "+447862514989", "country": "GB"}  # fmt: skip


@pytest.mark.parametrize(
    ("other", "evidence"),
    [
        ({"email": "imogen@a.co"}, "same e-mail"),
        ({"email": "imogen@a.co", "name": "Imogen Smith", "postcode": "ZZ9 9ZZ"}, "same e-mail"),  # moved
        ({"name": "Imogen Smith", "phone": "07862 514989"}, "same name and telephone"),
        ({"name": "SMITH, Imogen", "postcode": "ct12ab"}, "same name and postcode"),
        ({"name": "Imogen Smith", "postcode": "CT1 2AB", "country": "England"}, "same name and postcode"),
        ({"name": "Imogen Smith", "email": "imogen@a.con"}, "same name and start of e-mail"),
        ({"name": "Imogen Jones", "phone": "07862514989"}, "same telephone, name alike"),
        ({"name": "I Smith", "phone": "07862514989"}, "same telephone, name alike"),
        ({"name": "Imogne Smith", "postcode": "CT1 2AB"}, "same postcode, name mistyped"),
        ({"name": "Imogen Smyth", "postcode": "CT1 2AB"}, "same postcode, name mistyped"),
        ({"name": "I. Smith", "postcode": "CT1 2AB"}, "same postcode and surname, initial fits"),
    ],
)
def test_this_evidence_joins_two_records(other: dict[str, Any], evidence: str) -> None:
    link = links_of({**record("a"), **IMOGEN}, record("b", **other))["b"]
    assert (link["loose_customer_id"], link["evidence"], link["joined_with"]) == ("a", evidence, "a")
    assert link["strength"] == STRENGTH[evidence]
    assert (link["strict_customer_id"] == "a") == (evidence == "same e-mail")


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Imogen Smith"},  # a name alone never joins
        {"name": "Imogen Smith", "postcode": "ZZ9 9ZZ"},
        {"name": "John Smith", "postcode": "CT1 2AB", "phone": "07862514989"},  # the family
        {"name": "John Jones", "phone": "07862514989"},
        {"phone": "07862514989"},
        {"name": "Imogen Smith", "postcode": "CT1 2AB", "country": "Germany"},
        {"name": "Simone Smith", "email": "imogen@b.co"},
        {"name": "Imogen Smith", "email": "imogen@b.co", "postcode": "ZZ9 9ZZ"},
    ],
)
def test_this_is_no_evidence(other: dict[str, Any]) -> None:
    assert people_of({**record("a"), **IMOGEN}, record("b", **other)) == {frozenset("a"), frozenset("b")}


def test_an_initial_that_two_of_the_family_could_have_is_nobodys() -> None:
    family = [record(name[0], f"{name} Smith", postcode="CT1 2AB") for name in ("Ada", "Bea")]
    arthur = record("c", "Arthur Smith", postcode="CT1 2AB")
    assert frozenset("ax") in people_of(*_named(family), record("x", "A Smith", postcode="CT1 2AB"))
    assert frozenset("x") in people_of(*_named(family), arthur, record("x", "A Smith", postcode="CT1 2AB"))


def _named(family: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**member, "customer_id": member["customer_id"].lower()} for member in family]


def test_two_first_names_that_others_bear_too_are_not_one_mistyped() -> None:
    others = [
        record(f"{first}{number}", f"{first} Other{number * 'x'}q", postcode=f"AA{number} 1AA")
        for first in ("Kirsten", "Kristen")
        for number in range(3)
    ]
    twins = [
        record("a", "Kirsten Smith", postcode="CT1 2AB"),
        record("b", "Kristen Smith", postcode="CT1 2AB"),
    ]
    assert frozenset("ab") in people_of(*twins)
    assert frozenset("ab") not in people_of(*twins, *others)


def test_a_chain_of_weak_links_makes_no_person_of_a_family() -> None:
    records = [
        record("a", "Imogen Smith", postcode="CT1 2AB"),
        record("b", "I Smith", postcode="CT1 2AB", phone="07862514989"),
        record("c", "Ivy Smith", phone="07862514989"),
    ]
    people = people_of(*records)
    assert len(people) == 2
    assert not any({"a", "c"} <= person for person in people)


def test_a_present_says_nothing_of_where_its_buyer_lives() -> None:
    buyer = record("guest:etsy:1", "Imogen Smith", postcode="ZZ9 9ZZ")
    namesake = record("b", "Imogen Smith", postcode="ZZ9 9ZZ")
    recipient = record("c", "Ada Jones", postcode="ZZ9 9ZZ")
    order = {"order_id": "1", "customer_id": "guest:etsy:1", "recipient_name": "Ada Jones",
             "recipient_postcode": "zz9 9zz"}  # fmt: skip
    assert len(people_of(buyer, namesake, recipient)) == 2
    assert len(people_of(buyer, namesake, recipient, raw_orders=(order,))) == 3
    to_herself = {**order, "recipient_name": "Imogen Smith"}
    assert len(people_of(buyer, namesake, recipient, raw_orders=(to_herself,))) == 2


def test_an_address_under_many_names_is_the_shops_own() -> None:
    names = ["Ada One", "Bea Two", "Cleo Three", "Dora Four", "Edith Five"]
    records = [record(str(place), name, email="till@shop.co") for place, name in enumerate(names)]
    assert len(people_of(*records)) == 5
    assert len(people_of(*records[:4])) == 1


def test_strict_matching_can_be_chosen_for_everything() -> None:
    records = ({**record("a"), **IMOGEN}, record("b", "Imogen Smith", postcode="CT1 2AB"))
    link = links_of(*records, matching="strict")["b"]
    assert (link["customer_id"], link["loose_customer_id"], link["evidence"]) == ("b", "a", "own record")
