"""Orders of the made-up shop and their lines, with everything that makes real orders awkward."""

from __future__ import annotations

import random
from collections.abc import Set
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from custbehav_dagster.sources.synthetic.exports.people import ADDRESS, make_person

ORDER_COLUMNS = (
    "order_id", "number", "customer_id", "username", "buyer_name", "email", "phone", *ADDRESS,
    "accepts_marketing", "ordered_at", "paid_at", "shipped_at", "currency", "goods_amount",
    "discount_amount", "shipping_amount", "tax_amount", "tip_amount", "gross_amount", "refund_amount",
    "net_amount", "status", "is_gift", "coupon", "note", "recipient_name",
    *(f"recipient_{name}" for name in ADDRESS),
)  # fmt: skip
ITEM_COLUMNS = (
    "order_id", "line", "product_id", "listing_id", "transaction_id", "product", "variation", "quantity",
    "unit_price", "kind", "discount_amount",
)  # fmt: skip
PECULIARITIES = {
    "several_lines": 0.4, "tip": 0.1, "gift_wrap": 0.1, "gift": 0.12, "discount": 0.2, "full_refund": 0.05,
    "partial_refund": 0.08, "cancelled": 0.05, "zero_total": 0.04, "pending": 0.05, "note": 0.15,
    "no_tax": 0.3, "free_shipping": 0.2,
}  # fmt: skip
"""What an order may be beside plain, and how often the later ones are."""

CENT = Decimal("0.01")
GIFT_WRAP_PRICE = Decimal("4.50")
ZERO = Decimal("0.00")
FIRST_ORDER = 1_450_000_000

Row = dict[str, Any]


def make_purchases(
    buyers: list[Row],
    listings: list[Row],
    seed: int,
    shop_timezone: str,
    currency: str,
    days: tuple[date, date],
    first_number: int,
) -> tuple[list[Row], list[Row]]:
    """Orders, oldest first, and their lines.

    Every buyer orders at least once, those with an account up to three times.
    """
    chance = random.Random(f"{seed} purchases")
    moments = []
    for number, buyer in enumerate(buyers):
        for _ in range(1 if not buyer["customer_id"] else chance.choice((1, 1, 2, 3))):
            moments.append((_moment(chance, days, shop_timezone), number))
    orders, items = [], []
    for place, (moment, number) in enumerate(sorted(moments)):
        traits = _traits(chance, place)
        order = _order(chance, first_number + place, buyers[number], moment, traits) | {"currency": currency}
        lines = _lines(chance, order["order_id"], listings, traits)
        orders.append(order | _amounts(chance, lines, traits, order["tip"]))
        if orders[-1].pop("tip"):
            lines.append(_tip_line(order, len(lines) + 1))
        items += lines
    return orders, items


def _moment(chance: random.Random, days: tuple[date, date], shop_timezone: str) -> datetime:
    """Some time of a day between seven and ten at night, when no clock is changed."""
    day = days[0] + timedelta(days=chance.randrange((days[1] - days[0]).days + 1))
    local = datetime.combine(day, time(7), ZoneInfo(shop_timezone))
    return (local + timedelta(seconds=chance.randrange(15 * 3600))).astimezone(UTC)


def _traits(chance: random.Random, place: int) -> set[str]:
    """One peculiarity each for the first orders, any of them for the later."""
    if place < len(PECULIARITIES):
        return {list(PECULIARITIES)[place]}
    return {name for name, share in PECULIARITIES.items() if chance.random() < share}


