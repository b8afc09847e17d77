"""Where Dagster keeps its history: in the data directory, so that a shop is one folder.

dagster.yaml names these classes; they are the stock ones but for the folder,
which follows `CUSTBEHAV_DATA_DIR`.
"""

from __future__ import annotations

from typing import Any

from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from pydantic import ValidationError

from custbehav_dagster.settings import Settings


def _folder(noun: str = "") -> str:
    try:
        settings = Settings()
    except ValidationError as error:
        from custbehav_dagster.resources import sentences_of

        # Dagster opens its history before it loads the definitions, which would say the same.
        raise SystemExit(sentences_of(error)) from None
    folder = settings.data_path / "dagster" / noun
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


class ShopHistory(DagsterSqliteStorage):
    """Runs, events and schedules in SQLite below the data directory."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No config: the folder comes from the settings."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> ShopHistory:
        """Open the history of the shop that the settings name."""
        return cls(_folder(), inst_data=inst_data)


class ShopArtifacts(LocalArtifactStorage):
    """Artifacts of runs below the data directory."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No config: the folder comes from the settings."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> ShopArtifacts:
        """Use the folder of the shop that the settings name."""
        return cls(_folder("artifacts"), inst_data=inst_data)


class ShopLogs(LocalComputeLogManager):
    """Printed output of steps below the data directory."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No config: the folder comes from the settings."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> ShopLogs:
        """Use the folder of the shop that the settings name."""
        return cls(_folder("logs"), inst_data=inst_data)
