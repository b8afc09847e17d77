"""Rows of a workbook or a JSON list as a CSV file, with the line in the original of each line written.

From here on they are read as any CSV, so that one account holds for all. Cells
are text; what a number or a date becomes is told by who writes the rows.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Row = tuple[int, Sequence[str]]
"""Line in the original, and cells."""
_LINE_END = re.compile(r"\r\n|\r")


def write_rows(rows: Iterable[Row], target: Path) -> npt.NDArray[np.int64]:
    """Write rows, each as wide as the widest, to the CSV file `target`; rows without content are left out.

    Returns, for each line of `target`, the line in the original that its record starts on.

    Raises:
        OSError: `target` cannot be written.
    """
    import numpy as np

    aside = target.with_name(target.name + ".rows")
    lines, widths = array("q"), set[int]()
    try:
        with aside.open("w", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            for line, cells in _filled(rows):
                widths.add(len(cells))
                writer.writerow(cells)
                lines.extend([line] * (1 + sum(cell.count("\n") for cell in cells)))
        if len(widths) > 1:
            _widen(aside, max(widths), target)
        else:
            aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return np.array(lines, np.int64)


def _filled(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that hold something, without the blank cells at their end, and with one kind of line end."""
    for line, cells in rows:
        width = len(cells)
        while width and not cells[width - 1].strip():
            width -= 1
        if width:
            yield line, [_LINE_END.sub("\n", cell) for cell in cells[:width]]


def _widen(source: Path, width: int, target: Path) -> None:
    limit = csv.field_size_limit(2**31 - 1)
    try:
        with (
            source.open(encoding="utf-8", newline="") as narrow,
            target.open("w", encoding="utf-8", newline="") as wide,
        ):
            writer = csv.writer(wide, lineterminator="\n")
            writer.writerows(cells + [""] * (width - len(cells)) for cells in csv.reader(narrow))
    finally:
        csv.field_size_limit(limit)
