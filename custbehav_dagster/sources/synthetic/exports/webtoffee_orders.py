"""A WooCommerce shop's orders as an export plugin writes them, a wide row each."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.writing import (
    FILE_QUIRKS,
    local_text,
    records,
    with_apostrophe,
    write_table,
)

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

Row = dict[str, Any]

_START = (
    "order_id", "order_number", "order_date", "paid_date", "status", "shipping_total", "shipping_tax_total",
    "fee_total", "fee_tax_total", "tax_total", "cart_discount", "order_discount", "discount_total",
    "order_total", "order_subtotal", "order_currency", "payment_method", "payment_method_title",
    "transaction_id", "customer_ip_address", "customer_user_agent", "shipping_method", "customer_id",
    "customer_user", "customer_email", "billing_first_name", "billing_last_name", "billing_company",
    "billing_email", "billing_phone", "billing_address_1", "billing_address_2", "billing_postcode",
    "billing_city", "billing_state", "billing_country", "shipping_first_name", "shipping_last_name",
    "shipping_company", "shipping_phone", "shipping_address_1", "shipping_address_2", "shipping_postcode",
    "shipping_city", "shipping_state", "shipping_country", "customer_note", "wt_import_key",
    "shipping_items", "fee_items", "tax_items", "coupon_items", "refund_items", "order_notes",
    "download_permissions",
)  # fmt: skip
_PARTS = ("Name", "id", "SKU", "Quantity", "Total", "Subtotal")
VARIANTS = ("lines in columns", "lines packed")
QUIRKS = FILE_QUIRKS | {"apostrophes", "spare_lines", "prefixed_states", "split_refunds"}

_STATES = {"completed": "completed", "pending": "on-hold", "cancelled": "cancelled", "refunded": "refunded"}
_TAX_DATA = 'tax_data:a:1:{s:5:"total";a:1:{i:1;s:4:"0.00";}}'


def write_webtoffee_orders(
    shop: ExportShop, folder: Path, variant: str = "lines in columns", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write order_export.csv; the columns for lines are as many as the longest order needs."""
    orders = records(shop.orders)
    goods = {order["order_id"]: _goods(shop, order) for order in orders}
    most = max(map(len, goods.values())) + 3 * ("spare_lines" in quirks)
    header = [*_START, *(f"line_item_{number}" for number in range(1, most + 1))]
    if variant == "lines in columns":
        header += [f"Product Item {number} {part}" for number in range(1, most + 1) for part in _PARTS]
    rows = [
        _order(shop, order, quirks) | _lines(goods[order["order_id"]], variant) for order in reversed(orders)
    ]
    return [write_table(folder / "order_export.csv", header, rows, quirks)]


def _goods(shop: ExportShop, order: Row) -> list[Row]:
    items = records(shop.items_of(order["order_id"]))
    return [item for item in items if item["kind"] == "product"]


def _lines(goods: list[Row], variant: str) -> dict[str, str]:
    cells = {}
    for number, item in enumerate(goods, start=1):
        before = item["quantity"] * item["unit_price"]
        values = (
            item["product"], item["listing_id"], item["product_id"] or "", str(item["quantity"]),
            str(before - item["discount_amount"]), str(before),
        )  # fmt: skip
        names = ("name", "product_id", "sku", "quantity", "total", "sub_total")
        packed = "|".join(f"{name}:{value}" for name, value in zip(names, values, strict=True))
        cells[f"line_item_{number}"] = f"{packed}|{_TAX_DATA}"
        if variant == "lines in columns":
            cells |= {
                f"Product Item {number} {part}": value for part, value in zip(_PARTS, values, strict=True)
            }
    return cells


def _order(shop: ExportShop, order: Row, quirks: Set[str]) -> dict[str, str]:
    mark = with_apostrophe if "apostrophes" in quirks else lambda text: text or ""
    first, last = order["buyer_name"].split(" ", 1)
    to_first, to_last = order["recipient_name"].split(" ", 1)
    extras = [item for item in records(shop.items_of(order["order_id"])) if item["kind"] != "product"]
    account = order["customer_id"] or "0"
    return {
        "order_id": str(int(order["number"]) + 70_000),
        "order_number": order["number"],
        "order_date": local_text(order["ordered_at"], shop.timezone, "%Y-%m-%d %H:%M:%S"),
        "paid_date": local_text(order["paid_at"], shop.timezone, "%Y-%m-%d %H:%M:%S"),
        "status": ("wc-" if "prefixed_states" in quirks else "") + _state(order),
        "shipping_total": str(order["shipping_amount"]),
        "fee_total": str(sum((item["unit_price"] for item in extras), Decimal("0.00"))),
        "tax_total": str(order["tax_amount"]),
        "cart_discount": str(order["discount_amount"]),
        "order_discount": "0.00",
        "discount_total": str(order["discount_amount"]),
        "order_total": str(order["gross_amount"]),
        "order_subtotal": str(order["goods_amount"]),
        "order_currency": order["currency"],
        "payment_method": "stripe",
        "transaction_id": payment_of(order),
        "customer_id": account,
        "customer_user": account,
        "customer_email": order["email"] or "",
        "billing_first_name": first,
        "billing_last_name": last,
        "billing_email": order["email"] or "",
        "billing_phone": mark(order["phone"]),
        "billing_address_1": order["street"],
        "billing_postcode": mark(order["postcode"]),
        "billing_city": order["city"],
        "billing_state": order["region_code"] or "",
        "billing_country": order["country_code"],
        "shipping_first_name": to_first,
        "shipping_last_name": to_last,
        "shipping_address_1": order["recipient_street"],
        "shipping_postcode": mark(order["recipient_postcode"]),
        "shipping_city": order["recipient_city"],
        "shipping_state": order["recipient_region_code"] or "",
        "shipping_country": order["recipient_country_code"],
        "customer_note": order["note"] or "",
        "shipping_items": f"method_id:flat_rate|method_title:Post|total:{order['shipping_amount']}",
        "fee_items": ";".join(
            f"name:{item['product']}|total:{item['unit_price']}|tax:0.00|{_TAX_DATA}" for item in extras
        ),
        "coupon_items": f"code:{order['coupon']}|amount:{order['discount_amount']}"
        if order["coupon"]
        else "",
        "refund_items": _refunds(order, quirks),
        "download_permissions": "0",
    }


def payment_of(order: Row) -> str:
    """The number of the card payment for an order."""
    return f"ch_3{order['order_id']}aB"


def _state(order: Row) -> str:
    is_refunded = order["status"] == "completed" and 0 < order["gross_amount"] == order["refund_amount"]
    return _STATES["refunded" if is_refunded else order["status"]]


def _refunds(order: Row, quirks: Set[str]) -> str:
    if not order["refund_amount"] or order["status"] == "cancelled":
        return ""
    amounts = [order["refund_amount"]]
    if "split_refunds" in quirks:
        amounts = [Decimal("0.01"), order["refund_amount"] - Decimal("0.01")]
    return ";".join(f"amount:{amount}|reason:sent; came back|date:2024-12-30 10:00:00" for amount in amounts)
