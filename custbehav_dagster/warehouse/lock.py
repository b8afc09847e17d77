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

from filelock import BaseFileLock, FileLock, Timeout

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


def notes_folder(warehouse: Path) -> Path:
    """Where each run that works or waits keeps a locked note of itself."""
    return warehouse.with_name(warehouse.name + ".runs")


def _read(note: Path) -> Holder | None:
    try:
        return Holder(**json.loads(note.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def read_holder(warehouse: Path) -> Holder | None:
    """Who holds the lock, or held it when they died; None after a clean release."""
    return _read(holder_path(warehouse))


def dead_runs(warehouse: Path) -> list[Holder]:
    """The runs that died at work or while they waited, until they are forgotten."""
    dead = []
    for note in sorted(notes_folder(warehouse).glob("*.json")):
        lock = FileLock(note.with_suffix(".lock"), thread_local=False)
        with suppress(Timeout), lock.acquire(timeout=0):
            # Read under the lock: the run may have ended well a moment ago.
            if (holder := _read(note)) is not None:
                dead.append(holder)
    return dead


def forget(warehouse: Path, holder: Holder) -> None:
    """Remove the notes of a run that died or ended."""
    note = _note(warehouse, holder)
    for file in (note, note.with_suffix(".lock")):
        file.unlink(missing_ok=True)
    if read_holder(warehouse) == holder:
        holder_path(warehouse).unlink(missing_ok=True)


def _note(warehouse: Path, holder: Holder) -> Path:
    return notes_folder(warehouse) / f"{holder.run_id}.json"


@contextmanager
def _noted(warehouse: Path, holder: Holder) -> Iterator[None]:
    """Keep a locked note while this process lives, so that others can tell when it dies."""
    note = _note(warehouse, holder)
    note.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(note.with_suffix(".lock"), thread_local=False):
        atomic_write(note, json.dumps(asdict(holder)))
        try:
            yield
        finally:
            forget(warehouse, holder)


@contextmanager
def writer_lock(
    warehouse: Path, holder: Holder, on_wait: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Hold the right to write.

    `on_wait` is called with a sentence at once when another holds the lock, and
    every half minute after that.
    """
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_path(warehouse), thread_local=False)
    with _noted(warehouse, holder):
        _wait_for(lock, warehouse, on_wait)
        try:
            atomic_write(holder_path(warehouse), json.dumps(asdict(holder)))
            yield
        finally:
            holder_path(warehouse).unlink(missing_ok=True)
            lock.release()


def _wait_for(lock: BaseFileLock, warehouse: Path, on_wait: Callable[[str], None]) -> None:
    patience = 0.0
    while True:
        try:
            lock.acquire(timeout=patience, poll_interval=POLL_SECONDS)
            return
        except Timeout:
            whom = read_holder(warehouse) or "another process"
            on_wait(f"Waiting for {whom} to finish writing; readers can go on using the snapshot.")
        patience = REMIND_SECONDS
