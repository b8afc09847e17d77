"""Encodings, files that are no tables, links, locked and growing files: each is told, none fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ibis
import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources import staging
from custbehav_dagster.sources.inbox import has_shop_file, read_inbox
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster_tests.sources.inbox_folder import CUSTOMERS, ORDERS, account, put, rows

OUTSIDE = "is a link to a place outside this folder, which is not followed; copy the file here"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    return Settings(data_dir=str(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_make_no_difference(
    con: ibis.BaseBackend, settings: Settings, encoding: str, separator: str
) -> None:
    lines = ["customer id;name;town;email", "1;Zoë “Zo” Bär;K;a@b.c", '2;"A; B";L;']
    text = "\r\n".join(lines).replace("A; B", f"A{separator} B").replace(";", separator)
    put(settings, "people", text.encode(encoding))
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["customers"], "customer_id", "name", "source_line") == [
        ("1", "Zoë “Zo” Bär", 2),
        ("2", f"A{separator} B", 3),
    ]
    note = account(inbox)["people"]["note"]
    assert "Not used: town." in note
    assert ("It was read as" in note) == (encoding != "utf-8-sig")


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"PK\x03\x04rest", "damaged ZIP archive or workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old or locked Excel workbook"),
        (b"\x1f\x8brest", "gzip"),
        (b'[{"a": 1}]', "resembles no format"),
        (b'[{"a": 1', "is JSON that is damaged or breaks off at line 1"),
        (b"<!DOCTYPE html><table><tr><td>1", "is a web page or XML"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(32)) * 50, "is no text"),
        (b"alpha,beta\n1,2\n", "resembles no format"),
        (b"just a line of words", "resembles no format"),
        (b"order_id,amount\n1,2\n", "lacks an order date"),
        (b'order_id,"date,amount\n1,2,3\n', "cannot be read as a header"),
        (b"1001,Ann,ann@example.org\n", "Its first line holds values: put a line with the names"),
        (b"order_id,amount\n1,2\n", "a mapping strange.yaml beside it can say which column is which"),
    ],
)
def test_what_is_not_known_is_named_and_not_read(
    con: ibis.BaseBackend, settings: Settings, content: bytes, note: str
) -> None:
    put(settings, "strange", content)
    put(settings, "orders.csv", ORDERS)
    inbox = read_inbox(con, settings)
    row = account(inbox)["strange"]
    assert (row["format"], row["rows_in"], row["rows_kept"], row["rows_quarantined"]) == ("unknown", 0, 0, 0)
    assert note in row["note"]
    assert len(row["sha256"]) == 64
    assert len(rows(inbox.tables["orders"])) == 2


def test_hidden_files_and_the_readme_are_passed_over(con: ibis.BaseBackend, settings: Settings) -> None:
    for name in (".gitkeep", ".hidden/orders.csv", "README.md", "deep/readme.md"):
        put(settings, name, ORDERS)
    assert account(read_inbox(con, settings)) == {}
    assert not has_shop_file(settings)


def test_links_and_other_odd_entries_are_reported_and_not_opened(
    con: ibis.BaseBackend, settings: Settings, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(ORDERS)
    inside = put(settings, "real.csv", CUSTOMERS)
    (settings.raw_path / "a_folder.csv").mkdir()
    (settings.raw_path / "broken.csv").symlink_to(tmp_path / "nowhere")
    (settings.raw_path / "inside.csv").symlink_to(inside)
    (settings.raw_path / "outside.csv").symlink_to(outside)
    (settings.raw_path / "outside_folder").symlink_to(tmp_path)
    os.mkfifo(settings.raw_path / "pipe.csv")
    inbox = read_inbox(con, settings)
    notes = {name: row["note"] for name, row in account(inbox).items() if row["format"] == "unknown"}
    assert notes == {
        "broken.csv": "The file is a link to a file that is not there.",
        "inside.csv": "The file is a link to another file here, which is read itself.",
        "outside.csv": f"The file {OUTSIDE}.",
        "outside_folder": f"The file {OUTSIDE}.",
        "pipe.csv": "The file is no ordinary file.",
    }
    assert rows(inbox.tables["orders"]) == []


def test_a_raw_folder_that_is_itself_a_link_is_read(con: ibis.BaseBackend, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "orders.csv").write_text(ORDERS)
    (tmp_path / "raw").symlink_to(tmp_path / "elsewhere")
    assert len(rows(read_inbox(con, Settings(data_dir=str(tmp_path))).tables["orders"])) == 2


def test_a_file_that_may_not_be_read_is_a_row_with_the_reason(
    con: ibis.BaseBackend, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, "locked.csv", ORDERS)
    put(settings, "orders.csv", CUSTOMERS)
    original = Path.open

    def refusing(self: Path, *args: Any, **kwargs: Any) -> Any:
        # Tests may run as root, who may read everything.
        if self.name == "locked.csv":
            raise PermissionError(13, "Permission denied")
        return original(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refusing)
    row = account(read_inbox(con, settings))["locked.csv"]
    assert (row["format"], row["note"]) == ("unknown", "The file cannot be read: permission denied.")


def test_a_file_that_is_still_being_written_waits_for_the_next_refresh(
    con: ibis.BaseBackend, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(settings, "orders.csv", ORDERS)
    original = staging.stage

    def growing(*args: Any) -> Any:
        staged = original(*args)
        with path.open("a") as file:
            file.write("O9,2024-01-05,1,Mug,C1\n")
        return staged

    monkeypatch.setattr(staging, "stage", growing)
    inbox = read_inbox(con, settings)
    assert "still being written" in account(inbox)["orders.csv"]["note"]
    assert rows(inbox.tables["orders"]) == []


def test_a_full_disk_fails_with_a_sentence_rather_than_losing_a_file(
    con: ibis.BaseBackend, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> Any:
        raise OSError(28, "No space left on device")

    put(settings, "orders.csv", ORDERS)
    monkeypatch.setattr(staging, "stage", full)
    with pytest.raises(SourceFailure, match=r"orders\.csv could not be staged: no space left on device"):
        read_inbox(con, settings)
