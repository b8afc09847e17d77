"""The rows behind a number: filtered as an expression, and told as a condition anybody can run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir

from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.settings import Settings


@dataclass(frozen=True)
class Rows:
    """Some rows of the warehouse table `name`; `conditions` says in SQL which ones."""

    name: str
    table: ir.Table
    is_synthetic: bool = False
    conditions: tuple[str, ...] = ()

    @property
    def filter_text(self) -> str:
        """The condition of the rows, to be put after WHERE."""
        return " AND ".join(self.conditions) or "TRUE"

    def where(self, condition: str, predicate: Callable[[ir.Table], ir.BooleanValue]) -> Rows:
        """Keep the rows for which `predicate` holds; `condition` is the same in SQL."""
        return replace(
            self, table=self.table.filter(predicate(self.table)), conditions=(*self.conditions, condition)
        )

    def count(self) -> int:
        """How many rows there are."""
        return int(self.table.count().to_pyarrow().as_py())


def real_rows(name: str, table: ir.Table) -> Rows:
    """The real rows of a table, or the synthetic ones when there are no others."""
    rows, is_synthetic = prefer_real(table)
    return Rows(name, rows, is_synthetic, (f"is_synthetic = {str(is_synthetic).upper()}",))


def until(rows: Rows, as_of: date) -> Rows:
    """Leave out orders after the day `as_of`."""
    return rows.where(f"order_date <= DATE '{as_of}'", lambda t: t.order_date <= ibis.date(as_of))


def written_until(rows: Rows, as_of: date, settings: Settings) -> Rows:
    """Leave out texts written after the day `as_of` of the shop's calendar; those without a date stay."""
    end = end_of_day(as_of, settings)
    return rows.where(
        f"(created_at IS NULL OR created_at < TIMESTAMP '{end:%Y-%m-%d %H:%M:%S}')",
        lambda t: t.created_at.isnull() | (t.created_at < ibis.timestamp(end)),
    )


def end_of_day(day: date, settings: Settings) -> datetime:
    """The moment in UTC, without a zone, at which a day ends in the shop."""
    midnight = datetime.combine(day + timedelta(days=1), time(), settings.timezone)
    return midnight.astimezone(UTC).replace(tzinfo=None)


def sql_text(value: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
