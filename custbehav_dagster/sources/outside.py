"""What to do when an outside source fails: keep the last good rows, and say so.

A shop's refresh must not stop because Reddit is down. The rows of the last good
read stay (or none, if there were none), and the failure is told in the outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.contract import Table
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.manifest import generating
from custbehav_dagster.sources.result import Fetched, SourceFailure

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from custbehav_dagster.warehouse.store import Warehouse

SENTENCES_FORMAT = "labelled_sentences"


@dataclass(frozen=True)
class Outcome:
    """Rows to use from now on, and how they were come by, in words for the owner."""

    rows: pd.DataFrame
    provenance: str
    is_sample: bool
    failed: bool
    problems: list[str]

    @property
    def sentence(self) -> str:
        """How the source answered, for a person to read."""
        if self.problems:
            return " ".join(self.problems)
        if self.is_sample:
            return "No source is configured: these rows are this project's own sample, marked synthetic."
        return f"Read from {self.provenance}."


def keep_or_fetch(
    fetch: Callable[[], Fetched],
    write: Callable[[pd.DataFrame, Path], list[Path]],
    warehouse: Warehouse,
    table: Table,
    settings: Settings,
) -> Outcome:
    """Fetch the rows and write their files into data/raw; on failure keep what is there."""
    try:
        fetched = fetch()
    except SourceFailure as failure:
        return _kept(str(failure), warehouse, table)
    with generating(settings.raw_path) as folder:
        write(fetched.rows, folder)
    return Outcome(fetched.rows, fetched.provenance, fetched.is_sample, False, fetched.problems)


def _kept(failure: str, warehouse: Warehouse, table: Table) -> Outcome:
    current = warehouse.earlier(table)
    # A sample is no stand-in for a configured source that failed.
    rows = current.filter(~current.is_synthetic).to_pandas()
    kept = (
        f"The {len(rows):,} rows of the last good read were kept."
        if len(rows)
        else "There are no rows to use."
    )
    return Outcome(rows, "last good read", False, True, [failure, kept])


def with_local_sentences(settings: Settings, files: ir.Table) -> Settings:
    """The settings, with a file of labelled sentences found in data/raw where none is configured."""
    if settings.public_sentiment_url or settings.public_sentiment_file:
        return settings
    found = files.filter((files.format == SENTENCES_FORMAT) & ~files.is_synthetic).order_by("source_file")
    names = found.source_file.to_pyarrow().to_pylist()
    if not names:
        return settings
    return settings.model_copy(update={"public_sentiment_file": str(settings.raw_path / names[0])})
