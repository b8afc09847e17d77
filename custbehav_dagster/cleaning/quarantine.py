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
from custbehav_dagster.contract import Table
from custbehav_dagster.contract import cleaned as cleaned_contract
from custbehav_dagster.contract import raw as raw_contract
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.working import settled

UNEXPLAINED = "unexplained"
"""The rule of a row that is missing without any; the contract does not allow it, so that its check fails."""

UNEXPLAINED_REASON = "The row is missing after cleaning, and no rule says why: please report this."

_CONTRACTS: dict[str, Table] = {
    "customers": raw_contract.CUSTOMERS,
    "orders": raw_contract.ORDERS,
    "order_items": raw_contract.ORDER_ITEMS,
    "feedback": raw_contract.FEEDBACK,
}


def _balances(raw: ir.Table, cleaned: ir.Table, left_out: ir.Table) -> bool:
    """Whether the rows kept and those left out are as many as the raw ones. Runs a query."""
    counts = [table.aggregate(rows=table.count()) for table in (raw, cleaned, left_out)]
    rows, kept, out = ibis.union(
        *(count.mutate(place=place) for place, count in enumerate(counts)), distinct=False
    ).order_by("place").to_pyarrow()["rows"].to_pylist()  # fmt: skip
    return bool(rows == kept + out)


def _judged(
    noun: str,
    raw: Mapping[str, ir.Table],
    cleaned: Mapping[str, ir.Table],
    evidence: ir.Table,
    settings: Settings,
) -> ir.Table:
    """The verdicts on the rows of a raw table, by the same function that the cleaner uses."""
    if noun == "customers":
        orders = raw.get("orders", raw_contract.ORDERS.empty())
        return judge_customers(raw[noun], orders, evidence, settings).left_out
    if noun == "orders":
        return judge_orders(raw[noun], cleaned["order_items"], evidence, settings).left_out
    if noun == "order_items":
        return judge_order_items(raw[noun], raw["orders"], settings).left_out
    return judge_feedback(raw[noun], evidence, settings).left_out


def _rejects(noun: str, missing: ir.Table, verdicts: ir.Table) -> ir.Table:
    """The rows that did not arrive, as they were, with the verdict on each."""
    verdicts = verdicts.rename({f"judged_{name}": name for name in PLACE})
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
    raw: Mapping[str, ir.Table],
    cleaned: Mapping[str, ir.Table],
    evidence: ir.Table,
    settings: Settings,
    left_out: Mapping[str, ir.Table] | None = None,
) -> ir.Table:
    """One row per raw row that is not in its cleaned table, keeping `contract.cleaned.QUARANTINE`.

    Args:
        raw: the raw tables customers, orders, order_items, feedback (those that are there).
        cleaned: the cleaned tables by the same nouns; order_items is needed for orders.
        evidence: keeps `contract.cleaned.DATE_EVIDENCE`; the same that cleaning used.
        settings: the same that cleaning used.
        left_out: the verdicts that cleaning gave (`rules.Judged.left_out`), by the same
            nouns. A table without them, or whose rows they do not account for, is
            judged once more.

    Runs queries now.
    """
    parts = []
    for noun in _CONTRACTS:
        if noun not in raw:
            continue
        verdicts = (left_out or {}).get(noun)
        if verdicts is not None and _balances(raw[noun], cleaned[noun], verdicts):
            missing = settled(raw[noun].semi_join(verdicts, PLACE))
        else:
            missing = settled(raw[noun].anti_join(cleaned[noun], PLACE))
            if not missing.count().to_pyarrow().as_py():
                continue
            verdicts = _judged(noun, raw, cleaned, evidence, settings)
        parts.append(_rejects(noun, missing, verdicts))
    if not parts:
        return cleaned_contract.QUARANTINE.empty()
    return cleaned_contract.QUARANTINE.conform(ibis.union(*parts, distinct=False))
