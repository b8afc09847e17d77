"""The orders report of WooCommerce Analytics: a row per order, its products packed into one cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import MONEY, read_amount
from custbehav_dagster.sources.formats.base import (
    NO_HINTS,
    Cells,
    Field,
    Format,
    Group,
    Head,
    Hints,
    Match,
    Records,
    plain_name,
)
from custbehav_dagster.sources.formats.buyers import (
    FILE,
    extra_kind,
    merged_lines,
    money_text,
    unit_price,
    with_buyers,
    written,
)
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number
from custbehav_dagster.sources.formats.platforms import without_order_number
from custbehav_dagster.sources.formats.woocommerce_words import (
    ORDER_COLUMNS,
    ORDER_HEADERS,
    STATES,
    spellings,
)

PLATFORM = "woocommerce"
UNKNOWN_LANGUAGE = "another language"
SURE_BY_SHAPE = 0.8
"""Confidence in a file whose header is in no language known, but whose cells are such a report's."""
HALF = 0.5
LAST_LINE = 10**12
REFUND = "Refund"
"""The line of a refund that names no products."""
NO_BREAK_SPACES = "\u00a0\u202f"
BETWEEN = "\x1e"
"""Parts what was packed; no text of a shop holds it."""

# Figures with single separators between them; a currency sign ends an amount.
_AMOUNT = rf"\d+(?:[ {NO_BREAK_SPACES}.,']\d+)*"
_APART = rf"\D*[^\d .,'{NO_BREAK_SPACES}]\D*"
"""Between two amounts stands a sign, which is none of what parts figures."""
_PACKED = re.compile(r"^-?\d+ ?× ?\S")
_LOOKS = {
    "ordered_at": (looks_like_date, "dates"),
    "total": (looks_like_number, "amounts"),
    "net_sales": (looks_like_number, "amounts"),
    "products": (lambda value: bool(_PACKED.match(value)), "products such as '2× Mug'"),
}


def state(status: ir.StringValue) -> ir.StringValue:
    """The English word for a state in any of the languages known; other words stay as they are."""
    word = status.lower().strip().re_replace(r"^wc-", "")
    return ibis.cases(*((word.isin(words), english) for english, words in STATES.items()), else_=status)


def _field(number: int, name: str) -> Field:
    looks, looks_like = _LOOKS.get(name, (None, ""))
    return Field(name, spellings(number), looks, looks_like)


def _language(columns: Mapping[str, int], head: Head) -> str:
    found = {plain_name(head.header[number]) for number in columns.values()}
    known = {
        language: sum(any(plain_name(name) in found for name in names) for names in headers)
        for language, headers in ORDER_HEADERS.items()
    }
    return max(known, key=lambda language: known[language])


def _has_the_shape(head: Head) -> bool:
    """Whether the cells, whatever the header, are such a report's: dates first, packed products seventh."""
    if not len(ORDER_COLUMNS) - 1 <= len(head.header) <= len(ORDER_COLUMNS) + 1:
        return False
    products, dates = head.values(ORDER_COLUMNS.index("products")), head.values(0)
    numbers = head.values(ORDER_COLUMNS.index("items_sold"))
    return bool(products and dates and numbers) and all(
        sum(fits) >= HALF * len(fits)
        for fits in (
            [bool(_PACKED.match(value)) for value in products],
            [looks_like_date(value) for value in dates],
            [bool(re.fullmatch(r"-?\d+", value.strip())) for value in numbers],
        )
    )


@dataclass(frozen=True)
class _InAnyLanguage(Format):
    """Known by its columns' names, else by their order and cells."""

    def match(self, head: Head, hints: Hints = NO_HINTS) -> Match:
        """Compare a file's head with this format."""
        named = super().match(head, hints)
        if named.fits or not _has_the_shape(head):
            return named
        columns = {name: number for number, name in enumerate(ORDER_COLUMNS) if number < len(head.header)}
        return Match(self, SURE_BY_SHAPE, columns, (), "", UNKNOWN_LANGUAGE)


