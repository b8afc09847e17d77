"""Identifiers that a spreadsheet turned into powers of ten: what is left of them, and who shares one.

`5277620123456` becomes `5.27762E+12`: the last seven figures are gone for good. Different
orders that come to share such a number are kept apart by their lines; buyers, by their
mail addresses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import ibis.expr.types as ir

from custbehav_dagster.cleaning.forensics.found import (
    Found,
    RawTables,
    counts_by_file,
    literal_cells,
    own_rows,
)
from custbehav_dagster.cleaning.forensics.proof import Proof, Statistic

RULE = "identifier_made_a_power_of_ten"
_POWER = r"^\s*'?\s*\d(?:[.,]\d+)?[eE]\+?\d{1,2}\s*$"
_PARTS = re.compile(r"^'?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})$")

Row = dict[str, Any]


def shortened(text: str) -> tuple[str, int, int]:
    """The number in one notation, how many figures it had, and how many of them are lost."""
    match = _PARTS.match(text.strip())
    if not match:
        raise ValueError(f"'{text}' is no power of ten")
    decimals, power = (match[2] or "").rstrip("0"), int(match[3])
    mantissa = f"{match[1]}.{decimals}" if decimals else match[1]
    return f"{mantissa}E+{power}", power + 1, max(power - len(decimals), 0)


def find_powers(raw: RawTables) -> Found:
    """Order and customer numbers that are powers of ten, told, and kept apart where several share one."""
    found: list[Found] = []
    orders = _rows(raw["orders"], "order_id", ("ordered_at", "customer_id", "email"))
    if orders:
        found.append(_orders(orders, _rows(raw["order_items"], "order_id", ())))
    buyers = _rows(raw["orders"], "customer_id", ("email",))
    records = _rows(raw["customers"], "customer_id", ("email", "name"))
    if buyers or records:
        found.append(_people(buyers, records))
    return Found(
        tuple(table for one in found for table in one.repairs),
        tuple(proof for one in found for proof in one.proofs),
    )


def _rows(table: ir.Table, column: str, more: tuple[str, ...]) -> list[Row]:
    """The rows whose number in `column` is a power of ten, by file and line. Runs one or two queries."""
    rows = own_rows(table)
    signs = rows[column].contains("E+") | rows[column].contains("e+")
    if not counts_by_file(rows, power=signs):
        return []
    rows = rows.filter(signs & rows[column].re_search(_POWER))
    rows = rows.select("source_file", "source_line", column, *more).order_by("source_file", "source_line")
    found = rows.to_pyarrow().to_pylist()
    return [{**row, "number": shortened(row[column])[0]} for row in found]


def _shared(rows: Iterable[Row], *by: str) -> dict[str, dict[tuple[str, ...], Row]]:
    """Number -> the different things that bear it, each with its first row; numbers of one are left out."""
    bearers: dict[str, dict[tuple[str, ...], Row]] = defaultdict(dict)
    for row in rows:
        bearers[row["number"]].setdefault(tuple((row[name] or "").strip().lower() for name in by), row)
    return {number: things for number, things in bearers.items() if len(things) > 1}


def _cell(row: Row, noun: str, column: str, after: str, proof: str) -> Row:
    place = {name: row[name] for name in ("source_file", "source_line")}
    return {
        "raw_table": noun, "column_name": column, "before": row[column], "after": after, "rule": RULE,
        "proof": proof, **place,
    }  # fmt: skip


def _orders(rows: list[Row], items: list[Row]) -> Found:
    """Orders that share a number get their line beside it, and so do the order lines in the same record."""
    by = ("ordered_at", "customer_id", "email")
    shared = _shared(rows, *by)
    names: dict[tuple[str, int], str] = {}
    cells = []
    for row in rows:
        things = shared.get(row["number"])
        if things:
            first = things[tuple((row[name] or "").strip().lower() for name in by)]
            name = f"{row['number']} ({first['source_file']}, line {first['source_line']})"
            names[row["source_file"], row["source_line"]] = name
            proof = f"{len(things):,} different orders share this number"
            cells.append(_cell(row, "orders", "order_id", name, proof))
    for row in items:
        alike = names.get((row["source_file"], row["source_line"]))
        if alike:
            cells.append(_cell(row, "order_items", "order_id", alike, "as the order in the same record"))
    proofs = _proofs("orders", "order_id", rows, shared, "orders", "kept apart by their lines")
    return Found((literal_cells(cells),) if cells else (), proofs)


def _people(buyers: list[Row], records: list[Row]) -> Found:
    """Buyers are known by the mail address; those without one by the number, if nobody shares it."""
    shared = _shared(records, "email", "name") | _shared([row for row in buyers if row["email"]], "email")
    cells = []
    for row in buyers:
        if row["email"] or row["number"] in shared:
            proof = "known by the mail address" if row["email"] else "several people share this number"
            cells.append(_cell(row, "orders", "customer_id", "", proof))
    for row in records:
        if row["number"] in shared:
            alone = f"{row['number']} ({row['source_file']}, line {row['source_line']})"
            after = "" if row["email"] else alone
            cells.append(_cell(row, "customers", "customer_id", after, "several people share this number"))
    proofs = _proofs("orders", "customer_id", buyers, shared, "buyers", "told apart by their mail addresses")
    proofs += _proofs(
        "customers", "customer_id", records, shared, "people", "told apart by mail address or line"
    )
    return Found((literal_cells(cells),) if cells else (), proofs)


def _proofs(
    noun: str, column: str, rows: list[Row], shared: Mapping[str, Any], what: str, how: str
) -> tuple[Proof, ...]:
    by_file: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_file[row["source_file"]].append(row)
    proofs = []
    for file, mine in by_file.items():
        numbers, together = {row["number"] for row in mine}, [row for row in mine if row["number"] in shared]
        _, length, lost = shortened(mine[0][column])
        note = (
            f"{len(mine):,} numbers became powers of ten such as {mine[0]['number']}: {lost} of {length} "
            "figures are lost for good; export the file again and do not save it from a spreadsheet."
        )
        if together:
            note += f" {len(together):,} records of different {what} share such a number; they are {how}."
        statistic = Statistic(f"{what} that share a number with others", float(len(together)), 0.0)
        proofs.append(
            Proof(
                noun, file, column, RULE, bool(together), len(together), (statistic,) if numbers else (), note
            )
        )
    return tuple(proofs)
