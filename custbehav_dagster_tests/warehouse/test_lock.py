"""One writer at a time; the lock of a dead process is free and its run is known."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from custbehav_dagster.warehouse.lock import Holder, dead_runs, forget, notes_folder, read_holder, writer_lock

HOLD = """
import sys, time
from pathlib import Path
from custbehav_dagster.warehouse.lock import Holder, writer_lock
with writer_lock(Path(sys.argv[1]), Holder.now("run-of-child", "refresh")):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "warehouse" / "custbehav.duckdb"


def child_that_holds(warehouse: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(warehouse)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def test_a_waiting_run_says_whom_it_waits_for_and_then_goes_on(warehouse: Path) -> None:
    child = child_that_holds(warehouse)
    said: list[str] = []
    threading.Timer(0.5, child.kill).start()
    with writer_lock(warehouse, Holder.now("mine", "refresh"), on_wait=said.append):
        assert [died.run_id for died in dead_runs(warehouse)] == ["run-of-child"]
    end(child)
    assert len(said) == 1
    assert "Waiting for run run-of-c (refresh, process" in said[0]


def test_a_living_holder_is_not_dead(warehouse: Path) -> None:
    child = child_that_holds(warehouse)
    try:
        assert dead_runs(warehouse) == []
    finally:
        end(child)


def test_a_killed_holder_is_known_until_it_is_forgotten(warehouse: Path) -> None:
    end(child_that_holds(warehouse))
    (died,) = dead_runs(warehouse)
    assert died.name == "refresh"
    forget(warehouse, died)
    assert dead_runs(warehouse) == []
    assert read_holder(warehouse) is None


def test_a_run_killed_while_it_waits_is_known_too(warehouse: Path) -> None:
    with writer_lock(warehouse, Holder.now("mine", "refresh")):
        waiting = subprocess.Popen([sys.executable, "-c", HOLD, str(warehouse)])
        note = notes_folder(warehouse) / "run-of-child.json"
        while not note.exists():
            time.sleep(0.05)
        assert dead_runs(warehouse) == []
        waiting.kill()
        waiting.wait()
        assert [died.run_id for died in dead_runs(warehouse)] == ["run-of-child"]
        assert read_holder(warehouse) is not None


def test_a_clean_release_leaves_nobody_behind(warehouse: Path) -> None:
    with writer_lock(warehouse, Holder.now("mine", "refresh")):
        assert read_holder(warehouse) is not None
    assert read_holder(warehouse) is None
    assert dead_runs(warehouse) == []


def test_two_threads_never_hold_it_at_once(warehouse: Path) -> None:
    inside = []
    overlaps = []

    def work(number: int) -> None:
        with writer_lock(warehouse, Holder.now(str(number), "refresh")):
            inside.append(number)
            overlaps.append(len(inside))
            time.sleep(0.01)
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [1] * 6
