"""A refresh that is killed loses nothing, mixes nothing, and is made good by the next one.

The number of kills is CUSTBEHAV_TEST_KILLS (default 2), their seed CUSTBEHAV_TEST_SEED.
"""

from __future__ import annotations

import os
import random
import signal
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import psutil
import pytest

from custbehav_dagster.automation import clear_dead_runs
from custbehav_dagster.history import ShopHistory
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.lock import Holder, writer_lock
from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.commands import MATERIALIZE, run, started
from custbehav_dagster_tests.end_to_end.conftest import SMALL, FinishedShop

# Read here, since the tests themselves see no such variables.
KILLS = int(os.environ.get("CUSTBEHAV_TEST_KILLS", "2"))
SEED = int(os.environ.get("CUSTBEHAV_TEST_SEED", "1"))
OTHER_SHOP = SMALL | {"synthetic_seed": 8}
"""What killed runs make, so that each table of theirs differs from those that were there."""

HAS_THE_LOCK = "RESOURCE_INIT_SUCCESS"
ALL_STEPS_DONE = 'Finished execution of step "report"'


def kill_moments(timeline: list[float], count: int, seed: int) -> list[tuple[int, float]]:
    """Moments spread evenly at random over the time of a run that was not killed.

    Each is a number of lines said and a wait in seconds after the last of them, so
    that it falls into the same work on a slower or faster machine. The time before
    the first line is start-up, which touches nothing.
    """
    chance = random.Random(seed)
    moments = [chance.uniform(timeline[0], timeline[-1]) for _ in range(count)]
    lines = [bisect_right(timeline, moment) for moment in moments]
    return [(said, moment - timeline[said - 1]) for said, moment in zip(lines, moments, strict=True)]


@dataclass
class Killed:
    """What the kills showed: how many hit a living process, and a run at work; complaints to read."""

    hits: int = 0
    at_work: int = 0
    complaints: list[str] = field(default_factory=list)


def test_kills_at_random_moments_lose_nothing(
    finished_shop: FinishedShop, copy_of_shop: Callable[[], Path], home: Path
) -> None:
    data = copy_of_shop()
    snapshot = data / "warehouse" / "snapshot.duckdb"
    tables = state.tables(snapshot)
    found = Killed()
    for said, pause in kill_moments([seconds for seconds, _ in finished_shop.lines], KILLS, SEED):
        before = state.table_prints(snapshot)
        log = _kill_a_refresh(home, data, said, pause, found)
        place = (
            f"killed {pause:.2f} s after line {said}, {(log.splitlines() or ['nothing said'])[-1][-160:]}: "
        )
        if state.table_prints(snapshot) != before and ALL_STEPS_DONE not in log:
            found.complaints.append(place + "the snapshot changed although the run did not end")
        if missing := set(tables) - set(state.tables(snapshot)):
            found.complaints.append(place + f"tables missing from the snapshot: {missing}")
        if broken := state.broken_files(data / "processed"):
            found.complaints.append(place + f"broken files: {broken}")
    assert found.complaints == []
    assert found.at_work > 0, "no kill hit a run at work; choose another seed"

    again = run(MATERIALIZE, home, data, **SMALL)
    assert again.process.returncode == 0, again.said[-4000:]
    assert state.left_behind(data) == []
    assert state.broken_files(data / "processed") == {}
    assert state.file_prints(data, "*.csv") == state.file_prints(finished_shop.data, "*.csv")
    assert {name: rows for name, (rows, _) in state.table_prints(snapshot).items()} == {
        name: rows
        for name, (rows, _) in state.table_prints(
            finished_shop.data / "warehouse" / "snapshot.duckdb"
        ).items()
    }
    assert state.table_prints(data / "warehouse" / "custbehav.duckdb") == state.table_prints(snapshot)
    newest, *killed, first = _statuses(data)
    assert (newest, first) == (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.SUCCESS)
    # Killed before its first step, a run was never at work; it is cleared away after an hour.
    assert set(killed) <= {dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.NOT_STARTED}
    assert killed.count(dg.DagsterRunStatus.FAILURE) >= found.at_work


def test_a_run_killed_while_it_waits_is_not_said_to_be_at_work_for_ever(
    copy_of_shop: Callable[[], Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = copy_of_shop()
    monkeypatch.setenv("CUSTBEHAV_DATA_DIR", str(data))
    shop = Settings()
    with (
        writer_lock(shop.warehouse_path, Holder.now("00000000", "a longer run")),
        started(MATERIALIZE, home, data, **SMALL) as command,
    ):
        while "Waiting for run 00000000" not in command.said and command.process.poll() is None:
            time.sleep(0.05)
        os.kill(command.process.pid, signal.SIGKILL)
        command.process.wait(30)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        clear_dead_runs(instance, datetime.now(UTC), shop)
    assert _statuses(data) == [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS]


def _kill_a_refresh(home: Path, data: Path, said: int, pause: float, found: Killed) -> str:
    """Start a refresh, kill -9 its process at the moment, and give what it had said."""
    with started(MATERIALIZE, home, data, **OTHER_SHOP) as command:
        if command.wait_for_line(said):
            time.sleep(pause)
        helpers = (
            psutil.Process(command.process.pid).children(recursive=True)
            if command.process.poll() is None
            else []
        )
        if command.process.poll() is None:
            os.kill(command.process.pid, signal.SIGKILL)
            found.hits += 1
            found.at_work += HAS_THE_LOCK in command.said
        command.process.wait(30)
        _, alive = psutil.wait_procs(helpers, timeout=20)
        found.complaints += [f"{process} outlived the killed run" for process in alive]
    return command.said


def _statuses(data: Path) -> list[dg.DagsterRunStatus]:
    """How every run of the history ended, the newest first."""
    history = ShopHistory(str(data / "dagster"))
    try:
        return [run.status for run in history.run_storage.get_runs()]
    finally:
        history.dispose()
