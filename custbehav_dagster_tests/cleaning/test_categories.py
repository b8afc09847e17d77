from __future__ import annotations

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.cleaning.categories import lower_word, place_name, plain_word, repair_name, says_yes
from custbehav_dagster.cleaning.cells import has_content, identifier, single_spaced, trimmed
from custbehav_dagster_tests.cleaning.tables import rows_of

TEXTS = ["", " ", "\t\n", "a", " a", "a ", " a  b\n", "!", '"x"', "\u00e9"]


def column(*texts: str | None) -> ibis.Table:
    return ibis.memtable(pa.table({"text": pa.array(texts, pa.string())}))


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("JOHN O'BRIEN", "John O'Brien"), ("anna van der berg", "Anna van der Berg"), ("VAN DER BERG",
        "Van der Berg"),
        ("ronald mcdonald", "Ronald McDonald"), ("MARY-JANE SMITH", "Mary-Jane Smith"), ("josé  garcía",
        "José García"),
        ("o’neill", "O’Neill"), ("LI", "Li"), (" \t", None),
    ],
)  # fmt: skip
def test_a_name_of_one_case_gets_its_capitals(written: str, repaired: str | None) -> None:
    assert repair_name(written) == repaired


@pytest.mark.parametrize(
    "name", ["Ronald McDonald", "van der Berg", "d'Artagnan", "Siobhán O'Brien", "bell hooks III"]
)
def test_a_name_with_both_cases_is_left_as_its_owner_wrote_it(name: str) -> None:
    assert repair_name(f"  {name.replace(' ', '   ')} ") == name


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("kent", "Kent"), ("KENT", "Kent"), (" kENT ", "Kent"), ("gb", "GB"), ("USA", "USA"), ("u.k.",
        "U.K."),
        ("ISLE OF MAN", "Isle of Man"), ("the wirral", "The Wirral"), ("STOKE-ON-TRENT", "Stoke-on-Trent"),
        ("McLean  county", "McLean County"), ("EIRE", "Eire"), ("", None),
    ],
)  # fmt: skip
def test_a_place_is_one_whatever_its_case(written: str, repaired: str | None) -> None:
    assert place_name(written) == repaired


@given(st.text("aAbBcCmMoO'’ -éÉ", max_size=25))
def test_repairing_twice_changes_nothing_more(text: str) -> None:
    for repair in (repair_name, place_name):
        once = repair(text)
        assert once is None or repair(once) == once


def test_a_clear_yes_is_a_yes() -> None:
    table = column("yes", "YES", " y ", "true", "1", "Subscribed", "opt-in")
    assert set(rows_of(table.mutate(yes=says_yes(table.text)), "yes")) == {True}


def test_anything_else_is_no() -> None:
    table = column(None, "", "no", "0", "false", "unsubscribed", "maybe", "yes?", "not yet", "pending")
    assert set(rows_of(table.mutate(yes=says_yes(table.text)), "yes")) == {False}


@pytest.mark.parametrize("text", TEXTS)
def test_cells_are_trimmed_as_python_trims_them(text: str) -> None:
    table = column(text)
    table = table.mutate(
        content=has_content(table.text),
        trimmed=trimmed(table.text),
        spaced=single_spaced(table.text),
        word=lower_word(table.text),
    )
    spaced = " ".join(text.split()) or None
    assert rows_of(table, "content", "trimmed", "spaced", "word") == [
        (bool(text.strip()), text.strip() or None, spaced, plain_word(text))
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [("13085", "13085"), ("13085.0", "13085"), ("'13085", "13085"), (" C1 ", "C1"), ("1.0.0", "1.0.0"),
    ("A.0", "A.0"),
     ("'", None), ("  ", None), (None, None), ("#7", "#7")],
)  # fmt: skip
def test_an_identifier_is_one_text_whichever_program_wrote_it(written: str | None, read: str | None) -> None:
    table = column(written)
    assert rows_of(table.mutate(read=identifier(table.text)), "read") == [read]
