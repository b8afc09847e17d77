"""The tables of the warehouse, by layer. Import `contract.cleaned.ORDERS` and the like."""

from custbehav_dagster.contract import (
    actions,
    cleaned,
    context,
    insights,
    interest,
    leads,
    raw,
    results,
    second_order,
    segments,
    truth,
)
from custbehav_dagster.contract.table import Column, Table

LAYERS = (raw, cleaned, truth, results, second_order, segments, insights, interest, leads, context, actions)

TABLES: dict[tuple[str, str], Table] = {
    (table.layer, table.noun): table for layer in LAYERS for table in layer.TABLES
}

__all__ = [
    "TABLES",
    "Column",
    "Table",
    "actions",
    "cleaned",
    "context",
    "insights",
    "interest",
    "leads",
    "raw",
    "results",
    "second_order",
    "segments",
    "truth",
]
