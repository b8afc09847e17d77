"""Texts that were taken back leave the files, once no table names them any more."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from custbehav_dagster.contract import cleaned
from custbehav_dagster.warehouse.forgetting import forget_deleted, note_forgotten, note_path
from custbehav_dagster.warehouse.store import open_warehouse

WORDS = {"reddit:a": "Kept as it is, 0c9f1d", "reddit:b": "Taken back by its writer, 7be21a"}


def texts(*text_ids: str) -> pd.DataFrame:
    columns = dict.fromkeys(cleaned.PUBLIC_TEXTS.column_names)
    made = {"source_type": "reddit", "is_synthetic": False, "provenance": "reddit api"}
    return pd.DataFrame([columns | made | {"text_id": name, "text": WORDS[name]} for name in text_ids])


def write(warehouse: Path, snapshot: Path, *text_ids: str) -> None:
    with open_warehouse(warehouse) as opened:
        opened.write("cleaned", "public_texts", texts(*text_ids))
        opened.publish(snapshot)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse" / "custbehav.duckdb"
    write(path, path.with_name("snapshot.duckdb"), "reddit:a", "reddit:b")
    return path


def holds(path: Path, text_id: str) -> bool:
    return WORDS[text_id].encode() in path.read_bytes()


def test_a_file_is_written_anew_without_what_was_taken_back(warehouse: Path) -> None:
    snapshot = warehouse.with_name("snapshot.duckdb")
    note_forgotten(warehouse, {"reddit:b"})
    write(warehouse, snapshot, "reddit:a")
    assert holds(warehouse, "reddit:b"), "a table written anew leaves its old rows in the file"

    assert forget_deleted(warehouse, snapshot, "500MB")

    for path in (warehouse, snapshot):
        assert (holds(path, "reddit:a"), holds(path, "reddit:b")) == (True, False)
        with open_warehouse(path, read_only=True) as opened:
            assert opened.table("cleaned", "public_texts").schema() == cleaned.PUBLIC_TEXTS.schema
    assert not note_path(warehouse).exists()


def test_the_note_stays_while_a_table_names_the_text(warehouse: Path) -> None:
    snapshot = warehouse.with_name("snapshot.duckdb")
    note_forgotten(warehouse, {"reddit:b"})
    assert forget_deleted(warehouse, snapshot, "500MB")
    assert note_path(warehouse).exists()

    write(warehouse, snapshot, "reddit:a")
    assert forget_deleted(warehouse, snapshot, "500MB")
    assert not note_path(warehouse).exists()
    assert not holds(warehouse, "reddit:b")


def test_without_a_note_nothing_is_written(warehouse: Path) -> None:
    before = warehouse.stat().st_ino
    note_forgotten(warehouse, set())
    assert not forget_deleted(warehouse, warehouse.with_name("snapshot.duckdb"), "500MB")
    assert warehouse.stat().st_ino == before
