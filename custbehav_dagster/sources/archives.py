"""ZIP archives, opened with care: how much may come out of one, and what its members are called.

Nothing is ever written under a name that an archive gives.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from custbehav_dagster.sources.walk import is_passed_over

MOST_MEMBERS = 1_000
MOST_BYTES = 2 << 30
MOST_RATIO = 200
"""Unpacked to packed size: text of a shop shrinks to a twentieth, a bomb to a thousandth."""
RATIO_MATTERS_FROM = 16 << 20
CHUNK_BYTES = 1 << 20
DAMAGES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)
"""What reading a damaged, locked or strangely packed archive raises."""
LOCKED = "is locked with a password; unpack it"
OTHER_DOCUMENTS = (
    ("xl/workbook.bin", "is an Excel binary workbook; save it as .xlsx"),
    ("content.xml", "is an OpenDocument file; save each sheet as CSV or as .xlsx"),
    ("word/document.xml", "is a Word document; export the data as CSV"),
    ("ppt/presentation.xml", "is a presentation; export the data as CSV"),
    ("Index/Document.iwa", "is an Apple Numbers document; export it as CSV"),
)


class UnreadableArchiveError(Exception):
    """The message completes "The file …"."""


@dataclass
class Budget:
    """What may still come out of one file of the folder, whatever is nested in it."""

    members: int = field(default_factory=lambda: MOST_MEMBERS)
    bytes: int = field(default_factory=lambda: MOST_BYTES)


def open_archive(path: Path, budget: Budget) -> zipfile.ZipFile:
    """Open a ZIP file whose contents are within the limits; what they take is drawn from `budget`.

    Raises:
        UnreadableArchiveError: it is damaged, or holds too much.
        OSError: the file cannot be read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGES as error:
        raise UnreadableArchiveError("is a damaged ZIP archive or workbook; get it again") from error
    try:
        _draw(archive, path.stat().st_size, budget)
    except BaseException:
        archive.close()
        raise
    return archive


def _draw(archive: zipfile.ZipFile, packed: int, budget: Budget) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    budget.members -= len(members)
    budget.bytes -= unpacked
    if budget.members < 0:
        raise UnreadableArchiveError(
            f"is an archive of more than {MOST_MEMBERS:,} files; unpack it and keep what is of the shop"
        )
    if budget.bytes < 0:
        raise UnreadableArchiveError(
            f"is an archive of more than {MOST_BYTES >> 30} GiB when unpacked; unpack it yourself "
            "if you trust it"
        )
    if unpacked > RATIO_MATTERS_FROM and unpacked > MOST_RATIO * packed:
        raise UnreadableArchiveError(
            f"is an archive that unpacks to {unpacked // max(packed, 1):,} times its size, as harmful ones "
            "do; unpack it yourself if you trust it"
        )


def other_document(archive: zipfile.ZipFile) -> str:
    """What the archive is when it is a document of a kind that is not read, else ''."""
    names = set(archive.namelist())
    return next((meaning for name, meaning in OTHER_DOCUMENTS if name in names), "")


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether the archive is an Excel workbook."""
    return "[Content_Types].xml" in archive.namelist() and any(
        name.casefold().startswith("xl/") for name in archive.namelist()
    )


def members_of(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """The files in the archive with a name to show, by that name; what systems add is left out."""
    shown = [(member, shown_name(member.filename)) for member in archive.infolist() if not member.is_dir()]
    for member, name in sorted(shown, key=lambda one: one[1]):
        parts = name.split("/")
        if name and "__MACOSX" not in parts and not any(map(is_passed_over, parts)):
            yield member, name


def shown_name(name: str) -> str:
    """A member's name as a path that stays below its archive and can be printed."""
    parts: Sequence[str] = [part for part in re.split(r"[\\/]+", name) if part not in ("", ".", "..")]
    text = "/".join(parts).encode(errors="replace").decode()
    return "".join(sign if sign.isprintable() else "_" for sign in text)


def unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> str:
    """Write a member to `target`; why it cannot be read, else ''.

    Raises:
        OSError: `target` cannot be written.
    """
    if member.flag_bits & 1:
        return LOCKED
    with target.open("wb") as written:
        try:
            source = archive.open(member)
        except (*DAMAGES, OSError):
            return "is damaged in its archive; get the archive again"
        with source:
            while True:
                try:
                    chunk = source.read(CHUNK_BYTES)
                except (*DAMAGES, OSError):
                    return "is damaged in its archive; get the archive again"
                if not chunk:
                    return ""
                written.write(chunk)
