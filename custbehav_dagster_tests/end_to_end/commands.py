"""Starting this project's commands as a user would, each in a process group of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

PROJECT = Path(__file__).parents[2]
MATERIALIZE = ("-m", "dagster", "asset", "materialize", "--select", "*", "-m", "custbehav_dagster")
REFRESH = ("-m", "custbehav_dagster", "refresh")
LONGEST_RUN = 900.0
"""Seconds; only an end to hanging for ever, far above what a run takes."""


def make_home(folder: Path) -> Path:
    """A folder to run in that has the project's own Dagster files, but nobody's `.env`."""
    folder.mkdir(parents=True)
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(PROJECT / name, folder / name)
    return folder


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **knobs: object) -> dict[str, str]:
    """The environment of a command: the defaults, this data directory, and these knobs."""
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("CUSTBEHAV_", "REDDIT_"))
    }
    ours.pop("DAGSTER_HOME", None)
    return ours | {
        "CUSTBEHAV_DATA_DIR": str(data),
        "PYTHONPATH": str(PROJECT),
        **{f"CUSTBEHAV_{name.upper()}": str(value) for name, value in knobs.items()},
    }


class Command:
    """A command at work; `lines` are what it has said, each with its time in seconds since the start."""

    def __init__(self, arguments: tuple[str, ...], home: Path, environment: dict[str, str]) -> None:
        self.lines: list[tuple[float, str]] = []
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=home,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append((time.monotonic() - self.started, line))

    @property
    def said(self) -> str:
        return "".join(line for _, line in self.lines)

    def wait(self) -> int:
        """The exit code, after everything that was said has been read."""
        code = self.process.wait(LONGEST_RUN)
        self._reader.join(30)
        return code

    def wait_for_line(self, count: int) -> bool:
        """Wait until it has said `count` lines; False when it ended before that."""
        while len(self.lines) < count and self.process.poll() is None:
            time.sleep(0.01)
        return self.process.poll() is None

    def end(self) -> None:
        """Kill whatever is left of it and of the processes it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self._reader.join(30)
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def started(arguments: tuple[str, ...], home: Path, data: Path, **knobs: object) -> Iterator[Command]:
    """A command that does not outlive the block."""
    command = Command(arguments, home, environment(data, **knobs))
    try:
        yield command
    finally:
        command.end()


def run(arguments: tuple[str, ...], home: Path, data: Path, **knobs: object) -> Command:
    """Run a command to its end."""
    with started(arguments, home, data, **knobs) as command:
        command.wait()
    return command
