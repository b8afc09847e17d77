"""Which steps of a run took longest, from Dagster's own history of runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

STEP_SECONDS = """
    SELECT step_key, 86400 * (max(julianday(timestamp)) - min(julianday(timestamp))) AS seconds
    FROM event_logs
    WHERE dagster_event_type IN ('STEP_START', 'STEP_SUCCESS', 'STEP_FAILURE')
    GROUP BY step_key ORDER BY seconds DESC, step_key LIMIT ?
"""


def slowest_steps(history: Path, count: int) -> list[tuple[str, float]]:
    """The longest steps of the newest run in the folder `history` with their seconds, longest first."""
    runs = [path for path in (history / "runs").glob("*.db") if path.stem != "index"]
    newest = max(runs, key=lambda path: path.stat().st_mtime)
    with closing(sqlite3.connect(f"file:{newest}?mode=ro", uri=True)) as events:
        taken = events.execute(STEP_SECONDS, [count]).fetchall()
    return [(step.replace("__", "/"), seconds) for step, seconds in taken]
