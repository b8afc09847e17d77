"""Files are whole or not there."""

from pathlib import Path

import pytest

from custbehav_dagster.warehouse.files import (
    TEMPORARY_MARK,
    atomic_path,
    atomic_write,
    sha256_of,
    sweep_temporary_files,
)


def test_a_file_is_replaced_only_when_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "orders.csv"
    atomic_write(target, "old")

    def write_half() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_half()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_the_ending_of_the_name_is_kept_for_writers_that_go_by_it(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "deep" / "picture.png") as temporary:
        assert temporary.suffix == ".png"
        temporary.write_bytes(b"x")
    assert (tmp_path / "deep" / "picture.png").read_bytes() == b"x"


def test_what_a_killed_process_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    left = tmp_path / "lists" / f".people{TEMPORARY_MARK}123.csv"
    left.parent.mkdir()
    left.write_text("half")
    own = tmp_path / "lists" / "people.csv"
    own.write_text("whole")
    assert sweep_temporary_files(tmp_path) == [left]
    assert own.exists()


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a", b"abc")
    assert sha256_of(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
