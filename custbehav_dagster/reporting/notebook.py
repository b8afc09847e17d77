"""Run the notebook on a copy of the tables and keep it as one HTML page that needs nothing else.

The cells run in a process of their own (see `notebook_cells`), so that whatever they do,
hang or crash, leaves this one alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.warehouse.files import TEMPORARY_MARK, atomic_path

if TYPE_CHECKING:
    from custbehav_dagster.warehouse.store import Warehouse

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_full_pipeline.ipynb"
PAGE = "notebook.html"
"""In data/processed/report."""

DATABASE_VARIABLE = "CUSTBEHAV_NOTEBOOK_DATABASE"
"""Where the notebook finds the tables; without it, it reads the snapshot."""

READS = (
    "raw.ingested_files",
    "cleaned.quarantine",
    "truth.customers",
    "truth.orders",
    "truth.single_source_of_truth",
    "churn.evaluation",
    "churn.scores",
    "churn.second_order",
    "segments.segment_profiles",
    "segments.rfm_profiles",
    "segments.segment_transitions",
    "insights.topics",
    "insights.trends",
    "insights.product_affinity",
    "insights.leads",
    "insights.context_effects",
    "insights.practical_insights",
    "actions.list_overview",
    "actions.holdout",
)
"""Tables the notebook reads, as `layer.noun`; it shows pictures of data/processed/plots beside them."""

RUNNER = "custbehav_dagster.reporting.notebook_cells"
LONGEST_SECONDS = 900.0


class NotebookFailure(Exception):
    """The notebook could not be run to its end; the message is one sentence for the owner."""


@contextmanager
def readable_copy(warehouse: Warehouse) -> Iterator[Path]:
    """Give a copy of the tables as they are now, for another process to read; it is deleted at the end.

    For the time in which the warehouse is being written to and the snapshot is still the old one.
    """
    copy = warehouse.path.with_name(f".notebook{TEMPORARY_MARK}{os.getpid()}.duckdb")
    try:
        warehouse.copy_to(copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def run_notebook(
    notebook: Path, database: Path, target: Path, data_dir: Path, longest_seconds: float = LONGEST_SECONDS
) -> None:
    """Run `notebook` on the DuckDB file `database` and write it as HTML to `target`, all or nothing.

    `data_dir` is the data directory whose pictures it shows. Neither the notebook file
    nor the database is changed.

    Raises:
        NotebookFailure: the notebook cannot be read, a cell fails, or all of them together
            take longer than `longest_seconds`; `target` stays as it was.
    """
    places = {DATABASE_VARIABLE: str(database.absolute()), "CUSTBEHAV_DATA_DIR": str(data_dir.absolute())}
    with tempfile.TemporaryDirectory(prefix="custbehav-") as scratch, atomic_path(target) as page:
        failure = Path(scratch) / "failure.txt"
        # A folder of its own for IPython: the owner's set-up and history have no part in this.
        environment = {**os.environ, **places, "IPYTHONDIR": scratch}
        command = [sys.executable, "-m", RUNNER, str(notebook.absolute()), str(page), str(failure)]
        try:
            ended = subprocess.run(
                command, env=environment, capture_output=True, timeout=longest_seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotebookFailure(
                f"The notebook {notebook.name} was ended after {longest_seconds:,.0f} seconds without an end."
            ) from None
        if ended.returncode:
            raise NotebookFailure(_told(failure) or _crash(notebook.name, ended))


def _told(failure: Path) -> str:
    return failure.read_text(encoding="utf-8") if failure.is_file() else ""


def _crash(name: str, ended: subprocess.CompletedProcess[bytes]) -> str:
    """A sentence for a process that could not say itself what went wrong."""
    if ended.returncode < 0:
        return (
            f"The process that ran the notebook {name} was ended by signal {-ended.returncode}; "
            "memory may have run out."
        )
    lines = ended.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
    return f"The process that ran the notebook {name} failed: {lines[-1]}"
