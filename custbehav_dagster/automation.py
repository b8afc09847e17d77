"""What starts a refresh: the daily schedule, new files in data/raw, and a missed day.

The rules are plain functions of times and files; the Dagster parts around them
only ask and answer.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._utils.schedules import reverse_cron_string_iterator

from custbehav_dagster.resources import report_dead_runs
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.manifest import generated_files

REFRESH = "refresh"
DUE_TAG = "custbehav/due_at"
SETTLED_SECONDS = 5.0
"""A file younger than this may still be being copied."""

SETTLING_MINUTES = 2
"""How long the daemon must have been up before a missed day is made up: the schedule goes first."""

NEVER_STARTED = timedelta(hours=1)
"""A run made this long ago whose first step never came will not come any more."""

GAP_MINUTES = 5
"""Two looks further apart than this mean that the daemon was down in between."""

LAST_ASSET = dg.AssetKey(["report", "summary"])
FILES_ASSET = dg.AssetKey(["raw", "ingested_files"])

refresh_job = dg.define_asset_job(
    REFRESH,
    selection=dg.AssetSelection.all(),
    description="Everything, from the files in data/raw to the report.",
    executor_def=dg.in_process_executor,
)


def due_before(now: datetime, settings: Settings) -> datetime:
    """The newest moment at or before `now` at which the daily refresh was due, in UTC.

    Asks Dagster's own reading of the cron words, so that both agree on the days
    when the clocks change.
    """
    moments = reverse_cron_string_iterator(now.timestamp(), settings.refresh_cron, settings.shop_timezone)
    return next(moment for moment in moments if moment <= now).astimezone(UTC)


@dataclass(frozen=True)
class Watch:
    """What the sensor for missed refreshes remembers between two looks, in UTC seconds."""

    up_since: float
    last_look: float

    def look(self, now: datetime) -> Watch:
        """The watch after a look at `now`; a long gap means that the daemon was down."""
        moment = now.timestamp()
        was_down = moment - self.last_look > GAP_MINUTES * 60
        return Watch(moment if was_down else self.up_since, moment)


def is_missed(due: datetime, now: datetime, watch: Watch, last_refresh: datetime | None) -> bool:
    """Whether the refresh due at `due` did not happen and should be made up now.

    A shop that was never refreshed has missed nothing.
    """
    settled = now - datetime.fromtimestamp(watch.up_since, UTC) >= timedelta(minutes=SETTLING_MINUTES)
    return settled and last_refresh is not None and last_refresh < due


def owners_files(raw: Path) -> dict[str, tuple[int, int]]:
    """Size in bytes and time of change in nanoseconds of each file the owner put into data/raw."""
    own = set(generated_files(raw))
    found: dict[str, tuple[int, int]] = {}
    for path in sorted(raw.rglob("*")) if raw.is_dir() else []:
        name = path.relative_to(raw).as_posix()
        if path.is_file() and not path.name.startswith(".") and name not in own:
            status = path.stat()
            found[name] = (status.st_size, status.st_mtime_ns)
    return found


def fingerprint(files: dict[str, tuple[int, int]]) -> str:
    """A short name for this state of the files; another state has another name."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]


def _materialized_at(instance: dg.DagsterInstance, key: dg.AssetKey) -> datetime | None:
    event = instance.get_latest_materialization_event(key)
    return datetime.fromtimestamp(event.timestamp, UTC) if event else None


def _run_under_way(instance: dg.DagsterInstance) -> bool:
    busy = [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
    ]
    return instance.get_runs_count(dg.RunsFilter(statuses=busy)) > 0


def build_automation(settings: Settings) -> tuple[dg.ScheduleDefinition, list[dg.SensorDefinition]]:
    """The schedule and the sensors, for the time zone and folders of `settings`."""

    @dg.schedule(
        job=refresh_job,
        cron_schedule=settings.refresh_cron,
        execution_timezone=settings.shop_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="The daily refresh, in the shop's time zone.",
    )
    def daily_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        due = context.scheduled_execution_time.astimezone(UTC).isoformat()
        return dg.RunRequest(run_key=due, tags={DUE_TAG: due})

    @dg.sensor(
        job=refresh_job,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Makes up, once, a daily refresh that was due while the daemon was down.",
    )
    def missed_refresh(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return missed_refresh_result(context.instance, context.cursor, datetime.now(UTC), settings)

    @dg.sensor(
        job=refresh_job,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a refresh when the files in data/raw change.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return inbox_result(context.instance, context.cursor, datetime.now(UTC), settings)

    @dg.sensor(
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks a run whose process died as failed, so that it blocks no other.",
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(clear_dead_runs(context.instance, datetime.now(UTC), settings))

    return daily_refresh, [missed_refresh, inbox, dead_runs]


def missed_refresh_result(
    instance: dg.DagsterInstance, cursor: str | None, now: datetime, settings: Settings
) -> dg.SensorResult:
    """Ask for the refresh that was missed, or say why none is asked for."""
    watch = (Watch(**json.loads(cursor)) if cursor else Watch(now.timestamp(), now.timestamp())).look(now)
    due = due_before(now, settings)
    kept = json.dumps(asdict(watch))
    already_asked = instance.get_runs_count(dg.RunsFilter(tags={DUE_TAG: due.isoformat()})) > 0
    if already_asked or _run_under_way(instance):
        return dg.SensorResult(skip_reason="The refresh that was due has been started.", cursor=kept)
    if not is_missed(due, now, watch, _materialized_at(instance, LAST_ASSET)):
        return dg.SensorResult(skip_reason="No refresh was missed.", cursor=kept)
    tags = {DUE_TAG: due.isoformat(), "custbehav/reason": "made up after the daemon was down"}
    request = dg.RunRequest(run_key=f"missed {due.isoformat()}", tags=tags)
    return dg.SensorResult(run_requests=[request], cursor=kept)


def inbox_result(
    instance: dg.DagsterInstance, cursor: str | None, now: datetime, settings: Settings
) -> dg.SensorResult:
    """Ask for a refresh when the owner's files are not those of the last refresh."""
    files = owners_files(settings.raw_path)
    state = fingerprint(files)
    newest = max((changed for _, changed in files.values()), default=0) / 1e9
    if state == cursor:
        return dg.SensorResult(skip_reason="The files in data/raw have not changed.", cursor=cursor)
    if now.timestamp() - newest < SETTLED_SECONDS:
        return dg.SensorResult(skip_reason="Files are still being copied into data/raw.", cursor=cursor)
    if cursor is None:
        read_at = _materialized_at(instance, FILES_ASSET)
        if not files or (read_at is not None and newest <= read_at.timestamp()):
            return dg.SensorResult(skip_reason="The files in data/raw have been read already.", cursor=state)
    tags = {"custbehav/reason": "files in data/raw changed"}
    # The time is part of the key, so that a file put back later is read again.
    request = dg.RunRequest(run_key=f"files {state} {now:%Y-%m-%dT%H:%M:%S}", tags=tags)
    return dg.SensorResult(run_requests=[request], cursor=state)


def clear_dead_runs(instance: dg.DagsterInstance, now: datetime, settings: Settings) -> str:
    """Mark the runs whose process died as failed; say what was done in a sentence.

    A command that was killed before its first step left no note: its run is known by
    never having started.
    """
    died = len(report_dead_runs(instance, settings.warehouse_path))
    never = dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED], updated_before=now - NEVER_STARTED)
    for run in instance.get_runs(never):
        instance.report_run_failed(run, "The command that made this run ended before it began.")
        died += 1
    return f"{died} runs whose process had died are marked as failed." if died else "No run has died."
