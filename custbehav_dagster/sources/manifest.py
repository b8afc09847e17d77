"""Which files in `raw/` this project made itself, known by the hash of their bytes.

A generated file that the owner edits has another hash and counts as the owner's;
a copy of a generated file under another name still counts as generated. What is
in the files does not belong here.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.warehouse.files import TEMPORARY_MARK, atomic_write, sha256_of

MANIFEST_NAME = ".generated.json"
HASHES_KEPT = 2
"""Per name: the newest version and the one before, which may still lie there after a kill."""


def known_hashes(folder: Path) -> dict[str, list[str]]:
    """Name below `folder` -> hashes of the versions this project made, newest first.

    Raises:
        SourceFailure: the manifest is there but cannot be read. Without it,
            generated files would pass for the owner's.
    """
    path = folder / MANIFEST_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: [str(value)] if isinstance(value, str) else [str(one) for one in value]
            for name, value in content.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SourceFailure(
            f"{path} is damaged, so that generated files cannot be told from your own: delete it together "
            "with the files in that folder that you did not put there yourself."
        ) from error


def record_generated(folder: Path, paths: Iterable[Path]) -> None:
    """Add the present content of `paths`, which lie below `folder`, to its manifest."""
    _remember(folder, {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths})


def generated_files(folder: Path) -> dict[str, str]:
    """Name -> sha256 of the files below `folder` that are still as this project made them."""
    found = {}
    for name, hashes in known_hashes(folder).items():
        path = folder / name
        if path.is_file() and (sha256 := sha256_of(path)) in hashes:
            found[name] = sha256
    return found


@contextmanager
def generating(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write to; its files move into `folder` when the block ends well.

    Their hashes are in the manifest before the files are, so that a kill at any
    moment never leaves a generated file that looks like the owner's.

    Raises:
        SourceFailure: a file of the owner's would be overwritten; nothing is moved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob(f".generating{TEMPORARY_MARK}*"):
        shutil.rmtree(left_over, ignore_errors=True)
    aside = folder / f".generating{TEMPORARY_MARK}{os.getpid()}"
    aside.mkdir()
    try:
        yield aside
        made = {
            path.relative_to(aside).as_posix(): path for path in sorted(aside.rglob("*")) if path.is_file()
        }
        _refuse_to_overwrite(folder, made)
        _remember(folder, {name: sha256_of(path) for name, path in made.items()})
        for name, path in made.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            path.replace(folder / name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_to_overwrite(folder: Path, names: Iterable[str]) -> None:
    ours = generated_files(folder)
    for name in names:
        if (folder / name).exists() and name not in ours:
            raise SourceFailure(
                f"{folder / name} is your own file and would be overwritten by a generated one of the same "
                "name: rename it or move it away."
            )


def _remember(folder: Path, hashes: Mapping[str, str]) -> None:
    known = known_hashes(folder)
    for name, sha256 in hashes.items():
        older = [other for other in known.get(name, []) if other != sha256]
        known[name] = [sha256, *older][:HASHES_KEPT]
    atomic_write(folder / MANIFEST_NAME, json.dumps(known, indent=1, sort_keys=True) + "\n")
