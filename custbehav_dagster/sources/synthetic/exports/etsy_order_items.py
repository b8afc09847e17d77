"""A shop as Etsy's "Order Items" export tells it."""

from __future__ import annotations

import html
from collections.abc import Callable, Set
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.etsy_orders import (
    buyer_cell,
    date_patterns,
    has_blank_buyer,
    money_style,
    sale_date,
)
from custbehav_dagster.sources.synthetic.exports.writing import (
    FILE_QUIRKS,
    local_text,
    money_text,
    records,
    with_apostrophe,
    write_table,
)

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

HEADER = (
    "Sale Date", "Item Name", "Buyer", "Quantity", "Price", "Coupon Code", "Coupon Details",
    "Discount Amount", "Shipping Discount", "Order Shipping", "Order Sales Tax", "Item Total", "Currency",
    "Transaction ID", "Listing ID", "Date Paid", "Date Shipped", "Ship Name", "Ship Address1",
    "Ship Address2", "Ship City", "Ship State", "Ship Zipcode", "Ship Country", "Order ID", "Variations",
    "Order Type", "Listings Type", "Payment Type", "InPerson Discount", "InPerson Location",
    "VAT Paid by Buyer", "SKU",
)  # fmt: skip
TRIMMED = ("Sale Date", "Item Name", "Buyer", "Quantity", "Price", "Discount Amount", "Order Shipping",
           "Order Sales Tax", "Transaction ID", "Order ID")  # fmt: skip
VARIANTS = ("en-US", "trimmed")
QUIRKS = FILE_QUIRKS | {
    "blank_buyer", "repeated_coupons", "repeated_shipping", "entities", "signs", "comma_decimals",
    "apostrophes", "long_years", "newest_first",
}  # fmt: skip


def write_etsy_order_items(
    shop: ExportShop, folder: Path, variant: str = "en-US", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write EtsySoldOrderItems.csv; tips and gift wrapping are items like any other."""
    header = TRIMMED if variant == "trimmed" else HEADER
    rows = []
    for place, order in enumerate(records(shop.orders)):
        for item in records(shop.items_of(order["order_id"])):
            rows.append(_row(shop, order, item, place, quirks))
    if "newest_first" in quirks:
        rows.reverse()
    return [write_table(folder / "EtsySoldOrderItems.csv", header, rows, quirks)]


def title_cell(quirks: Set[str]) -> Callable[[str], str]:
    """How the file writes titles: with the entities of HTML when `quirks` has 'entities'."""
    return html.escape if "entities" in quirks else str


def _row(
    shop: ExportShop, order: dict[str, Any], item: dict[str, Any], place: int, quirks: Set[str]
) -> dict[str, str]:
    style, title = money_style(quirks), title_cell(quirks)
    sale_pattern, other_pattern = date_patterns("en-US", quirks)
    mark = with_apostrophe if "apostrophes" in quirks else str
    bears_order = item["line"] == 1 or "repeated_shipping" in quirks
    nothing = Decimal("0.00")
    amounts = {
        "Price": item["unit_price"],
        "Discount Amount": item["discount_amount"],
        "Shipping Discount": nothing,
        "Order Shipping": order["shipping_amount"] if bears_order else nothing,
        "Order Sales Tax": order["tax_amount"] if bears_order else nothing,
        "Item Total": item["unit_price"] * item["quantity"],
        "InPerson Discount": nothing,
    }
    lines = len(shop.items_of(order["order_id"]))
    coupon = order["coupon"] or ""
    is_blank = "blank_buyer" in quirks and has_blank_buyer(place)
    return {
        "Sale Date": sale_date(local_text(order["ordered_at"], shop.timezone, sale_pattern), quirks),
        "Item Name": title(item["product"]),
        "Buyer": "" if is_blank else buyer_cell(order),
        "Quantity": str(item["quantity"]),
        **{name: money_text(amount, style) for name, amount in amounts.items()},
        "Coupon Code": ";".join([coupon] * lines) if coupon and "repeated_coupons" in quirks else coupon,
        "Currency": order["currency"],
        "Transaction ID": item["transaction_id"] or f"{order['order_id']}{item['line']}",
        "Listing ID": item["listing_id"] or "",
        "Date Paid": local_text(order["paid_at"], shop.timezone, other_pattern),
        "Date Shipped": local_text(order["shipped_at"], shop.timezone, other_pattern),
        "Ship Name": order["recipient_name"],
        "Ship Address1": order["recipient_street"],
        "Ship City": order["recipient_city"],
        "Ship State": order["recipient_region_code"] or "",
        "Ship Zipcode": mark(order["recipient_postcode"]),
        "Ship Country": order["recipient_country"],
        "Order ID": mark(order["order_id"]),
        "Variations": title(item["variation"] or ""),
        "Order Type": "online",
        "Listings Type": "listing",
        "SKU": item["product_id"] or "",
    }
