"""Customer records: names, addresses, consent and duplicates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.cleaning.categories import place_name, repair_name, says_yes
from custbehav_dagster.contract import raw
from custbehav_dagster_tests.cleaning.shop_rows import Row, cleaned_customers, rejected, rows_of, table_of


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("MARY O'BRIEN", "Mary O'Brien"),
        ("mary o’brien", "Mary O’Brien"),
        ("Mary O'Brien", "Mary O'Brien"),
        ("JAN VAN DER BERG", "Jan van der Berg"),
        ("van der berg", "Van der Berg"),
        ("Jan van der Berg", "Jan van der Berg"),
        ("RONALD MCDONALD", "Ronald McDonald"),
        ("Ronald McDonald", "Ronald McDonald"),
        ("ANNE-MARIE SMITH-JONES", "Anne-Marie Smith-Jones"),
        ("  ada \t lovelace ", "Ada Lovelace"),
        ("bell hooks Jr", "bell hooks Jr"),
        ("DE LA CRUZ", "De la Cruz"),
        ("ÉLODIE", "Élodie"),
        ("   ", None),
    ],
)
def test_names_of_one_case_are_repaired_and_others_left_alone(written: str, repaired: str | None) -> None:
    assert repair_name(written) in (repaired, repaired and repaired.replace("De la", "De La"))


@given(st.text(alphabet="abcdeéïñABCDEÉÑ'’- \t", max_size=30))
def test_repairing_a_name_again_changes_nothing_and_loses_no_letter(name: str) -> None:
    repaired = repair_name(name)
    if repaired is None:
        assert not name.strip()
    else:
        assert repair_name(repaired) == repaired
        assert repaired.casefold() == " ".join(name.split()).casefold()


@pytest.mark.parametrize(
    ("written", "repaired"),
    [("KENT", "Kent"), (" isle OF wight", "Isle of Wight"), ("gb", "GB"), ("stratford-UPON-avon",
      "Stratford-upon-Avon"), ("McLean", "McLean"), ("", None)],
)  # fmt: skip
def test_places_are_written_one_way(written: str, repaired: str | None) -> None:
    assert place_name(written) == repaired


RECORDS: list[Row] = [
    {"customer_id": "1", "email": " Ada@Example.COM ", "name": "ADA O'BRIEN", "signup_date": "2024-07-08",
     "region": "kent", "country": "gb", "postcode": "'ct1  2ab", "phone": "+44 (0)1227 123",
     "accepts_marketing": "yes", "consent_source": "sign-up form"},
    {"customer_id": "2.0", "email": "not an address", "name": "Bo", "signup_date": "2024-07-08T23:30:00Z",
     "region": "Kent", "country": "", "phone": "4.4E+11", "accepts_marketing": "yes"},
    {"customer_id": "'3", "email": "c@c.co", "name": "Cy", "signup_date": "31/02/2024", "country": "GB",
     "accepts_marketing": "maybe", "consent_source": "till"},
    {"customer_id": "", "email": "D@D.co", "name": "Di", "region": "Surrey", "accepts_marketing": "no",
     "consent_source": "till"},
    {"customer_id": "5", "email": "", "name": "Ed", "region": "Kent", "country": "GB",
     "signup_date": "2024-07-08"},
    {"source_file": "silent.csv", "source_line": 2, "customer_id": "6", "email": "f@f.co",
     "accepts_marketing": "TRUE"},
]  # fmt: skip
ORDERS: list[Row] = [
    {"order_id": "1", "customer_id": "5", "email": "Ed@E.co"},
    {"order_id": "2", "customer_id": "2", "email": "one@two.co"},
    {"order_id": "3", "customer_id": "2", "email": "other@two.co"},
    {"order_id": "4", "customer_id": "1", "email": "else@where.co"},
]


@pytest.fixture(scope="module")
def people() -> dict[str, Row]:
    """The cleaned records, by identifier."""
    return {row["customer_id"]: row for row in cleaned_customers(RECORDS, ORDERS)}


def test_identifiers_lose_the_marks_of_spreadsheets_and_come_from_the_address_when_missing(
    people: dict[str, Row],
) -> None:
    assert list(people) == ["1", "2", "3", "email:d@d.co", "5", "6"]


def test_a_record_is_typed_and_keeps_its_place(people: dict[str, Row]) -> None:
    assert people["1"] == {
        "customer_id": "1", "email": "ada@example.com", "name": "Ada O'Brien",
        "signup_date": date(2024, 7, 8), "region": "Kent", "country": "GB",
        "postcode": "CT1 2AB", "phone": "+4401227123",
        "accepts_marketing": True, "consent_source": "sign-up form", "consent_state": "given",
        "platform": None, "imputed_columns": "",
        "is_synthetic": False, "source_file": "customers.csv", "source_line": 2,
    }  # fmt: skip


def test_a_sign_up_day_is_that_of_the_shops_clock_and_empty_when_unreadable(people: dict[str, Row]) -> None:
    assert people["2"]["signup_date"] == date(2024, 7, 9)
    assert people["3"]["signup_date"] is None


def test_an_address_is_never_made_up_but_may_come_from_the_persons_own_orders(people: dict[str, Row]) -> None:
    assert people["5"]["email"] == "ed@e.co"
    # Orders under 2 carry two addresses, so neither is taken.
    assert people["2"]["email"] is None
    assert all("email" not in row["imputed_columns"] for row in people.values())


def test_a_telephone_that_a_spreadsheet_has_ruined_is_left_empty(people: dict[str, Row]) -> None:
    assert people["2"]["phone"] is None


def test_missing_regions_take_the_commonest_of_their_file_and_are_marked(people: dict[str, Row]) -> None:
    assert (people["3"]["region"], people["3"]["imputed_columns"]) == ("Kent", "region")
    # A file that has no regions at all stays without.
    assert (people["6"]["region"], people["6"]["imputed_columns"]) == (None, "")


def test_consent_needs_a_clear_yes_that_says_where_it_comes_from(people: dict[str, Row]) -> None:
    accepts = {key: (row["accepts_marketing"], row["consent_source"]) for key, row in people.items()}
    nothing = (False, None)
    assert accepts == {
        "1": (True, "sign-up form"),
        "2": nothing,  # yes, but the file names sources and this row none
        "3": nothing,
        "email:d@d.co": nothing,
        "5": nothing,
        "6": nothing,  # yes, in a file that has no such column
    }


NO_PROOF = {
    "unknown": "unasked", "none": "unasked", "-": "unasked", "n/a": "unasked", "?": "unasked", " ": "unasked",
    "source unknown": "unasked", "not asked": "unasked", "bought on Etsy only": "unasked", "no": "refused",
    "refused at the till": "refused", "withdrawn 2024-05-01": "withdrawn", "unsubscribed": "withdrawn",
    "Opted-out": "withdrawn",
}  # fmt: skip
PROOF = (
    "sign-up form", "Market stall 2023", "2024-03-01", "soft opt-in; not opted out at checkout",
    "newsletter form, may unsubscribe at any time", "Anmeldeformular für Übungen", "market, Etsy only",
)  # fmt: skip


def test_a_yes_beside_words_that_are_no_source_is_not_consent() -> None:
    words = [*NO_PROOF, *PROOF]
    rows = [
        {"customer_id": str(place), "email": f"{place}@a.co", "name": "Ada", "region": "Kent",
         "accepts_marketing": "yes", "consent_source": word}
        for place, word in enumerate(words)
    ]  # fmt: skip
    found = cleaned_customers(rows)
    told = {words[int(row["customer_id"])]: (row["accepts_marketing"], row["consent_state"]) for row in found}
    assert told == {word: (False, state) for word, state in NO_PROOF.items()} | dict.fromkeys(
        PROOF, (True, "given")
    )


WORDS = {"yes": True, "Y": True, " true ": True, "1": True, "Subscribed": True, "x": True, "no": False,
         "0": False,
         "false": False, "": False, "maybe": False, "yes please?": False, "unsubscribed": False,
         "opted out": False,
         "not yes": False, "2": False}  # fmt: skip


def test_only_a_clear_yes_is_consent() -> None:
    table = table_of(raw.CUSTOMERS, [{"accepts_marketing": word} for word in [*WORDS, None]])
    found = rows_of(table.mutate(accepts=says_yes(table.accepts_marketing)), "source_line")
    assert [row["accepts"] for row in found] == [*WORDS.values(), False]


def test_of_two_records_with_one_identifier_the_more_complete_stays() -> None:
    rows = [
        {"customer_id": "1", "email": "a@a.co", "name": "Ada"},
        {"customer_id": "1.0", "email": "a@a.co", "name": "Ada", "region": "Kent"},
        {"customer_id": "1", "email": "a@a.co", "name": "Ada"},
        {"customer_id": "", "email": "not one", "name": "Nobody", "region": "Kent"},
    ]
    found = rejected("customers", rows)
    assert [(row["source_line"], row["rule"], row["column_name"]) for row in found] == [
        (2, "duplicate_key", "customer_id"),
        (4, "exact_duplicate", None),
        (5, "missing_key", "customer_id"),
    ]
    assert (
        found[0]["reason"]
        == "Another customer record has the customer_id 1; the one kept is in customers.csv, line 3."
    )
