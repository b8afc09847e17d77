"""Identifiers and postcodes that a spreadsheet took for numbers: apostrophes before them, zeros lost.

Powers of ten, of which figures are lost for good, are the concern of `powers`.
"""

from __future__ import annotations

from typing import NamedTuple

import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import identifier
from custbehav_dagster.cleaning.forensics.found import Found, RawTables, cells_of, counts_by_file, own_rows
from custbehav_dagster.cleaning.forensics.proof import Proof, Statistic

APOSTROPHE = "leading_apostrophe"
POSTCODE_ZEROS = "postcode_zeros_lost"
IDENTIFIER_ZEROS = "identifier_zeros_lost"

_QUOTED = {
    "customers": ("customer_id", "postcode", "phone"),
    "orders": ("order_id", "customer_id", "recipient_postcode"),
    "order_items": ("order_id", "product_id"),
    "feedback": ("order_id", "customer_id"),
}
"""Columns in which figures are no numbers."""

FIVE_FIGURES = (
    "us", "usa", "united states", "united states of america", "de", "deu", "germany", "deutschland", "fr",
    "fra", "france", "it", "ita", "italy", "italia", "es", "esp", "spain", "españa", "mx", "mexico",
)  # fmt: skip
"""Countries whose postcodes all have five figures, one in ten of them beginning with a zero."""

FEWEST_CODES = 20
FEWEST_SHORT_CODES = 3
LARGEST_SHORT_SHARE = 0.4
FOUND_AFTER = 0.9


def find_apostrophes(raw: RawTables) -> Found:
    """Apostrophes that keep figures from being taken for numbers; the figures are what was meant."""
    repairs, proofs = [], []
    for noun, columns in _QUOTED.items():
        rows = own_rows(raw[noun])
        counts = counts_by_file(rows, **{name: rows[name].startswith("'") for name in columns})
        for column in columns:
            for file, numbers in counts.items():
                if not numbers[column]:
                    continue
                mine = rows.filter((rows.source_file == file) & rows[column].re_search(r"^'\s*[+\d]"))
                cells = mine.count().to_pyarrow().as_py()
                if not cells:
                    continue
                statistic = Statistic("cells with an apostrophe before figures", cells, 0)
                after = mine[column].re_replace(r"^'\s*", "")
                repairs.append(cells_of(mine, noun, column, after, APOSTROPHE, statistic.sentence))
                note = (
                    f"{cells:,} cells began with an apostrophe, as spreadsheets mark figures that are text."
                )
                proofs.append(Proof(noun, file, column, APOSTROPHE, True, cells, (statistic,), note))
    return Found(tuple(repairs), tuple(proofs))


def find_postcode_zeros(raw: RawTables) -> Found:
    """Postcodes of five figures whose leading zeros are gone.

    A spreadsheet strips every zero of a column or none. So a file in which some code of
    such a country still begins with a zero is left alone, and so is one in which short
    codes are not few.
    """
    repairs, proofs = [], []
    for noun, column in (("customers", "postcode"), ("orders", "recipient_postcode")):
        rows = own_rows(raw[noun])
        rows = rows.filter(rows.country.strip().lower().isin(FIVE_FIGURES))
        code = rows[column].strip()
        is_figures = code.re_search(r"^\d{3,5}$")
        counts = counts_by_file(
            rows,
            whole=is_figures & (code.length() == 5),
            short=is_figures & (code.length() < 5),
            zero=code.startswith("0"),
        )
        for file, numbers in counts.items():
            short, codes = numbers["short"], numbers["short"] + numbers["whole"]
            if not short:
                continue
            statistic = Statistic("share of postcodes with five figures", numbers["whole"] / codes, 1.0)
            reason = _why_not_stripped(short, codes, numbers["zero"])
            note = reason or f"{short:,} postcodes had lost the zeros they begin with; they were put back."
            proofs.append(
                Proof(
                    noun, file, column, POSTCODE_ZEROS, not reason, 0 if reason else short, (statistic,), note
                )
            )
            if not reason:
                mine = rows.filter((rows.source_file == file) & is_figures & (code.length() < 5))
                after = mine[column].strip().lpad(5, "0")
                repairs.append(cells_of(mine, noun, column, after, POSTCODE_ZEROS, statistic.sentence))
    return Found(tuple(repairs), tuple(proofs))


