"""Texts that were taken back at their source leave the files of the warehouse too, not only its tables.

DuckDB marks the place of deleted rows as free and leaves what stood there in the file
until something else is written over it, and the readers' snapshot is a copy of that
file. So when texts were taken back the file is written anew, once no table holds them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb

from custbehav_dagster.contract import TABLES
from custbehav_dagster.warehouse.files import TEMPORARY_MARK, atomic_path, atomic_write
from custbehav_dagster.warehouse.store import literal, quoted

ID_COLUMNS = ("text_id",)
"""Columns of the contract that name a text; tables that hold texts have one of them."""


def note_path(warehouse: Path) -> Path:
    """Where the identifiers of texts to be forgotten wait until the file is free of them."""
    return warehouse.with_name("forgetting.json")


def note_forgotten(warehouse: Path, text_ids: Iterable[str]) -> None:
    """Remember that these texts were taken back: the next good refresh writes the file anew."""
    known = set(_noted(warehouse)) | set(text_ids)
    if known:
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(note_path(warehouse), json.dumps(sorted(known)))


def forget_deleted(warehouse: Path, snapshot: Path, memory_limit: str) -> bool:
    """Write the closed warehouse and its snapshot anew if texts were taken back; say whether it was done.

    The note goes when no table names any of them any more, so that tables which a
    refresh left as they were are looked at again after the next one. Call it with
    the writer's lock held and the warehouse closed.

    Raises:
        OSError: the copy could not be written; files and note stay as they are.
    """
    text_ids = _noted(warehouse)
    if not text_ids or not warehouse.exists():
        return False
    try:
        is_named = _write_anew(warehouse, snapshot, text_ids, memory_limit)
    except duckdb.Error as error:
        raise OSError(f"{warehouse.name} could not be written anew: {error}") from error
    if not is_named:
        note_path(warehouse).unlink()
    return True


def _write_anew(warehouse: Path, snapshot: Path, text_ids: list[str], memory_limit: str) -> bool:
    """Replace both files by a copy of the rows; say whether a table still names one of the texts."""
    spill = warehouse.with_name(f".spill{TEMPORARY_MARK}{os.getpid()}")
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill),
    }
    with atomic_path(warehouse) as fresh:
        fresh.unlink(missing_ok=True)
        with duckdb.connect(config=config) as connection:
            connection.execute(f"ATTACH {literal(warehouse)} AS old (READ_ONLY)")
            connection.execute(f"ATTACH {literal(fresh)} AS fresh")
            connection.execute("COPY FROM DATABASE old TO fresh")
            is_named = _is_named(connection, text_ids)
            connection.execute("DETACH fresh")
            connection.execute("DETACH old")
        if snapshot.exists():
            with atomic_path(snapshot) as copy:
                shutil.copyfile(fresh, copy)
    return is_named


def _noted(warehouse: Path) -> list[str]:
    try:
        return [str(text_id) for text_id in json.loads(note_path(warehouse).read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError):
        return []


def _is_named(connection: duckdb.DuckDBPyConnection, text_ids: list[str]) -> bool:
    """Whether a table of the contract still names one of the texts."""
    there = set(
        connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns "
            "WHERE table_catalog = 'fresh'"
        ).fetchall()
    )
    for (layer, noun), table in TABLES.items():
        for column in ID_COLUMNS:
            if column in table.column_names and (layer, noun, column) in there:
                query = (
                    f"SELECT count(*) FROM fresh.{quoted(layer)}.{quoted(noun)} "
                    f"WHERE {quoted(column)} IN (SELECT unnest(?))"
                )
                if connection.execute(query, [text_ids]).fetchall() != [(0,)]:
                    return True
    return False
