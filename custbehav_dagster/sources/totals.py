"""The line of totals that reports and spreadsheets put below their records."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from custbehav_dagster.sources.formats.base import plain_name

TAIL_BYTES = 64 << 10
WORDS = frozenset(
    {
        *("total", "totals", "grandtotal", "sum", "subtotal", "overall"),
        *("summe", "gesamt", "gesamtsumme", "insgesamt", "totaal", "totale", "totali"),
        *("totaux", "totalgeneral", "totalgénéral", "suma", "sumatotal", "totales", "razem", "łącznie"),
    }
)
MOST_FILLED = 0.6
"""Share of cells; a line of totals has none for names, dates and the like."""


def ends_with_totals(path: Path, separator: str) -> bool:
    """Whether the last line of the UTF-8 file `path` holds totals: so it says, and most cells are empty.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip(f"{separator} \t\r")), "")
    # An odd quote closes a cell of several lines, of which this is the last.
    if not last or len(last) > TAIL_BYTES // 2 or "\0" in last or last.count('"') % 2:
        return False
    cells = next(csv.reader([last.rstrip("\r")], delimiter=separator), [])
    filled = [cell for cell in cells if cell.strip()]
    return plain_name(filled[0]) in WORDS and len(filled) <= max(2.0, MOST_FILLED * len(cells))
