"""The files below `data/raw` in a stable order, with those that may not be opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOT_DATA = frozenset({"readme.md"})


@dataclass(frozen=True)
class Found:
    """A file below the folder; `problem` says why it is not to be opened."""

    path: Path
    name: str
    problem: str = ""


def walk(folder: Path) -> Iterator[Found]:
    """Files below `folder`, by name; hidden ones and README.md are passed over.

    Links are reported and not followed, so that nothing outside the folder is
    read and nothing inside it twice. What is neither file nor folder is reported.
    """
    root = folder.resolve()
    pending = [root]
    found: list[Found] = []
    while pending:
        here = pending.pop()
        try:
            entries = list(os.scandir(here))
        except FileNotFoundError:
            continue
        except OSError as error:
            found.append(_found(here, root, f"is a folder that cannot be read: {why(error)}"))
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith(".") or entry.name.casefold() in NOT_DATA:
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
            else:
                found.append(_found(path, root, _problem(path, root)))
    yield from sorted(found, key=lambda one: one.name)


def _found(path: Path, root: Path, problem: str) -> Found:
    name = path.relative_to(root).as_posix() if path != root else "."
    # Names of other systems may hold bytes that are no UTF-8, which no table can store.
    return Found(path, os.fsencode(name).decode("utf-8", "backslashreplace"), problem)


def _problem(path: Path, root: Path) -> str:
    try:
        if path.is_symlink():
            if not path.exists():
                return "is a link to a file that is not there"
            if path.resolve().is_relative_to(root):
                return "is a link to another file here, which is read itself"
            return "is a link to a place outside this folder, which is not followed; copy the file here"
        if not stat.S_ISREG(path.stat().st_mode):
            return "is no ordinary file"
    except OSError as error:
        return f"cannot be read: {why(error)}"
    return ""


def why(error: OSError) -> str:
    """The operating system's reason, in small letters."""
    return (error.strerror or "unknown reason").lower()