def _totals(cells: Cells) -> dict[str, ir.StringValue]:
    """Amount, currency sign and refund, from `£45.00` or, when part was given back, `£45.00 £40.00`.

    Shops that show prices without tax add the tax in brackets.
    """
    text = cells["total"].replace("&nbsp;", " ").re_replace(r"\(.*$", "")
    paid = text.re_extract(_AMOUNT, 0).nullif("")
    left = text.re_extract(rf"^\D*{_AMOUNT}{_APART}({_AMOUNT})", 1).nullif("")
    sign = text.re_extract(r"^(\D*)\d", 1).strip().nullif("")
    sign = sign.coalesce(text.re_extract(rf"^\D*{_AMOUNT}(\D*)", 1).strip().nullif(""))
    spaces = f"[ {NO_BREAK_SPACES}']"
    gross = paid.re_replace(spaces, "")
    refund = read_amount(paid) - read_amount(left)
    return {"gross_amount": gross, "refund_amount": money_text(refund), "currency": sign}


def _items(cells: Cells) -> ir.Table:
    """A line per packed product.

    The report has no prices, only what the goods came to together: each unit is
    given an equal share, which is exact for orders of one product.
    """
    net = read_amount(cells["net_sales"])
    is_refund = written(cells["products"]).isnull() & (net < 0).fill_null(False)
    apart = ibis.ifelse(is_refund, f"-1× {REFUND}", cells["products"]).re_replace(
        r", (-?\d+ ?× ?)", rf"{BETWEEN}\1"
    )
    packed = cells.select("order_id", net=net, is_refund=is_refund, packed=apart.split(BETWEEN))
    lines = packed.unnest("packed")
    quantity = lines.packed.re_extract(r"^(-?\d+) ?×", 1).nullif("").fill_null("1").cast(MONEY)
    lines = lines.mutate(units=quantity, product=written(lines.packed.re_replace(r"^-?\d+ ?× ?", "")))
    record = ibis.window(group_by=["source_file", "source_line"])
    lines = lines.mutate(
        unit_price=unit_price(lines.net, lines.units.abs().sum().over(record)),
        kind=ibis.ifelse(lines.is_refund, "adjustment", extra_kind(lines.product).coalesce("product")),
        product_id=ibis.null("string"),
        currency=ibis.null("string"),
        discount=ibis.null(MONEY),
    )
    return merged_lines(lines, PLATFORM)


def _tables(cells: Cells) -> Records:
    """A refund may be a row of its own, below zero and with the number of its order: both are one order.

    Such a row alone gives back what an order outside the file had brought.
    """
    net = read_amount(cells["net_sales"]).fill_null(0)
    rows = cells.select(
        "order_id", "ordered_at", "name", net=net, state=state(cells["status"]), **_totals(cells)
    )
    # Sales before refunds, each in the order of the file.
    place = rows.source_line + ibis.ifelse(rows.net < 0, LAST_LINE, 0)
    firsts = ("ordered_at", "name", "state", "gross_amount", "currency")
    orders = rows.group_by("order_id", *FILE).aggregate(
        **{name: rows[name].argmin(place) for name in firsts},
        refund_amount=rows.refund_amount.max(),
        given_back=money_text(rows.net.sum()),
        is_sale=(rows.net >= 0).any(),
        source_line=rows.source_line.argmin(place),
    )
    nothing = ibis.null("string")
    orders = orders.mutate(
        status=ibis.ifelse(orders.is_sale, orders.state, "refund"),
        gross_amount=ibis.ifelse(orders.is_sale, orders.gross_amount, orders.given_back),
        refund_amount=ibis.ifelse(orders.is_sale, orders.refund_amount, nothing),
        channel=ibis.literal(PLATFORM),
        customer_id=nothing,
        email=nothing,
    )
    orders, customers = with_buyers(orders, PLATFORM)
    return {
        "orders": orders.order_by("source_file", "source_line"),
        "order_items": _items(cells),
        "customers": customers,
    }


WOOCOMMERCE_ORDERS = _InAnyLanguage(
    "woocommerce_orders",
    "the orders report of WooCommerce Analytics",
    tuple(_field(number, name) for number, name in enumerate(ORDER_COLUMNS)),
    (
        Group("the column Date", ("ordered_at",), required=True),
        Group("the column Order #", ("order_id",), required=True),
        Group("the column N. Revenue (formatted)", ("total",), required=True),
        Group("the column Product(s)", ("products",), required=True),
        Group("the column Net Sales or Items sold", ("net_sales", "items_sold"), required=True),
    ),
    _tables,
    amount=lambda cells: read_amount(cells["net_sales"]),
    reject=without_order_number,
    currency=lambda cells: _totals(cells)["currency"],
    variant=_language,
)
