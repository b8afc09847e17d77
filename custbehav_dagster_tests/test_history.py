"""The event log that keeps its files open behaves as the stock one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from custbehav_dagster.history import OPEN_FILES, OpenEventLog

WRITER = """
import sys
from custbehav_dagster.history import OpenEventLog
from custbehav_dagster_tests.test_history import entry
log = OpenEventLog(sys.argv[1])
for number in range(int(sys.argv[2])):
    log.store_event(entry("shared", sys.argv[3] + str(number)))
    print(number, flush=True)
"""


def entry(run: str, message: str) -> EventLogEntry:
    return EventLogEntry(None, 20, message, run, 0.0)


def messages(log: SqliteEventLogStorage, run: str) -> list[str]:
    return [record.event_log_entry.user_message for record in log.get_records_for_run(run).records]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[OpenEventLog]:
    opened = OpenEventLog(str(tmp_path))
    yield opened
    opened.dispose()


def start_writer(folder: Path, count: int, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(count), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])


def test_what_it_stores_the_stock_log_reads(log: OpenEventLog, tmp_path: Path) -> None:
    log.store_event(entry("a", "first"))
    log.store_event(entry("a", "second"))
    log.store_event(entry("b", "other run"))
    stock = SqliteEventLogStorage(str(tmp_path))
    assert messages(stock, "a") == ["first", "second"]
    assert messages(stock, "b") == ["other run"]


def test_it_sees_what_others_store_after_it_opened_the_file(log: OpenEventLog, tmp_path: Path) -> None:
    log.store_event(entry("a", "mine"))
    SqliteEventLogStorage(str(tmp_path)).store_event(entry("a", "theirs"))
    assert messages(log, "a") == ["mine", "theirs"]


def test_more_runs_than_files_kept_open_lose_nothing(log: OpenEventLog) -> None:
    runs = [f"run{number}" for number in range(OPEN_FILES * 3)]
    for message in ("first", "second"):
        for run in runs:
            log.store_event(entry(run, message))
    assert {run: messages(log, run) for run in runs} == {run: ["first", "second"] for run in runs}
    assert len(log._engines) <= OPEN_FILES


def test_threads_may_share_it(log: OpenEventLog) -> None:
    def store(name: str) -> None:
        for number in range(20):
            log.store_event(entry("a", f"{name}{number}"))

    threads = [threading.Thread(target=store, args=(name,)) for name in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(messages(log, "a")) == sorted(f"{name}{number}" for name in "xyz" for number in range(20))


@pytest.mark.slow
def test_two_processes_write_to_one_run_at_a_time(log: OpenEventLog, tmp_path: Path) -> None:
    log.store_event(entry("shared", "before"))
    writers = [start_writer(tmp_path, 50, name) for name in "xy"]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    written = {f"{name}{number}" for name in "xy" for number in range(50)}
    assert set(messages(log, "shared")) == {"before"} | written


@pytest.mark.slow
def test_a_killed_process_has_lost_nothing_that_it_stored(log: OpenEventLog, tmp_path: Path) -> None:
    with start_writer(tmp_path, 10_000, "x") as writer:
        assert writer.stdout is not None
        told = [next(writer.stdout) for _ in range(100)]
        os.kill(writer.pid, signal.SIGKILL)
    assert len(told) == 100
    assert messages(log, "shared")[:100] == [f"x{number}" for number in range(100)]


def test_the_shop_keeps_its_events_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUSTBEHAV_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(Path(__file__).parents[1]))
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog)
    assert (tmp_path / "dagster" / "history" / "runs" / "index.db").is_file()
