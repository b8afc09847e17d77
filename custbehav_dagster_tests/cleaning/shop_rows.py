"""Small raw tables from literal rows, and the whole cleaning of a shop made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from custbehav_dagster.cleaning.customers import clean_customers, judge_customers
from custbehav_dagster.cleaning.dates import date_evidence
from custbehav_dagster.cleaning.feedback import clean_feedback, judge_feedback
from custbehav_dagster.cleaning.order_items import judge_order_items
from custbehav_dagster.cleaning.orders import clean_order_items, clean_orders, judge_orders
from custbehav_dagster.cleaning.quarantine import quarantine_rejects
from custbehav_dagster.contract import Table, cleaned, raw
from custbehav_dagster.settings import Settings

Row = dict[str, Any]

RAW = {
    "customers": raw.CUSTOMERS,
    "orders": raw.ORDERS,
    "order_items": raw.ORDER_ITEMS,
    "feedback": raw.FEEDBACK,
}


def table_of(contract: Table, rows: Sequence[Row]) -> ir.Table:
    """The rows as a table of `contract`; unless told, row n stands in line n + 1 of `<noun>.csv`."""
    given = [
        {"is_synthetic": False, "source_file": f"{contract.noun}.csv", "source_line": place} | row
        for place, row in enumerate(rows, start=2)
    ]
    if unknown := {name for row in rows for name in row} - set(contract.column_names):
        raise KeyError(f"{contract.noun} has no columns {unknown}")
    return ibis.memtable(pa.Table.from_pylist(given, schema=contract.schema.to_pyarrow()))


def rows_of(table: ir.Table, *order_by: str) -> list[Row]:
    """The rows of a table, in the order of the named columns."""
    return (table.order_by(order_by) if order_by else table).to_pyarrow().to_pylist()


def settled(table: ir.Table) -> ir.Table:
    """The table computed once, so that what uses it need not compute it again."""
    return ibis.memtable(table.to_pyarrow())


def raw_tables(**rows: Sequence[Row]) -> dict[str, ir.Table]:
    """The four raw tables of a shop; those not named are empty."""
    return {noun: table_of(contract, rows.get(noun, ())) for noun, contract in RAW.items()}


def evidence_of(tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table:
    """What the dates of the raw tables say about day and month."""
    return date_evidence(tables, settings)


def cleaned_orders(rows: Sequence[Row], items: Sequence[Row] = (), **knobs: Any) -> list[Row]:
    """The cleaned orders of a shop, in the order of files and lines."""
    tables, settings = raw_tables(orders=rows, order_items=items), Settings(**knobs)
    lines = settled(clean_order_items(tables["order_items"], tables["orders"], settings))
    found = clean_orders(tables["orders"], lines, evidence_of(tables, settings), settings)
    return rows_of(found, "source_file", "source_line")


def cleaned_customers(rows: Sequence[Row], orders: Sequence[Row] = (), **knobs: Any) -> list[Row]:
    """The cleaned customers of a shop, in the order of files and lines."""
    tables, settings = raw_tables(customers=rows, orders=orders), Settings(**knobs)
    found = clean_customers(tables["customers"], tables["orders"], evidence_of(tables, settings), settings)
    return rows_of(found, "source_file", "source_line")


def cleaned_feedback(rows: Sequence[Row], **knobs: Any) -> list[Row]:
    """The cleaned feedback of a shop, in the order of files and lines."""
    tables, settings = raw_tables(feedback=rows), Settings(**knobs)
    found = clean_feedback(tables["feedback"], evidence_of(tables, settings), settings)
    return rows_of(found, "source_file", "source_line")


def cleaned_shop(tables: Mapping[str, ir.Table], settings: Settings) -> dict[str, ir.Table]:
    """The cleaned tables of those given, and their quarantine, each row judged once as in a refresh."""
    evidence, judged = settled(evidence_of(tables, settings)), {}
    orders = tables.get("orders", table_of(raw.ORDERS, ()))
    lines = table_of(cleaned.ORDER_ITEMS, ())
    if "order_items" in tables:
        judged["order_items"] = judge_order_items(tables["order_items"], orders, settings)
        lines = judged["order_items"].kept
    if "customers" in tables:
        judged["customers"] = judge_customers(tables["customers"], orders, evidence, settings)
    if "orders" in tables:
        judged["orders"] = judge_orders(orders, lines, evidence, settings)
    if "feedback" in tables:
        judged["feedback"] = judge_feedback(tables["feedback"], evidence, settings)
    found = {"order_items": lines} | {noun: settled(judgement.kept) for noun, judgement in judged.items()}
    left_out = {noun: judgement.left_out for noun, judgement in judged.items()}
    return found | {"quarantine": settled(quarantine_rejects(tables, found, evidence, settings, left_out))}


def rejected(noun: str, rows: Sequence[Row], **knobs: Any) -> list[Row]:
    """The quarantine of a shop that has only this table, in the order of files and lines."""
    found = cleaned_shop({noun: table_of(RAW[noun], rows)}, Settings(**knobs))["quarantine"]
    return rows_of(found, "source_file", "source_line")
