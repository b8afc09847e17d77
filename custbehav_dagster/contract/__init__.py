"""The tables of the warehouse, by layer. Import `contract.cleaned.ORDERS` and the like."""

from custbehav_dagster.contract import actions, cleaned, insights, raw, results, segments, truth
from custbehav_dagster.contract.table import Column, Table

LAYERS = (raw, cleaned, truth, results, segments, insights, actions)

TABLES: dict[tuple[str, str], Table] = {
    (table.layer, table.noun): table for layer in LAYERS for table in layer.TABLES
}

__all__ = [
    "TABLES",
    "Column",
    "Table",
    "actions",
    "cleaned",
    "insights",
    "raw",
    "results",
    "segments",
    "truth",
]
