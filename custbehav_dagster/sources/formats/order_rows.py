"""Rows of a shop's own order list that are one order: put together, its money counted once.

A list with a row per product writes the order's number on each. Whether the amount of such
a row is the line's or the whole order's is told by the file itself: where the rows of one order
repeat one amount, it is the order's.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import MONEY, read_amount
from custbehav_dagster.sources.formats.base import Cells, Lesson

LINES, TOTALS = "amount per line", "amount per order"
MOSTLY = 0.8
"""Share of orders whose rows repeat one amount from which on amounts are the order's: in a list of
lines a few orders have lines of equal price, in a list of totals a few have a typing mistake."""
NOTES = {
    LINES: "Rows of one order were put together: their amounts differ, so each was taken for its line's "
    "amount and they were added up.",
    TOTALS: "Rows of one order were put together: they repeat one amount, which was taken for the whole "
    "order's and counted once.",
}
_TIME = r"[ T]+\d{1,2}[:.]\d{2}.*$"
_RETURN = (
    r"(?i)\b(?:returns?|returned|refund(?:s|ed)?|retoure|rückgabe|rücksendung|erstattung|erstattet"
    r"|remboursement|remboursée?|retour|devolución|reembolso)\b"
)
_ORDER = ("source_file", "is_synthetic", "order_id", "day", "buyer", "state")
_MONEY_COLUMNS = ("gross_amount", "refund_amount")
Column = Callable[[str], ir.StringValue]


def learn_rows(cells: Cells) -> dict[str, Lesson]:
    """What an amount means in each file that has several rows of one order; other files are left out."""
    if ("product" not in cells and "product_id" not in cells) or "gross_amount" not in cells:
        return {}
    # Most files have none, and hashes of their numbers show it in little memory.
    numbers = cells.select(key=(cells.records.source_file + ibis.literal("\x1f") + cells["order_id"]).hash())
    numbers = numbers.filter(numbers.key.notnull())
    counts = numbers.group_by("key").aggregate(rows=numbers.count())
    if not counts.filter(counts.rows > 1).count().to_pyarrow().as_py():
        return {}
    rows = cells.select("order_id", **_marks(cells.__getitem__))
    rows = rows.filter(rows.order_id.notnull())
    orders = rows.group_by(*_ORDER).aggregate(
        is_of_several=rows.thing.min() != rows.thing.max(),
        is_repeated=(rows.money.min() == rows.money.max()) & (rows.money.count() == rows.count()),
        amounts=rows.money.count(),
    )
    orders = orders.filter(orders.is_of_several & (orders.amounts > 0))
    shares = orders.group_by("source_file").aggregate(share=orders.is_repeated.cast("float64").mean())
    kinds = {
        row["source_file"]: TOTALS if row["share"] >= MOSTLY else LINES
        for row in shares.order_by("source_file").to_pyarrow().to_pylist()
    }
    return {name: Lesson(kind, NOTES[kind]) for name, kind in kinds.items()}


def put_together(rows: ir.Table, cells: Cells) -> ir.Table:
    """One row per order of the files that `learn_rows` named; all other rows stay as they are.

    Only rows of one number, day, buyer and state with different products are of one order: of
    rows that repeat a product the first counts and the others stay, to be judged as copies.
    So do rows whose amount cannot be read, and rows that differ where amounts are the order's.

    Args:
        rows: the records as raw.orders, with `product`, `product_id` and their place.
        cells: the records that they were taken from.
    """
    if not cells.learned:
        return rows
    columns = rows.columns
    marked = rows.mutate(**_marks(rows.__getitem__))
    marked = marked.mutate(is_part=_is_part(rows.__getitem__, rows, cells))
    parts = marked.filter(marked.is_part)
    kept = [name for name in columns if name not in (*_ORDER, "source_line")]
    first = {name: parts[name].argmin(parts.source_line) for name in kept}
    for name in _MONEY_COLUMNS:
        amount = read_amount(parts[name])
        is_sum = _has_lines(parts, cells).any() & (amount.count() > 1)
        first[name] = ibis.ifelse(is_sum, _written_as(amount.sum(), first[name]), first[name])
    whole = parts.group_by(*_ORDER).aggregate(**first, source_line=parts.source_line.min())
    return marked.filter(~marked.is_part).select(*columns).union(whole.select(*columns))


def amount_once(cells: Cells) -> ir.DecimalValue:
    """Money of each record; 0 for further rows of an order whose first row has given all of it."""
    amount = read_amount(cells["gross_amount"])
    if all(lesson.kind == LINES for lesson in cells.learned.values()):
        return amount
    records = cells.records
    # Only rows that are kept are put together.
    is_kept = records.reason.isnull()
    key = [*_key(cells.__getitem__, records), is_kept]
    is_further = ibis.row_number().over(group_by=key, order_by=records.source_line) > 0
    is_part = _is_part(cells.__getitem__, records, cells, is_kept)
    is_counted = is_kept & is_part & is_further & ~_has_lines(records, cells)
    return ibis.ifelse(is_counted, ibis.literal(0).cast(MONEY), amount)


def price_of_line(cells: Cells) -> ir.StringValue:
    """Price of one piece, where a file writes none and its rows are lines of orders.

    The amount of a row over its pieces; where all rows of an order repeat the order's
    amount, an even share of it, since nothing says what each line cost.
    """
    if not cells.learned:
        return cells["unit_price"]
    records, text = cells.records, cells["gross_amount"]
    amount, pieces = read_amount(text), read_amount(cells["quantity"]).fill_null(1)
    is_kept = records.reason.isnull()
    is_part = _is_part(cells.__getitem__, records, cells, is_kept)
    order = ibis.window(group_by=[*_key(cells.__getitem__, records), is_kept])
    things = _marks(cells.__getitem__)["thing"].nunique().over(order)
    sharers = ibis.ifelse(_has_lines(records, cells), 1, things)
    each = (amount.cast("float64") / (pieces.nullif(0).cast("float64") * sharers)).cast(MONEY).cast("string")
    each = ibis.ifelse(text.re_search(r",\d{1,2}\D*$"), each.replace(".", ","), each)
    price = ibis.ifelse((pieces == 1) & (sharers == 1), text, each)
    priced = ibis.ifelse(is_part & (amount > 0) & (pieces > 0), price, ibis.null("string"))
    return cells["unit_price"].strip().nullif("").coalesce(priced)


def status_of_returns(cells: Cells) -> ir.StringValue:
    """The status; 'refund' where the amount is below zero and status or product speak of a return."""
    status, amount = cells["status"], cells["gross_amount"]
    told = status.fill_null("") + " " + cells["product"].fill_null("")
    is_below_zero = (amount.contains("-") | amount.strip().startswith("(")).fill_null(False)
    is_return = ibis.ifelse(is_below_zero, told.re_search(_RETURN), False)
    return ibis.ifelse(is_return, ibis.literal("refund"), status)


def _marks(column: Column) -> dict[str, ir.Value]:
    """What tells rows of one order, beside its number and file, and their products apart."""
    thing = column("product").fill_null("") + ibis.literal("\x1f") + column("product_id").fill_null("")
    buyer = column("customer_id").coalesce(column("email")).fill_null("")
    return {
        "day": column("ordered_at").fill_null("").strip().re_replace(_TIME, ""),
        "buyer": buyer.strip().lower(),
        "state": column("status").fill_null("").strip().lower(),
        "thing": thing.strip().lower(),
        "money": read_amount(column("gross_amount")),
    }


def _key(column: Column, records: ir.Table) -> list[ir.Value]:
    marks = _marks(column)
    return [records.source_file, column("order_id"), *(marks[name] for name in _ORDER[3:])]


def _is_part(column: Column, records: ir.Table, cells: Cells, *also: ir.Value) -> ir.BooleanValue:
    """Whether a row is put together with others."""
    marks = _marks(column)
    thing, money = marks["thing"], marks["money"]
    key = [*_key(column, records), *also]
    nth = ibis.row_number().over(group_by=[*key, thing], order_by=records.source_line)
    group = ibis.window(group_by=key)
    is_unread = money.isnull() & (column("gross_amount").fill_null("").strip() != "")
    is_of_several = thing.min().over(group) != thing.max().over(group)
    is_repeated = (money.min().over(group) == money.max().over(group)).fill_null(False)
    is_sound = ibis.ifelse(
        _has_lines(records, cells),
        ~is_unread.any().over(group),
        is_repeated & ~money.isnull().any().over(group),
    )
    is_listed = records.source_file.isin(list(cells.learned)) & column("order_id").notnull()
    return (is_listed & is_of_several & is_sound & (nth == 0)).fill_null(False)


def _has_lines(records: ir.Table, cells: Cells) -> ir.BooleanValue:
    """Whether the amount of a row is its line's."""
    names = [name for name, lesson in cells.learned.items() if lesson.kind == LINES]
    # No file has an empty name; an empty list would make this no column of the table.
    return records.source_file.isin(names or [""])


def _written_as(amount: ir.DecimalValue, example: ir.StringValue) -> ir.StringValue:
    """The amount as text with the currency sign and the decimal mark of an amount as the file writes it."""
    figures = amount.cast("decimal(18, 2)").cast("string")
    figures = ibis.ifelse(example.re_search(r",\d{1,2}\D*$"), figures.replace(".", ","), figures)
    return (
        example.re_extract(r"^\s*[-(]?\s*([^\d\s.,()\-]*)", 1)
        + figures
        + example.re_extract(r"\d(\s*[^\d\s.,()\-]*)\)?\s*$", 1)
    )
