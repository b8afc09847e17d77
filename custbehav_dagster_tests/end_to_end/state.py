"""What a data directory holds: prints of tables and files to compare, and whether each file is whole."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb

from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.forecasting.artifacts import ModelFileError, card_path, load_model
from custbehav_dagster.warehouse.files import TEMPORARY_MARK, sha256_of

CONTRACT_FILES = (
    *(f"raw/{name}.csv" for name in ("customers", "orders", "feedback", "sentiment_public", "web_content")),
    "raw/reddit_posts.csv",
    "raw/reddit_posts.json",
    "processed/customers_clean.csv",
    "processed/orders_clean.csv",
    "processed/feedback_clean.csv",
    "processed/single_source_of_truth.csv",
    "processed/single_source_of_truth.parquet",
    "processed/customers_with_segments.csv",
    *(
        f"processed/plots/{name}.png"
        for name in (
            "sentiment_distribution",
            "word_count_distribution",
            "source_type_counts",
            "feedback_by_month",
            "trend_line",
            "scatter_wordcount_sentiment",
            "boxplot_sentiment_noise",
            "segment_distribution",
        )
    ),
    *(
        f"processed/models/{name}{ending}"
        for name in ("churn_logistic", "churn_naive_bayes", "kmeans_segment")
        for ending in (".joblib", ".json")
    ),
    *(f"processed/lists/{name}.csv" for name in LIST_NAMES),
    "processed/report/index.html",
    "processed/report/notebook.html",
    "processed/SUMMARY.md",
    "warehouse/custbehav.duckdb",
    "warehouse/snapshot.duckdb",
)
"""The names other programs rely on, below the data directory."""


def query(database: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask one question of a DuckDB file, as any reader would."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def tables(database: Path) -> list[str]:
    """Every table as `layer.noun`."""
    found = query(database, "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL")
    return [f"{layer}.{noun}" for layer, noun in found]


def table_prints(database: Path) -> dict[str, tuple[int, int]]:
    """For each table its rows and a sum over their hashes: equal rows in any order, equal print."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
        ).fetchall()
        return {
            f"{layer}.{noun}": connection.execute(
                f'SELECT count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM "{layer}"."{noun}" t'
            ).fetchall()[0]
            for layer, noun in found
        }


def file_prints(folder: Path, pattern: str) -> dict[str, str]:
    """The hash of each file below `folder` that fits."""
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in sorted(folder.rglob(pattern))}


def parquet_rows(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet

    return pyarrow.parquet.read_table(path).to_pylist()


def left_behind(data: Path) -> list[str]:
    """What only an interrupted run leaves: half-written files and the note of who holds the lock."""
    temporary = [*data.rglob(f"*{TEMPORARY_MARK}*"), *data.rglob("*.holder.json"), *data.rglob("*.wal")]
    return sorted(path.relative_to(data).as_posix() for path in temporary)


def broken_files(processed: Path) -> dict[str, str]:
    """Each file of data/processed that is not whole, with what is wrong."""
    checks = {".csv": _csv, ".parquet": _parquet, ".png": _png, ".joblib": _model, ".json": _json,
              ".xlsx": _sheet}  # fmt: skip
    wrong: dict[str, str] = {}
    for path in sorted(processed.rglob("*")):
        if path.is_file() and TEMPORARY_MARK not in path.name:
            try:
                checks.get(path.suffix, _text)(path)
            except Exception as error:
                wrong[path.relative_to(processed).as_posix()] = repr(error)
    return wrong


def _csv(path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig")
    assert text.endswith("\n"), "the last line has no end"
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert all(len(row) == len(header) for row in rows), "a row has another number of cells than the header"


def _parquet(path: Path) -> None:
    assert parquet_rows(path), "no rows"


def _png(path: Path) -> None:
    from PIL import Image

    with Image.open(path) as picture:
        picture.load()


def _sheet(path: Path) -> None:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    assert [len(list(sheet.iter_rows())) > 1 for sheet in book] == [True], "no rows"
    book.close()


def _json(path: Path) -> None:
    assert isinstance(json.loads(path.read_text(encoding="utf-8")), dict), "no object"


def _model(path: Path) -> None:
    import joblib

    assert {"model", "scaler"} <= set(joblib.load(path))
    try:
        load_model(path)
    except ModelFileError:
        # Killed between the file and its card: whole, but refused until the next refresh.
        assert card_path(path).stat().st_mtime_ns < path.stat().st_mtime_ns, (
            "its newer card is of another file"
        )


def _text(path: Path) -> None:
    assert path.read_text(encoding="utf-8").strip(), "empty"
