"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import ibis
import pytest
from hypothesis import HealthCheck, settings

# Examples share the machine with everything else: a slow one is not a failed one.
settings.register_profile(
    "suite", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests see the defaults, whatever the machine's environment or `.env` says."""
    from custbehav_dagster.settings import Settings

    for name in list(os.environ):
        if name.startswith(("CUSTBEHAV_", "REDDIT_")) and name != "CUSTBEHAV_REAL_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[ibis.BaseBackend]:
    """A DuckDB file of its own, as an ibis backend."""
    connection = ibis.duckdb.connect(tmp_path / "test.duckdb")
    yield connection
    connection.disconnect()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("CUSTBEHAV_REAL_DATA", Path(__file__).parents[1].parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data are not at {folder}; set CUSTBEHAV_REAL_DATA")
    return folder
