"""Twenty ways in which a file can be broken: each is told in a sentence, and the good ones are still read.

The folder also holds good files beside each broken one; the accounts balance to the cent.
"""

from __future__ import annotations

import codecs
import gzip
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import ibis
import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import read_inbox
from custbehav_dagster_tests.sources.inbox_folder import account, check_balance, put, rows
from custbehav_dagster_tests.sources.test_containers import zipped

HEADER = "order_id,date,amount,note\n"
GOOD = "1,2024-01-05,1.10,a\n2,2024-01-06,2.20,b\n"


@dataclass(frozen=True)
class Broken:
    """A file, what is said of it, its records in and in quarantine, and its money kept and not."""

    name: str
    content: str | bytes
    said: str
    rows: tuple[int, int] = (0, 0)
    money: tuple[str, str] | None = None
    suspect: str = ""
    """What the quarantine says of the first record in it."""
    lines: tuple[int, ...] = ()


BROKEN = [
    Broken("empty", "", "The file is empty."),
    Broken("only blanks", " \n\t\n\r\n", "The file is empty."),
    Broken("header only", HEADER, "It has a header and no records.", (0, 0), ("0", "0")),
    Broken(
        "NUL bytes",
        HEADER + GOOD + "3,2024-01-07,3\0.30,c\n",
        "1 record of 3 in quarantine.",
        (3, 1),
        ("3.30", "0"),
        "bytes that are no text",
        (4,),
    ),
    Broken("picture", b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 40, "The file is no text."),
    Broken("gzip", gzip.compress(HEADER.encode()), "The file is packed with gzip; unpack it."),
    Broken("PDF", b"%PDF-1.7\n1 0 obj", "The file is a PDF; export the data as CSV."),
    Broken(
        "web page", "<!DOCTYPE html>\n<p>Sign in", "The file is a web page or XML; export the data as CSV."
    ),
    Broken(
        "cut archive", zipped({"a.csv": HEADER + GOOD})[:60], "The file is a damaged ZIP archive or workbook"
    ),
    Broken("cut JSON", '[{"order_id": 1},\n{"ord', "is JSON that is damaged or breaks off at line 2"),
    Broken("no header", "1,2024-01-05,1.10,a\n" * 3, "Its first line holds values"),
    Broken(
        "half a header", "order_id,amount\n1,2\n", "looks most like a list of orders but lacks an order date"
    ),
    Broken(
        "ragged",
        HEADER + GOOD + "3,2024-01-07,3.30\n4,2024-01-08,4.40,d,e\n",
        "2 records of 4 in quarantine.",
        (4, 2),
        ("3.30", "3.30"),
        "has 3 cells where the header has 4",
        (4, 5),
    ),
    Broken(
        "decimal commas",
        "order_id,date,amount,note\n" + "1,2024-01-05,5,50,\n" * 3 + GOOD,
        "3 records of 5 in quarantine.",
        (5, 3),
        ("3.30", "0"),
        "may have moved the others",
        (2, 3, 4),
    ),
    Broken(
        "open quote",
        HEADER + '0,2024-01-05,1,"a\n' + GOOD,
        "1 record of 3 in quarantine.",
        (3, 1),
        ("3.30", "0"),
        "has a quote that is never closed",
        (2,),
    ),
    Broken(
        "quote swallowing lines",
        HEADER + '0,2024-01-05,"1,a\n' + GOOD + '3,2024-01-07,9.90,"c"\n',
        "1 record of 4 in quarantine.",
        (4, 1),
        ("13.20", "0"),
        "has a quote",
        (2,),
    ),
    Broken(
        "10 MB cell",
        HEADER + GOOD + "3,2024-01-07,3.30," + "x" * 10_000_000 + "\n",
        "1 record of 3 in quarantine.",
        (3, 1),
        ("3.30", "0"),
        "is longer than 1,000,000 characters",
        (4,),
    ),
    Broken(
        "damaged UTF-8",
        codecs.BOM_UTF8 + (HEADER + "1,2024-01-05,1.10,é\n").encode() + b"2,2024-01-06,2.20,\xff\n",
        "1 record of 2 in quarantine.",
        (2, 1),
        ("1.10", "0"),
        "bytes that are no text",
        (3,),
    ),
    Broken(
        "odd UTF-16",
        (HEADER + GOOD).encode("utf-16") + b"\0",
        "It was read as UTF-16.",
        (3, 1),
        ("3.30", "0"),
        "bytes that are no text",
        (4,),
    ),
    Broken(
        "totals below",
        HEADER + GOOD + "Total,,3.30,\n",
        "1 record of 3 in quarantine.",
        (3, 1),
        ("3.30", "0"),
        "is a line of totals",
        (4,),
    ),
    Broken(
        "titles above",
        "Orders of 2024\n\n" + HEADER + GOOD + "3,2024-01-07\n",
        "2 lines above the header passed over.",
        (3, 1),
        ("3.30", "0"),
        "has 2 cells",
        (6,),
    ),
    Broken(
        "mixed line ends",
        "order_id,date,amount,note\r\n1,2024-01-05,1.10,a\r2,2024-01-06\n3,2024-01-07,2.20,b",
        "1 record of 3 in quarantine.",
        (3, 1),
        ("3.30", "0"),
        "has 2 cells",
        (3,),
    ),
    Broken(
        "columns twice",
        "order_id,date,amount,amount\n1,2024-01-05,1.10,9\n2,2024-01-06,2.20,9\n",
        "More than one column is called amount; the first of them counts.",
        (2, 0),
        ("3.30", "0"),
    ),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    return Settings(data_dir=str(tmp_path))


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.name)
def test_a_broken_file_is_told_in_a_sentence_and_the_good_ones_are_read(
    con: ibis.BaseBackend, settings: Settings, broken: Broken
) -> None:
    put(settings, "broken", broken.content)
    put(settings, "good.csv", HEADER.replace("note", "product") + GOOD)
    inbox = read_inbox(con, settings)
    row = account(inbox)["broken"]
    assert broken.said in row["note"]
    assert "Traceback" not in row["note"]
    assert (row["rows_in"], row["rows_quarantined"]) == broken.rows
    found = rows(inbox.quarantine, "source_line", "reason")
    assert tuple(line for line, _ in found) == broken.lines
    assert broken.suspect in (found[0][1] if found else "")
    assert rows(inbox.tables["order_items"], "order_id", "product", "source_file") == [
        ("1", "a", "good.csv"),
        ("2", "b", "good.csv"),
    ]
    check_balance(inbox)
    money = {one["source_file"]: one for one in inbox.amounts.to_pyarrow().to_pylist()}
    assert money["good.csv"]["amount_kept"] == Decimal("3.30")
    if broken.money and broken.rows[0]:
        kept, aside = map(Decimal, broken.money)
        assert (money["broken"]["amount_kept"], money["broken"]["amount_quarantined"]) == (kept, aside)
        assert money["broken"]["amount_in_file"] == kept + aside
    else:
        assert "broken" not in money


