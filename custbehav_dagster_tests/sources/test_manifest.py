"""A generated file is never taken for the owner's, and an edited one is the owner's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from custbehav_dagster.sources.manifest import (
    MANIFEST_NAME,
    generated_files,
    generating,
    known_hashes,
    record_generated,
)
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.warehouse.files import sha256_of


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def generate(folder: Path, files: dict[str, str]) -> None:
    with generating(folder) as aside:
        for name, text in files.items():
            write(aside, name, text)


def test_a_recorded_file_is_generated_until_it_is_edited(tmp_path: Path) -> None:
    path = write(tmp_path, "orders.csv", "a,b\n1,2\n")
    record_generated(tmp_path, [path])
    assert generated_files(tmp_path) == {"orders.csv": sha256_of(path)}
    path.write_text("a,b\n1,3\n")
    assert generated_files(tmp_path) == {}


def test_a_deleted_file_is_not_listed(tmp_path: Path) -> None:
    path = write(tmp_path, "deep/orders.csv", "a,b\n")
    record_generated(tmp_path, [path])
    assert list(generated_files(tmp_path)) == ["deep/orders.csv"]
    path.unlink()
    assert generated_files(tmp_path) == {}


def test_a_folder_without_manifest_has_no_generated_files(tmp_path: Path) -> None:
    write(tmp_path, "orders.csv", "a,b\n")
    assert generated_files(tmp_path) == {}


def test_generated_files_appear_together_and_are_known(tmp_path: Path) -> None:
    with generating(tmp_path) as aside:
        write(aside, "orders.csv", "a,b\n")
        write(aside, "customers.csv", "c,d\n")
        assert not (tmp_path / "orders.csv").exists()
    assert sorted(generated_files(tmp_path)) == ["customers.csv", "orders.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST_NAME, "customers.csv", "orders.csv"]


def test_a_failed_generation_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with generating(tmp_path) as aside:
            write(aside, "orders.csv", "a,b\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_generated_file_is_replaced_by_the_next_generation(tmp_path: Path) -> None:
    for text in ("1", "2", "3"):
        with generating(tmp_path) as aside:
            write(aside, "orders.csv", text)
    assert (tmp_path / "orders.csv").read_text() == "3"
    assert list(generated_files(tmp_path)) == ["orders.csv"]


def test_a_kill_between_manifest_and_files_leaves_no_file_that_looks_like_the_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with generating(tmp_path) as aside:
        write(aside, "orders.csv", "old")

    def killed(self: Path, target: Path) -> Path:
        if target.name == "orders.csv":
            raise KeyboardInterrupt
        return original(self, target)

    original = Path.replace
    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, {"customers.csv": "new", "orders.csv": "new orders"})
    assert (tmp_path / "orders.csv").read_text() == "old"
    assert sorted(generated_files(tmp_path)) == ["customers.csv", "orders.csv"]


def test_the_owners_file_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path, "orders.csv", "the owner's")
    with pytest.raises(SourceFailure, match=r"orders\.csv is your own file"):
        generate(tmp_path, {"customers.csv": "generated", "orders.csv": "generated"})
    assert (tmp_path / "orders.csv").read_text() == "the owner's"
    assert not (tmp_path / "customers.csv").exists()


def test_what_a_killed_generation_left_is_cleared_away(tmp_path: Path) -> None:
    write(tmp_path, ".generating.custbehav-tmp.999999/orders.csv", "half")
    with generating(tmp_path) as aside:
        write(aside, "orders.csv", "whole")
    assert not (tmp_path / ".generating.custbehav-tmp.999999").exists()


def test_a_manifest_of_single_hashes_is_understood(tmp_path: Path) -> None:
    path = write(tmp_path, "orders.csv", "a,b\n")
    write(tmp_path, MANIFEST_NAME, json.dumps({"orders.csv": sha256_of(path)}))
    assert list(generated_files(tmp_path)) == ["orders.csv"]


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"orders.csv": 7}'])
def test_a_damaged_manifest_is_told_in_a_sentence(tmp_path: Path, content: str) -> None:
    write(tmp_path, MANIFEST_NAME, content)
    with pytest.raises(SourceFailure, match="is damaged"):
        known_hashes(tmp_path)