def _why_not_stripped(short: int, codes: int, zero: int) -> str:
    if zero:
        return f"{short:,} postcodes are short, yet {zero:,} begin with a zero: no spreadsheet stripped them."
    if short < FEWEST_SHORT_CODES or codes < FEWEST_CODES:
        return f"{short:,} of {codes:,} postcodes are short: too few to tell why."
    if short > LARGEST_SHORT_SHARE * codes:
        return f"{short:,} of {codes:,} postcodes are short: more than lost zeros explain."
    return ""


class _Pair(NamedTuple):
    """A column of identifiers, and where they should be found."""

    noun: str
    column: str
    other: str
    other_column: str


_PAIRS = (
    _Pair("orders", "customer_id", "customers", "customer_id"),
    _Pair("customers", "customer_id", "orders", "customer_id"),
    _Pair("feedback", "customer_id", "customers", "customer_id"),
    _Pair("feedback", "order_id", "orders", "order_id"),
    _Pair("order_items", "order_id", "orders", "order_id"),
    _Pair("orders", "order_id", "order_items", "order_id"),
)


def find_identifier_zeros(raw: RawTables) -> Found:
    """Identifiers that are found in another file only with the zeros they have lost."""
    repairs: list[ir.Table] = []
    proofs: list[Proof] = []
    for pair in _PAIRS:
        wholes = own_rows(raw[pair.other])
        wholes = wholes.filter(wholes[pair.other_column].startswith("0"))
        wholes = wholes.filter(wholes[pair.other_column].re_search(r"^0\d+$"))
        wholes = wholes.select(whole=wholes[pair.other_column], other_file=wholes.source_file)
        widths = (
            wholes.select(width=wholes.whole.length()).distinct().limit(2).to_pyarrow()["width"].to_pylist()
        )
        if len(widths) != 1:
            continue
        found = _stripped_cells(own_rows(raw[pair.noun]), pair, wholes, widths[0])
        repairs += found.repairs
        proofs += found.proofs
    return Found(tuple(repairs), tuple(proofs))


def _stripped_cells(rows: ir.Table, pair: _Pair, wholes: ir.Table, width: int) -> Found:
    value = identifier(rows[pair.column])
    short = rows.mutate(_padded=value.lpad(width, "0")).filter(
        value.re_search(r"^[1-9]\d*$") & (value.length() < width)
    )
    marks = wholes.select(_whole="whole").distinct()
    matched = short.left_join(marks, [short._padded == marks._whole])
    counts = counts_by_file(matched, short=matched._padded.notnull(), found=matched._whole.notnull())
    repairs: list[ir.Table] = []
    proofs: list[Proof] = []
    for file, numbers in counts.items():
        share = numbers["found"] / numbers["short"]
        if numbers["short"] < FEWEST_SHORT_CODES or share < FOUND_AFTER:
            continue
        statistic = Statistic(f"share of the short numbers found among the {pair.other}", 0.0, share)
        mine = matched.filter((matched.source_file == file) & matched._whole.notnull())
        cells = cells_of(mine, pair.noun, pair.column, mine._padded, IDENTIFIER_ZEROS, statistic.sentence)
        note = (
            f"{numbers['found']:,} numbers had lost the zeros they have in another file; they were put back."
        )
        repairs.append(cells)
        proofs.append(
            Proof(pair.noun, file, pair.column, IDENTIFIER_ZEROS, True, numbers["found"], (statistic,), note)
        )
    return Found(tuple(repairs), tuple(proofs))


__all__ = ["find_apostrophes", "find_identifier_zeros", "find_postcode_zeros"]
