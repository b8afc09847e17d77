"""The owner's page made from the readers' snapshot, between two refreshes or during one."""

from __future__ import annotations

import re

from custbehav_dagster.contract import TABLES
from custbehav_dagster.reporting.content import READS, Report, gather_report
from custbehav_dagster.reporting.page import render_page, render_waiting
from custbehav_dagster.settings import Settings


class NoRefreshYet(LookupError):
    """There is nothing to show; `page` says so, and waits for it."""

    def __init__(self, page: str) -> None:
        super().__init__("No refresh has finished yet.")
        self.page = page


def report_from_snapshot(settings: Settings) -> Report:
    """What the page tells, from the readers' snapshot.

    Raises:
        LookupError: there is no snapshot, or one of an earlier version that lacks a table or a column.
    """
    from custbehav_dagster.forecasting.features import as_of_or_none
    from custbehav_dagster.warehouse.store import open_warehouse

    if not settings.snapshot_path.is_file():
        raise LookupError(f"There is no {settings.snapshot_path.name}.")
    with open_warehouse(settings.snapshot_path, settings.warehouse_memory_limit, read_only=True) as snapshot:
        tables = {name: snapshot.table(*name.split(".")) for name in READS}
        for name, table in tables.items():
            layer, _, noun = name.partition(".")
            if missing := set(TABLES[layer, noun].column_names) - set(table.columns):
                raise LookupError(f"{name} lacks {', '.join(sorted(missing))}.")
        return gather_report(tables, as_of_or_none(tables["truth.orders"], settings), settings)


def page_from_snapshot(settings: Settings, language: str) -> str:
    """The page as HTML, which asks its server for news.

    Raises:
        NoRefreshYet: there is nothing of this version to show.
    """
    from custbehav_dagster.figures.registry import PICTURES

    try:
        report = report_from_snapshot(settings)
    except LookupError as error:
        raise NoRefreshYet(render_waiting(language)) from error
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
