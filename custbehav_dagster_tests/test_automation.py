"""What starts a refresh, and what does not."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from custbehav_dagster import automation
from custbehav_dagster.automation import (
    DUE_TAG,
    LAST_ASSET,
    Watch,
    build_automation,
    clear_dead_runs,
    due_before,
    inbox_result,
    is_missed,
    missed_refresh_result,
    owners_files,
)
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.manifest import record_generated
from custbehav_dagster.warehouse.files import atomic_write
from custbehav_dagster.warehouse.lock import notes_folder

SIX_IN_LONDON = datetime(2026, 7, 1, 5, 0, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=str(tmp_path))
    settings.raw_path.mkdir()
    return settings


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def up_for(minutes: float, now: datetime) -> str:
    return f'{{"up_since": {now.timestamp() - minutes * 60}, "last_look": {now.timestamp() - 60}}}'


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-07-01 05:00", "2026-07-01 05:00"),  # summer time: six in London is five in UTC
        ("2026-07-01 04:59", "2026-06-30 05:00"),
        ("2026-01-01 06:00", "2026-01-01 06:00"),
        ("2026-03-29 12:00", "2026-03-29 05:00"),  # the clocks went forward that night
        ("2026-10-25 12:00", "2026-10-25 06:00"),  # and back
    ],
)
def test_the_refresh_is_due_at_six_by_the_shops_clock(now: str, due: str, shop: Settings) -> None:
    assert due_before(at(now), shop) == at(due)


@pytest.mark.parametrize(
    ("up_minutes", "refreshed_at", "missed"),
    [
        (10, SIX_IN_LONDON - timedelta(days=1), True),
        (10, SIX_IN_LONDON + timedelta(minutes=1), False),  # it happened
        (10, None, False),  # a shop never refreshed has missed nothing
        (1, SIX_IN_LONDON - timedelta(days=1), False),  # the schedule goes first
    ],
)
def test_a_refresh_is_missed_when_it_was_due_and_did_not_happen(
    up_minutes: float, refreshed_at: datetime | None, missed: bool
) -> None:
    now = SIX_IN_LONDON + timedelta(hours=3)
    watch = Watch(now.timestamp() - up_minutes * 60, now.timestamp())
    assert is_missed(SIX_IN_LONDON, now, watch, refreshed_at) is missed


def test_a_long_gap_between_looks_means_that_the_daemon_was_down() -> None:
    watch = Watch(up_since=0, last_look=SIX_IN_LONDON.timestamp())
    later = SIX_IN_LONDON + timedelta(minutes=6)
    assert watch.look(later).up_since == later.timestamp()
    assert watch.look(SIX_IN_LONDON + timedelta(minutes=4)).up_since == 0


def test_a_missed_refresh_is_made_up_once(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    now = SIX_IN_LONDON + timedelta(hours=3)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(LAST_ASSET))
        monkeypatch.setattr(automation, "_materialized_at", lambda *_: SIX_IN_LONDON - timedelta(days=1))
        first = missed_refresh_result(instance, up_for(10, now), now, shop)
        assert first.run_requests is not None
        assert [request.tags[DUE_TAG] for request in first.run_requests] == [SIX_IN_LONDON.isoformat()]
        instance.create_run_for_job(_empty_job(), tags=first.run_requests[0].tags)
        again = missed_refresh_result(instance, up_for(11, now), now + timedelta(minutes=1), shop)
        assert not again.run_requests


def test_nothing_is_made_up_while_a_run_is_under_way(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    now = SIX_IN_LONDON + timedelta(hours=3)
    monkeypatch.setattr(automation, "_materialized_at", lambda *_: SIX_IN_LONDON - timedelta(days=1))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.create_run_for_job(_empty_job(), status=dg.DagsterRunStatus.STARTED)
        assert not missed_refresh_result(instance, up_for(10, now), now, shop).run_requests


def test_the_schedule_runs_by_default_in_the_shops_time_zone() -> None:
    schedule, sensors = build_automation(
        Settings(shop_timezone="America/New_York", refresh_cron="30 7 * * *")
    )
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 7 * * *", "America/New_York")
    assert {sensor.name for sensor in sensors} == {"missed_refresh", "inbox", "dead_runs"}
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(instance, scheduled_execution_time=SIX_IN_LONDON)
        request = schedule.evaluate_tick(context).run_requests[0]
        assert request.tags[DUE_TAG] == SIX_IN_LONDON.isoformat()


def put(shop: Settings, name: str, text: str, seconds_ago: float = 60) -> Path:
    path = shop.raw_path / name
    path.write_text(text)
    moment = time.time() - seconds_ago
    os.utime(path, (moment, moment))
    return path


def test_a_new_file_starts_a_refresh_and_then_no_other(shop: Settings) -> None:
    now = datetime.now(UTC)
    with dg.DagsterInstance.ephemeral() as instance:
        put(shop, "orders.csv", "order_id\n1\n")
        first = inbox_result(instance, None, now, shop)
        assert len(first.run_requests or []) == 1
        assert not inbox_result(instance, first.cursor, now, shop).run_requests
        put(shop, "orders.csv", "order_id\n1\n2\n")
        assert len(inbox_result(instance, first.cursor, now, shop).run_requests or []) == 1


def test_a_file_that_is_still_being_copied_waits(shop: Settings) -> None:
    now = datetime.now(UTC)
    with dg.DagsterInstance.ephemeral() as instance:
        put(shop, "orders.csv", "order_id\n1\n", seconds_ago=1)
        result = inbox_result(instance, "before", now, shop)
        assert not result.run_requests
        assert result.cursor == "before"


def test_files_of_this_project_start_nothing(shop: Settings) -> None:
    path = put(shop, "orders.csv", "order_id\n1\n")
    record_generated(shop.raw_path, [path])
    put(shop, ".hidden", "x")
    assert owners_files(shop.raw_path) == {}


def test_a_run_whose_process_died_is_marked_as_failed(shop: Settings) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(_empty_job(), status=dg.DagsterRunStatus.STARTED)
        never = instance.create_run_for_job(_empty_job())
        note = f'{{"run_id": "{run.run_id}", "name": "refresh", "process": 1, "since": "now"}}'
        atomic_write(notes_folder(shop.warehouse_path) / f"{run.run_id}.json", note)
        soon, later = datetime.now(UTC), datetime.now(UTC) + timedelta(hours=2)
        assert clear_dead_runs(instance, soon, shop).startswith("1 runs")
        assert _status(instance, run) is dg.DagsterRunStatus.FAILURE
        assert _status(instance, never) is dg.DagsterRunStatus.NOT_STARTED
        assert clear_dead_runs(instance, later, shop).startswith("1 runs")
        assert _status(instance, never) is dg.DagsterRunStatus.FAILURE
        assert clear_dead_runs(instance, later, shop) == "No run has died."


def _status(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


def _empty_job() -> dg.JobDefinition:
    @dg.op
    def nothing() -> None:
        """Do nothing."""

    @dg.job
    def empty() -> None:
        nothing()

    return empty
