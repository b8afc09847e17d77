"""A folder of raw files for tests, and what was read from it, as plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import Inbox

ORDERS = "order_id,date,amount,product,customer_id\n007,2024-01-05,£12.50,Mug,C1\nO2,06/01/2024,3,,\n"
CUSTOMERS = "customer_id,first name,last name,email\n1,Ann,Lee,ann@example.org\n2,,Day,\n"
FEEDBACK = 'id,date,review,stars\n1,2024-01-09,"Lovely,\nreally",5\n2,2024-01-10,,3\n'


def put(settings: Settings, name: str, content: str | bytes) -> Path:
    path = settings.raw_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(table: ir.Table, *columns: str) -> list[tuple[Any, ...]]:
    """Values of the columns, by file and line."""
    order = [name for name in ("source_file", "source_line", "text_id") if name in table.columns]
    found = table.order_by(order).to_pyarrow().to_pylist()
    return [tuple(row[name] for name in columns) for row in found]


def account(inbox: Inbox) -> dict[str, dict[str, Any]]:
    return {row["source_file"]: row for row in inbox.files.to_pyarrow().to_pylist()}


def check_balance(inbox: Inbox) -> None:
    """Each file's account agrees with itself and with the tables."""
    for name, row in account(inbox).items():
        assert row["rows_in"] == row["rows_kept"] + row["rows_quarantined"], row
        assert (
            len(rows(inbox.quarantine.filter(inbox.quarantine.source_file == name)))
            == row["rows_quarantined"]
        )
