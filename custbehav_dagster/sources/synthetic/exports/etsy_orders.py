"""A shop as Etsy's "Orders" export tells it."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.writing import (
    FILE_QUIRKS,
    as_swapped_date,
    local_text,
    money_text,
    records,
    with_apostrophe,
    write_table,
)

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

HEADER = (
    "Sale Date", "Order ID", "Buyer User ID", "Full Name", "First Name", "Last Name", "Number of Items",
    "Payment Method", "Date Shipped", "Street 1", "Street 2", "Ship City", "Ship State", "Ship Zipcode",
    "Ship Country", "Currency", "Order Value", "Coupon Code", "Coupon Details", "Discount Amount",
    "Shipping Discount", "Shipping", "Sales Tax", "Order Total", "Status", "Card Processing Fees",
    "Order Net", "Adjusted Order Total", "Adjusted Card Processing Fees", "Adjusted Net Order Amount",
    "Buyer", "Order Type", "Payment Type", "InPerson Discount", "InPerson Location", "SKU",
)  # fmt: skip
BRITISH = {
    "Date Shipped": "Date Posted", "Ship City": "Delivery City", "Ship State": "Delivery State",
    "Ship Zipcode": "Delivery Zipcode", "Ship Country": "Delivery Country",
    "Shipping Discount": "Delivery Discount", "Shipping": "Delivery", "Sales Tax": "Sales tax",
    "Order Total": "Order total",
}  # fmt: skip
TRIMMED = ("Order ID", "Sale Date", "Buyer", "Ship Country", "Order Value", "Discount Amount", "Shipping",
           "Sales Tax", "Order Net", "Adjusted Order Total", "Status")  # fmt: skip
"""What is left when somebody has taken out what they did not need, the total among it."""

VARIANTS = ("en-US", "en-GB", "en-US, trimmed")
QUIRKS = FILE_QUIRKS | {
    "blank_buyer", "blank_buyer_user_id", "signs", "comma_decimals", "unadjusted_blank",
    "status_tells_refund", "more_columns", "gift_columns", "apostrophes", "long_years", "newest_first",
}  # fmt: skip
"""What may be odd about the file; `comma_decimals` wins over `signs`."""

DAMAGES = frozenset({"swapped_dates"})
"""What a spreadsheet may have done to the file, to be repaired before cleaning."""

SMALL_FEE = Decimal("0.25")


def has_blank_buyer(place: int) -> bool:
    """Whether the quirk 'blank_buyer' empties the buyer of the order at this place."""
    return place % 3 == 1


def write_etsy_orders(
    shop: ExportShop, folder: Path, variant: str = "en-US", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write EtsySoldOrders.csv, with the money of tips as part of the goods, since Etsy knows none."""
    renamed = BRITISH if variant == "en-GB" else {}
    header = [*HEADER]
    if variant.endswith("trimmed"):
        # Without the other adjusted amounts, an adjusted total of 0 says nothing by itself.
        header, quirks = [*TRIMMED], quirks | {"status_tells_refund"}
    if "more_columns" in quirks:
        header += ["Buyer Receipt Message", "VAT Paid by Buyer", "Date Paid"]
    if "gift_columns" in quirks:
        header += ["Is Gift", "Gift Message"]
    rows = [_row(shop, order, place, variant, quirks) for place, order in enumerate(records(shop.orders))]
    if "newest_first" in quirks:
        rows.reverse()
    rows = [{renamed.get(name, name): cell for name, cell in row.items()} for row in rows]
    names = [renamed.get(name, name) for name in header]
    return [write_table(folder / "EtsySoldOrders.csv", names, rows, quirks)]


def buyer_cell(order: dict[str, Any]) -> str:
    """`Name (username)`, or the name alone for guests."""
    return f"{order['buyer_name']} ({order['username']})" if order["username"] else order["buyer_name"]


def date_patterns(variant: str, quirks: Set[str]) -> tuple[str, str]:
    """How the sale's day and the other days are written: by default with two and four figures of the year."""
    months_first = variant != "en-GB"
    sale = "%m/%d/%" if months_first else "%d/%m/%"
    return sale + ("Y" if "long_years" in quirks or not months_first else "y"), sale + "Y"


