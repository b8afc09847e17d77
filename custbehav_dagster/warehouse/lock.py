"""One writer at a time, by a lock that the kernel drops when its holder dies.

What belongs here: taking the lock, saying who holds it, and telling a holder
that died from one that is at work. What does not: DuckDB, and Dagster.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from custbehav_dagster.warehouse.files import atomic_write

POLL_SECONDS = 0.2
REMIND_SECONDS = 30.0


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: a run of Dagster, or another command of this project."""

    run_id: str
    name: str
    process: int
    since: str

    @classmethod
    def now(cls, run_id: str, name: str) -> Holder:
        """This process, from this moment on."""
        return cls(run_id, name, os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))

    def __str__(self) -> str:
        return f"run {self.run_id[:8]} ({self.name}, process {self.process}, since {self.since})"


def lock_path(warehouse: Path) -> Path:
    """The file whose lock stands for the right to write to `warehouse`."""
    return warehouse.with_name(warehouse.name + ".lock")


def holder_path(warehouse: Path) -> Path:
    """The file that says who holds the lock; gone after a clean release."""
    return warehouse.with_name(warehouse.name + ".holder.json")


def read_holder(warehouse: Path) -> Holder | None:
    """Who holds the lock, or held it when they died; None after a clean release."""
    try:
        return Holder(**json.loads(holder_path(warehouse).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def dead_holder(warehouse: Path) -> Holder | None:
    """The holder that died without releasing the lock; None when it lives or released it."""
    holder = read_holder(warehouse)
    if holder is None:
        return None
    lock = FileLock(lock_path(warehouse), thread_local=False)
    try:
        with lock.acquire(timeout=0):
            # Read again: it may have released between the first look and the lock.
            return read_holder(warehouse)
    except Timeout:
        return None


def forget_holder(warehouse: Path) -> None:
    """Remove the note of who holds the lock."""
    holder_path(warehouse).unlink(missing_ok=True)


@contextmanager
def writer_lock(
    warehouse: Path, holder: Holder, on_wait: Callable[[str], None] = lambda _: None
) -> Iterator[Holder | None]:
    """Hold the right to write; give the previous holder if it died at work, else None.

    `on_wait` is called with a sentence at once when another holds the lock, and
    every half minute after that.
    """
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_path(warehouse), thread_local=False)
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            whom = read_holder(warehouse) or "another process"
            on_wait(f"Waiting for {whom} to finish writing; readers can go on using the snapshot.")
        with suppress(Timeout):
            lock.acquire(timeout=REMIND_SECONDS, poll_interval=POLL_SECONDS)
            break
    try:
        died = read_holder(warehouse)
        atomic_write(holder_path(warehouse), json.dumps(asdict(holder)))
        yield died
    finally:
        forget_holder(warehouse)
        lock.release()
