"""The IO manager: an asset's value becomes the table `layer.noun`, and its contract files.

Differs from the stock one in that a write is one transaction, columns are
matched by name, tables without rows keep their columns, and one connection
serves the whole run.
"""

from typing import Any

import dagster as dg
from dagster_duckdb import DuckDBIOManager

from custbehav_dagster.contract import TABLES
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import ShrunkenSource, Warehouse

EXPORTS = "custbehav/exports"
"""Asset metadata: names of the files in data/processed that hold the table too."""

GUARDED = "custbehav/guarded"
"""Asset metadata: true when a table that lost half of its real rows must not be replaced."""

PREVIEW_ROWS = 5


class TableIOManager(dg.IOManager):
    """Keeps ibis tables and data frames as DuckDB tables; gives them back as either."""

    def __init__(self, warehouse: Warehouse, settings: Settings) -> None:
        self.warehouse = warehouse
        self.settings = settings

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write the table, then its files; say how many rows, and show the first few."""
        layer, noun = context.asset_key.path
        declared = context.definition_metadata or {}
        try:
            written = self.warehouse.write(
                layer, noun, obj, allow_shrink=self.settings.allow_shrink or not declared.get(GUARDED)
            )
        except ShrunkenSource as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        files = [self.settings.processed_path / name for name in declared.get(EXPORTS, ())]
        for file in files:
            self.warehouse.export(layer, noun, file)
        metadata: dict[str, Any] = {
            "dagster/row_count": written.rows,
            "dagster/table_name": f"{layer}.{noun}",
            "preview": dg.MetadataValue.md(preview(self.warehouse, layer, noun)),
        }
        if files:
            metadata["files"] = ", ".join(f"processed/{file.name}" for file in files)
        if written.schema_change:
            metadata["schema change"] = written.schema_change
            context.log.warning(f"The columns of {layer}.{noun} changed: {written.schema_change}")
        context.add_output_metadata(metadata)

    def load_input(self, context: dg.InputContext) -> Any:
        """Give the table as an ibis expression, or as a data frame where one is asked for."""
        layer, noun = context.asset_key.path
        table = self.warehouse.table(layer, noun)
        wanted = context.dagster_type.typing_type
        return table.to_pandas() if getattr(wanted, "__name__", "") == "DataFrame" else table


class WarehouseIOManager(DuckDBIOManager):
    """The stock DuckDB IO manager's place in Dagster, with our way of writing."""

    shop: dg.ResourceDependency[Settings]
    warehouse: dg.ResourceDependency[Warehouse]

    @staticmethod
    def type_handlers() -> list[Any]:
        """None: `TableIOManager` handles every type itself."""
        return []

    def create_io_manager(self, context: Any) -> TableIOManager:  # type: ignore[override]
        """One manager for the run, on the run's one connection."""
        return TableIOManager(self.warehouse, self.shop)


def preview(warehouse: Warehouse, layer: str, noun: str) -> str:
    """The first rows as a markdown table; cells that may be personal are covered."""
    personal = (
        {c.name for c in TABLES[layer, noun].columns if c.is_personal} if (layer, noun) in TABLES else set()
    )
    columns = warehouse.table(layer, noun).columns
    rows = warehouse.first_rows(layer, noun, PREVIEW_ROWS)
    lines = [list(columns), ["---"] * len(columns)]
    lines += [[_cell(name, value, personal) for name, value in row.items()] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(name: str, value: Any, personal: set[str]) -> str:
    if value is None:
        return ""
    if name in personal:
        return "•••"
    text = str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
    return text if len(text) <= 40 else text[:39] + "…"
