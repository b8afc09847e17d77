"""A folder of exports read the whole way to cleaned tables, as plain values to compare with the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.customers import clean_customers
from custbehav_dagster.cleaning.dates import date_evidence
from custbehav_dagster.cleaning.feedback import clean_feedback
from custbehav_dagster.cleaning.forensics.repairs import find_repairs, repaired
from custbehav_dagster.cleaning.orders import clean_order_items, clean_orders
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import Inbox, read_inbox
from custbehav_dagster.sources.synthetic.exports.truth import ExportShop
from custbehav_dagster_tests.cleaning.tables import written
from custbehav_dagster_tests.sources.inbox_folder import account, check_balance

Row = dict[str, Any]


@dataclass
class ReadBack:
    """What a folder of exports became; each cleaned table is made once, when it is asked for."""

    con: ibis.BaseBackend
    inbox: Inbox
    settings: Settings
    raw: dict[str, ir.Table]

    def files(self) -> dict[str, Row]:
        return account(self.inbox)

    def raw_rows(self, noun: str, folder: str = "") -> list[Row]:
        return _within(folder, _rows(self.raw[noun]))

    def orders(self, folder: str = "") -> dict[str, Row]:
        """By order number, those of the files in `folder`."""
        return _keyed(_within(folder, self._order_rows), "order_id")

    def items(self, folder: str = "") -> list[Row]:
        return _within(folder, self._item_rows)

    def customers(self, folder: str = "") -> dict[str, Row]:
        """By identifier, those of the files in `folder`."""
        return _keyed(_within(folder, self._customer_rows), "customer_id")

    def feedback(self) -> list[Row]:
        return _rows(clean_feedback(self.raw["feedback"], self._evidence, self.settings))

    @cached_property
    def _order_rows(self) -> list[Row]:
        return _rows(clean_orders(self.raw["orders"], self._items, self._evidence, self.settings))

    @cached_property
    def _item_rows(self) -> list[Row]:
        return _rows(self._items)

    @cached_property
    def _customer_rows(self) -> list[Row]:
        return _rows(
            clean_customers(self.raw["customers"], self.raw["orders"], self._evidence, self.settings)
        )

    @cached_property
    def _items(self) -> ir.Table:
        return written(
            self.con, clean_order_items(self.raw["order_items"], self.raw["orders"], self.settings)
        )

    @cached_property
    def _evidence(self) -> ir.Table:
        return written(self.con, date_evidence(self.raw, self.settings))


def settings_for(folder: Path, shop: ExportShop) -> Settings:
    """The settings of the shop whose files lie in `folder`/raw."""
    return Settings(
        data_dir=str(folder),
        shop_timezone=shop.timezone,
        currency=shop.currency,
        ambiguous_date_order="month_first",
    )


def read_back(con: ibis.BaseBackend, folder: Path, shop: ExportShop, is_damaged: bool = False) -> ReadBack:
    """Read `folder`/raw as the shop would; the account of every file must balance.

    What a spreadsheet did is only repaired when the files are said to be damaged: it takes time.
    """
    settings = settings_for(folder, shop)
    inbox = read_inbox(con, settings)
    check_balance(inbox)
    for name, row in account(inbox).items():
        assert row["rows_quarantined"] == 0, (name, row)
        assert row["amount_kept"] == row["amount_in_file"], (name, row)
    tables = {noun: written(con, table) for noun, table in inbox.tables.items()}
    inbox.close()
    if is_damaged:
        shop_tables = {noun: tables[noun] for noun in ("customers", "orders", "order_items", "feedback")}
        repairs, _ = find_repairs(shop_tables, settings)
        tables |= {noun: repaired(table, repairs, noun) for noun, table in shop_tables.items()}
    return ReadBack(con, inbox, settings, tables)


def true_rows(frame: Any) -> list[Row]:
    """The rows of a true table, with None for whatever is absent."""
    return [{name: _plain(cell) for name, cell in row.items()} for row in frame.to_dict("records")]


def midnight(moment: datetime, shop: ExportShop) -> datetime:
    """The beginning of a moment's day by the shop's clock, in UTC without saying so."""
    zone = ZoneInfo(shop.timezone)
    return naive(datetime.combine(moment.astimezone(zone).date(), time(), zone))


def naive(moment: datetime) -> datetime:
    """The moment in UTC, as tables hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def amounts(order: Row) -> tuple[Decimal, Decimal, Decimal]:
    return order["gross_amount"], order["refund_amount"], order["net_amount"]


def _plain(cell: Any) -> Any:
    return None if cell is None or cell != cell else cell


def _within(folder: str, rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["source_file"].startswith(folder)]


def _rows(table: ir.Table) -> list[Row]:
    return table.order_by("source_file", "source_line").to_pyarrow().to_pylist()


def _keyed(rows: list[Row], key: str) -> dict[str, Row]:
    keyed = {row[key]: row for row in rows}
    assert len(keyed) == len(rows)
    return keyed
