"""Sheets in which the further rows of an order leave the order's own cells blank.

The order's number, date and buyer are taken from the row above, as a reader's eye does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import has_content
from custbehav_dagster.cleaning.forensics.found import (
    Found,
    RawTables,
    counts_by_file,
    literal_cells,
    own_rows,
)
from custbehav_dagster.cleaning.forensics.proof import Proof, Statistic

if TYPE_CHECKING:
    import numpy as np

RULE = "blank_continuation"
ORDER_CELLS = ("order_id", "ordered_at", "customer_id", "email")
"""What a further row leaves blank."""
FEWEST_ROWS = 3
BLANK_TOGETHER = 0.9
LARGEST_SHARE = 0.95


def find_continuations(raw: RawTables) -> Found:
    """Order lines without a number, below a row that has one, in files where such cells are blank together.

    A row that lacks its number only, and has a date or a buyer, is no further row: its number
    is missing. Where such rows are more than one in ten, nothing is filled.
    """
    items = own_rows(raw["order_items"])
    blank = ~has_content(items.order_id) & (has_content(items.product) | has_content(items.product_id))
    counts = counts_by_file(items, blank=blank)
    found = [
        _judge_file(raw, file) for file, numbers in sorted(counts.items()) if numbers["blank"] >= FEWEST_ROWS
    ]
    return Found(
        tuple(table for one in found for table in one.repairs),
        tuple(proof for one in found for proof in one.proofs),
    )


def _judge_file(raw: RawTables, file: str) -> Found:
    orders = raw["orders"].filter(raw["orders"].source_file == file)
    flags = {f"has_{name}": has_content(orders[name]) for name in ORDER_CELLS}
    rows = orders.select("source_line", *ORDER_CELLS, **flags).order_by("source_line").to_pyarrow()
    has = {name: rows[f"has_{name}"].to_numpy(zero_copy_only=False) for name in ORDER_CELLS}
    if not rows.num_rows:
        return Found()
    above = _row_above(has["order_id"])
    unnumbered = ~has["order_id"]
    further = unnumbered & (above >= 0) & ~(has["ordered_at"] | has["customer_id"] | has["email"])
    together = int(further.sum()) / max(int(unnumbered.sum()), 1)
    reason = ""
    if together < BLANK_TOGETHER:
        reason = f"only {together:.0%} of the rows without an order number leave date and buyer blank too"
    elif further.sum() < FEWEST_ROWS or further.mean() > LARGEST_SHARE:
        reason = "too few rows tell how the sheet is made"
    before, after = int(unnumbered.sum()), int(unnumbered.sum() - further.sum())
    statistic = Statistic("rows without an order", float(before), float(before if reason else after))
    cells = 0 if reason else int(further.sum())
    note = f"{cells:,} further rows of an order left its number, date and buyer blank; they take those above."
    if reason:
        note = f"{before:,} rows have no order number; {reason}. Nothing was filled."
    proof = Proof("orders", file, "order_id", RULE, not reason, cells, (statistic,), note)
    if reason:
        return Found((), (proof,))
    filled = _filled(
        rows.to_pylist(), further.nonzero()[0].tolist(), above.tolist(), file, statistic.sentence
    )
    lines = raw["order_items"].filter(raw["order_items"].source_file == file)
    return Found((literal_cells(filled + _filled_lines(lines, filled)),), (proof,))


def _row_above(has_number: np.ndarray) -> np.ndarray:
    """For each row, the place of the last row with a number up to it; -1 where there is none."""
    import numpy as np

    return np.maximum.accumulate(np.where(has_number, np.arange(len(has_number)), -1))


def _filled(
    rows: list[dict[str, Any]], places: list[int], above: list[int], file: str, proof: str
) -> list[dict[str, Any]]:
    return [
        {
            "raw_table": "orders", "source_file": file, "source_line": rows[place]["source_line"],
            "column_name": name, "before": rows[place][name], "after": rows[above[place]][name],
            "rule": RULE, "proof": proof,
        }
        for place in places
        for name in ORDER_CELLS
        if rows[above[place]][f"has_{name}"]
    ]  # fmt: skip


def _filled_lines(lines: ir.Table, filled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same for the order lines in the same records."""
    has_line = set(lines.source_line.to_pyarrow().to_pylist())
    return [
        {**cell, "raw_table": "order_items"}
        for cell in filled
        if cell["column_name"] == "order_id" and cell["source_line"] in has_line
    ]
