"""What the terminal says when a refresh has ended: three lines, of the tables as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from custbehav_dagster.contract import TABLES
from custbehav_dagster.reporting.first_words import first_words
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import open_warehouse
from custbehav_dagster_tests.forecasting.shops import customer, order, text

READ = (
    ("truth", "customers"),
    ("truth", "orders"),
    ("truth", "single_source_of_truth"),
    ("raw", "ingested_files"),
    ("cleaned", "quarantine"),
)


def file(name: str, kind: str = "own_orders", rows: int = 2, aside: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "source_file": name, "sha256": name, "format": kind, "rows_in": rows, "rows_kept": rows - aside,
        "rows_quarantined": aside, "is_synthetic": False, **more,
    }  # fmt: skip


def lines_of(folder: Path, **tables: list[dict[str, Any]]) -> list[str]:
    """The lines for a shop of these rows."""
    settings = Settings(data_dir=str(folder))
    with open_warehouse(settings.snapshot_path) as opened:
        for layer, noun in READ:
            table = TABLES[layer, noun]
            rows = pa.Table.from_pylist(tables.get(noun, []), schema=table.schema.to_pyarrow())
            opened.write(layer, noun, rows.to_pandas())
    return first_words(settings, 21.4)


def test_the_owners_shop_in_three_lines(tmp_path: Path) -> None:
    said = lines_of(
        tmp_path,
        customers=[customer("c1"), customer("c2")],
        orders=[order("c1", "2026-01-05", "12.50"), order("c2", "2026-02-05", "20.00")],
        single_source_of_truth=[text("c1", "2026-01-09T10:00:00")],
        ingested_files=[file("sales.csv", rows=1_200, aside=1), file("holiday.jpg", "unknown", 0)],
    )
    page = tmp_path / "processed" / "report" / "index.html"
    assert said == [
        "Your shop: 2 people, 2 orders from 2026-01-05 to 2026-02-05, 1 review or message.",
        "2 files with 1,200 rows read; 1 row could not be used. "
        "Not recognised (the report says why): holiday.jpg.",
        f"Took 21 s. Open {page}; lists and files are in {tmp_path / 'processed'}.",
    ]


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        ([], "Synthetic shop (put your own files into data/raw)"),
        (
            [file("holiday.jpg", "unknown", 0)],
            "Synthetic shop (none of your files was understood, see below)",
        ),
    ],
)
def test_a_synthetic_shop_says_how_to_have_a_real_one(
    tmp_path: Path, files: list[dict[str, Any]], hint: str
) -> None:
    said = lines_of(tmp_path, customers=[{**customer("c1"), "is_synthetic": True}], ingested_files=files)
    assert said[0].startswith(f"{hint}: 1 person, 0 orders, 0 reviews")


@pytest.mark.parametrize(("unknown", "ending"), [(5, "f5.jpg."), (7, "f5.jpg and 2 more.")])
def test_of_many_unknown_files_five_are_named(tmp_path: Path, unknown: int, ending: str) -> None:
    files = [file(f"f{number}.jpg", "unknown", 0) for number in range(1, unknown + 1)]
    assert lines_of(tmp_path, ingested_files=files)[1].endswith(ending)


def test_an_empty_shop_has_three_lines_too(tmp_path: Path) -> None:
    assert len(lines_of(tmp_path)) == 3
