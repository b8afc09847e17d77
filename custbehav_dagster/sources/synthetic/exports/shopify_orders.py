"""A shop as Shopify's orders export tells it."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.writing import (
    FILE_QUIRKS,
    as_spreadsheet_number,
    local_text,
    money_text,
    records,
    with_apostrophe,
    write_table,
)

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

_START = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at",
    "Accepts Marketing", "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code",
    "Discount Amount", "Shipping Method", "Created at", "Lineitem quantity", "Lineitem name",
    "Lineitem price", "Lineitem compare at price", "Lineitem sku", "Lineitem requires shipping",
    "Lineitem taxable", "Lineitem fulfillment status", "Billing Name", "Billing Street",
    "Billing Address1", "Billing Address2", "Billing Company", "Billing City", "Billing Zip",
    "Billing Province", "Billing Country", "Billing Phone", "Shipping Name", "Shipping Street",
    "Shipping Address1", "Shipping Address2", "Shipping Company", "Shipping City", "Shipping Zip",
    "Shipping Province", "Shipping Country", "Shipping Phone", "Notes", "Note Attributes",
    "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor",
)  # fmt: skip
_TILL = ("Outstanding Balance", "Employee", "Location", "Device ID")
_TAXES = tuple(f"Tax {number} {what}" for number in range(1, 6) for what in ("Name", "Value"))
_MIDDLE = ("Id", "Tags", "Risk Level", "Source", "Lineitem discount", *_TAXES, "Phone", "Receipt Number",
           "Duties", "Billing Province Name", "Shipping Province Name")  # fmt: skip
_TERMS = ("Payment Terms Name", "Next Payment Due At")
HEADERS = {
    "73 columns": (*_START, *_MIDDLE, *_TERMS),
    "78 columns": (*_START, *_TILL, *_MIDDLE, "Payment ID", *_TERMS),
    "79 columns": (*_START, *_TILL, *_MIDDLE, "Payment ID", *_TERMS, "Payment References"),
}
VARIANTS = tuple(HEADERS)
ON_EVERY_LINE = ("Name", "Email", "Created at", "Vendor", "Phone")
"""Cells that an order's further line items repeat, beside those of the line itself."""

QUIRKS = FILE_QUIRKS | {"apostrophes", "spoiled_ids", "utc_times", "oldest_first", "filled_down"}

_MOMENT = "%Y-%m-%d %H:%M:%S %z"


def write_shopify_orders(
    shop: ExportShop, folder: Path, variant: str = "79 columns", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write orders_export.csv; with the quirk 'filled_down' every line tells its whole order."""
    orders = records(shop.orders)
    rows = []
    for order in orders if "oldest_first" in quirks else reversed(orders):
        told = _order_cells(shop, order, quirks)
        further = told if "filled_down" in quirks else {name: told[name] for name in ON_EVERY_LINE}
        for item in records(shop.items_of(order["order_id"])):
            rows.append((told if item["line"] == 1 else further) | _line_cells(item, order))
    return [write_table(folder / "orders_export.csv", HEADERS[variant], rows, quirks)]


def order_name(order: dict[str, Any]) -> str:
    """The number that Shopify shows: `#1001`."""
    return f"#{order['number']}"


def _financial_status(order: dict[str, Any]) -> str:
    if order["status"] == "pending":
        return "pending"
    if order["status"] == "cancelled":
        return "voided" if int(order["number"]) % 2 else "refunded"
    if not order["refund_amount"]:
        return "paid"
    return "refunded" if order["refund_amount"] == order["gross_amount"] else "partially_refunded"


def _order_cells(shop: ExportShop, order: dict[str, Any], quirks: Set[str]) -> dict[str, str]:
    timezone = "UTC" if "utc_times" in quirks else shop.timezone
    mark = with_apostrophe if "apostrophes" in quirks else lambda text: text or ""
    long_id = str(5_277_620_000_000 + int(order["number"]) * 32_771)
    is_wrapped = "gift_wrap" in set(shop.items_of(order["order_id"])["kind"])
    cancelled_at = order["ordered_at"] + timedelta(hours=5) if order["status"] == "cancelled" else None
    return {
        "Name": order_name(order),
        "Email": order["email"] or "",
        "Financial Status": _financial_status(order),
        "Paid at": local_text(order["paid_at"], timezone, _MOMENT),
        "Fulfillment Status": "fulfilled" if order["shipped_at"] else "unfulfilled",
        "Fulfilled at": local_text(order["shipped_at"], timezone, _MOMENT),
        "Accepts Marketing": "yes" if order["accepts_marketing"] else "no",
        "Currency": order["currency"],
        **_amount_cells(order),
        "Discount Code": order["coupon"] or "",
        "Shipping Method": "Standard",
        "Created at": local_text(order["ordered_at"], timezone, _MOMENT),
        **_address(order, "Billing", "", order["buyer_name"], mark),
        **_address(order, "Shipping", "recipient_", order["recipient_name"], mark),
        "Notes": order["note"] or "",
        "Note Attributes": "is_gift: yes\ncolour: any" if order["is_gift"] and not is_wrapped else "",
        "Cancelled at": local_text(cancelled_at, timezone, _MOMENT),
        "Payment Method": "Shopify Payments",
        "Vendor": "The Sample Shop",
        "Id": as_spreadsheet_number(long_id) if "spoiled_ids" in quirks else long_id,
        "Risk Level": "Low",
        "Source": "web",
        "Phone": mark(order["phone"]),
    }


def _amount_cells(order: dict[str, Any]) -> dict[str, str]:
    given_back = order["refund_amount"] if order["status"] != "cancelled" else Decimal("0.00")
    amounts = {
        "Subtotal": order["goods_amount"] - order["discount_amount"] + order["tip_amount"],
        "Shipping": order["shipping_amount"],
        "Taxes": order["tax_amount"],
        "Total": order["gross_amount"],
        "Discount Amount": order["discount_amount"],
        "Refunded Amount": given_back,
    }
    return {name: money_text(amount) for name, amount in amounts.items()}


def _address(order: dict[str, Any], kind: str, prefix: str, name: str, mark: Any) -> dict[str, str]:
    part = {key: order[f"{prefix}{key}"] or "" for key in ("street", "city", "region", "region_code")}
    return {
        f"{kind} Name": name,
        f"{kind} Street": part["street"],
        f"{kind} Address1": part["street"],
        f"{kind} City": part["city"],
        f"{kind} Zip": mark(order[f"{prefix}postcode"]),
        f"{kind} Province": part["region_code"],
        f"{kind} Province Name": part["region"],
        f"{kind} Country": order[f"{prefix}country_code"],
        f"{kind} Phone": mark(order["phone"]) if kind == "Billing" else "",
    }


def _line_cells(item: dict[str, Any], order: dict[str, Any]) -> dict[str, str]:
    return {
        "Lineitem quantity": str(item["quantity"]),
        "Lineitem name": item["product"],
        "Lineitem price": money_text(item["unit_price"]),
        "Lineitem sku": item["product_id"] or "",
        "Lineitem requires shipping": "false" if item["kind"] == "tip" else "true",
        "Lineitem taxable": "true",
        "Lineitem fulfillment status": "fulfilled" if order["shipped_at"] else "pending",
        "Lineitem discount": money_text(item["discount_amount"]),
    }
