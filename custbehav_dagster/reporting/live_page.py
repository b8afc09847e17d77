"""The owner's page made from the readers' snapshot, between two refreshes or during one."""

from __future__ import annotations

import re

from custbehav_dagster.contract import TABLES
from custbehav_dagster.reporting.content import READS, gather_report
from custbehav_dagster.reporting.page import render_page, render_waiting
from custbehav_dagster.settings import Settings

NAMES = [(layer, noun) for layer, _, noun in (name.partition(".") for name in READS)]


class NoRefreshYet(LookupError):
    """There is nothing to show; `page` says so, and waits for it."""

    def __init__(self, page: str) -> None:
        super().__init__("No refresh has finished yet.")
        self.page = page


def page_from_snapshot(settings: Settings, language: str) -> str:
    """The page as HTML, which asks its server for news.

    Raises:
        NoRefreshYet: there is no snapshot, or one of an earlier version that lacks a table.
    """
    from custbehav_dagster.figures.registry import PICTURES
    from custbehav_dagster.forecasting.features import as_of_or_none
    from custbehav_dagster.warehouse.store import open_warehouse

    if not settings.snapshot_path.is_file():
        raise NoRefreshYet(render_waiting(language))
    with open_warehouse(settings.snapshot_path, settings.warehouse_memory_limit, read_only=True) as snapshot:
        try:
            tables = {name: snapshot.table(*name.split(".")) for name in READS}
        except LookupError as error:
            raise NoRefreshYet(render_waiting(language)) from error
        if any(set(TABLES[layer, noun].column_names) - set(tables[f"{layer}.{noun}"].columns) for layer, noun in NAMES):
            raise NoRefreshYet(render_waiting(language))
        as_of = as_of_or_none(tables["truth.orders"], settings)
        report = gather_report(tables, as_of, settings)
    titles = {
        name: picture.title
        for name, picture in PICTURES.items()
        if (settings.processed_path / "plots" / f"{name}.png").is_file()
    }
    return render_page(report, language, _run_of_saved_page(settings), titles, live=True)


def _run_of_saved_page(settings: Settings) -> str:
    """The run that wrote the page in data/processed, which the same refresh made."""
    saved = settings.processed_path / "report" / "index.html"
    if not saved.is_file():
        return ""
    with saved.open(encoding="utf-8") as file:
        found = re.search(r'<meta name="run" content="([\w-]+)">', file.read(5_000))
    return found.group(1) if found else ""
