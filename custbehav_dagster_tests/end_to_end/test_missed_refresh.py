"""A refresh that was due while the daemon was down is made up once, by a real daemon.

Takes some six minutes, most of them waiting for the clock: run with CUSTBEHAV_TEST_DAEMON=1.
The decision itself is tested in test_automation.py.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from custbehav_dagster.automation import DUE_TAG, SETTLING_MINUTES
from custbehav_dagster.history import ShopHistory
from custbehav_dagster_tests.end_to_end.commands import Command, free_port, started
from custbehav_dagster_tests.end_to_end.conftest import SMALL

# Read here, since the tests themselves see no such variables.
pytestmark = pytest.mark.skipif(
    os.environ.get("CUSTBEHAV_TEST_DAEMON") != "1",
    reason="waits for the clock; CUSTBEHAV_TEST_DAEMON=1 runs it",
)
SENSOR_SECONDS = 60
STARTED_UP = "Instance is configured with the following daemons"
LONGEST_WAIT = 420


def test_a_refresh_missed_while_the_daemon_was_down_is_made_up_once(
    copy_of_shop: Callable[[], Path], home: Path
) -> None:
    data = copy_of_shop()
    due = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=2)
    knobs = {**SMALL, "shop_timezone": "UTC", "refresh_cron": f"{due.minute} {due.hour} * * *"}
    before = len(_runs(data))
    command = ("-m", "custbehav_dagster", "ui", "--port", str(free_port()))
    with started(command, home, data, **knobs) as daemon:
        _wait_for_ticks(daemon)
    while datetime.now(UTC) <= due + timedelta(seconds=5):
        time.sleep(1)
    assert len(_runs(data)) == before

    with started(command, home, data, **knobs):
        until = time.monotonic() + LONGEST_WAIT
        while len(_ended(data)) <= before and time.monotonic() < until:
            time.sleep(2)
        # Long enough for every sensor and the schedule to look again.
        time.sleep(SENSOR_SECONDS + 60 * SETTLING_MINUTES)
        made_up = [run for run in _runs(data) if DUE_TAG in run.tags]
    assert [(run.status, run.tags[DUE_TAG]) for run in made_up] == [
        (dg.DagsterRunStatus.SUCCESS, due.isoformat())
    ]
    assert len(_runs(data)) == before + 1


def _wait_for_ticks(daemon: Command) -> None:
    """Until the schedule and the sensors have been looked at, so that the daemon knows them."""
    while STARTED_UP not in daemon.said and daemon.process.poll() is None:
        time.sleep(0.2)
    time.sleep(20)
    assert daemon.process.poll() is None, daemon.said[-3000:]


def _runs(data: Path) -> list[dg.DagsterRun]:
    history = ShopHistory(str(data / "dagster"))
    try:
        return list(history.run_storage.get_runs())
    finally:
        history.dispose()


def _ended(data: Path) -> list[dg.DagsterRun]:
    return [run for run in _runs(data) if run.is_finished]
