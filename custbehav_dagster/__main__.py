"""The owner's commands: refresh, ui, doctor, backup and restore.

They only prepare the folders, start Dagster's own commands, and say in plain
words what came of it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.progress import Watch, lines_told

if TYPE_CHECKING:
    # The doctor must be able to say that a package is missing.
    from custbehav_dagster.settings import Settings

RUN_ID = re.compile(r" - ([0-9a-f]{8}-[0-9a-f-]{27}) - ")
HOME_MARK = "dagster.yaml"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; give its exit code."""
    parser = argparse.ArgumentParser(prog="python -m custbehav_dagster", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("refresh", help="read data/raw, make every table, picture and the report")
    ui = commands.add_parser("ui", help="serve the Dagster UI on this machine, with the daily schedule")
    ui.add_argument("--port", type=int, default=3000, help="port on 127.0.0.1")
    doctor = commands.add_parser("doctor", help="look at what a refresh needs, and say what to do")
    doctor.add_argument("--port", type=int, default=3000, help="port of the UI to look at")
    backup = commands.add_parser("backup", help="write the whole shop into one .tar.gz")
    backup.add_argument("file", type=Path, help="the archive to write, outside the data folder")
    restore = commands.add_parser("restore", help="put a backup into an empty data folder")
    restore.add_argument("file", type=Path, help="the archive to read")
    chosen = parser.parse_args(arguments)
    if chosen.command == "doctor":
        from custbehav_dagster.doctor import main as look

        return look(chosen.port)
    if not Path(HOME_MARK).is_file():
        return _say("Run this in the project's folder, the one that holds dagster.yaml.", 2)
    settings = _checked_settings()
    try:
        if chosen.command in ("backup", "restore"):
            return _keep_or_restore(chosen.command, chosen.file, settings)
        _prepare(settings)
        return refresh(settings) if chosen.command == "refresh" else serve(chosen.port, settings)
    except OSError as error:
        return _say(
            f"The data folder {settings.data_path} cannot be used ({error.strerror or error}): "
            "set CUSTBEHAV_DATA_DIR to a folder you may write to.",
            2,
        )


def refresh(settings: Settings) -> int:
    """Make everything once, telling each step as it ends; 0 when all went well."""
    started = time.monotonic()
    log = settings.data_path / "dagster" / "last_refresh.log"
    command = [sys.executable, "-m", "dagster", "job", "execute", "-m", "custbehav_dagster", "-j", "refresh"]
    run_id = ""
    with (
        log.open("w") as kept,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
        Watch(_tell) as watch,
    ):
        for line in process.stdout or ():
            kept.write(line)
            watch.hear(line)
            run_id = run_id or next(iter(RUN_ID.findall(line)), "")
            for told in lines_told(line):
                _tell(told)
    seconds = time.monotonic() - started
    if process.returncode == 0:
        from custbehav_dagster.reporting.first_words import first_words

        return _say("\n" + "\n".join(first_words(settings, seconds)), 0)
    for sentence in _why_it_failed(run_id):
        _say(sentence)
    return _say(
        "The refresh did not finish. The snapshot of the last good one stays as it was.\n"
        f"Everything it said: {log}",
        1,
    )


def serve(port: int, settings: Settings) -> int:
    """Serve the UI behind a guard until interrupted."""
    from custbehav_dagster.guard import serve_guarded

    return serve_guarded(port, settings)


def _keep_or_restore(command: str, file: Path, settings: Settings) -> int:
    from custbehav_dagster.warehouse.backup import BackupError, back_up, restore

    try:
        if command == "restore":
            return _say(f"{restore(file, settings.data_path)} files put into {settings.data_path}.")
        count = back_up(settings.data_path, settings.warehouse_path, file, _tell)
        return _say(f"{count} files kept in {file}.")
    except BackupError as error:
        return _say(str(error), 1)


def _why_it_failed(run_id: str) -> list[str]:
    """The sentence of each step that failed; empty when the run never began."""
    import dagster as dg

    if not run_id:
        return []
    with dg.DagsterInstance.get() as instance:
        failures = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    told = []
    for record in failures:
        data = record.get_dagster_event().step_failure_data
        described = data.user_failure_data.description if data.user_failure_data else None
        told.append(
            f"{record.step_key}: {described or (data.error.message.strip() if data.error else 'failed')}"
        )
    return told


def _checked_settings() -> Settings:
    from custbehav_dagster.definitions import settings_or_sentence

    return settings_or_sentence()


def _prepare(settings: Settings) -> None:
    """Make the folders and, once, the history: several first starts at once must not race."""
    from filelock import FileLock

    for folder in (settings.raw_path, settings.processed_path, settings.warehouse_path.parent):
        folder.mkdir(parents=True, exist_ok=True)
    home = settings.data_path / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    os.environ["DAGSTER_HOME"] = str(Path.cwd())
    with FileLock(home / ".first-start.lock"):
        if not (home / "schedules").exists():
            import dagster as dg

            with dg.DagsterInstance.get():
                pass


def _tell(sentence: str) -> None:
    _say(sentence)


def _say(sentence: str, code: int = 0) -> int:
    print(sentence, file=sys.stderr if code else sys.stdout, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
