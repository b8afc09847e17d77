"""Amounts as written become decimals; signs and codes become ISO 4217 currency codes.

One separator before three figures (`1.234`, `1,234`) can be read two ways. Such a
value follows its file: where decimal commas outnumber decimal points in the column,
the comma parts the decimals; else the point does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import Step, has_content, translator

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

# Everything that names a currency, the longest first, to be taken off an amount.
_CURRENCY_MARK = (
    r"(?i)\b(?:" + "|".join(sorted(CURRENCY_CODES)) + r")\b|\b(?:US|AU|CA|NZ|HK|A|C|S|R)\$|[$£€¥₹₩₪₺₽₴₫₱]|"
    r"\b(?:kr|Rs|Fr)\b\.?|zł|Kč|\bFt\b"
)
_BLANK_OR_QUOTE = "[\\s'’\u00a0\u2009\u202f]"
_SHAPE = r"^[(+\-−]*(?:\d[\d.,]*|[.,]\d+)[)\-−]?$"


def _read_amounts(table: ir.Table, comma_files: Mapping[str, Collection[str]]) -> ir.Table:
    """Read the texts of each column in `comma_files`, which says what files write decimal commas there.

    Done in stages, each a projection of its own: one expression would repeat its
    parts a hundredfold in the query.
    """

    def stage(part: ir.Table, values: Callable[[ir.Table, str], dict[str, ir.Value]]) -> ir.Table:
        return part.mutate(
            **{
                f"{column}_{name}": value
                for column in comma_files
                for name, value in values(part, column).items()
            }
        )

    def plain(part: ir.Table, column: str) -> dict[str, ir.Value]:
        files = comma_files[column]
        has_commas = part.source_file.isin(files) if files else ibis.literal(False)
        # Nearly all cells are bare figures, for which a cast is enough and far cheaper.
        text = ibis.ifelse(has_commas, ibis.null("string"), part[column]) if files else part[column]
        return {"_has_commas": has_commas, "_plain": text.try_cast(AMOUNT_TYPE)}

    def body(part: ir.Table, column: str) -> dict[str, ir.Value]:
        text = ibis.ifelse(part[f"{column}__plain"].isnull(), part[column], ibis.null("string"))
        return {"_body": text.re_replace(_CURRENCY_MARK, "").re_replace(_BLANK_OR_QUOTE, "")}

    def figures(part: ir.Table, column: str) -> dict[str, ir.Value]:
        text = part[f"{column}__body"]
        is_amount = text.re_search(_SHAPE) & (text.startswith("(") == text.endswith(")"))
        return {"_figures": ibis.ifelse(is_amount, text.re_replace(r"[^0-9.,]", ""), ibis.null("string"))}

    def size(part: ir.Table, column: str) -> dict[str, ir.Value]:
        text = _with_decimal_point(part[f"{column}__figures"], part[f"{column}__has_commas"])
        return {"_size": text.try_cast(AMOUNT_TYPE)}

    def amount(part: ir.Table, column: str) -> dict[str, ir.Value]:
        value = part[f"{column}__size"]
        signed = ibis.ifelse(part[f"{column}__body"].re_search(r"[(\-−]"), -value, value)
        found = part[f"{column}__plain"].coalesce(signed)
        return {"is_unreadable": found.isnull() & has_content(part[column]), "_amount": found}

    for values in (plain, body, figures, size, amount):
        table = stage(table, values)
    kept = {column: table[f"{column}__amount"] for column in comma_files}
    helpers = ("_has_commas", "_plain", "_body", "_figures", "_size", "_amount")
    return table.mutate(**kept).drop(*(f"{column}_{name}" for column in comma_files for name in helpers))


def _with_decimal_point(figures: ir.StringValue, has_comma_decimals: ir.BooleanValue) -> ir.StringValue:
    """Figures with one point before the decimals and no other separator; NULL when they make no sense."""
    no_commas, no_points = figures.replace(",", ""), figures.replace(".", "")
    comma_as_point = no_points.replace(",", ".")
    is_grouped = figures.re_search(r"^[1-9]\d{0,2}[.,]\d{3}$")
    return ibis.cases(
        (is_grouped & has_comma_decimals, comma_as_point),
        (is_grouped, no_commas),
        (figures.re_search(r"^\d*\.?\d*$"), figures),
        (figures.re_search(r"^\d*,\d*$"), comma_as_point),
        # Groups of two figures are the Indian way: 1,23,456.
        (figures.re_search(r"^\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$"), no_commas),
        (figures.re_search(r"^\d{1,3}(?:\.\d{3})+(?:,\d*)?$"), comma_as_point),
        else_=ibis.null("string"),
    )


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


def money_reader(table: ir.Table, *columns: str) -> Step:
    """Learn how the files write decimals in `columns`; the step reads `table` or a part of it.

    The step replaces each column by a decimal(18, 4) and adds `{column}_is_unreadable`:
    something is written there, but no amount. Empty cells become NULL. Runs queries
    over `table` now.
    """
    comma_files = decimal_comma_files(table, columns)
    return lambda part: _read_amounts(part, comma_files)


def parse_money(table: ir.Table, column: str) -> ir.Table:
    """Replace the amounts as written in `column` by decimals, adding `{column}_is_unreadable`.

    Reads `£1,234.50`, `-$45.00`, `(12.00)`, `12,00 EUR`, `1 234,56`, `45.00-`; keeps four
    decimals. `table` needs the column `source_file`: separators are decided per file.
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


def currency_reader(table: ir.Table, column: str, name: str, shop_currency: str) -> Step:
    """Learn which currencies the texts in `column` name, by code or beside an amount; the step adds `name`.

    NULL where none is named. Runs a query over `table` now.
    """

    def marked(part: ir.Table) -> ir.Table:
        is_bare = part[column].try_cast(AMOUNT_TYPE).notnull()
        text = ibis.ifelse(is_bare, ibis.null("string"), part[column])
        return part.mutate(_mark=text.re_replace(r"[\d.,()+−\s-]", ""))

    read = translator(
        marked(table.select(column)), "_mark", lambda mark: currency_code(mark, shop_currency), name
    )
    return lambda part: read(marked(part)).drop("_mark")


def currency_of(table: ir.Table, column: str, shop_currency: str = "USD") -> ir.Table:
    """Add `currency`: the ISO 4217 code that the text in `column` names by code or sign, else NULL."""
    return currency_reader(table, column, "currency", shop_currency)(table)
