"""Tables computed once and kept aside: there while they are used, gone afterwards."""

from __future__ import annotations

from pathlib import Path

import ibis
import pyarrow as pa

from custbehav_dagster.warehouse.working import drop_unused, settled


def table_names(con: ibis.BaseBackend) -> list[str]:
    found = con.con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    return [name for (name,) in found]


def test_rows_are_computed_once_even_when_their_source_changes(con: ibis.BaseBackend) -> None:
    con.con.execute("CREATE TABLE orders AS SELECT 20 AS amount")
    doubled = con.table("orders")
    kept = settled(doubled.mutate(amount=doubled.amount * 2))
    con.con.execute("UPDATE orders SET amount = 1")
    assert kept.to_pyarrow().to_pylist() == [{"amount": 40}]


def test_order_and_types_of_frames_are_kept(con: ibis.BaseBackend) -> None:
    rows = pa.table({"n": pa.array([3, 1, 2], pa.int32()), "text": ["c", None, "b"]})
    con.con.execute("CREATE TABLE one AS SELECT 1 AS n")
    joined = ibis.memtable(rows).left_join(con.table("one"), "n").select("n", "text")
    assert settled(joined).order_by("n").to_pyarrow().to_pylist() == [
        {"n": 1, "text": None},
        {"n": 2, "text": "b"},
        {"n": 3, "text": "c"},
    ]


def test_a_table_lasts_as_long_as_an_expression_made_of_it(con: ibis.BaseBackend) -> None:
    con.con.execute("CREATE TABLE numbers AS SELECT range AS n FROM range(5)")
    few = settled(con.table("numbers")).filter(lambda table: table.n > 2)
    drop_unused()
    assert len(table_names(con)) == 1
    assert sorted(few.to_pyarrow()["n"].to_pylist()) == [3, 4]
    del few
    drop_unused()
    assert table_names(con) == []


def test_a_connection_that_was_closed_meanwhile_is_no_failure(tmp_path: Path) -> None:
    con = ibis.duckdb.connect(tmp_path / "shop.duckdb")
    con.con.execute("CREATE TABLE numbers AS SELECT 1 AS n")
    kept = settled(con.table("numbers"))
    con.disconnect()
    del kept
    drop_unused()
    again = ibis.duckdb.connect(tmp_path / "shop.duckdb")
    assert table_names(again) == []
    again.disconnect()
