"""Amounts as written become decimals; signs and codes become ISO 4217 currency codes.

One separator before three figures (`1.234`, `1,234`) can be read two ways. Such a
value follows its file: where decimal commas outnumber decimal points in the column,
the comma parts the decimals; else the point does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import Step, join_lookup, replaced, translator

if TYPE_CHECKING:
    import pyarrow as pa

AMOUNT_TYPE = "decimal(18, 4)"

_CODES = """
    AED ALL AMD ARS AUD AZN BAM BDT BGN BHD BRL BYN CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP EUR GBP GEL
    GHS GTQ HKD HRK HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KRW KWD KZT LBP LKR MAD MDL MKD MUR MXN MYR
    NGN NOK NPR NZD OMR PAB PEN PHP PKR PLN PYG QAR RON RSD RUB SAR SEK SGD THB TND TRY TTD TWD TZS UAH UGX
    USD UYU UZS VES VND XAF XOF ZAR ZMW
"""
CURRENCY_CODES = frozenset(_CODES.split())
"""ISO 4217 codes of the currencies that shops' exports name."""

_SIGNS = {
    "US$": "USD", "AU$": "AUD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "A$": "AUD", "C$": "CAD",
    "S$": "SGD", "R$": "BRL", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR", "₩": "KRW", "₪": "ILS",
    "₺": "TRY", "₽": "RUB", "₴": "UAH", "₫": "VND", "₱": "PHP", "zł": "PLN", "Kč": "CZK", "Ft": "HUF",
}  # fmt: skip
"""Signs that name one currency. `$` and `kr` alone name several."""

_DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD")
_CROWNS = ("SEK", "NOK", "DKK", "ISK")

# Everything that names a currency, to be taken off an amount.
_CURRENCY_MARK = re.compile(
    r"\b(?:" + "|".join(sorted(CURRENCY_CODES)) + r")\b|(?:\b(?:US|AU|CA|NZ|HK|A|C|S|R))?\$|[£€¥₹₩₪₺₽₴₫₱]|"
    r"\b(?:kr|Rs|Fr)\b\.?|zł|Kč|\bFt\b",
    re.IGNORECASE,
)
_BLANK_OR_QUOTE = re.compile(r"[\s'’]")
_SHAPE = re.compile(r"(\()?[+\-−]*(?P<figures>\d[\d.,]*|[.,]\d+)[\-−]?(?(1)\))")
_NEGATIVE = re.compile(r"[(\-−]")
_ONE_GROUP = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
# Groups of two figures are the Indian way: 1,23,456.
_COMMA_GROUPS = re.compile(r"[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d*)?")
_POINT_GROUPS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?")
_LARGEST = Decimal(10) ** 14
# What an amount consists of; a currency may stand right beside it.
_FIGURES = re.compile(r"[\d.,()+−\s-]")


def _with_decimal_point(figures: str, has_comma_decimals: bool) -> str | None:
    """Figures with one point before the decimals and no other separator; None when they make no sense."""
    no_commas, comma_as_point = figures.replace(",", ""), figures.replace(".", "").replace(",", ".")
    if _ONE_GROUP.fullmatch(figures):
        if has_comma_decimals:
            return comma_as_point
        return no_commas
    if re.fullmatch(r"\d*\.?\d*", figures) or _COMMA_GROUPS.fullmatch(figures):
        return no_commas
    if re.fullmatch(r"\d*,\d*", figures) or _POINT_GROUPS.fullmatch(figures):
        return comma_as_point
    return None


def parse_amount(text: str, has_comma_decimals: bool = False) -> Decimal | None:
    """The amount in a text, to four decimals; None when it is none.

    Takes `£1,234.50`, `-$45.00`, `(12.00)`, `12,00 EUR`, `1 234,56`, `1'234.50`, `45.00-`.
    `has_comma_decimals` decides `1.234` and `1,234`.
    """
    body = _BLANK_OR_QUOTE.sub("", _CURRENCY_MARK.sub("", text))
    match = _SHAPE.fullmatch(body)
    figures = match and _with_decimal_point(match["figures"], has_comma_decimals)
    if not figures:
        return None
    amount = Decimal(figures).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if amount >= _LARGEST:
        return None
    return -amount if _NEGATIVE.search(body) else amount


def decimal_comma_files(table: ir.Table, columns: Sequence[str]) -> dict[str, list[str]]:
    """For each column, the files that mostly write a decimal comma there. Runs one or two queries."""
    has_commas = {name: table[name].contains(",").any().fill_null(False) for name in columns}
    suspects = table.group_by("source_file").aggregate(**has_commas).to_pyarrow().to_pylist()
    files = sorted(row["source_file"] for row in suspects if any(row[name] for name in columns))
    if not files:
        return {name: [] for name in columns}
    found = table.filter(table.source_file.isin(files))
    endings = {
        f"{name}_{separator}": found[name]
        .re_search(rf"[{separator}]\d{{1,2}}\D*$")
        .cast("int64")
        .sum()
        .fill_null(0)
        for name in columns
        for separator in ".,"
    }
    counts = found.group_by("source_file").aggregate(**endings).to_pyarrow().to_pylist()
    return {
        name: sorted(row["source_file"] for row in counts if row[f"{name}_,"] > row[f"{name}_."])
        for name in columns
    }


