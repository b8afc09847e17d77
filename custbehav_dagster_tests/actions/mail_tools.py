"""The import rules of Mailchimp and Klaviyo as strict readers, written from what they publish.

Mailchimp: https://mailchimp.com/help/format-guidelines-for-your-import-file/
Klaviyo: https://help.klaviyo.com/hc/en-us/articles/115005078967 (lists), /115005078807 (what
makes an import fail) and /360039859932 (days)
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

Row = dict[str, str]

TEXT_BYTES = 255
TAG_CHARACTERS = 100
KLAVIYO_BYTES = 50_000_000
DAYS = ("Write From", "Write Until")
NUMBERS = ("Expected Value", "Expected Value Low", "Expected Value High")
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file in UTF-8: one heading line, each name once, as many cells in each row.

    Raises:
        ValueError: the file breaks a rule; the sentence says which.
    """
    if path.suffix != ".csv":
        raise ValueError(f"{path.name} is no CSV file")
    text = path.read_bytes().decode("utf-8", errors="strict")
    if text.startswith("\ufeff") or "\0" in text:
        raise ValueError("a mark that hides the first heading, or a zero byte")
    headings, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    if len(set(headings)) != len(headings) or not all(name == name.strip() != "" for name in headings):
        raise ValueError(f"headings are empty, padded or twice: {headings}")
    for line in lines:
        if len(line) != len(headings):
            raise ValueError(f"{len(line)} cells below {len(headings)} headings")
    rows = [dict(zip(headings, line, strict=True)) for line in lines]
    for row in rows:
        for cell in row.values():
            _check_cell(cell)
    return rows


def _check_cell(cell: str) -> None:
    if len(cell.splitlines()) > 1 or TURNING.search(cell) or cell != cell.strip():
        raise ValueError(f"a cell has line breaks, turning marks or spaces around it: {cell!r}")
    is_number = re.fullmatch(r"[+-]?\d+(\.\d+)?", cell) is not None
    if cell.startswith(FORMULA_BEGINS) and not is_number:
        raise ValueError(f"a spreadsheet runs {cell!r}")


def _check_address(address: str) -> None:
    """One address by RFC 5321 as both tools take it: ASCII before the @, no spaces, no quotes."""
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    atom = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
    fits = (
        at == "@"
        and len(address) <= 254
        and 1 <= len(local) <= 64
        and all(atom.fullmatch(part) for part in local.split("."))
        and len(labels) >= 2
        and all(re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)", label) for label in labels)
        and not labels[-1].isdigit()
    )
    if not fits:
        raise ValueError(f"no mail address: {address!r}")


def _check_people(rows: list[Row]) -> None:
    addresses = [row["Email Address"] for row in rows]
    for address in addresses:
        _check_address(address)
    if len({address.lower() for address in addresses}) != len(addresses):
        raise ValueError("an address is there twice")
    for row in rows:
        for heading in DAYS:
            date.fromisoformat(row[heading])
        for heading in NUMBERS:
            if row[heading] and not re.fullmatch(r"-?\d+(\.\d+)?", row[heading]):
                raise ValueError(f"{heading} is no plain number: {row[heading]!r}")


def read_mailchimp(path: Path) -> list[Row]:
    """The contacts that Mailchimp takes from a file."""
    rows = read_rows(path)
    if rows:
        _check_people(rows)
    for row in rows:
        for cell in row.values():
            if len(cell.encode()) > TEXT_BYTES:
                raise ValueError(f"longer than {TEXT_BYTES} bytes: {cell!r}")
        for tag in row["Tags"].split(","):
            if not 1 <= len(tag.strip()) <= TAG_CHARACTERS:
                raise ValueError(f"no tag: {tag!r}")
    return rows


def read_klaviyo(path: Path) -> list[Row]:
    """The profiles that Klaviyo takes from a file."""
    if path.stat().st_size > KLAVIYO_BYTES:
        raise ValueError("larger than 50 MB")
    first = path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")[0].strip('"')
    if first not in ("Email Address", "Phone Number"):
        raise ValueError(f"the first heading is {first!r}")
    rows = read_rows(path)
    if any(heading.startswith("$") for row in rows for heading in row):
        raise ValueError("names with a dollar are Klaviyo's own")
    _check_people(rows)
    return rows


READERS: dict[str, Callable[[Path], list[Row]]] = {"mailchimp": read_mailchimp, "klaviyo": read_klaviyo}
"""By the folder that holds the files."""
