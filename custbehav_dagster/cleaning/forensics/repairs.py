"""All repairs of a shop's files, in order, and the raw tables with them made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import PLACE, attach, replaced
from custbehav_dagster.cleaning.forensics.collisions import find_collisions
from custbehav_dagster.cleaning.forensics.continuation import find_continuations
from custbehav_dagster.cleaning.forensics.dates import find_damaged_dates
from custbehav_dagster.cleaning.forensics.figures import (
    find_apostrophes,
    find_identifier_zeros,
    find_postcode_zeros,
)
from custbehav_dagster.cleaning.forensics.found import Found, RawTables, literal_cells, own_rows
from custbehav_dagster.cleaning.forensics.powers import find_powers
from custbehav_dagster.cleaning.forensics.proof import Proof
from custbehav_dagster.contract import cleaned
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.working import settled

Rule = Callable[[RawTables, Settings], Found]


def _dates(raw: RawTables, settings: Settings) -> Found:
    cells, proofs = find_damaged_dates(raw["orders"], settings)
    if cells is None:
        return Found((), tuple(proofs))
    named = [{"raw_table": "orders", "column_name": "ordered_at", **row} for row in cells.to_pylist()]
    return Found((literal_cells(named),), tuple(proofs))


_SPREADSHEET: tuple[Rule, ...] = (
    lambda raw, settings: find_apostrophes(raw),
    lambda raw, settings: find_powers(raw),
    lambda raw, settings: find_continuations(raw),
    lambda raw, settings: find_identifier_zeros(raw),
    lambda raw, settings: find_postcode_zeros(raw),
    _dates,
)
"""In this order: each sees what those before it have repaired."""


def find_repairs(raw: RawTables, settings: Settings) -> tuple[ir.Table, ir.Table]:
    """Weigh every kind of damage against the files' own figures.

    Args:
        raw: the raw tables customers, orders, order_items and feedback.
        settings: `repair_spreadsheet_damage` switches the repairs off; numbers that two
            platforms share are told apart all the same, since they are no damage.

    Returns:
        Tables that keep `contract.cleaned.REPAIRS` and `contract.cleaned.REPAIR_PROOFS`. Runs
        a handful of counting queries now; files without signs of damage are not read by row.
    """
    if not any(own_rows(table).limit(1).to_pyarrow().num_rows for table in raw.values()):
        return _together([]), _proof_table([])
    rules: tuple[Rule, ...] = _SPREADSHEET if settings.repair_spreadsheet_damage else ()
    tables, repairs, proofs = dict(raw), list[ir.Table](), list[Proof]()
    for step, rule in enumerate((*rules, find_collisions)):
        found = rule(tables, settings)
        proofs += found.proofs
        # Kept in memory as found: a later rule asks for them again, and so does every cleaner.
        mine = [
            ibis.memtable(table.mutate(step=ibis.literal(step, "int64")).to_pyarrow())
            for table in found.repairs
        ]
        if mine:
            repairs += mine
            tables = {noun: repaired(table, _together(mine), noun) for noun, table in tables.items()}
    return _together(repairs), _proof_table(proofs)


def repaired(table: ir.Table, repairs: ir.Table, noun: str) -> ir.Table:
    """The raw table `noun` with its repairs made; the very table when there are none. Computed now.

    Args:
        table: a raw table of the shop.
        repairs: keeps `contract.cleaned.REPAIRS`. Of several repairs of one cell the last counts;
            an empty `after` empties the cell.
    """
    mine = repairs.filter(repairs.raw_table == noun)
    columns = sorted(mine.select("column_name").distinct().to_pyarrow()["column_name"].to_pylist())
    if not columns:
        return table
    newest: dict[str, Any] = {}
    for name in columns:
        is_here = mine.column_name == name
        newest[f"_has_{name}"] = is_here.any()
        newest[f"_new_{name}"] = mine.after.fill_null("").argmax(mine.step, where=is_here)
    cells = mine.group_by(list(PLACE)).aggregate(**newest)
    joined = attach(table, cells, {name: name for name in PLACE})
    values = {
        name: ibis.ifelse(
            joined[f"_has_{name}"].fill_null(False), joined[f"_new_{name}"].nullif(""), joined[name]
        )
        for name in columns
    }
    # Cleaning asks for these rows a dozen times over: joined once is enough.
    return settled(replaced(joined, tuple(newest), **values).select(*table.columns))


def _together(repairs: list[ir.Table]) -> ir.Table:
    if not repairs:
        return cleaned.REPAIRS.empty()
    parts = [cleaned.REPAIRS.conform(table) for table in repairs]
    return parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False)


def _proof_table(proofs: list[Proof]) -> ir.Table:
    """One row per proof and statistic; a proof without figures has one row too."""
    import pyarrow as pa

    rows = []
    for proof in proofs:
        shared = {
            "raw_table": proof.raw_table, "source_file": proof.source_file, "column_name": proof.column_name,
            "rule": proof.rule, "is_applied": proof.is_applied, "cells": proof.cells, "note": proof.note,
        }  # fmt: skip
        figures = [
            {"statistic": one.name, "value_before": one.before, "value_after": one.after}
            for one in proof.statistics
        ]
        rows += [{**shared, **figure} for figure in figures or [{"statistic": "none"}]]
    if not rows:
        return cleaned.REPAIR_PROOFS.empty()
    schema = cleaned.REPAIR_PROOFS.schema.to_pyarrow()
    return cleaned.REPAIR_PROOFS.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=schema)))


def proofs_as_markdown(proofs: ir.Table) -> str:
    """What was found and repaired, as a table for the asset's page; personal data are not in it."""
    rows = proofs.order_by(["source_file", "rule", "column_name", "statistic"]).to_pyarrow().to_pylist()
    if not rows:
        return "No sign of damage by a spreadsheet was found."
    lines = [
        "| file | column | repaired | cells | figure | before | after | what |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = (
            row["source_file"], row["column_name"], "yes" if row["is_applied"] else "no", f"{row['cells']:,}",
            row["statistic"], _figure(row["statistic"], row["value_before"]),
            _figure(row["statistic"], row["value_after"]), row["note"],
        )  # fmt: skip
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _figure(statistic: str, value: float | None) -> str:
    if value is None:
        return ""
    if statistic.startswith("share"):
        return f"{value:.1%}"
    return f"{value:.3f}" if statistic.startswith("rank") else f"{value:,.0f}"
