"""The tables of the warehouse, by layer. Import `contract.cleaned.ORDERS` and the like."""

from custbehav_dagster.contract import actions, cleaned, raw, results, truth
from custbehav_dagster.contract.table import Column, Table

TABLES: dict[tuple[str, str], Table] = {
    (table.layer, table.noun): table
    for table in (*raw.TABLES, *cleaned.TABLES, *truth.TABLES, *results.TABLES, *actions.TABLES)
}

__all__ = ["TABLES", "Column", "Table", "actions", "cleaned", "raw", "results", "truth"]
