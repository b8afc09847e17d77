"""The commands of docs/operations.md do what the page says, word for word."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.commands import PROJECT, environment
from custbehav_dagster_tests.end_to_end.conftest import SMALL

ORDERS = "order_id,customer_id,order_date,amount\nO1,C1,2024-01-05,12.50\nO2,C2,2024-02-06,3.00\n"
CUSTOMERS = "customer_id,name,email\nC1,Ann Lee,ann@example.org\nC2,Bo Day,bo@example.org\n"
PAGE = PROJECT / "docs" / "operations.md"


def commands_of(heading: str) -> list[str]:
    """The shell lines below a heading of the page."""
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return [
        line for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) for line in block.splitlines()
    ]


def test_backup_move_and_a_second_shop_as_the_page_says(copy_of_shop: Callable[[], Path], home: Path) -> None:
    shutil.move(copy_of_shop(), home / "data")
    data = home / "data"
    (home / ".venv" / "bin").mkdir(parents=True)
    python = home / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    variables = environment(data, **SMALL)
    del variables["CUSTBEHAV_DATA_DIR"]

    def follow(heading: str) -> str:
        lines = commands_of(heading)
        assert lines
        said = ""
        for line in lines:
            ended = subprocess.run(
                ["sh", "-c", line], cwd=home, env=variables, capture_output=True, text=True, check=False
            )
            assert ended.returncode == 0, line + "\n" + ended.stdout[-2000:] + ended.stderr[-2000:]
            said += ended.stdout
        return said

    before = state.table_prints(data / "warehouse" / "snapshot.duckdb")
    assert "files kept in ../shop-backup.tar.gz" in follow("Back up")
    assert "files put into" in follow("Restore, or move to another machine")
    assert state.table_prints(data / "warehouse" / "snapshot.duckdb") == before
    restored = home / "restored"
    assert state.table_prints(restored / "warehouse" / "snapshot.duckdb") == before
    assert state.file_prints(restored, "*.csv") == state.file_prints(data, "*.csv")
    second = home / "shops" / "second"
    put_good_and_bad_files(second / "raw")
    follow("Several shops")
    report = (second / "processed" / "report" / "index.html").read_text()
    assert "€" in report or "EUR" in report
    bad_files_are_named_and_the_good_ones_are_read(second)
    assert state.table_prints(data / "warehouse" / "snapshot.duckdb") == before


def put_good_and_bad_files(raw: Path) -> None:
    raw.mkdir(parents=True)
    (raw / "sales.csv").write_text(ORDERS)
    (raw / "people.csv").write_text(CUSTOMERS)
    (raw / "broken.csv").write_text('order_id,customer_id,order_date,amount\nO3,C1,2024-03-01,"4.00\nO4,C2')
    (raw / "holiday.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))


def bad_files_are_named_and_the_good_ones_are_read(data: Path) -> None:
    snapshot = data / "warehouse" / "snapshot.duckdb"
    orders = state.query(snapshot, "SELECT order_id, is_synthetic, source_file FROM raw.orders ORDER BY 1")
    assert orders == [("O1", False, "sales.csv"), ("O2", False, "sales.csv")]
    files = state.query(
        snapshot,
        "SELECT source_file, format, rows_in, rows_kept, rows_quarantined FROM raw.ingested_files ORDER BY 1",
    )
    assert files == [
        ("broken.csv", "own_orders", 2, 0, 2),
        ("holiday.jpg", "unknown", 0, 0, 0),
        ("people.csv", "own_customers", 2, 2, 0),
        ("sales.csv", "own_orders", 2, 2, 0),
    ]
    summary = (data / "processed" / "SUMMARY.md").read_text()
    assert "broken.csv" in summary
    assert "holiday.jpg" in summary
