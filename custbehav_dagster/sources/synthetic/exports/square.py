"""A shop's sales as Square's two exports tell them: items detail and transactions.

Square knows neither sales that wait nor cancelled ones, and no postage by that name:
it is a service charge in the transactions, and absent from the items.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.writing import (
    FILE_QUIRKS,
    local_text,
    money_text,
    records,
    write_table,
)

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

Row = dict[str, Any]

ITEM_HEADER = (
    "Date", "Time", "Time Zone", "Category", "Item", "Qty", "Price Point Name", "SKU", "Modifiers Applied",
    "Gross Sales", "Discounts", "Net Sales", "Tax", "Transaction ID", "Payment ID", "Device Name", "Notes",
    "Details", "Event Type", "Location", "Dining Option", "Customer ID", "Customer Name",
    "Customer Reference ID", "Unit", "Count", "GTIN", "Itemization Type", "Commission", "Employee",
    "Fulfillment Note", "Channel", "Token", "Card Brand", "PAN Suffix",
)  # fmt: skip
TRANSACTION_HEADER = (
    "Date", "Time", "Time Zone", "Gross Sales", "Discounts", "Service Charges", "Net Sales",
    "Gift Card Sales", "Tax", "Tip", "Partial Refunds", "Total Collected", "Source", "Card",
    "Card Entry Methods", "Cash", "Square Gift Card", "Other Tender", "Other Tender Type",
    "Other Tender Note", "Fees", "Net Total", "Transaction ID", "Payment ID", "Card Brand", "PAN Suffix",
    "Device Name", "Staff Name", "Staff ID", "Details", "Description", "Event Type", "Location",
    "Dining Option", "Customer ID", "Customer Name", "Customer Reference ID", "Device Nickname",
    "Third Party Fees", "Deposit ID", "Deposit Date", "Deposit Details", "Fee Percentage Rate",
    "Fee Fixed Rate", "Refund Reason", "Discount Name", "Transaction Status", "Cash App",
    "Order Reference ID", "Fulfillment Note",
)  # fmt: skip
VARIANTS = ("MM/DD/YYYY", "YYYY-MM-DD")
QUIRKS = FILE_QUIRKS | {"own_refund_ids", "nameless_guests", "tz_database_names"}
TRANSACTION_QUIRKS = QUIRKS | {"partial_in_row"}

_DATES = {"MM/DD/YYYY": "%m/%d/%Y", "YYYY-MM-DD": "%Y-%m-%d"}
_ZONES = {
    "America/Los_Angeles": "Pacific Time (US & Canada)",
    "America/New_York": "Eastern Time (US & Canada)",
    "Europe/London": "London",
    "Australia/Sydney": "Sydney",
}
ZERO = Decimal("0.00")


def square_sales(shop: ExportShop) -> list[Row]:
    """The orders that Square would know, newest first."""
    return [order for order in reversed(records(shop.orders)) if order["status"] == "completed"]


def transaction_of(order: Row) -> str:
    """Square's number of a sale."""
    return f"{order['order_id']}qZ8aV"


def refund_of(order: Row) -> str:
    """Square's number of what was given back, where it has one of its own."""
    return f"{order['order_id']}rF4bW"


