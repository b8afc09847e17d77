"""What to do when an outside source fails: keep the last good rows, and say so.

A shop's refresh must not stop because Reddit is down. The rows of the last good
read stay (or none, if there were none), and the failure is told in the outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.contract import Table
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.contract_rows import conform_frame
from custbehav_dagster.sources.manifest import generating
from custbehav_dagster.sources.result import Earlier, Fetched, SourceFailure

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from custbehav_dagster.warehouse.store import Warehouse

SENTENCES_FORMAT = "labelled_sentences"
NOTHING_THERE = "There are no rows to use."


@dataclass(frozen=True)
class Outcome:
    """Rows to use from now on, and how they were come by, in words for the owner.

    `reads` is what the source remembers of its asking; `gone` are the identifiers of
    real rows that were there before and are no more.
    """

    rows: pd.DataFrame
    provenance: str
    is_sample: bool
    failed: bool
    problems: list[str]
    notes: list[str] = field(default_factory=list)
    reads: pd.DataFrame | None = None
    gone: frozenset[str] = frozenset()

    @property
    def sentence(self) -> str:
        """How the source answered, for a person to read."""
        if self.problems:
            return " ".join(self.problems)
        if self.is_sample:
            return "No source is configured: these rows are this project's own sample, marked synthetic."
        read = [f"Read from {self.provenance}."] if self.provenance else []
        return " ".join([*read, *self.notes])


Write = Callable[["pd.DataFrame", Path], list[Path]]


def keep_or_fetch(
    fetch: Callable[[], Fetched], write: Write, warehouse: Warehouse, table: Table, settings: Settings
) -> Outcome:
    """Fetch the rows and write their files into data/raw; on failure keep what is there."""
    try:
        fetched = fetch()
    except SourceFailure as failure:
        return _outcome(_kept(failure, _known(warehouse, table)))
    with generating(settings.raw_path) as folder:
        write(fetched.rows, folder)
    return _outcome(fetched)


def refresh_source(
    fetch: Callable[[Earlier], Fetched],
    write: Write,
    warehouse: Warehouse,
    table: Table,
    settings: Settings,
    *,
    may_keep: Callable[[pd.DataFrame], pd.DataFrame],
    reads: Table | None,
) -> Outcome:
    """Fetch the rows, given the earlier ones, and write their files into data/raw.

    On failure the earlier rows that `may_keep` lets through stay. `table` has one key
    column; `reads` is the table of what the source remembers of its asking, if it does.
    """
    known = _known(warehouse, table)
    remembered = conform_frame(warehouse.earlier(reads).to_pandas(), reads) if reads else None
    try:
        fetched = fetch(Earlier(known, remembered))
    except SourceFailure as failure:
        fetched = _kept(failure, may_keep(known), remembered)
    if not fetched.failed or len(fetched.rows) < len(known):
        with generating(settings.raw_path) as folder:
            write(fetched.rows, folder)
    (key,) = table.key
    return _outcome(fetched, gone=frozenset(known[key]) - frozenset(fetched.rows[key]))


def _known(warehouse: Warehouse, table: Table) -> pd.DataFrame:
    """The real rows of the last refresh: a sample is no stand-in for a configured source."""
    current = warehouse.earlier(table)
    return conform_frame(table.conform(current.filter(~current.is_synthetic)).to_pandas(), table)


def _kept(failure: SourceFailure, rows: pd.DataFrame, remembered: pd.DataFrame | None = None) -> Fetched:
    count = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    there = f"{count} of the last good read stayed in use." if len(rows) else NOTHING_THERE
    return Fetched(
        rows,
        "last good read",
        problems=[str(failure), there],
        reads=remembered if failure.reads is None else failure.reads,
        failed=True,
    )


def _outcome(fetched: Fetched, gone: frozenset[str] = frozenset()) -> Outcome:
    return Outcome(
        fetched.rows,
        fetched.provenance,
        fetched.is_sample,
        fetched.failed,
        fetched.problems,
        fetched.notes,
        fetched.reads,
        gone,
    )


def with_local_sentences(settings: Settings, files: ir.Table) -> Settings:
    """The settings, with a file of labelled sentences found in data/raw where none is configured."""
    if settings.public_sentiment_url or settings.public_sentiment_file:
        return settings
    found = files.filter((files.format == SENTENCES_FORMAT) & ~files.is_synthetic).order_by("source_file")
    names = found.source_file.to_pyarrow().to_pylist()
    if not names:
        return settings
    return settings.model_copy(update={"public_sentiment_file": str(settings.raw_path / names[0])})
