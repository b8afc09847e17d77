"""Files that are either whole or not there: written aside, then moved in place."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY_MARK = ".custbehav-tmp."


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; it replaces `target` when the block ends well.

    The content is flushed to disk before the replacement, so that a power cut
    leaves the old file or the new one, never half of one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # The ending stays last, since some writers choose the format by it.
    temporary = target.with_name(f".{target.stem}{TEMPORARY_MARK}{os.getpid()}{target.suffix}")
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def atomic_write(target: Path, content: str | bytes) -> None:
    """Write `content` to `target` (UTF-8 for text), all or nothing."""
    with atomic_path(target) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def sha256_of(path: Path) -> str:
    """Hash of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep_temporary_files(folder: Path, older_than_seconds: float = 0) -> list[Path]:
    """Delete what a killed process left half-written below `folder`; return what was deleted."""
    limit = time.time() - older_than_seconds
    stale = [
        path
        for path in folder.rglob(f".*{TEMPORARY_MARK}*")
        if path.is_file() and path.stat().st_mtime <= limit
    ]
    for path in stale:
        path.unlink(missing_ok=True)
    return stale
