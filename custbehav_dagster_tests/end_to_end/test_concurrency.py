"""Two runs and a reader at once: one run waits, says for whom, and nobody fails."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.commands import MATERIALIZE, REFRESH, started
from custbehav_dagster_tests.end_to_end.conftest import SMALL


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


def test_two_runs_and_a_reader_at_once_all_finish(copy_of_shop: Callable[[], Path], home: Path) -> None:
    data = copy_of_shop()
    snapshot = data / "warehouse" / "snapshot.duckdb"
    reader = Reader(snapshot)
    with (
        reader.reading(),
        started(MATERIALIZE, home, data, **SMALL, synthetic_seed=8) as one,
        started(REFRESH, home, data, **SMALL) as other,
    ):
        codes = one.wait(), other.wait()
    assert codes == (0, 0), one.said[-2000:] + other.said[-2000:]
    waiting = re.findall(
        r"Waiting for run [0-9a-f]{8} \([\w ]+, process \d+, since .*\)", one.said + other.said
    )
    assert len(set(waiting)) == 1, "no run waited, or both did"
    assert reader.error is None
    assert reader.reads > 5
    assert reader.seen[-1] == state.table_prints(data / "warehouse" / "custbehav.duckdb")
    assert state.left_behind(data) == []
