"""One small shop, made by a real command once for all workers, and copies of it to change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from custbehav_dagster_tests.end_to_end.browser import opened_browser
from custbehav_dagster_tests.end_to_end.commands import MATERIALIZE, make_home, run

if TYPE_CHECKING:
    from playwright.sync_api import Page

SMALL = {"synthetic_customers": 400}
"""Knobs of the small shop."""


@dataclass(frozen=True)
class FinishedShop:
    """A data directory after one whole run. Read only: change a copy."""

    data: Path
    exit_code: int
    lines: list[tuple[float, str]]

    @property
    def said(self) -> str:
        return "".join(line for _, line in self.lines)


MakeShop = Callable[..., FinishedShop]
"""Name, what fills data/raw, and knobs -> the shop after one whole run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MakeShop:
    """Run everything on files in data/raw, once for all workers, however they share the tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def make(name: str, fill_raw: Callable[[Path], None], **knobs: object) -> FinishedShop:
        folder = shared / name
        told = folder / "told.json"
        with FileLock(shared / f"{name}.lock"):
            if not told.is_file():
                shutil.rmtree(folder, ignore_errors=True)
                data, home = folder / "data", make_home(folder / "home")
                (data / "raw").mkdir(parents=True)
                fill_raw(data / "raw")
                command = run(MATERIALIZE, home, data, **knobs)
                told.write_text(json.dumps([command.process.returncode, command.lines]))
        exit_code, lines = json.loads(told.read_text())
        return FinishedShop(folder / "data", exit_code, [(seconds, line) for seconds, line in lines])

    return make


@pytest.fixture(scope="session")
def finished_shop(made_once: MakeShop) -> FinishedShop:
    """The small synthetic shop after `dagster asset materialize` of everything."""
    return made_once("finished_shop", lambda raw: None, **SMALL)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder to run commands in."""
    return make_home(tmp_path / "home")


@pytest.fixture
def copy_of_shop(finished_shop: FinishedShop, tmp_path: Path) -> Callable[[], Path]:
    """A copy of the finished shop's data directory, free to change."""

    def copy() -> Path:
        return Path(shutil.copytree(finished_shop.data, tmp_path / "data"))

    return copy


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Debian's Chromium."""
    with opened_browser() as opened:
        yield opened
