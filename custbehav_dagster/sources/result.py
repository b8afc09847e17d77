"""What every outside source gives back, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class SourceFailure(Exception):
    """A source could not be read; the message is one sentence for the owner.

    `reads` is what the source remembers of the attempt, where it remembers any.
    """

    def __init__(self, message: str, reads: pd.DataFrame | None = None) -> None:
        super().__init__(message)
        self.reads = reads


@dataclass(frozen=True)
class Earlier:
    """What the last refresh left of a source: its real rows, and what was read when."""

    rows: pd.DataFrame | None = None
    reads: pd.DataFrame | None = None


@dataclass(frozen=True)
class Fetched:
    """Rows of one source, with how they were come by.

    `problems` holds one sentence for each part that could not be read while the
    rest could, `notes` one for what else is worth knowing; `is_sample` says that the
    rows are this project's own sample, `failed` that only earlier rows are there.
    `reads` is what the source wants to remember until it is asked again.
    """

    rows: pd.DataFrame
    provenance: str
    is_sample: bool = False
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reads: pd.DataFrame | None = None
    failed: bool = False
