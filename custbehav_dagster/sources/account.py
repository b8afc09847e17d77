"""The account of one file: its records in, kept and quarantined, and its money by currency."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.formats import Match

LARGEST_AMOUNT = Decimal(10) ** 14
"""Sums from here on do not fit the contract's type."""
COLUMNS_NAMED = 4
UNKNOWN = "unknown"
IGNORED = "ignored"
"""Format of a file that its mapping says to pass over."""
CENT_PARTS = Decimal("0.0001")


@dataclass(frozen=True)
class Money:
    """One row of raw.file_amounts; its fields are the columns of that table."""

    source_file: str
    currency: str
    amount_in_file: Decimal
    amount_kept: Decimal
    amount_quarantined: Decimal


@dataclass
class FileAccount:
    """One row of raw.ingested_files; its fields are the columns of that table, but for `money`."""

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
    money: list[Money] = field(default_factory=list)

    def recognised_as(self, match: Match) -> None:
        """Note the format, its variant and how sure it is."""
        self.format, self.variant, self.confidence = (
            match.format.name,
            match.variant or None,
            match.confidence,
        )

    def give_up(self, sentence: str) -> None:
        """Nothing was read from it after all, for the reason that `sentence` tells."""
        self.rows_in = self.rows_kept = self.rows_quarantined = 0
        self.amount_in_file = self.amount_kept = None
        self.money = []
        self.say(sentence)

    def say(self, sentence: str) -> None:
        """Add a sentence to the note."""
        if sentence:
            self.note = f"{self.note} {sentence}" if self.note else sentence


def add_money(
    accounts: dict[str, FileAccount],
    records: ir.Table,
    amount: ir.DecimalValue,
    currency: ir.StringValue,
    is_kept: ir.BooleanValue,
    is_counted: ir.BooleanValue,
    usual_currency: str,
) -> None:
    """Sum `amount` over each file's records by currency, over those kept, and say how many have none.

    `records` also holds the quarantined ones, with the cells that are certain; those
    that are not counted, such as lines of totals, have no money of their own. Amounts
    that name no currency are in that of the file, or in the usual one.
    """
    measured = records.select(
        "source_file", amount=amount, currency=currency, is_kept=is_kept, is_counted=is_counted
    )
    sums = _sums(measured, list(accounts))
    for name, account in accounts.items():
        _enter(account, _with_currencies(sums.get(name, []), usual_currency))


def _sums(measured: ir.Table, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    """File -> its sums, one row per currency; sums too large for the type are None."""
    grouped = measured.group_by("source_file", "currency").aggregate(
        total=measured.amount.sum(),
        kept=measured.amount.sum(where=measured.is_kept),
        quarantined=measured.amount.sum(where=~measured.is_kept & measured.is_counted),
        amounts=measured.amount.count(),
        without=(measured.amount.isnull() & measured.is_kept).sum(),
        lost=(measured.amount.isnull() & ~measured.is_kept & measured.is_counted).sum(),
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    try:
        rows = grouped.order_by("source_file", ibis.asc("currency")).to_pyarrow().to_pylist()
    except duckdb.OutOfRangeException:
        if len(names) > 1:
            return {
                name: _sums(measured.filter(measured.source_file == name), [name])[name] for name in names
            }
        too_large = {"currency": None, "without": 0, "lost": 0, "amounts": 1}
        return {names[0]: [too_large | dict.fromkeys(("total", "kept", "quarantined"), LARGEST_AMOUNT)]}
    for row in rows:
        found[row["source_file"]].append(row)
    return defaultdict(list, found)


def _with_currencies(rows: list[dict[str, Any]], usual: str) -> list[dict[str, Any]]:
    """The sums with each currency once and none without."""
    named = [row["currency"] for row in rows if row["currency"]]
    nameless = named[0] if len(named) == 1 else usual
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        currency = row["currency"] or nameless
        sums = merged.setdefault(currency, {"currency": currency})
        for key, value in row.items():
            if key not in ("currency", "source_file"):
                sums[key] = sums.get(key, 0) + (value or 0)
    return [merged[currency] for currency in sorted(merged)]


def _enter(account: FileAccount, rows: list[dict[str, Any]]) -> None:
    sums = [row for row in rows if row["amounts"]]
    parts = [[row[key] or Decimal(0) for key in ("total", "kept", "quarantined")] for row in sums]
    if any(abs(part) >= LARGEST_AMOUNT for three in parts for part in three):
        account.say("Its amounts are too large to be added up.")
        return
    account.money = [
        Money(account.source_file, row["currency"], *(part.quantize(CENT_PARTS) for part in three))
        for row, three in zip(sums, parts, strict=True)
    ]
    if len(account.money) < 2:
        none = Decimal(0).quantize(CENT_PARTS)
        account.amount_in_file = account.money[0].amount_in_file if account.money else none
        account.amount_kept = account.money[0].amount_kept if account.money else none
    else:
        named = ", ".join(one.currency for one in account.money)
        account.say(f"Its amounts are in {len(account.money)} currencies ({named}) and not added up.")
    without, lost = (sum(row[key] or 0 for row in rows) for key in ("without", "lost"))
    if without:
        account.say(f"{counted(without, 'record')} kept without a readable amount.")
    if lost:
        account.say(f"The amount of {counted(lost, 'quarantined record')} could not be told.")


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
