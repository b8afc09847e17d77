"""The fast reading and the careful one give the same table, and the fast one is never taken on trust."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources import fast_csv, scan
from custbehav_dagster.sources.fast_csv import Shape, Staged, stage
from custbehav_dagster.sources.scan import scan_file

HEADER = ["x", "y", "z"]
COMMAS = Shape(",", ("x", "y", "z"), (0, 1, 2))
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6) | st.sampled_from(
    ["", " ", '"', '""', "a,b", "a\nb", "\\", '\\"', "#", "NULL", "é€😀", " lead", "trail ", "'"]
)
tables = st.lists(st.lists(cells, min_size=3, max_size=3), max_size=12)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def rows_of(connection: duckdb.DuckDBPyConnection, staged: Staged) -> list[dict[str, Any]]:
    rows = connection.sql(staged.select()).to_arrow_table().to_pylist()
    return [dict(sorted(row.items())) for row in rows]


def read_both_ways(
    connection: duckdb.DuckDBPyConnection, folder: Path, data: bytes, separator: str = ","
) -> tuple[Staged, list[dict[str, Any]], list[dict[str, Any]]]:
    path = folder / "file.csv"
    path.write_bytes(data)
    shape = Shape(separator, ("x", "y", "z"), (0, 1, 2))
    staged = stage(connection, path, scan_file(path, separator, 3), shape, folder / "fast.parquet")
    careful = fast_csv._stage_carefully(path, shape, folder / "careful.parquet")
    assert (staged.rows_in, staged.rows_quarantined) == (careful.rows_in, careful.rows_quarantined)
    return staged, rows_of(connection, staged), rows_of(connection, careful)


def csv_bytes(
    rows: list[list[str]], line_end: str = "\n", separator: str = ",", quoting: int = csv.QUOTE_MINIMAL
) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=line_end, delimiter=separator, quoting=quoting).writerows([HEADER, *rows])
    return file.getvalue().encode()


@given(
    tables,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
)
def test_clean_files_give_equal_tables_both_ways(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    rows: list[list[str]],
    line_end: str,
    separator: str,
    quoting: int,
    has_mark: bool,
) -> None:
    data = (b"\xef\xbb\xbf" if has_mark else b"") + csv_bytes(rows, line_end, separator, quoting)
    staged, fast, careful = read_both_ways(connection, tmp_path, data, separator)
    assert fast == careful
    assert [[row["c0"], row["c1"], row["c2"]] for row in fast] == [
        [cell or None for cell in row] for row in rows
    ]
    assert staged.rows_quarantined == 0
    assert not staged.is_careful


dirty_lines = st.sampled_from(
    [
        b"1,2,3",
        b'"1",2,"3,4"',
        b'"a\nb",2,3',
        b"1,2",
        b"1,2,3,4",
        b"",
        b" ",
        b'1,"2,3',
        b"\xc3\xbf,2,3",
        b"a\0,2,3",
        b",,",
    ]
)


@given(st.lists(dirty_lines), st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\r"]))
def test_dirty_files_never_differ_between_the_two_readings(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, lines: list[bytes], line_end: bytes
) -> None:
    data = line_end.join([b"x,y,z", *lines])
    _, fast, careful = read_both_ways(connection, tmp_path, data)
    assert fast == careful


@given(tables, st.integers(2, 9))
def test_where_the_bytes_are_cut_into_parts_makes_no_difference_to_the_scan(
    tmp_path: Path, rows: list[list[str]], chunk: int
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(csv_bytes(rows, "\r\n"))
    whole = scan_file(path, ",", 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "CHUNK_BYTES", chunk)
        parts = scan_file(path, ",", 3)
    assert (parts.sha256, parts.is_utf8, parts.is_plain) == (whole.sha256, whole.is_utf8, whole.is_plain)
    assert (parts.records, list(parts.inner_lines)) == (whole.records, list(whole.inner_lines))


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"x,y,z\n1,2,3\n", 1),
        (b"x,y,z\n1,2,3", 1),
        (b"x,y,z\r\n1,2,3\r\n\r\n\r\n", 1),
        (b'x,y,z\n"1\n2",2,3\n', 1),
        (b"x,y,z\n", 0),
        (b"x,y,z", 0),
    ],
)
def test_plain_files_are_known_as_such(tmp_path: Path, data: bytes, records: int) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    found = scan_file(path, ",", 3)
    assert (found.is_plain, found.records) == (True, records)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"x,y,z\n1,2\n",
        b"x,y,z\n1,2,3,4\n",
        b"x,y,z\n1,2,3\n\n4,5,6\n",
        b"x,y,z\n1,2,3\r\n",
        b"x,y,z\r1,2,3\r",
        b"x,y,z\n1,2,3\r",
        b"x,y,z\n1,2,\0\n",
        b'x,y,z\n1,2"2,3\n',
        b'x,y,z\n1,"2"2,3\n',
        b'x,y,z\n1,"2,3\n',
        b'x,"y\n",z\n1,2,3\n',
        b"x,y,z\n1,2,\xff\n",
        b"x,y,z\n1,2," + b"w" * 1_000_001,
    ],
)
def test_files_with_any_doubt_are_not_plain(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    assert not scan_file(path, ",", 3).is_plain


def test_lines_are_exact_where_the_file_is_larger_than_any_buffer(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        [str(number), "note\nof two lines" if number % 1000 == 7 else "note", "z" * 60]
        for number in range(300_000)
    ]
    path = tmp_path / "file.csv"
    path.write_bytes(csv_bytes(rows))
    staged = stage(connection, path, scan_file(path, ",", 3), COMMAS, tmp_path / "fast.parquet")
    assert (staged.rows_in, staged.is_careful) == (300_000, False)
    wrong = connection.execute(
        f"SELECT count(*) FROM ({staged.select()}) WHERE source_line <> c0::INT + 2 + (c0::INT + 992) // 1000"
    ).fetchone()
    assert wrong == (0,)


def test_a_fast_reading_with_another_count_is_thrown_away(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(csv_bytes([["1", "2", "3"]]))
    found = scan_file(path, ",", 3)
    path.write_bytes(csv_bytes([["1", "2", "3"], ["4", "5", "6"]]))
    staged = stage(connection, path, found, COMMAS, tmp_path / "out.parquet")
    assert (staged.is_careful, staged.rows_in) == (True, 2)


def test_names_with_quotes_and_glob_signs_are_read_as_they_are(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = tmp_path / "o'brien [1]*"
    folder.mkdir()
    staged, fast, _ = read_both_ways(connection, folder, csv_bytes([["1", "2", "3"]]))
    assert (len(fast), staged.is_careful) == (1, False)


def test_quarantined_text_is_cut_and_shows_its_nul_bytes(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _, rows, _ = read_both_ways(connection, tmp_path, b"x,y,z\n1,2,3\n\0" + b"w" * 20_000 + b",2,3\n1,2\n")
    reasons = [(row["source_line"], row["column_name"], row["reason"]) for row in rows]
    assert reasons == [
        (2, None, None),
        (3, None, "The record holds bytes that are no text: the file is damaged here."),
        (4, "z", "The record has 2 cells where the header has 3."),
    ]
    assert rows[1]["raw_text"] == "␀" + "w" * 9_999


@pytest.mark.parametrize("used", [(0,), (2,), (0, 2)])
@pytest.mark.parametrize("line", [b'"a\nb",2,3', b"1,2,3", b"1,2"])
def test_only_the_columns_that_are_used_are_staged(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, used: tuple[int, ...], line: bytes
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"x,y,z\n" + line + b"\n4,5,6\n")
    shape = Shape(",", ("x", "y", "z"), used)
    staged = stage(connection, path, scan_file(path, ",", 3), shape, tmp_path / "fast.parquet")
    last = rows_of(connection, staged)[-1]
    assert {name: last[name] for name in last if name.startswith("c") and name != "column_name"} == {
        f"c{number}": "456"[number] for number in used
    }
    assert last["source_line"] == (4 if b"\n" in line else 3)


@pytest.mark.parametrize(
    "records", ["Total,,9\n", "1,2,3\nTotal,,9\n", '1,"2\n2",3\nTotal,,9\n\n\n', "1,2\nTotal,,9"]
)
def test_the_line_of_totals_is_the_only_one_set_aside_for_it(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, records: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text("x,y,z\n" + records)
    shape = Shape(",", ("x", "y", "z"), (0, 1, 2), has_totals=True)
    staged = stage(connection, path, scan_file(path, ",", 3), shape, tmp_path / "out.parquet")
    found = [(row["raw_text"], row["reason"]) for row in rows_of(connection, staged)]
    assert found[-1] == ("Total,,9", "The record is a line of totals.")
    assert "The record is a line of totals." not in [why for _, why in found[:-1]]


def test_no_group_of_the_staged_rows_is_larger_than_one_of_the_database(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path, target = tmp_path / "file.csv", tmp_path / "fast.parquet"
    path.write_bytes(b"x,y,z\n" + b"1,2,3\n" * 260_000)
    staged = stage(connection, path, scan_file(path, ",", 3), COMMAS, target)
    assert not staged.is_careful
    sizes = connection.execute(
        f"SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('{target}')"
    ).fetchall()
    assert len(sizes) > 1
    assert max(rows for _, rows in sizes) <= 122_880