def _amount_lookup(pairs: pa.Table, column: str, shop_currency: str) -> ir.Table:
    """The amount of each distinct text that is more than bare figures, by how its file writes decimals."""
    import pyarrow as pa

    texts, commas = pairs["text"].to_pylist(), pairs["has_commas"].to_pylist()
    amounts = [parse_amount(text, has_commas) for text, has_commas in zip(texts, commas, strict=True)]
    is_none = [amount is None and bool(text.strip()) for text, amount in zip(texts, amounts, strict=True)]
    columns = {
        f"{column}_text_key": pa.array(texts, pa.string()),
        f"{column}_comma_key": pa.array(commas, pa.bool_()),
        f"{column}_found": pa.array(amounts, pa.decimal128(18, 4)),
        f"{column}_is_no_amount": pa.array(is_none, pa.bool_()),
    }
    if shop_currency:
        codes = [named_currency(text, shop_currency) for text in texts]
        columns[f"{column}_code"] = pa.array(codes, pa.string())
    return ibis.memtable(pa.table(columns))


def money_reader(table: ir.Table, *columns: str, shop_currency: str = "") -> Step:
    """Learn the amounts in `columns`; the step reads them in `table` or a part of it.

    The step replaces each column by a decimal(18, 4) and adds `{column}_is_unreadable`:
    something is written there, but no amount. Empty cells become NULL. With
    `shop_currency` it adds `{column}_currency`: the code named beside the amount, else
    NULL. Nearly all cells are bare figures, which a cast reads; `parse_amount` reads
    the others, once per distinct text. Runs queries over `table` now.
    """
    comma_files = decimal_comma_files(table, columns)
    lookups: dict[str, ir.Table | None] = {}
    for name in columns:
        odd = _with_bare_amount(table.select("source_file", name), name, comma_files[name])
        odd = odd.select(text=odd[f"{name}_odd"], has_commas=odd[f"{name}_has_commas"])
        texts = odd.filter(odd.text.notnull()).distinct().to_pyarrow()
        lookups[name] = _amount_lookup(texts, name, shop_currency) if texts.num_rows else None

    def read(part: ir.Table) -> ir.Table:
        for name, lookup in lookups.items():
            part = _with_bare_amount(part, name, comma_files[name])
            helpers = [f"{name}_{ending}" for ending in ("bare", "odd", "has_commas")]
            values = {name: part[f"{name}_bare"], f"{name}_is_unreadable": ibis.literal(False)}
            code: ir.StringValue = ibis.null("string")
            if lookup is not None:
                keys = {f"{name}_odd": f"{name}_text_key"}
                # The second key costs time, and says something only where some file writes commas.
                keys |= {f"{name}_has_commas": f"{name}_comma_key"} if comma_files[name] else {}
                part = join_lookup(part, lookup, keys)
                helpers += lookup.columns
                values[name] = part[f"{name}_bare"].coalesce(part[f"{name}_found"])
                values[f"{name}_is_unreadable"] = part[f"{name}_is_no_amount"].fill_null(False)
                code = part[f"{name}_code"] if shop_currency else code
            if shop_currency:
                values[f"{name}_currency"] = code
            part = replaced(part, helpers, **values)
        return part

    return read


def _with_bare_amount(table: ir.Table, name: str, comma_files: Sequence[str]) -> ir.Table:
    """Add what a cast reads in the column, the text where it reads nothing, and if commas part decimals."""
    has_commas = table.source_file.isin(comma_files) if comma_files else ibis.literal(False)
    bare = ibis.ifelse(has_commas, ibis.null("string"), table[name]) if comma_files else table[name]
    amount = bare.try_cast(AMOUNT_TYPE)
    odd = ibis.ifelse(amount.isnull(), table[name], ibis.null("string"))
    return table.mutate(**{f"{name}_bare": amount, f"{name}_odd": odd, f"{name}_has_commas": has_commas})


def parse_money(table: ir.Table, column: str) -> ir.Table:
    """Replace the amounts as written in `column` by decimals, adding `{column}_is_unreadable`.

    `parse_amount` tells what is read. `table` needs the column `source_file`:
    separators are decided per file.
    """
    return money_reader(table, column)(table)


def currency_code(text: str, shop_currency: str = "USD") -> str | None:
    """ISO 4217 code named in a text by code or sign; None when it names none.

    `$` alone is the shop's own currency when that is a dollar, else the US dollar;
    `kr` alone is the shop's own when that is a crown, else unknown.
    """
    for word in re.findall(r"[A-Za-z]{3,}", text):
        if word.upper() in CURRENCY_CODES:
            return word.upper()
    for sign, code in _SIGNS.items():
        if sign in text:
            return code
    if "$" in text:
        return shop_currency if shop_currency in _DOLLARS else "USD"
    if re.search(r"\bkr\b", text.lower()) and shop_currency in _CROWNS:
        return shop_currency
    return None


def named_currency(text: str, shop_currency: str = "USD") -> str | None:
    """ISO 4217 code named in a text by code or sign, alone or right beside an amount; else None."""
    return currency_code(_FIGURES.sub("", text), shop_currency)


def currency_reader(table: ir.Table, column: str, name: str, shop_currency: str) -> Step:
    """Learn which currencies the texts in `column` name; the step adds the codes as `name`.

    For columns of few distinct texts. NULL where none is named. Runs a query over `table` now.
    """
    return translator(table, column, lambda text: named_currency(text, shop_currency), name)


def currency_of(table: ir.Table, column: str, shop_currency: str = "USD") -> ir.Table:
    """Put in `currency`: the ISO 4217 code that the text in `column` names by code or sign, else NULL."""
    named = currency_reader(table, column, "named_currency", shop_currency)(table)
    return replaced(named, ("named_currency",), currency=named.named_currency)
