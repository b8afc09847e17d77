"""A shop as one file, and back: for a copy elsewhere, and for moving to another machine.

Everything of a shop lies in its data directory, so a backup is that directory, taken
while no refresh writes. Reading the file needs nothing but tar.
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from custbehav_dagster.warehouse.files import TEMPORARY_MARK, atomic_path
from custbehav_dagster.warehouse.lock import Holder, lock_path, notes_folder, writer_lock

MARK = "custbehav_dagster backup 1\n"
MARK_NAME = "BACKUP"
SQLITE_START = b"SQLite format 3\x00"
SQLITE_SIDES = ("-wal", "-shm", "-journal")


class BackupError(Exception):
    """A backup cannot be made or put back; the message is one sentence for the owner."""


def back_up(data: Path, warehouse: Path, target: Path, on_wait: Callable[[str], None]) -> int:
    """Write the data directory into the archive `target`, whole or not at all; give the number of files.

    Args:
        data: the data directory.
        warehouse: the DuckDB file whose lock is held meanwhile.
        target: a .tar.gz outside the data directory; replaced if it exists.
        on_wait: told a sentence while a refresh is at work.

    Raises:
        BackupError: there is nothing to keep, or `target` lies inside the data directory.
    """
    if not warehouse.is_file():
        raise BackupError(f"There is no shop in {data} yet: run a refresh first.")
    if target.absolute().is_relative_to(data):
        raise BackupError(f"{target} lies inside the data folder {data}: choose a place outside of it.")
    with (
        writer_lock(warehouse, Holder.now("00000000-backup", "backup"), on_wait),
        atomic_path(target) as temporary,
        tarfile.open(temporary, "w:gz", compresslevel=6) as archive,
    ):
        _add_bytes(archive, MARK_NAME, MARK.encode())
        files = list(_kept_files(data, warehouse))
        for path in files:
            name = path.relative_to(data).as_posix()
            if _is_sqlite(path):
                # The UI may write to its history meanwhile; SQLite's own copy is whole all the same.
                _add_bytes(archive, name, _sqlite_copy(path))
            else:
                archive.add(path, name)
    return len(files)


def restore(archive: Path, data: Path) -> int:
    """Put a backup into `data`, which must hold no shop yet; give the number of files.

    Raises:
        BackupError: the archive is none of ours or is damaged, or `data` is not empty.
    """
    occupied = [path for path in data.rglob("*") if path.is_file() and path.name != ".gitkeep"]
    occupied = [path for path in occupied if path.relative_to(data).as_posix() != "README.md"]
    if occupied:
        raise BackupError(
            f"The data folder {data} is not empty ({occupied[0].relative_to(data)} is there): "
            "restore into a new one, by CUSTBEHAV_DATA_DIR."
        )
    staged = data.with_name(f".{data.name}{TEMPORARY_MARK}{os.getpid()}")
    try:
        count = _unpack(archive, staged)
        # Half a shop must never be seen: the folders are moved in when all of them are there.
        data.mkdir(parents=True, exist_ok=True)
        for folder in staged.iterdir():
            shutil.rmtree(data / folder.name, ignore_errors=True)
            folder.replace(data / folder.name)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise BackupError(f"{archive} cannot be put back: {error}.") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return count


def _unpack(archive: Path, folder: Path) -> int:
    with tarfile.open(archive, "r:gz") as packed:
        mark = packed.next()
        if mark is None or mark.name != MARK_NAME:
            raise BackupError(f"{archive} is not a backup of this project.")
        members = packed.getmembers()[1:]
        packed.extractall(folder, members, filter="data")
    return len(members)


def _kept_files(data: Path, warehouse: Path) -> Iterator[Path]:
    """The files of the shop; locks, notes of runs and half-written files stay behind."""
    for path in sorted(data.rglob("*")):
        if not path.is_file() or TEMPORARY_MARK in path.name or path == lock_path(warehouse):
            continue
        if notes_folder(warehouse) in path.parents or path.name.endswith((".lock", ".holder.json")):
            continue
        if path.name.endswith(SQLITE_SIDES) or path.parent.name.endswith(".tmp"):
            continue
        yield path


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE_START)) == SQLITE_START


def _sqlite_copy(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        return copy.serialize()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
