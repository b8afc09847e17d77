"""What a file of the folder holds: itself, the members of an archive, the sheets of a workbook, a JSON list.

Whatever it is, tables of text come out, each under a name of its own such as
`audience.zip/subscribed.csv` or `orders.xlsx/Sheet1`, with the lines of the original.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from custbehav_dagster.sources.archives import (
    Budget,
    UnreadableArchiveError,
    is_workbook,
    members_of,
    open_archive,
    other_document,
    unpack_member,
)
from custbehav_dagster.sources.converted import write_rows
from custbehav_dagster.sources.encodings import decode_head
from custbehav_dagster.sources.json_lists import UnreadableJsonError, read_json
from custbehav_dagster.sources.walk import Found, why
from custbehav_dagster.sources.workbooks import UnreadableWorkbookError, read_sheets
from custbehav_dagster.warehouse.files import TEMPORARY_MARK, sha256_of

HEAD_BYTES = 4 << 10
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
DEEPEST_ARCHIVE = 2
ROWS_OF_A_LOOK = 300
BY_NUMBER = "Several of its records stand on one line, so each has its number in place of a line."
NOT_UNPACKED = (UnreadableArchiveError, UnreadableJsonError, UnreadableWorkbookError)
_numbers = itertools.count(1)


class Unpacker:
    """Takes files apart into a folder of its own making, until it is closed."""

    def __init__(self, folder: Path, is_for_a_look: bool = False) -> None:
        """Unpack below `folder`; for a look, no more rows of a sheet than a look needs."""
        self._folder, self._most_rows = folder, ROWS_OF_A_LOOK if is_for_a_look else None
        self._paths: list[Path] = []
        self._names: set[str] = set()

    def __enter__(self) -> Unpacker:
        return self

    def __exit__(self, *_: object) -> None:
        while self._paths:
            self._paths.pop().unlink(missing_ok=True)

    def contents(self, found: Found) -> Iterator[Found]:
        """The tables of text in a file; a file that is one itself, or cannot be one, comes as it is.

        Raises:
            OSError: the file cannot be read, or what is in it not be written.
        """
        for one in self._contents(found, Budget(), 0):
            name, number = one.name, 2
            while name in self._names:
                name, number = f"{one.name} ({number})", number + 1
            self._names.add(name)
            yield one if name == one.name else _replaced(one, name=name)

    def _contents(self, found: Found, budget: Budget, depth: int) -> Iterator[Found]:
        opened = _opener(found)
        if opened is None:
            yield found
            return
        try:
            yield from opened(self, found, budget, depth)
        except NOT_UNPACKED as fault:
            yield _replaced(found, problem=str(fault), lines=None)

    def _archive(self, found: Found, budget: Budget, depth: int) -> Iterator[Found]:
        with open_archive(found.path, budget) as archive:
            if problem := other_document(archive):
                yield _replaced(found, problem=problem)
            elif is_workbook(archive):
                yield from self._workbook(found)
            elif depth >= DEEPEST_ARCHIVE:
                yield _replaced(found, problem="is an archive in an archive in an archive; unpack it")
            else:
                members = list(members_of(archive))
                if not members:
                    yield _replaced(found, problem="is an archive with no files in it")
                for member, name in members:
                    path = self._new_path("member")
                    inner = Found(path, f"{found.name}/{name}", container=found.origin)
                    problem = unpack_member(archive, member, path)
                    if problem:
                        yield _replaced(inner, problem=problem)
                    else:
                        yield from self._contents(inner, budget, depth + 1)

    def _workbook(self, found: Found) -> Iterator[Found]:
        is_any = False
        for sheet in read_sheets(found.path, self._most_rows):
            path = self._new_path("csv")
            lines = write_rows(sheet.rows, path)
            if not lines.size:
                continue
            is_any = True
            name = f"{found.name}/{sheet.name}"
            yield Found(path, name, container=found.origin, lines=lines, note=sheet.note)
        if not is_any:
            yield _replaced(found, problem="is an Excel workbook with nothing in it")

    def _json(self, found: Found, *_: object) -> Iterator[Found]:
        path = self._new_path("csv")
        read = read_json(found.path)
        lines = write_rows(read.rows, path)
        if not lines.size:
            yield _replaced(found, problem="is JSON with an empty list")
            return
        sha256 = sha256_of(found.path)
        note = BY_NUMBER if read.is_by_number else ""
        yield Found(path, found.name, container=found.origin, sha256=sha256, lines=lines, note=note)

    def _new_path(self, ending: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f".unpacked-{next(_numbers)}{TEMPORARY_MARK}{os.getpid()}.{ending}"
        self._paths.append(path)
        return path


Opener = Callable[[Unpacker, Found, Budget, int], Iterator[Found]]


def _opener(found: Found) -> Opener | None:
    """How the file is taken apart; None when it is to be read as it is."""
    if found.problem:
        return None
    with found.path.open("rb") as file:
        start = file.read(HEAD_BYTES)
    if start.startswith(ZIP_STARTS):
        return Unpacker._archive
    if decode_head(start).lstrip()[:1] in ("{", "["):
        return Unpacker._json
    return None


def _replaced(found: Found, **changes: object) -> Found:
    from dataclasses import replace

    return replace(found, **changes)  # type: ignore[arg-type]


def cannot_be_read(error: OSError) -> str:
    """The sentence for the owner."""
    return f"The file cannot be read: {why(error)}."
