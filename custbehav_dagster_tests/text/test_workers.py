"""Scoring in several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from custbehav_dagster.text import workers
from custbehav_dagster.text.sentiment import vader_rules, vader_scores
from custbehav_dagster.text.workers import ScoringError, ScoringPool, process_count

TEXTS = [f"mug {number}: {'not ' * (number % 3)}good{'!' * (number % 5)} عالی 😀" for number in range(12_000)]


@pytest.fixture
def _workers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "TEXTS_WITHOUT_WORKERS", 0)


@pytest.mark.usefixtures("_workers_at_once")
@pytest.mark.parametrize("processes", [2, 3])
def test_scores_do_not_depend_on_the_number_of_processes(processes: int) -> None:
    assert vader_scores(TEXTS, processes).tolist() == vader_scores(TEXTS).tolist()


@pytest.mark.parametrize(("seen", "started"), [(19_999, 0), (20_000, 0), (20_001, 2)])
def test_few_texts_start_no_process(seen: int, started: int) -> None:
    with ScoringPool(vader_rules(), processes=2) as pool:
        pool.submit(["good"] * (seen - 1)).result()
        assert list(pool.submit(["bad"]).result()) == [-0.5423]
        assert len(pool._workers) == started


def test_many_texts_that_are_expected_start_the_processes_with_the_first_of_them() -> None:
    with ScoringPool(vader_rules(), processes=2, expected=20_001) as pool:
        assert list(pool.submit(["bad"]).result()) == [-0.5423]
        assert len(pool._workers) == 2


@pytest.mark.usefixtures("_workers_at_once")
def test_one_process_is_the_calling_one() -> None:
    with ScoringPool(vader_rules(), processes=1) as pool:
        pool.submit(["good"])
        assert pool._workers == []


def test_as_many_processes_as_wanted_or_one_per_core() -> None:
    assert process_count(3) == 3
    assert 1 <= process_count(0) <= (os.cpu_count() or 1)


@pytest.mark.usefixtures("_workers_at_once")
def test_the_processes_are_gone_when_the_work_is_done() -> None:
    with ScoringPool(vader_rules(), processes=2) as pool:
        pool.submit(["good"]).result()
        processes = [worker._process for worker in pool._workers]
    assert [process.poll() for process in processes] == [0, 0]


@pytest.mark.usefixtures("_workers_at_once")
def test_the_processes_are_gone_when_the_work_breaks_off() -> None:
    pool = ScoringPool(vader_rules(), processes=2)
    with suppress(KeyboardInterrupt), pool:
        for _ in range(20):
            pool.submit(TEXTS)
        raise KeyboardInterrupt
    assert [worker._process.poll() is None for worker in pool._workers] == [False, False]


@pytest.mark.usefixtures("_workers_at_once")
def test_a_process_that_is_killed_is_one_clear_error() -> None:
    with ScoringPool(vader_rules(), processes=2) as pool:
        pool.submit(["good"]).result()
        for worker in pool._workers:
            worker._process.kill()
        with pytest.raises(ScoringError) as caught:
            pool.submit(["good"]).result()
    assert str(caught.value) == (
        "A process that scores texts ended early (exit code -9); "
        "set CUSTBEHAV_WORKER_PROCESSES=1 to score without extra processes."
    )


@pytest.mark.usefixtures("_workers_at_once")
def test_an_error_in_a_process_is_one_clear_error_and_the_process_goes_on() -> None:
    with ScoringPool(vader_rules(), processes=2) as pool:
        with pytest.raises(ScoringError, match=r"^A process that scores texts failed: AttributeError: .*\.$"):
            pool.submit([7]).result()  # type: ignore[list-item]
        assert list(pool.submit(["good"]).result()) == [0.4404]


@pytest.mark.usefixtures("_workers_at_once")
def test_a_process_that_cannot_start_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with (
        pytest.raises(ScoringError, match=r"did not start: .*nowhere.*CUSTBEHAV_WORKER_PROCESSES=1"),
        ScoringPool(vader_rules(), processes=2) as pool,
    ):
        pool.submit(["good"])


PARENT = """
import time
from custbehav_dagster.text import workers
from custbehav_dagster.text.sentiment import vader_rules
workers.TEXTS_WITHOUT_WORKERS = 0
with workers.ScoringPool(vader_rules(), 2) as pool:
    pool.submit(["good"]).result(), pool.submit(["good"]).result()
    busy = [pool.submit(["not so good"] * 200_000) for _ in range(2)]
    print(*(worker._process.pid for worker in pool._workers), flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_the_processes_die_with_a_parent_that_is_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pids = parent.stdout.readline().split()
        parent.send_signal(signal.SIGKILL)
        _, said = parent.communicate(timeout=30)
    assert len(pids) == 2
    give_up = time.monotonic() + 30
    while any(is_running(pid) for pid in pids) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not any(is_running(pid) for pid in pids)
    assert said == ""


def is_running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_scoring_process_imports_the_standard_library_only() -> None:
    code = (
        workers._START.removesuffix("main()") + "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, workers._PACKAGE_ROOT],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"custbehav_dagster", "__main__"}
