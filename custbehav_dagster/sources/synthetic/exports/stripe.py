"""A shop's card payments as Stripe exports them."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.webtoffee_orders import payment_of
from custbehav_dagster.sources.synthetic.exports.writing import FILE_QUIRKS, local_text, records, write_table

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

_CARD = ("Card ID", "Card Last4", "Card Brand", "Card Funding", "Card Exp Month", "Card Exp Year",
         "Card Name", "Card Address Zip", "Card Address Country")  # fmt: skip
_MIDDLE = ("Amount", "Amount Refunded", "Currency", "Converted Amount", "Converted Amount Refunded", "Fee",
           "Tax", "Converted Currency", "Mode", "Status", "Statement Descriptor", "Customer ID",
           "Customer Description", "Customer Email", "Captured")  # fmt: skip
HEADERS = {
    "Created (UTC)": ("id", "Description", "Seller Message", "Created (UTC)", *_MIDDLE, *_CARD),
    "Created date (UTC)": ("id", "Created date (UTC)", *_MIDDLE[:3], "Description", *_MIDDLE[3:], *_CARD),
}
VARIANTS = tuple(HEADERS)
QUIRKS = FILE_QUIRKS | {"metadata", "payment_states", "to_the_minute"}

_STATES = {"cancelled": "Failed", "pending": "Uncaptured", "completed": "Paid", "refunded": "Refunded"}
_INTENT_STATES = _STATES | {"cancelled": "requires_payment_method", "completed": "succeeded"}


def write_stripe_payments(
    shop: ExportShop, folder: Path, variant: str = "Created (UTC)", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write unified_payments.csv with a payment for each order that cost something."""
    header = HEADERS[variant] + (("order_id (metadata)",) if "metadata" in quirks else ())
    orders = [order for order in records(shop.orders) if order["gross_amount"]]
    rows = [_row(order, variant, quirks) for order in reversed(orders)]
    return [write_table(folder / "unified_payments.csv", header, rows, quirks)]


def stripe_customer(order: dict[str, Any]) -> str | None:
    """Stripe's number of a buyer who has an account."""
    return f"cus_{order['customer_id']}" if order["customer_id"] else None


def _row(order: dict[str, Any], variant: str, quirks: Set[str]) -> dict[str, str]:
    is_failed = order["status"] == "cancelled"
    is_refunded = order["gross_amount"] == order["refund_amount"] and not is_failed
    states = _INTENT_STATES if "payment_states" in quirks else _STATES
    given_back = Decimal("0.00") if is_failed else order["refund_amount"]
    moment = "%Y-%m-%d %H:%M" if "to_the_minute" in quirks else "%Y-%m-%d %H:%M:%S"
    return {
        "id": payment_of(order),
        "Description": f"Order {order['number']}",
        "Seller Message": "Payment complete.",
        variant: local_text(order["ordered_at"], "UTC", moment),
        "Amount": str(order["gross_amount"]),
        "Amount Refunded": str(given_back),
        "Currency": order["currency"].lower(),
        "Converted Amount": str(order["gross_amount"]),
        "Converted Amount Refunded": str(given_back),
        "Fee": "0.59",
        "Tax": "0.00",
        "Converted Currency": order["currency"].lower(),
        "Mode": "Live",
        "Status": states["refunded" if is_refunded else order["status"]],
        "Customer ID": stripe_customer(order) or "",
        "Customer Email": order["email"] or "",
        "Captured": "false" if order["status"] == "pending" else "true",
        "Card Last4": "4242",
        "Card Brand": "Visa",
        "Card Name": order["buyer_name"],
        "Card Address Zip": order["postcode"],
        "Card Address Country": order["country_code"],
        "order_id (metadata)": order["number"],
    }