def sale_date(text: str, quirks: Set[str]) -> str:
    """The day of a sale as it stands in the file."""
    return as_swapped_date(text) if "swapped_dates" in quirks else text


def money_style(quirks: Set[str]) -> str:
    """How the file writes amounts."""
    return "comma" if "comma_decimals" in quirks else "sign" if "signs" in quirks else "plain"


def _row(
    shop: ExportShop, order: dict[str, Any], place: int, variant: str, quirks: Set[str]
) -> dict[str, str]:
    style = money_style(quirks)
    sale_pattern, other_pattern = date_patterns(variant, quirks)
    is_blank = "blank_buyer" in quirks and has_blank_buyer(place)
    no_user_id = is_blank or ("blank_buyer_user_id" in quirks and place % 5 == 0)
    first, _, last = order["recipient_name"].partition(" ")
    mark = with_apostrophe if "apostrophes" in quirks else str
    amounts = {name: money_text(amount, style) for name, amount in _amounts(order).items()}
    return {
        "Sale Date": sale_date(local_text(order["ordered_at"], shop.timezone, sale_pattern), quirks),
        "Order ID": mark(order["order_id"]),
        "Buyer User ID": "" if no_user_id else order["username"] or "",
        "Full Name": order["recipient_name"],
        "First Name": first,
        "Last Name": last,
        "Number of Items": str(sum(shop.items_of(order["order_id"])["quantity"])),
        "Payment Method": "Credit Card",
        "Date Shipped": local_text(order["shipped_at"], shop.timezone, other_pattern),
        "Date Paid": local_text(order["paid_at"], shop.timezone, other_pattern),
        "Street 1": order["recipient_street"],
        "Ship City": order["recipient_city"],
        "Ship State": order["recipient_region_code"] or "",
        "Ship Zipcode": mark(order["recipient_postcode"]),
        "Ship Country": order["recipient_country"],
        "Currency": order["currency"],
        "Coupon Code": order["coupon"] or "",
        **amounts,
        **_adjusted(order, style, quirks),
        "Status": _status(order, quirks),
        "Buyer": "" if is_blank else buyer_cell(order),
        "Order Type": "online",
        "Payment Type": "online_cc",
        "Buyer Receipt Message": order["note"] or "",
        "Is Gift": "Yes" if order["is_gift"] else "No",
        "Gift Message": "With love,\nfrom me" if order["is_gift"] else "",
    }


def _amounts(order: dict[str, Any]) -> dict[str, Decimal]:
    nothing = Decimal("0.00")
    return {
        "Order Value": order["goods_amount"] + order["tip_amount"],
        "Discount Amount": order["discount_amount"],
        "Shipping Discount": nothing,
        "Shipping": order["shipping_amount"],
        "Sales Tax": order["tax_amount"],
        "Order Total": order["gross_amount"],
        "Card Processing Fees": SMALL_FEE,
        "Order Net": order["gross_amount"] - SMALL_FEE,
        "InPerson Discount": nothing,
    }


def _adjusted(order: dict[str, Any], style: str, quirks: Set[str]) -> dict[str, str]:
    """The adjusted amounts: what was left of an order of which something was given back."""
    total, fees, net = ("Adjusted Order Total", "Adjusted Card Processing Fees", "Adjusted Net Order Amount")
    is_in_full = order["refund_amount"] == order["gross_amount"]
    is_told_otherwise = is_in_full and (order["status"] == "cancelled" or "status_tells_refund" in quirks)
    if not order["refund_amount"] or is_told_otherwise:
        nothing = "" if "unadjusted_blank" in quirks else money_text(Decimal("0.00"), style)
        return dict.fromkeys((total, fees, net), nothing)
    left = order["net_amount"]
    amounts = {total: left, fees: SMALL_FEE, net: left - SMALL_FEE}
    return {name: money_text(amount, style) for name, amount in amounts.items()}


def _status(order: dict[str, Any], quirks: Set[str]) -> str:
    is_in_full = order["refund_amount"] and order["refund_amount"] == order["gross_amount"]
    if order["status"] == "completed" and is_in_full and "status_tells_refund" in quirks:
        return "Refunded"
    return {"completed": "Completed", "pending": "Open", "cancelled": "Canceled"}[order["status"]]
