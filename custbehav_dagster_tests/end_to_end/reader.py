"""A reader of the snapshot that does not stop while runs write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from custbehav_dagster_tests.end_to_end import state


class Reader:
    """Opens the snapshot again and again, as a notebook or a chart would, and keeps what it saw."""

    def __init__(self, snapshot: Path) -> None:
        self.snapshot = snapshot
        self.reads = 0
        self.seen: list[dict[str, tuple[int, int]]] = []
        self.error: Exception | None = None
        self._stop = threading.Event()

    def _read(self) -> None:
        while not self._stop.wait(0.2) and self.error is None:
            try:
                prints = state.table_prints(self.snapshot)
            except Exception as error:
                self.error = error
            else:
                self.reads += 1
                if not self.seen or self.seen[-1] != prints:
                    self.seen.append(prints)

    @contextmanager
    def reading(self) -> Iterator[None]:
        thread = threading.Thread(target=self._read)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
