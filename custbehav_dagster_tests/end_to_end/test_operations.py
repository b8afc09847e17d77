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
    follow("Several shops")
    report = (home / "shops" / "second" / "processed" / "report" / "index.html").read_text()
    assert "€" in report or "EUR" in report
    assert state.table_prints(data / "warehouse" / "snapshot.duckdb") == before
