"""A shop becomes one file and comes back as it was; what cannot be kept or put back is said."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from custbehav_dagster.warehouse.backup import MARK_NAME, BackupError, back_up, restore
from custbehav_dagster.warehouse.lock import Holder, writer_lock


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for name in ("raw", "processed/lists", "warehouse", "dagster/history"):
        (folder / name).mkdir(parents=True)
    (folder / "raw" / "orders.csv").write_text("order_id,amount\n1,2.50\n")
    (folder / "processed" / "lists" / "thank.csv").write_bytes(b"\xff\x00 anything")
    with closing(duckdb.connect(folder / "warehouse" / "custbehav.duckdb")) as warehouse:
        warehouse.execute("CREATE TABLE orders AS SELECT 7 AS amount")
    with closing(sqlite3.connect(folder / "dagster" / "history" / "runs.db")) as history:
        history.execute("PRAGMA journal_mode=WAL")
        history.execute("CREATE TABLE runs (id TEXT)")
        history.execute("INSERT INTO runs VALUES ('first')")
        history.commit()
    return folder


def warehouse(data: Path) -> Path:
    return data / "warehouse" / "custbehav.duckdb"


def keep(data: Path, target: Path) -> int:
    return back_up(data, warehouse(data), target, on_wait=lambda _: None)


def test_what_was_kept_comes_back_as_it_was(data: Path, tmp_path: Path) -> None:
    (data / "raw" / ".half.custbehav-tmp.12.csv").write_text("half")
    (data / "warehouse" / "custbehav.duckdb.lock").touch()
    target = tmp_path / "shop.tar.gz"
    assert keep(data, target) == 4
    again = tmp_path / "elsewhere" / "data"
    assert restore(target, again) == 4
    assert (again / "raw" / "orders.csv").read_text() == "order_id,amount\n1,2.50\n"
    assert (again / "processed" / "lists" / "thank.csv").read_bytes() == b"\xff\x00 anything"
    with closing(duckdb.connect(warehouse(again), read_only=True)) as opened:
        assert opened.execute("SELECT amount FROM orders").fetchall() == [(7,)]
    assert sorted(path.name for path in again.rglob("*") if path.is_file()) == [
        "custbehav.duckdb", "orders.csv", "runs.db", "thank.csv",
    ]  # fmt: skip


def test_a_history_that_is_being_written_is_kept_whole(data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "dagster" / "history" / "runs.db")) as history:
        history.execute("INSERT INTO runs VALUES ('second')")
        history.commit()
        history.execute("INSERT INTO runs VALUES ('not committed')")
        keep(data, tmp_path / "shop.tar.gz")
    restore(tmp_path / "shop.tar.gz", tmp_path / "again")
    with closing(sqlite3.connect(tmp_path / "again" / "dagster" / "history" / "runs.db")) as kept:
        assert kept.execute("SELECT id FROM runs").fetchall() == [("first",), ("second",)]


def test_it_waits_for_a_refresh_and_says_so(data: Path, tmp_path: Path) -> None:
    class SaidError(Exception):
        """Ends the wait."""

    def told(sentence: str) -> None:
        raise SaidError(sentence)

    with (
        writer_lock(warehouse(data), Holder.now("12345678-run", "refresh")),
        pytest.raises(SaidError, match="Waiting for run 12345678"),
    ):
        back_up(data, warehouse(data), tmp_path / "shop.tar.gz", told)
    assert not (tmp_path / "shop.tar.gz").exists()


def test_a_folder_with_a_shop_is_never_overwritten(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "shop.tar.gz"
    keep(data, target)
    before = (data / "raw" / "orders.csv").read_text()
    with pytest.raises(BackupError, match=r"not empty .*restore into a new one"):
        restore(target, data)
    assert (data / "raw" / "orders.csv").read_text() == before


def test_the_folders_of_a_fresh_clone_count_as_empty(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "shop.tar.gz"
    keep(data, target)
    fresh = tmp_path / "clone" / "data"
    (fresh / "raw").mkdir(parents=True)
    (fresh / "raw" / ".gitkeep").touch()
    (fresh / "README.md").write_text("What lies here.")
    assert restore(target, fresh) == 4
    assert (fresh / "README.md").read_text() == "What lies here."


def test_there_must_be_a_shop_to_keep_and_a_place_outside_of_it(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="run a refresh first"):
        keep(tmp_path / "nothing", tmp_path / "shop.tar.gz")
    with pytest.raises(BackupError, match="lies inside the data folder"):
        keep(data, data / "shop.tar.gz")


@pytest.mark.parametrize("damage", ["cut off", "foreign", "no archive", "missing"])
def test_a_damaged_or_foreign_archive_puts_nothing_back(data: Path, tmp_path: Path, damage: str) -> None:
    target = tmp_path / "shop.tar.gz"
    if damage == "cut off":
        keep(data, target)
        target.write_bytes(target.read_bytes()[:-400])
    elif damage == "foreign":
        with tarfile.open(target, "w:gz") as archive:
            archive.add(data / "raw" / "orders.csv", "orders.csv")
    elif damage == "no archive":
        target.write_text("hello")
    again = tmp_path / "again"
    with pytest.raises(BackupError, match=r"shop\.tar\.gz (is not a backup|cannot be put back)"):
        restore(target, again)
    assert not again.exists()


def test_an_archive_cannot_write_outside_the_data_folder(tmp_path: Path) -> None:
    target = tmp_path / "evil.tar.gz"
    (tmp_path / "harmless").write_text("x")
    with tarfile.open(target, "w:gz") as archive:
        archive.add(tmp_path / "harmless", MARK_NAME)
        archive.add(tmp_path / "harmless", "../../outside")
    with pytest.raises(BackupError, match="cannot be put back"):
        restore(target, tmp_path / "inside" / "data")
    assert not (tmp_path / "outside").exists()
