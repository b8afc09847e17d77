"""Tables are written whole, by name, and the old one stays when the new one fails."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ibis
import pandas as pd
import pytest

from custbehav_dagster import contract
from custbehav_dagster.warehouse.store import ShrunkenSource, Warehouse, open_warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with open_warehouse(tmp_path / "warehouse" / "custbehav.duckdb") as opened:
        yield opened


def links(*people: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "evidence": "own record",
            "strength": 1.0,
            "record_customer_id": list(people),
            "customer_id": list(people),
            "strict_customer_id": list(people),
            "loose_customer_id": list(people),
        }
    )


def test_columns_are_matched_by_name_not_by_place(warehouse: Warehouse) -> None:
    written = warehouse.write("truth", "customer_links", links("a"))
    assert written.rows == 1
    table = warehouse.table("truth", "customer_links")
    assert list(table.columns) == contract.truth.CUSTOMER_LINKS.column_names
    assert table.to_pyarrow().to_pylist() == [
        {
            "record_customer_id": "a",
            "customer_id": "a",
            "strict_customer_id": "a",
            "loose_customer_id": "a",
            "evidence": "own record",
            "strength": 1.0,
            "joined_with": None,
        }
    ]


def test_a_table_without_rows_keeps_its_columns_and_types(warehouse: Warehouse) -> None:
    warehouse.write("truth", "orders", contract.truth.ORDERS.empty())
    assert warehouse.table("truth", "orders").schema() == contract.truth.ORDERS.schema


def test_a_table_may_be_made_of_itself(warehouse: Warehouse) -> None:
    warehouse.write("truth", "customer_links", links("a", "b"))
    before = warehouse.table("truth", "customer_links")
    warehouse.write("truth", "customer_links", before.filter(before.customer_id == "b"))
    assert warehouse.table("truth", "customer_links").customer_id.to_pyarrow().to_pylist() == ["b"]


def test_a_change_of_columns_is_told(warehouse: Warehouse) -> None:
    warehouse.write("own", "notes", pd.DataFrame({"a": [1], "b": ["x"]}))
    written = warehouse.write("own", "notes", pd.DataFrame({"a": ["1"], "c": ["x"]}))
    assert written.schema_change == "added c; removed b; a from BIGINT to VARCHAR"


def test_a_failed_write_leaves_the_old_table(warehouse: Warehouse) -> None:
    warehouse.write("own", "notes", pd.DataFrame({"a": ["1", "x"]}))
    table = warehouse.table("own", "notes")
    with pytest.raises(Exception, match="Could not convert"):
        warehouse.write("own", "notes", table.mutate(a=table.a.cast("int64")))
    assert warehouse.table("own", "notes").a.to_pyarrow().to_pylist() == ["1", "x"]


@pytest.mark.parametrize(("left", "refused"), [(5, False), (4, True), (0, True)])
def test_a_source_that_lost_more_than_half_of_its_real_rows_is_refused(
    warehouse: Warehouse, left: int, refused: bool
) -> None:
    def rows(count: int) -> pd.DataFrame:
        return pd.DataFrame({"a": range(count), "is_synthetic": [False] * count}).astype(
            {"is_synthetic": bool}
        )

    warehouse.write("own", "notes", rows(10))
    if refused:
        with pytest.raises(ShrunkenSource, match="from 10 real rows to"):
            warehouse.write("own", "notes", rows(left), allow_shrink=False)
        left = 10
    else:
        warehouse.write("own", "notes", rows(left), allow_shrink=False)
    assert warehouse.table("own", "notes").count().to_pyarrow().as_py() == left


def test_real_rows_may_replace_any_number_of_synthetic_ones(warehouse: Warehouse) -> None:
    warehouse.write("own", "notes", pd.DataFrame({"a": range(100), "is_synthetic": True}))
    written = warehouse.write(
        "own", "notes", pd.DataFrame({"a": [1], "is_synthetic": [False]}), allow_shrink=False
    )
    assert written.rows == 1


def test_a_table_that_was_never_made_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(LookupError, match=r"truth\.orders has not been made yet"):
        warehouse.table("truth", "orders")


def test_the_snapshot_can_be_read_while_the_warehouse_is_written(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    snapshot = tmp_path / "warehouse" / "snapshot.duckdb"
    warehouse.write("own", "notes", pd.DataFrame({"a": [1]}))
    warehouse.publish(snapshot)
    reader = ibis.duckdb.connect(snapshot, read_only=True)
    warehouse.write("own", "notes", pd.DataFrame({"a": [1, 2]}))
    warehouse.publish(snapshot)
    # The open reader goes on with the state it opened; a new one sees the new state.
    assert reader.table("notes", database="own").count().to_pyarrow().as_py() == 1
    reader.disconnect()
    later = ibis.duckdb.connect(snapshot, read_only=True)
    assert later.table("notes", database="own").count().to_pyarrow().as_py() == 2
    later.disconnect()


def test_no_other_process_may_write_while_and_after_a_snapshot_is_made(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.write("own", "notes", pd.DataFrame({"a": [1]}))
    warehouse.publish(tmp_path / "snapshot.duckdb")
    code = f"import duckdb; duckdb.connect({str(warehouse.path)!r})"
    intruder = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "lock" in intruder.stderr


def test_a_snapshot_that_cannot_be_written_leaves_the_old_one(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "snapshot.duckdb"
    warehouse.publish(snapshot)
    before = snapshot.read_bytes()
    warehouse.write("own", "notes", pd.DataFrame({"a": [1]}))
    monkeypatch.setattr(warehouse, "path", tmp_path / "gone.duckdb")
    with pytest.raises(OSError, match=r"gone\.duckdb could not be copied to .*No such file"):
        warehouse.publish(snapshot)
    assert snapshot.read_bytes() == before


def test_exports_are_ordered_by_the_key_so_that_equal_tables_are_equal_files(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.write("truth", "customer_links", links("b", "a"))
    warehouse.export("truth", "customer_links", tmp_path / "links.csv")
    assert (tmp_path / "links.csv").read_text().splitlines()[1:] == [
        "a,a,a,a,own record,1.0,",
        "b,b,b,b,own record,1.0,",
    ]
