"""One command as a whole process: how long, how much CPU, how much memory.

What the commands are and what their figures mean does not belong here. Keep this
process small: a started process counts the memory of the one that started it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.1
LAST_LINES = 15


class CommandFailedError(Exception):
    """A measured command did not end well; the message holds the last it said."""


@dataclass(frozen=True)
class Usage:
    """What one run took.

    Attributes:
        wall_seconds: from the start of the process to its end.
        cpu_seconds: user and system time of the process and of every process it waited for.
        peak_bytes: largest resident memory, of the process alone or summed over it and
            its descendants, whichever is more. The sum is looked at ten times a second and
            counts pages that processes share once for each.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def measure(
    command: Sequence[str], log: Path, *, folder: Path, environment: Mapping[str, str] | None = None
) -> Usage:
    """Run `command` in `folder` to its end; what it prints goes to `log`.

    Args:
        command: program and arguments.
        log: file for its output and errors.
        folder: working directory.
        environment: all its variables; None: those of this process.

    Raises:
        CommandFailedError: it ended with an exit code other than 0.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        with _MemoryWatch(process.pid) as memory:
            _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        raise CommandFailedError(
            f"{' '.join(command)} ended with exit code {process.returncode}:\n" + "\n".join(said)
        )
    return Usage(wall, used.ru_utime + used.ru_stime, max(used.ru_maxrss * 1024, memory.peak_bytes))


def median_of(runs: Sequence[Usage]) -> Usage:
    """The median of each figure by itself; of memory, the largest."""
    return Usage(
        statistics.median(run.wall_seconds for run in runs),
        statistics.median(run.cpu_seconds for run in runs),
        max(run.peak_bytes for run in runs),
    )


class _MemoryWatch:
    """Looks at the memory of a process and its descendants from a thread of its own."""

    def __init__(self, process: int) -> None:
        self.peak_bytes = 0
        self._process = psutil.Process(process)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self.peak_bytes = max(self.peak_bytes, self._resident_bytes())

    def _resident_bytes(self) -> int:
        total = 0
        try:
            family = [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return 0
        for member in family:
            try:
                total += member.memory_info().rss
            except psutil.Error:
                continue
        return total
