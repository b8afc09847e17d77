"""The files below `data/raw` in a stable order, with those that may not be opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NOT_DATA = frozenset({"readme.md"})
TEMPORARY_STARTS = (".", "~$")
"""Of hidden files, and of those that Excel keeps beside a workbook while it is open."""


@dataclass(frozen=True)
class Found:
    """A file below the folder, or something taken out of one; `problem` says why it is not to be opened.

    Attributes:
        path: where its bytes are.
        name: path below the folder; what was taken out of a file bears the file's name first.
        container: the file in the folder that it was taken out of, if any.
        sha256: hash of the original where `path` holds something made of it; else ''.
        lines: line in the original of each line of `path`, where the two differ.
        note: what the reader should know of it.
    """

    path: Path
    name: str
    problem: str = ""
    container: Path | None = None
    sha256: str = ""
    lines: npt.NDArray[np.int64] | None = field(default=None, compare=False)
    note: str = ""

    @property
    def origin(self) -> Path:
        """The file in the folder."""
        return self.container or self.path


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is no data of the shop's: hidden, temporary, or the readme."""
    return name.startswith(TEMPORARY_STARTS) or name.casefold() in NOT_DATA


def walk(folder: Path) -> Iterator[Found]:
    """Files below `folder`, by name; hidden ones, temporary ones and README.md are passed over.

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
            if is_passed_over(entry.name):
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