def write_square_items(
    shop: ExportShop, folder: Path, variant: str = "MM/DD/YYYY", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write items.csv; a sale given back in full repeats its lines below zero."""
    rows = []
    for order in square_sales(shop):
        rows += _refund_lines(shop, order, variant, quirks)
        rows += [
            _place(shop, order, order["ordered_at"], variant, quirks) | cells
            for cells in _item_cells(shop, order, 1)
        ]
    return [write_table(folder / "items.csv", ITEM_HEADER, rows, quirks)]


def write_square_transactions(
    shop: ExportShop, folder: Path, variant: str = "MM/DD/YYYY", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write transactions.csv; with 'partial_in_row' a payment tells what of it was given back."""
    rows = []
    for order in square_sales(shop):
        partial = order["refund_amount"] if "partial_in_row" in quirks else ZERO
        if order["refund_amount"] and not partial:
            rows.append(_refund_row(shop, order, variant, quirks))
        place = _place(shop, order, order["ordered_at"], variant, quirks)
        rows.append(place | _payment_cells(order, partial))
    return [write_table(folder / "transactions.csv", TRANSACTION_HEADER, rows, quirks)]


def _place(shop: ExportShop, order: Row, moment: datetime, variant: str, quirks: Set[str]) -> dict[str, str]:
    zone = shop.timezone if "tz_database_names" in quirks else _ZONES[shop.timezone]
    is_nameless = "nameless_guests" in quirks and not order["customer_id"]
    return {
        "Date": local_text(moment, shop.timezone, _DATES[variant]),
        "Time": local_text(moment, shop.timezone, "%H:%M:%S"),
        "Time Zone": zone,
        "Transaction ID": transaction_of(order),
        "Payment ID": f"p{order['order_id']}",
        "Event Type": "Payment",
        "Customer ID": order["customer_id"] or "",
        "Customer Name": "" if is_nameless else order["buyer_name"],
        "Transaction Status": "Complete",
        "Location": "Market stall",
    }


def _sign(amount: Decimal) -> str:
    return money_text(amount, "sign")


def _item_cells(shop: ExportShop, order: Row, times: int) -> list[dict[str, str]]:
    """Lines but tips; the whole tax stands on the first."""
    lines = [item for item in records(shop.items_of(order["order_id"])) if item["kind"] != "tip"]
    rows = []
    for item in lines:
        gross = item["quantity"] * item["unit_price"]
        tax = order["tax_amount"] if item is lines[0] else ZERO
        rows.append(
            {
                "Item": item["product"],
                "Qty": f"{times * item['quantity']:.1f}",
                "Price Point Name": "Regular",
                "SKU": item["product_id"] or "",
                "Gross Sales": _sign(times * gross),
                "Discounts": _sign(-times * item["discount_amount"]),
                "Net Sales": _sign(times * (gross - item["discount_amount"])),
                "Tax": _sign(times * tax),
                "Itemization Type": "Physical Good",
            }
        )
    return rows


def _later(shop: ExportShop, order: Row, variant: str, quirks: Set[str]) -> dict[str, str]:
    place = _place(shop, order, order["ordered_at"] + timedelta(days=6), variant, quirks)
    number = refund_of(order) if "own_refund_ids" in quirks else transaction_of(order)
    return place | {"Event Type": "Refund", "Transaction ID": number}


def _refund_lines(shop: ExportShop, order: Row, variant: str, quirks: Set[str]) -> list[dict[str, str]]:
    if not order["refund_amount"]:
        return []
    later = _later(shop, order, variant, quirks)
    if order["refund_amount"] == order["gross_amount"]:
        return [later | cells for cells in _item_cells(shop, order, -1)]
    given_back = _sign(-order["refund_amount"])
    custom = {"Item": "Custom Amount", "Qty": "-1.0", "Gross Sales": given_back, "Discounts": "$0.00",
              "Net Sales": given_back, "Tax": "$0.00", "Itemization Type": "Custom Amount"}  # fmt: skip
    return [later | custom]


def _payment_cells(order: Row, partial: Decimal) -> dict[str, str]:
    goods = order["goods_amount"] - order["discount_amount"]
    return {
        "Gross Sales": _sign(order["goods_amount"]),
        "Discounts": _sign(-order["discount_amount"]),
        "Service Charges": _sign(order["shipping_amount"]),
        "Net Sales": _sign(goods),
        "Gift Card Sales": "$0.00",
        "Tax": _sign(order["tax_amount"]),
        "Tip": _sign(order["tip_amount"]),
        "Partial Refunds": _sign(-partial),
        "Total Collected": _sign(order["gross_amount"] - partial),
        "Source": "Point of Sale",
        "Fees": "-$0.10",
        "Net Total": _sign(order["gross_amount"] - partial - Decimal("0.10")),
        "Description": "Mug, 2 x Card",
    }


def _refund_row(shop: ExportShop, order: Row, variant: str, quirks: Set[str]) -> dict[str, str]:
    given_back = _sign(-order["refund_amount"])
    cells = dict.fromkeys(("Discounts", "Service Charges", "Gift Card Sales", "Tax", "Tip"), "$0.00")
    amounts = dict.fromkeys(("Gross Sales", "Net Sales", "Total Collected", "Net Total"), given_back)
    return _later(shop, order, variant, quirks) | cells | amounts | {"Partial Refunds": "$0.00"}
