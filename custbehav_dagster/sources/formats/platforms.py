"""What the exports of shop platforms have in common: marks of spreadsheets, guests, sums as text."""

from __future__ import annotations

from collections.abc import Collection
from html.entities import codepoint2name

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import read_amount
from custbehav_dagster.sources.formats.base import Cells, Rejection

GUEST = "guest"
BOUGHT_ONLY = "bought on {} only"
"""Where consent does not come from: an order is none."""

_ESCAPED_SIGNS = "\"'<>\xa0&"
"""What shop platforms escape; the ampersand last, so that `&amp;lt;` becomes `&lt;` and no more."""

_POWER_OF_TEN = r"^\d+(?:[.,]\d+)?[eE]\+?\d+$"
_MAIL_ADDRESS = r"^\s*[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+\s*$"


def without_apostrophe(column: ir.StringValue) -> ir.StringValue:
    """The cell without the apostrophe that keeps a spreadsheet from taking it for a number."""
    return ibis.ifelse(column.startswith("'"), column.re_replace(r"^'+\s*", ""), column).nullif("")


def unescaped(column: ir.StringValue) -> ir.StringValue:
    """The text with the HTML entities of titles, such as `&quot;` and `&#39;`, put back into signs."""
    plain = column
    for sign in _ESCAPED_SIGNS:
        plain = plain.re_replace(_entity(sign), " " if sign == "\xa0" else sign)
    return ibis.ifelse(column.contains("&"), plain, column)


def _entity(sign: str) -> str:
    """All ways to write a sign as an entity: by name, by number, by number in base 16."""
    number = ord(sign)
    names = ["apos" if sign == "'" else codepoint2name[number], f"#0*{number}", f"#[xX]0*(?i:{number:x})"]
    return f"&(?:{'|'.join(names)});"


def same_words(one: ir.StringValue, other: ir.StringValue) -> ir.BooleanValue:
    """Whether two names differ by case and spaces at most; False when either is absent."""
    plain = [name.strip().lower().re_replace(r"\s+", " ") for name in (one, other)]
    return (plain[0] == plain[1]).fill_null(False)


def is_mail_address(column: ir.StringValue) -> ir.BooleanValue:
    """Whether cleaning can make an identifier of the cell; False when it is empty."""
    return column.re_search(_MAIL_ADDRESS).fill_null(False)


def guest_identifier(
    platform: str, order_id: ir.StringValue, place: ir.StringValue | None = None
) -> ir.StringValue:
    """The identifier of a buyer whom the platform names only on one order.

    A spreadsheet shortens long numbers to powers of ten such as 3,001E+09, alike for many
    orders: there `place`, the file and line of the order, takes the number's place.
    """
    told = order_id.strip()
    if place is not None:
        told = ibis.ifelse(told.re_search(_POWER_OF_TEN), place, told)
    return ibis.literal(f"{GUEST}:{platform}:") + told


def amount_text(amount: ir.DecimalValue) -> ir.StringValue:
    """An amount worked out from several cells, as text with two decimals and a point."""
    return amount.cast("decimal(17, 2)").cast("string")


def summed(cells: Cells, plus: Collection[str], minus: Collection[str] = ()) -> ir.DecimalValue:
    """The amounts in some cells of a record, added and taken off; an empty cell counts as nothing."""
    total: ir.DecimalValue = ibis.literal(0).cast("decimal(18, 4)")
    for name in plus:
        if name in cells:
            total = total + read_amount(cells[name]).fill_null(0)
    for name in minus:
        if name in cells:
            total = total - read_amount(cells[name]).fill_null(0)
    return total


def as_written_or_sum(
    cells: Cells, name: str, *, plus: Collection[str] = (), minus: Collection[str] = ()
) -> ir.StringValue:
    """The cell `name` as written where nothing is to be added to it or taken off, else the sum as text."""
    others = [other for other in (*plus, *minus) if other in cells]
    if not others:
        return cells[name]
    is_changed = ibis.or_(*((read_amount(cells[other]) != 0).fill_null(False) for other in others))
    return ibis.ifelse(is_changed, amount_text(summed(cells, (name, *plus), minus)), cells[name])


def without_order_number(cells: Cells) -> Rejection:
    """Records that name no order have no place: what they say belongs to nothing."""
    order_id = cells["order_id"]
    return Rejection(
        order_id.isnull() | (order_id.strip() == ""), "order_id", "The record has no order number."
    )
