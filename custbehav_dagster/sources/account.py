"""The account of one file: its records in, kept and quarantined, and its money."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import ibis.expr.types as ir

from custbehav_dagster.sources.formats import Match

LARGEST_AMOUNT = Decimal(10) ** 14
"""Sums from here on do not fit the contract's type."""
COLUMNS_NAMED = 10
UNKNOWN = "unknown"
CENT_PARTS = Decimal("0.0001")
NO_RECORDS: dict[str, Any] = {"total": None, "kept": None, "without": 0, "lost": 0}


@dataclass
class FileAccount:
    """One row of raw.ingested_files; its fields are the columns of that table."""

    source_file: str
    sha256: str = ""
    format: str = UNKNOWN
    variant: str | None = None
    confidence: float | None = None
    rows_in: int = 0
    rows_kept: int = 0
    rows_quarantined: int = 0
    amount_in_file: Decimal | None = None
    amount_kept: Decimal | None = None
    is_synthetic: bool = False
    note: str | None = None

    def recognised_as(self, match: Match) -> None:
        """Note the format, its variant and how sure it is."""
        self.format, self.variant, self.confidence = (
            match.format.name,
            match.variant or None,
            match.confidence,
        )

    def say(self, sentence: str) -> None:
        """Add a sentence to the note."""
        if sentence:
            self.note = f"{self.note} {sentence}" if self.note else sentence


def add_money(
    accounts: dict[str, FileAccount], records: ir.Table, amount: ir.DecimalValue, is_kept: ir.BooleanValue
) -> None:
    """Sum `amount` over each file's records and over those kept, and say how many have none.

    `records` also holds the quarantined ones, with the cells that are certain.
    """
    measured = records.select("source_file", amount=amount, is_kept=is_kept)
    try:
        sums = _sums(measured)
    except duckdb.OutOfRangeException:
        sums = {name: _sums_or_too_large(measured, name) for name in accounts}
    for name, account in accounts.items():
        _enter(account, sums.get(name, NO_RECORDS))


def _sums(measured: ir.Table) -> dict[str, dict[str, Any]]:
    """File -> its sums."""
    sums = measured.group_by("source_file").aggregate(
        total=measured.amount.sum(),
        kept=measured.amount.sum(where=measured.is_kept),
        without=(measured.amount.isnull() & measured.is_kept).sum(),
        lost=(measured.amount.isnull() & ~measured.is_kept).sum(),
    )
    return {row["source_file"]: row for row in sums.to_pyarrow().to_pylist()}


def _sums_or_too_large(measured: ir.Table, name: str) -> dict[str, Any]:
    try:
        return _sums(measured.filter(measured.source_file == name)).get(name, NO_RECORDS)
    except duckdb.OutOfRangeException:
        return {"total": LARGEST_AMOUNT, "kept": LARGEST_AMOUNT, "without": 0, "lost": 0}


def _enter(account: FileAccount, sums: dict[str, Any]) -> None:
    total, kept = sums["total"] or Decimal(0), sums["kept"] or Decimal(0)
    if max(abs(total), abs(kept)) >= LARGEST_AMOUNT:
        account.say("Its amounts are too large to be added up.")
        return
    account.amount_in_file, account.amount_kept = total.quantize(CENT_PARTS), kept.quantize(CENT_PARTS)
    if sums["without"]:
        account.say(f"{counted(sums['without'], 'record')} kept without a readable amount.")
    if sums["lost"]:
        account.say(f"The amount of {counted(sums['lost'], 'quarantined record')} could not be told.")


def describe_columns(account: FileAccount, header: tuple[str, ...], used: set[int]) -> None:
    """Say which columns are there twice and which are not used."""
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        account.say(f"More than one column is called {_list(twice)}; the first of them counts.")
    unused = [name for number, name in enumerate(header) if number not in used and name.strip()]
    unused = [name for name in dict.fromkeys(unused) if name not in twice]
    if unused:
        account.say(f"Not used: {_list(unused)}.")


def counted(count: int, noun: str) -> str:
    """'1 record', '2,000 records'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def count_by_file(rows: ir.Table) -> dict[str, int]:
    """File -> number of its rows, counted now; files without rows are not listed."""
    counts = rows.group_by("source_file").aggregate(count=rows.count()).to_pyarrow().to_pylist()
    return {row["source_file"]: row["count"] for row in counts}


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:COLUMNS_NAMED])
    return f"{shown} and {len(names) - COLUMNS_NAMED} more" if len(names) > COLUMNS_NAMED else shown
