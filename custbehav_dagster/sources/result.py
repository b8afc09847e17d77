"""What every outside source gives back, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class SourceFailure(Exception):
    """A source could not be read; the message is one sentence for the owner."""


@dataclass(frozen=True)
class Fetched:
    """Rows of one source, with how they were come by.

    `problems` holds one sentence for each part that could not be read while the
    rest could; `is_sample` says that the rows are this project's own sample.
    """

    rows: pd.DataFrame
    provenance: str
    is_sample: bool = False
    problems: list[str] = field(default_factory=list)
