"""What mail tools are given: files they take whole, no cell that harms, nobody without a proven consent."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from custbehav_dagster.actions.formats import write_list, write_overview, write_suppression
from custbehav_dagster.actions.lists import build_lists
from custbehav_dagster.contract.actions import LIST_NAMES, MAILED_LISTS
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.actions.given import AS_OF, Person, known
from custbehav_dagster_tests.actions.mail_tools import READERS, read_rows
from custbehav_dagster_tests.forecasting.shops import text

HOSTILE = [
    '=cmd|\' /C calc\'!A0', "+1+1", "-2+3", "@SUM(A1)", 'Ann "the" O\'Neil', "Ann\r\nBcc: x@example.com",
    "a,b;c\td", "\u202egnp.exe Ann", "\u200f\u2067Ann\u2069", "\ufeff=1+1", "＝1+1", "زهرا احمدی",
    "𝔄nn 🧶", "<script>alert(1)</script>", "x" * 400, "", None,
]  # fmt: skip
ADDRESSES = ["ann@example.com", "ANN@example.com", " bob@example.com", "bob@example.com", "cleo@example.com",
             "=dan@example.com", "no address", "eve@exa mple.com", "fay@example.com\n", "", None]  # fmt: skip
HISTORIES = [(), (20,), (21, 5), (90, 60, 30), (300, 200), (700, 500)]
STATES = ["active", "due", "slipping", "lapsed", "seasonal", "gift-only"]


def write_all(con: ibis.BaseBackend, folder: Path, people: Sequence[Person], **options: Any) -> None:
    """Every file of a shop's lists."""
    facts = known(con, *people, **options)
    built = build_lists(facts, AS_OF, Settings())
    write_suppression(facts.customers, folder)
    write_overview(built["list_overview"], folder)
    for name in LIST_NAMES:
        write_list(built[name], name, folder)


def sheet_cells(path: Path) -> list[Any]:
    from openpyxl import load_workbook

    return [cell for line in load_workbook(path)[path.stem].iter_rows(values_only=True) for cell in line]


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(ADDRESSES),
        st.sampled_from(HOSTILE),
        st.sampled_from([True, True, False]),
        st.sampled_from(HISTORIES),
        st.sampled_from(STATES),
        st.sampled_from(["web", "web", "etsy"]),
        st.booleans(),
    ),
    min_size=5,
    max_size=25,
)


@given(PEOPLE)
@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_unproven_address_is_in_any_file_and_mail_tools_take_them_all(
    con: ibis.BaseBackend, drawn: list[tuple[Any, ...]]
) -> None:
    people = [
        Person(
            f"p{number}", history, {"state": state}, order={"channel": channel},
            record={"email": email, "name": name, "accepts_marketing": accepts},
        )
        for number, (email, name, accepts, history, state, channel, _) in enumerate(drawn)
    ]  # fmt: skip
    texts = [
        text(f"p{number}", f"{AS_OF}T08:00:00", -0.9, rating=1.0, text=f"{name} bad")
        for number, (_, name, _, history, _, _, complains) in enumerate(drawn)
        if complains and history
    ]
    plain = [((row[0] or "").strip().lower(), row) for row in drawn]
    unproven = {address for address, row in plain if not row[2]}
    of_marketplace = {address for address, row in plain if row[3] and row[5] == "etsy"}
    elsewhere = {address for address, row in plain if not (row[3] and row[5] == "etsy")}
    allowed = {"ann@example.com", "bob@example.com", "cleo@example.com", "fay@example.com"}
    allowed -= unproven | (of_marketplace - elsewhere)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_all(con, folder, people, texts=texts)
        written: dict[str, list[str]] = {}
        for tool, reader in READERS.items():
            assert {path.stem for path in (folder / tool).iterdir()} == set(MAILED_LISTS)
            addresses = [row["Email Address"] for path in (folder / tool).iterdir() for row in reader(path)]
            assert len(addresses) == len(set(addresses)), "one list each"
            assert set(addresses) <= allowed
            written[tool] = sorted(addresses)
        assert written["mailchimp"] == written["klaviyo"]
        forbidden = {address for address, _ in plain if "@" in address} - allowed
        for path in folder.rglob("*"):
            cells: list[Any] = []
            if path.suffix == ".csv" and path.stem != "suppression":
                cells = [cell for row in read_rows(path) for cell in row.values()]
            if path.suffix == ".xlsx":
                cells = sheet_cells(path)
            assert not forbidden & {str(cell).strip().lstrip("'").lower() for cell in cells}


def test_hostile_names_are_harmless_in_every_form_of_a_list(con: ibis.BaseBackend, tmp_path: Path) -> None:
    people = [
        Person(f"p{number}", (90, 60, 30), record={"name": name and f"{name} Doe"})
        for number, name in enumerate(HOSTILE)
    ]
    write_all(con, tmp_path, people)
    (plain, mailchimp, klaviyo) = (
        {row["Email Address"]: row["First Name"] for row in read(tmp_path / form / "thank_loyal.csv")}
        for form, read in ((".", read_rows), *READERS.items())
    )
    assert plain.keys() == mailchimp.keys() == klaviyo.keys()
    assert len(plain) > len(HOSTILE) / 2
    greeted = set(plain.values())
    assert {"Ann", "زهرا"} <= greeted
    assert not [name for name in greeted if set(name) & set("=+@<>{}|*")]
    assert not any(name.startswith("=") for name in greeted)
    cells = sheet_cells(tmp_path / "excel" / "thank_loyal.xlsx")
    assert greeted - {""} <= set(cells)


def test_answers_to_complaints_are_in_no_file_that_a_mail_tool_imports(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    refused = {"accepts_marketing": False, "refused_marketing": True}
    people = [Person("ann", (90, 60, 30)), Person("bob", (20,), record=refused)]
    said = [
        text(who, f"{AS_OF}T08:00:00", rating=1.0, order_id=f"{who}-0", text="=bad\nmug")
        for who in ("ann", "bob")
    ]
    (tmp_path / "klaviyo").mkdir()
    (tmp_path / "klaviyo" / "unhappy.csv").write_text("of an older version")
    write_all(con, tmp_path, people, texts=said)
    rows = {row["First Name"]: row for row in read_rows(tmp_path / "unhappy.csv")}
    address = "Address For A Personal Answer"
    assert (rows["Ann"][address], rows["Bob"][address]) == ("ann@example.com", "")
    assert (rows["Bob"]["Order"], rows["Bob"]["What They Wrote"]) == ("bob-0", "'=bad mug")
    assert "Email Address" not in rows["Ann"]
    assert not [path for path in tmp_path.rglob("unhappy.csv") if path.parent != tmp_path]
    assert read_rows(tmp_path / "thank_loyal.csv") == [], "who complains is not advertised to"


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("Email Address,Email Address\n", "twice"),
        ("Email Address\nann@example.com,Ann\n", "cells"),
        ("Email Address\n=1+1\n", "runs"),
        ('Email Address\n"a\nb"\n', "line breaks"),
        ("Email Address,Write From\nann@example,2026-01-01\n", "no mail address"),
        ("Email Address\n\u202eann@example.com\n", "turning"),
    ],
)
@pytest.mark.parametrize("tool", READERS)
def test_the_strict_readers_refuse_what_the_tools_refuse(
    tmp_path: Path, tool: str, content: str, wrong: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=wrong):
        READERS[tool](path)