def test_all_of_them_at_once_spoil_nothing(con: ibis.BaseBackend, settings: Settings) -> None:
    for number, broken in enumerate(BROKEN):
        put(settings, f"{number:02}", broken.content)
    inbox = read_inbox(con, settings)
    found = account(inbox)
    assert len(found) == len(BROKEN)
    assert all(row["note"] for row in found.values())
    check_balance(inbox)
    expected = sum(Decimal(broken.money[0]) for broken in BROKEN if broken.money)
    assert sum(row["amount_kept"] for row in inbox.amounts.to_pyarrow().to_pylist()) == expected


@pytest.mark.parametrize(("separator", "trailing"), [(",", ",,"), (";", ";"), ("\t", "\t\t"), (",", "")])
def test_blank_columns_behind_all_records_are_no_fault(
    con: ibis.BaseBackend, settings: Settings, separator: str, trailing: str
) -> None:
    lines = ["order_id,date,amount".replace(",", separator)]
    lines += [f"{number}{separator}2024-01-05{separator}1.10{trailing}" for number in range(1, 5)]
    put(settings, "orders.csv", "\n".join(lines) + "\n")
    inbox = read_inbox(con, settings)
    assert rows(inbox.quarantine) == []
    assert rows(inbox.tables["orders"], "order_id", "gross_amount", "source_line") == [
        (str(number), "1.10", number + 1) for number in range(1, 5)
    ]


@pytest.mark.parametrize(
    "text", ["ann@example.org\nbob@example.org\n", "email\r\nann@example.org\r\nbob@example.org"]
)
def test_a_list_of_bare_addresses_is_a_mailing_list_without_consent(
    con: ibis.BaseBackend, settings: Settings, text: str
) -> None:
    put(settings, "list.txt", text)
    inbox = read_inbox(con, settings)
    first = 1 if "email" not in text else 2
    assert rows(inbox.tables["subscribers"], "email", "status", "consent_source", "source_line") == [
        ("ann@example.org", None, None, first),
        ("bob@example.org", None, None, first + 1),
    ]
    note = account(inbox)["list.txt"]["note"] or ""
    assert ("It has no header" in note) == (first == 1)
    check_balance(inbox)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_title_lines_above_the_header_leave_lines_exact(
    con: ibis.BaseBackend, settings: Settings, separator: str, encoding: str
) -> None:
    lines = ["Café “Zoë”", f"From{separator}2024", "", "order_id,date,amount"]
    lines += ['1,2024-01-05,"1', '"', "2,2024-01-06,2", ""]
    text = "\r\n".join(lines)
    put(settings, "report", text.replace(",", separator).encode(encoding))
    orders = read_inbox(con, settings).tables["orders"]
    assert rows(orders, "order_id", "source_line") == [("1", 5), ("2", 7)]
