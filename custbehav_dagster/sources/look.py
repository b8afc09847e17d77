"""A look at the first part of each file: what it is taken for, before any of it is read."""

from __future__ import annotations

import errno
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from custbehav_dagster.sources.account import IGNORED, FileAccount
from custbehav_dagster.sources.formats import Match, Recognition, recognise
from custbehav_dagster.sources.formats.looks import looks_like_email
from custbehav_dagster.sources.head import Opening, read_openings
from custbehav_dagster.sources.manifest import known_hashes
from custbehav_dagster.sources.mapping import Mappings, Told
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.sources.unpack import Unpacker, cannot_be_read
from custbehav_dagster.sources.walk import Found, walk, why
from custbehav_dagster.warehouse.files import sha256_of

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
NOBODY = Told("")
COLUMNS_SHOWN = 8
LONGEST_NAME_SHOWN = 40
Signature = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """A file after a look at its first part; `match` is None when it will not be read.

    `signature` is the state of the file in the folder before the look.
    """

    found: Found
    account: FileAccount
    opening: Opening = field(default_factory=Opening)
    match: Match | None = None
    signature: Signature | None = None

    @property
    def is_shop_file(self) -> bool:
        """Whether it holds a shop's records."""
        return self.match is not None and self.match.format.is_shop

    @property
    def is_real_shop_file(self) -> bool:
        """Whether it holds a shop's records and was not generated here."""
        return self.is_shop_file and not self.account.is_synthetic


def look_at_all(folder: Path, unpacker: Unpacker) -> Iterator[Look]:
    """Look at each file below `folder` and at what is in it, in order of their names.

    Raises:
        SourceFailure: the manifest of generated files is damaged, or an archive
            cannot be unpacked on a full disk.
    """
    generated = frozenset(itertools.chain.from_iterable(known_hashes(folder).values()))
    mappings = Mappings(walk(folder))
    for found in mappings.files:
        yield from _look_into(found, mappings, generated, unpacker)
    for found, trouble in (*mappings.troubles, *mappings.unused()):
        account = FileAccount(found.name, sha256=sha256_of(found.path))
        account.say(trouble)
        yield Look(found, account)


def signature_of(path: Path) -> Signature:
    """What changes when a file is written to or replaced."""
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def _look_into(
    found: Found, mappings: Mappings, generated: frozenset[str], unpacker: Unpacker
) -> Iterator[Look]:
    try:
        signature = None if found.problem else signature_of(found.path)
        looks = [
            (one, told, _look(one, signature, told, generated, found.name))
            for one in unpacker.contents(found)
            for told in (mappings.of(one.name) or NOBODY,)
        ]
        used = {told.by for _, told, look in looks if look.match}
        for one, told, look in looks:
            if look.match or told.problem or told.is_ignored or not told.by or told.by not in used:
                yield look
            else:
                # What is said of a workbook or an archive as a whole is meant for those parts that it fits.
                alone = _look(one, signature, NOBODY, generated, found.name)
                alone.account.say(f"The mapping {told.by} does not fit it and was not used.")
                yield alone
    except OSError as error:
        if error.errno in DISK_FULL:
            raise SourceFailure(f"{found.name} could not be unpacked: {why(error)}.") from error
        account = FileAccount(found.name)
        account.say(cannot_be_read(error))
        yield Look(found, account)


def _look(
    found: Found, signature: Signature | None, told: Told, generated: frozenset[str], origin: str
) -> Look:
    """Look at a table of text, which is the file `origin` of the folder or was taken out of it."""
    account = FileAccount(found.name, sha256=found.sha256)
    account.say(found.note)
    try:
        if found.problem:
            opening, recognition = Opening(problem=found.problem), Recognition(None, None, "")
        else:
            opening, recognition = _recognised(found.path, told)
        if told.problem or told.is_ignored:
            recognition = Recognition(None, None, "")
        match = recognition.match
        is_read = match is not None and match.format.build is not None
        if not account.sha256 and not _is_closed(found) and (generated or not is_read):
            account.sha256 = sha256_of(found.path)
    except OSError as error:
        account.say(cannot_be_read(error))
        return Look(found, account)
    account.is_synthetic = account.sha256 in generated
    if told.is_ignored:
        account.format = IGNORED
    if recognition.nearest:
        account.confidence = recognition.nearest.confidence
    account.say(_note(found, opening, recognition, told, origin))
    if match:
        account.recognised_as(match)
    return Look(found, account, opening, match, signature)


def _is_closed(found: Found) -> bool:
    """Whether the bytes are not to be read at all: links, pipes and the like."""
    return found.path.is_symlink() or not found.path.is_file()


def _recognised(path: Path, told: Told) -> tuple[Opening, Recognition]:
    """The first way to understand the file that is of a known format, else the nearest miss."""
    nearest: tuple[Opening, Recognition] | None = None
    for opening in read_openings(path):
        recognition = Recognition(None, None, "")
        if not opening.problem:
            recognition = recognise(opening.head, hints=told.hints)
            if told.contradicts(opening.head):
                recognition = Recognition(None, recognition.nearest, "")
            if recognition.match:
                return opening, recognition
        if nearest is None or _nearness(recognition) > _nearness(nearest[1]):
            nearest = opening, recognition
    assert nearest is not None
    return nearest


def _nearness(recognition: Recognition) -> float:
    return recognition.nearest.confidence if recognition.nearest else 0.0


def _note(found: Found, opening: Opening, recognition: Recognition, told: Told, origin: str) -> str:
    """What the reader should know of how the file was taken."""
    if told.problem:
        return f"{told.problem} The file was not read."
    if told.is_ignored:
        return f"It was passed over, as {told.by} says."
    if opening.problem:
        return f"The file {opening.problem}."
    if told.by and (doubt := told.contradicts(opening.head)):
        return f"{doubt} The file was not read."
    said = [recognition.note]
    if not recognition.match:
        said.append(_advice(found, opening, recognition, origin))
    elif opening.first_line == 0:
        said.append("It has no header: each line was taken for a mail address.")
    elif opening.first_line > 1:
        above = opening.first_line - 1
        said.append(f"{above} {'line' if above == 1 else 'lines'} above the header passed over.")
    if recognition.match and told.by:
        said.append(f"It was read with the mapping {told.by}.")
    return " ".join(sentence for sentence in said if sentence)


def _advice(found: Found, opening: Opening, recognition: Recognition, origin: str) -> str:
    """What would make a file that is not known readable, or what was seen in it."""
    if recognition.nearest:
        beside = "it" if found.name == origin else origin
        return f"If it is one, a mapping {origin}.yaml beside {beside} can say which column is which."
    cells = [cell for cell in opening.head.header if cell.strip()]
    if cells and sum(map(_is_value, cells)) * 2 >= len(cells):
        return "Its first line holds values: put a line with the names of the columns above it."
    if len(cells) < 2 or any(map(_is_value, cells)):
        return ""
    more = len(cells) - COLUMNS_SHOWN
    shown = ", ".join(cell.strip()[:LONGEST_NAME_SHOWN] for cell in cells[:COLUMNS_SHOWN])
    return f"It has the columns {shown}{f' and {more} more' if more > 0 else ''}."


def _is_value(cell: str) -> bool:
    return looks_like_email(cell) or (any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell)))
