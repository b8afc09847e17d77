"""A shop's orders as the report of WooCommerce Analytics tells them."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.formats.woocommerce_words import ORDER_HEADERS, STATES
from custbehav_dagster.sources.synthetic.exports.writing import FILE_QUIRKS, local_text, records, write_table

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

UNKNOWN_LANGUAGE = "another language"
_FINNISH = ("Päivämäärä", "Tilaus nro", "N. tuotto", "Tila", "Asiakas", "Asiakastyyppi", "Tuotteet", "Myydyt",
            "Kupongit", "Nettomyynti", "Lähde")  # fmt: skip
HEADERS = {language: tuple(names[0] for names in columns) for language, columns in ORDER_HEADERS.items()}
HEADERS[UNKNOWN_LANGUAGE] = _FINNISH
VARIANTS = tuple(HEADERS)
QUIRKS = FILE_QUIRKS | {
    "comma_decimals", "no_break_spaces", "tax_in_brackets", "local_states", "refund_rows", "ten_columns",
}  # fmt: skip

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_STATES = {"completed": "completed", "pending": "on hold", "cancelled": "cancelled", "refunded": "refunded"}
_MOMENT = "%Y-%m-%d %H:%M:%S"


def write_woocommerce_orders(
    shop: ExportShop, folder: Path, variant: str = "en", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write wc-orders-report-export.csv, newest first, with the headers of a language.

    'refund_rows' gives each refund a row of its own, with the number of its order.
    A header in a language that is not known is not reordered: its columns are told by
    their places.
    """
    rows = []
    for order in reversed(records(shop.orders)):
        rows += _rows(shop, order, variant, quirks)
    header = HEADERS[variant][:10] if "ten_columns" in quirks else HEADERS[variant]
    named = [dict(zip(HEADERS[variant], row, strict=True)) for row in rows]
    if variant == UNKNOWN_LANGUAGE:
        quirks = set(quirks) - {"reordered_columns", "extra_columns"}
    return [write_table(folder / "wc-orders-report-export.csv", header, named, quirks)]


def net_sales(order: dict[str, Any]) -> Decimal:
    """What the report takes for the goods: all but postage and tax."""
    return order["gross_amount"] - order["shipping_amount"] - order["tax_amount"]


def _rows(shop: ExportShop, order: dict[str, Any], variant: str, quirks: Set[str]) -> list[list[str]]:
    items = records(shop.items_of(order["order_id"]))
    goods = [item for item in items if item["kind"] == "product"]
    row = [
        local_text(order["ordered_at"], shop.timezone, _MOMENT),
        order["number"],
        _total(order, quirks),
        _state(order, variant, quirks),
        order["buyer_name"],
        "new",
        ", ".join(f"{item['quantity']}× {item['product']}" for item in goods),
        str(sum(item["quantity"] for item in goods)),
        order["coupon"] or "",
        f"{net_sales(order):.2f}".rstrip("0").rstrip("."),
        "Organic: Google",
    ]
    if "refund_rows" not in quirks or not order["refund_amount"] or order["status"] == "cancelled":
        return [row]
    later = local_text(order["ordered_at"] + timedelta(days=9), shop.timezone, _MOMENT)
    refund = [later, *row[1:6], "", "0", "", f"-{order['refund_amount']}", ""]
    return [refund, row]


def _state(order: dict[str, Any], variant: str, quirks: Set[str]) -> str:
    is_refunded = order["status"] == "completed" and 0 < order["gross_amount"] == order["refund_amount"]
    english = _STATES["refunded" if is_refunded else order["status"]]
    place = list(ORDER_HEADERS).index(variant) if variant in ORDER_HEADERS else 0
    words = STATES[english]
    return words[min(place, len(words) - 1)] if "local_states" in quirks else words[0]


def _total(order: dict[str, Any], quirks: Set[str]) -> str:
    """`$45.00`, and `$45.00 $40.00` when $5.00 was given back."""
    left = order["gross_amount"] - order["refund_amount"]
    text = _price(order["gross_amount"], order["currency"], quirks)
    if order["refund_amount"] and order["status"] != "cancelled":
        text += " " + _price(left, order["currency"], quirks)
    if "tax_in_brackets" in quirks and order["tax_amount"]:
        text += f" (includes {_price(order['tax_amount'], order['currency'], quirks)} Tax)"
    return text


def _price(amount: Decimal, currency: str, quirks: Set[str]) -> str:
    sign = _SIGNS[currency]
    if "no_break_spaces" in quirks:
        return f"{amount:,.2f}".translate(str.maketrans(",.", "\u202f,")) + f"\u00a0{sign}"
    if "comma_decimals" in quirks:
        return f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) + f" {sign}"
    return f"{sign}{amount:,.2f}"
