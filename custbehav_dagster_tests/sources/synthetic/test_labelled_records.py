"""The labelled set is hard in the ways that it says, and the same each time."""

from __future__ import annotations

import pytest

from custbehav_dagster.sources.synthetic.labelled_records import COLUMNS, Faults, labelled_records


def test_the_same_seed_gives_the_same_records() -> None:
    first, again, other = labelled_records(200, 1), labelled_records(200, 1), labelled_records(200, 2)
    assert first.equals(again)
    assert not first.equals(other)
    assert [*first.columns] == [*COLUMNS]


def test_identifiers_are_unique_and_people_have_several_records() -> None:
    records = labelled_records(1_000, 1)
    assert records.customer_id.is_unique
    assert records.groupby("person").size().max() > 2


def test_records_of_one_trace_are_of_one_person() -> None:
    records = labelled_records(1_000, 1)
    assert (records.groupby("trace").person.nunique() == 1).all()
    assert records.trace.nunique() > records.person.nunique()


def test_one_address_belongs_to_one_person_unless_shared() -> None:
    own = labelled_records(2_000, 1, Faults(shared_email=0, mistyped_email=0))
    told = own[own.email.notna()]
    assert told.groupby("email").person.nunique().max() == 1


@pytest.mark.parametrize(("gift", "expected"), [(0.0, False), (1.0, True)])
def test_a_present_bears_the_recipients_postcode(gift: float, expected: bool) -> None:
    records = labelled_records(500, 1, Faults(gift=gift))
    sent = records[records.recipient_name.notna()]
    assert bool(len(sent)) is expected
    assert (sent.postcode == sent.recipient_postcode).all()
