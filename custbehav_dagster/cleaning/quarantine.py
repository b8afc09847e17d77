"""Every raw row that cleaning left out, with the rule that did it: rows in are rows kept plus these."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import PLACE, attach, data_columns, row_text
from custbehav_dagster.cleaning.customers import judge_customers
from custbehav_dagster.cleaning.feedback import judge_feedback
from custbehav_dagster.cleaning.order_items import judge_order_items
from custbehav_dagster.cleaning.orders import judge_orders
from custbehav_dagster.cleaning.rules import VERDICT
from custbehav_dagster.contract import Table
from custbehav_dagster.contract import cleaned as cleaned_contract
from custbehav_dagster.contract import raw as raw_contract
from custbehav_dagster.settings import Settings

UNEXPLAINED = "unexplained"
"""The rule of a row that is missing without any; the contract does not allow it, so that its check fails."""

UNEXPLAINED_REASON = "The row is missing after cleaning, and no rule says why: please report this."

_CONTRACTS: dict[str, Table] = {
    "customers": raw_contract.CUSTOMERS,
    "orders": raw_contract.ORDERS,
    "order_items": raw_contract.ORDER_ITEMS,
    "feedback": raw_contract.FEEDBACK,
}


def _judged(
    noun: str,
    raw: Mapping[str, ir.Table],
    cleaned: Mapping[str, ir.Table],
    evidence: ir.Table,
    settings: Settings,
) -> ir.Table:
    """The raw table with each row's verdict, by the same function that its cleaner uses."""
    if noun == "customers":
        return judge_customers(raw[noun], evidence, settings)
    if noun == "orders":
        return judge_orders(raw[noun], cleaned["order_items"], evidence, settings)
    if noun == "order_items":
        return judge_order_items(raw[noun], raw["orders"], settings)
    return judge_feedback(raw[noun], evidence, settings)


def _rejects(noun: str, rows: ir.Table, judged: ir.Table, kept: ir.Table) -> ir.Table:
    """The rows that a rule leaves out, and, without a rule, any other that did not arrive."""
    arrived = kept.select(*PLACE, has_arrived=True)
    judged = attach(judged.select(*PLACE, *VERDICT), arrived, {name: name for name in PLACE})
    rejected = judged.filter(judged.rule.notnull() | judged.has_arrived.isnull()).drop("has_arrived")
    # The row's text is put together for these few only.
    found = rows.join(rejected, PLACE)
    return found.select(
        *PLACE,
        raw_table=ibis.literal(noun),
        column_name=found.fault_column,
        rule=found.rule.coalesce(UNEXPLAINED),
        reason=found.reason.coalesce(UNEXPLAINED_REASON),
        raw_text=row_text(found, data_columns(_CONTRACTS[noun])),
    )


def quarantine_rejects(
    raw: Mapping[str, ir.Table], cleaned: Mapping[str, ir.Table], evidence: ir.Table, settings: Settings
) -> ir.Table:
    """One row per raw row that is not in its cleaned table, keeping `contract.cleaned.QUARANTINE`.

    Args:
        raw: the raw tables customers, orders, order_items, feedback (those that are there).
        cleaned: the cleaned tables by the same nouns; order_items is needed for orders.
        evidence: keeps `contract.cleaned.DATE_EVIDENCE`; the same that cleaning used.
        settings: the same that cleaning used.
    """
    parts = [
        _rejects(noun, raw[noun], _judged(noun, raw, cleaned, evidence, settings), cleaned[noun])
        for noun in _CONTRACTS
        if noun in raw
    ]
    return cleaned_contract.QUARANTINE.conform(ibis.union(*parts, distinct=False))
