"""Every raw row that cleaning left out, with the rule that did it: rows in are rows kept plus these."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import PLACE, data_columns, row_text
from custbehav_dagster.cleaning.customers import judge_customers
from custbehav_dagster.cleaning.feedback import judge_feedback
from custbehav_dagster.cleaning.order_items import judge_order_items
from custbehav_dagster.cleaning.orders import judge_orders
from custbehav_dagster.contract import Table, raw as raw_contract
from custbehav_dagster.contract import cleaned as cleaned_contract
from custbehav_dagster.settings import Settings

UNEXPLAINED = "unexplained"
"""The rule of a row that is missing without any; the contract does not allow it, so that its check fails."""

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
    rows = raw[noun]
    rows = rows.mutate(row_text=row_text(rows, data_columns(_CONTRACTS[noun])))
    if noun == "customers":
        return judge_customers(rows, evidence, settings)
    if noun == "orders":
        return judge_orders(rows, cleaned["order_items"], evidence, settings)
    if noun == "order_items":
        return judge_order_items(rows, raw["orders"], settings)
    return judge_feedback(rows, evidence, settings)


def _rejects(noun: str, judged: ir.Table, kept: ir.Table) -> ir.Table:
    """The rows that a rule leaves out, and, without a rule, any other that did not arrive."""
    arrived = kept.select(*PLACE).distinct()
    place = [judged[name] == arrived[name] for name in PLACE]
    rejected = judged.filter(judged.rule.notnull())
    lost = judged.filter(judged.rule.isnull()).anti_join(arrived, place)
    columns = [*PLACE, "rule", "fault_column", "reason", "row_text"]
    found = ibis.union(rejected.select(*columns), lost.select(*columns), distinct=False)
    return found.select(
        *PLACE,
        raw_table=ibis.literal(noun),
        column_name=found.fault_column,
        rule=found.rule.coalesce(UNEXPLAINED),
        reason=found.reason.coalesce(
            "The row is missing after cleaning, and no rule says why: please report this."
        ),
        raw_text=found.row_text,
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
        _rejects(noun, _judged(noun, raw, cleaned, evidence, settings), cleaned[noun])
        for noun in _CONTRACTS
        if noun in raw
    ]
    return cleaned_contract.QUARANTINE.conform(ibis.union(*parts, distinct=False))
