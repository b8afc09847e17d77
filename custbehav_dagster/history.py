"""Where Dagster keeps its history: in the data directory, so that a shop is one folder.

dagster.yaml names these classes; they are the stock ones but for the folder, which
follows `CUSTBEHAV_DATA_DIR`, and for how often the event log is opened and asked for its tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from custbehav_dagster.settings import Settings

OPEN_FILES = 4
"""Event logs kept open: the index of all runs, and the newest runs asked for."""

BUSY_SECONDS = 10
"""How long a write waits for another process's write to the same log."""


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


class OpenEventLog(SqliteEventLogStorage):
    """The stock event log, whose files stay open instead of being opened anew for each event.

    A refresh stores some 800 events; opening, preparing and flushing for each took longer
    than all its queries.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._known_tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    def has_table(self, table_name: str) -> bool:
        """Whether the log has the table; asked for each event, and no table is ever dropped."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def dispose(self) -> None:
        """Close the files."""
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        """The engine of one log, as the last of those that are open; the one unused longest is closed."""
        engine = self._engines.pop(shard, None) or _open(self.conn_string_for_shard(shard))
        self._engines[shard] = engine
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        if len(self._engines) > OPEN_FILES:
            self._engines.pop(next(iter(self._engines))).dispose()
        return engine


def _open(address: str) -> Engine:
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=1,
        # The log's own lock lets one thread in at a time.
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def flush_seldom(connection: Any, _: Any) -> None:
        # With the write-ahead log that Dagster uses, a killed process loses nothing by this, and a
        # power cut the last events, never the file.
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


class ShopHistory(DagsterSqliteStorage):
    """Runs, events and schedules in SQLite below the data directory."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = OpenEventLog(self._event_log_storage._base_dir)

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
