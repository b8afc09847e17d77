"""Report: the page the owner opens, and the same in plain text."""

from collections.abc import Iterator

import dagster as dg
import ibis.expr.types as ir

from custbehav_dagster.assets.conventions import DAILY, OWNERS, asset
from custbehav_dagster.figures.registry import PICTURES
from custbehav_dagster.figures.render import load_picture
from custbehav_dagster.forecasting.features import as_of_or_none
from custbehav_dagster.reporting import notebook as live_report
from custbehav_dagster.reporting.content import READS, gather_report
from custbehav_dagster.reporting.page import render_page
from custbehav_dagster.reporting.summary import write_summary
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.files import atomic_write
from custbehav_dagster.warehouse.store import Warehouse

DRAWN = [dg.AssetKey(["plots", name]) for name in PICTURES]
PAGE = dg.AssetKey(["report", "owner_report"])
SUMMARY = dg.AssetKey(["report", "summary"])


KEYS = {name.replace(".", "_"): dg.AssetKey(name.split(".")) for name in READS}


def _spec(key: dg.AssetKey, kind: str, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=[*KEYS.values(), *DRAWN],
        group_name="report",
        kinds={"report", kind},
        owners=OWNERS,
        description=description,
        freshness_policy=DAILY,
        skippable=True,
    )


@dg.multi_asset(
    name="report",
    ins={name: dg.AssetIn(key=key) for name, key in KEYS.items()},
    specs=[
        _spec(PAGE, "html", "One page to look at: how the shop does, what to do, how sure we are."),
        _spec(SUMMARY, "markdown", "The same in plain text, from the run's own numbers."),
    ],
    can_subset=True,
)
def report(
    context: dg.AssetExecutionContext,
    shop: dg.ResourceParam[Settings],
    **tables: ir.Table,
) -> Iterator[dg.MaterializeResult[None]]:
    """Gather the run's results once; write the page and the summary of them."""
    as_of = as_of_or_none(tables["truth_orders"], shop)
    gathered = gather_report({name: tables[name.replace(".", "_")] for name in READS}, as_of, shop)
    if PAGE in context.selected_asset_keys:
        titles = {name: picture.title for name, picture in PICTURES.items()}
        page = render_page(gathered, shop.language, context.run_id, titles)
        atomic_write(shop.processed_path / "report" / "index.html", page)
        yield dg.MaterializeResult(
            asset_key=PAGE,
            metadata={"file": "processed/report/index.html", "kilobytes": len(page.encode()) // 1024},
        )
    if SUMMARY in context.selected_asset_keys:
        pictures = [load_picture(name, shop.processed_path / "plots") for name in PICTURES]
        words = write_summary(gathered, pictures)
        atomic_write(shop.processed_path / "SUMMARY.md", words)
        yield dg.MaterializeResult(
            asset_key=SUMMARY,
            metadata={"file": "processed/SUMMARY.md", "summary": dg.MetadataValue.md(words)},
        )


@asset(
    kinds=("notebook", "html"),
    deps=[*DRAWN, *(table.split(".") for table in live_report.READS)],
    freshness_policy=DAILY,
)
def notebook(
    shop: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """The live report, from raw files to insights, run and saved as a page."""
    target = shop.processed_path / "report" / live_report.PAGE
    with live_report.readable_copy(warehouse) as database:
        live_report.run_notebook(live_report.NOTEBOOK, database, target, shop.data_path)
    return dg.MaterializeResult(metadata={"file": f"processed/report/{live_report.PAGE}"})