def _order(chance: random.Random, number: int, buyer: Row, moment: datetime, traits: Set[str]) -> Row:
    """Everything about an order but its amounts; `tip` is what was given on top."""
    recipient = make_person(chance, 5000 + number) if "gift" in traits else buyer | {"name": buyer["name"]}
    is_sent = not traits & {"cancelled", "pending"}
    status = "cancelled" if "cancelled" in traits else "pending" if "pending" in traits else "completed"
    shipped = moment + timedelta(days=chance.randrange(1, 9)) if is_sent else None
    return {
        "order_id": str(FIRST_ORDER + (number - 1001) * 1_548_583),
        "number": str(number),
        "customer_id": buyer["customer_id"],
        "username": buyer["username"],
        "buyer_name": buyer["name"],
        "email": buyer["email"],
        "phone": buyer["phone"],
        **{name: buyer[name] for name in ADDRESS},
        "accepts_marketing": buyer["accepts_marketing"],
        "ordered_at": moment,
        "paid_at": None if status == "pending" else moment + timedelta(minutes=2),
        "shipped_at": shipped,
        "status": status,
        "is_gift": bool(traits & {"gift", "gift_wrap"}),
        "coupon": chance.choice(("SPRING10", "THANKS")) if traits & {"discount", "zero_total"} else None,
        "note": 'Please leave it\nbehind the "blue" gate, thank you' if "note" in traits else None,
        "recipient_name": recipient["name"],
        **{f"recipient_{name}": recipient[name] for name in ADDRESS},
        "tip": Decimal(chance.randrange(100, 600)).scaleb(-2) if traits & {"tip"} - {"zero_total"} else ZERO,
    }


def _lines(chance: random.Random, order_id: str, listings: list[Row], traits: Set[str]) -> list[Row]:
    """Lines of goods, each of another product, and the gift wrapping."""
    count = chance.randrange(2, 5) if "several_lines" in traits else 1
    share = Decimal(1) if "zero_total" in traits else Decimal("0.1") if "discount" in traits else Decimal(0)
    lines = []
    for number, listing in enumerate(chance.sample(listings, count), start=1):
        quantity = chance.choice((1, 1, 1, 2, 3))
        lines.append(
            {
                "order_id": order_id,
                "line": number,
                "transaction_id": str(2 * int(order_id) + number),
                "product": listing["title"],
                "quantity": quantity,
                "unit_price": listing["price"],
                "kind": "product",
                "discount_amount": (listing["price"] * quantity * share).quantize(CENT, ROUND_HALF_UP),
                **{name: listing[name] for name in ("product_id", "listing_id", "variation")},
            }
        )
    if "gift_wrap" in traits and "zero_total" not in traits:
        lines.append(_extra_line(order_id, len(lines) + 1, "Gift wrapping", GIFT_WRAP_PRICE, "gift_wrap"))
    return lines


def _tip_line(order: Row, number: int) -> Row:
    return _extra_line(order["order_id"], number, "Tip", order["tip"], "tip")


def _extra_line(order_id: str, number: int, product: str, price: Decimal, kind: str) -> Row:
    nothing = dict.fromkeys(("product_id", "listing_id", "transaction_id", "variation"))
    line = {"order_id": order_id, "line": number, "product": product, "quantity": 1, "unit_price": price}
    return nothing | line | {"kind": kind, "discount_amount": ZERO}


def _amounts(chance: random.Random, lines: list[Row], traits: Set[str], tip: Decimal) -> Row:
    """What the order came to and what of it was given back."""
    goods = sum((line["quantity"] * line["unit_price"] for line in lines), ZERO)
    discount = sum((line["discount_amount"] for line in lines), ZERO)
    is_zero = "zero_total" in traits
    shipping = (
        ZERO if is_zero or "free_shipping" in traits else Decimal(chance.randrange(290, 1490)).scaleb(-2)
    )
    tax = (
        ZERO
        if is_zero or "no_tax" in traits
        else ((goods - discount) * Decimal("0.0825")).quantize(CENT, ROUND_HALF_UP)
    )
    gross = goods - discount + shipping + tax + tip
    refund = ZERO
    if traits & {"full_refund", "cancelled"}:
        refund = gross
    elif "partial_refund" in traits and "pending" not in traits:
        refund = (gross / 3).quantize(CENT, ROUND_HALF_UP)
    return {
        "goods_amount": goods,
        "discount_amount": discount,
        "shipping_amount": shipping,
        "tax_amount": tax,
        "tip_amount": tip,
        "gross_amount": gross,
        "refund_amount": refund,
        "net_amount": gross - refund,
    }
