"""Every raw row that cleaning left out, with the rule that did it: rows in are rows kept plus these."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import PLACE, data_columns, join_lookup, row_text
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


def _missing(rows: ir.Table, kept: ir.Table) -> ir.Table | None:
    """The rows whose place is not among those kept; None when all are. Runs a query."""
    # Several steps ask for these rows: their places are looked for once, and are few.
    places = rows.anti_join(kept, PLACE).select(*PLACE).to_pyarrow()
    return rows.semi_join(ibis.memtable(places), PLACE) if places.num_rows else None


def _judged(
    noun: str,
    raw: Mapping[str, ir.Table],
    cleaned: Mapping[str, ir.Table],
    evidence: ir.Table,
    settings: Settings,
    rows: ir.Table,
) -> ir.Table:
    """The verdict on each of `rows`, by the same function that the cleaner uses."""
    if noun == "customers":
        return judge_customers(raw[noun], evidence, settings, rows)
    if noun == "orders":
        return judge_orders(raw[noun], cleaned["order_items"], evidence, settings, rows)
    if noun == "order_items":
        return judge_order_items(raw[noun], raw["orders"], settings, rows)
    return judge_feedback(raw[noun], evidence, settings, rows)


def _rejects(noun: str, missing: ir.Table, judged: ir.Table) -> ir.Table:
    """The rows that did not arrive, as they were, with the verdict on each."""
    # The text of a row is put together from the raw cells, which the judged table no longer has.
    verdicts = judged.select(*PLACE, *VERDICT).rename({f"judged_{name}": name for name in PLACE})
    found = join_lookup(missing, verdicts, {name: f"judged_{name}" for name in PLACE})
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

    Runs queries now; a table of which nothing is missing costs one.
    """
    parts = []
    for noun in _CONTRACTS:
        missing = _missing(raw[noun], cleaned[noun]) if noun in raw else None
        if missing is not None:
            parts.append(_rejects(noun, missing, _judged(noun, raw, cleaned, evidence, settings, missing)))
    if not parts:
        return cleaned_contract.QUARANTINE.empty()
    return cleaned_contract.QUARANTINE.conform(ibis.union(*parts, distinct=False))
