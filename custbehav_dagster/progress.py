"""What the terminal shows of a refresh at work: each step as it ends, and what takes long meanwhile."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator

STEP_STARTED = re.compile(r"STEP_START - .*?step \"?([\w.]+)\"?")
STEP_ENDED = re.compile(r"STEP_(SUCCESS|FAILURE) - .*?step \"?([\w.]+)\"?")
SOURCE_FAILED = re.compile(r"Asset check 'source_answered' on .*? did not pass\. Description: '(.*)'")
QUIET_SECONDS = 15.0
"""A step that takes so long is named, and again each time as long has passed."""


def lines_told(line: str) -> Iterator[str]:
    """What a line of Dagster's log comes to for a person; mostly nothing."""
    if (failed := SOURCE_FAILED.search(line)) and "sample" not in failed.group(1):
        yield f"NOTE    {failed.group(1)}"
    if ended := STEP_ENDED.search(line):
        outcome, step = ended.groups()
        is_check = "_checks" in step
        if outcome == "FAILURE" or not is_check:
            yield f"{'done  ' if outcome == 'SUCCESS' else 'FAILED'}  {_name(step)}"
    elif "Waiting for run" in line or (" of " in line and "read" in line and "INFO" in line):
        yield line.rstrip().rpartition(" - ")[2]


class Watch:
    """Says which step is at work whenever it has been for a while, until it is closed."""

    def __init__(self, tell: Callable[[str], None], quiet_seconds: float = QUIET_SECONDS) -> None:
        self._tell, self._quiet = tell, quiet_seconds
        self._step, self._since = "", time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def hear(self, line: str) -> None:
        """Take a line of the log: a step that starts is the one at work, one that ends is not."""
        if started := STEP_STARTED.search(line):
            self._step, self._since = started.group(1), time.monotonic()
        elif STEP_ENDED.search(line):
            self._step = ""

    def _look(self) -> None:
        told = 0.0
        while not self._ended.wait(self._quiet / 10):
            step, since, now = self._step, self._since, time.monotonic()
            if step and now - max(since, told) >= self._quiet:
                told = now
                self._tell(f"at work {_name(step)}, {now - since:,.0f} s so far")


def _name(step: str) -> str:
    return step.replace("__", " / ")
