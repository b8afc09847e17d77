"""What buyers of the made-up shop wrote, and who is on its mailing list."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FEEDBACK_COLUMNS = (
    "feedback_id", "order_id", "customer_id", "name", "email", "product", "product_id", "rating", "text",
    "written_at",
)  # fmt: skip
SUBSCRIBER_COLUMNS = (
    "email", "first_name", "last_name", "name", "status", "subscribed_at", "unsubscribed_at", "tags",
    "region", "country_code",
)  # fmt: skip
_TEXTS = (
    "Lovely, thank you!", "Revised: it arrived after all", 'Exactly as described. "Perfect" gift & wrapping',
    "Too small,\nand it took three weeks.", "Très joli ♥", "Broke on the first day",
)  # fmt: skip
_STATES = ("subscribed", "subscribed", "subscribed", "unsubscribed", "cleaned")

Row = dict[str, Any]


def make_feedback(orders: list[Row], items: list[Row], seed: int, shop_timezone: str) -> list[Row]:
    """A review of every third order that was sent; every third review is stars alone.

    `written_at` is midnight by the shop's clock, since some platforms tell the day only.
    """
    chance = random.Random(f"{seed} feedback")
    goods = {item["order_id"]: item for item in reversed(items) if item["kind"] == "product"}
    sent = [order for order in orders if order["shipped_at"]]
    reviews = []
    for number, order in enumerate(sent[::3]):
        day = (order["shipped_at"] + timedelta(days=chance.randrange(1, 20))).date()
        midnight = datetime.combine(day, time(), ZoneInfo(shop_timezone)).astimezone(UTC)
        item = goods[order["order_id"]]
        reviews.append(
            {
                "feedback_id": f"R{number + 1:05d}",
                "name": order["buyer_name"],
                "rating": chance.choice((1, 2, 3, 4, 5, 5, 5)),
                "text": "" if number % 3 == 1 else chance.choice(_TEXTS),
                "written_at": midnight,
                **{name: order[name] for name in ("order_id", "customer_id", "email")},
                **{name: item[name] for name in ("product", "product_id")},
            }
        )
    return reviews


def make_subscribers(buyers: list[Row], seed: int) -> list[Row]:
    """Every other buyer with an address is on the list, in one of its three states."""
    chance = random.Random(f"{seed} subscribers")
    reachable = [buyer for buyer in buyers if buyer["email"]]
    listed = []
    for number, buyer in enumerate(reachable[::2]):
        status = _STATES[number % len(_STATES)]
        joined = datetime(2023, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=chance.randrange(20_000_000))
        left = joined + timedelta(days=chance.randrange(1, 200)) if status != "subscribed" else None
        listed.append(
            {
                "status": status,
                "subscribed_at": joined,
                "unsubscribed_at": left,
                "tags": chance.choice((None, "market stall", 'repeat buyer,"gold"')),
                **{
                    name: buyer[name]
                    for name in ("email", "first_name", "last_name", "name", "region", "country_code")
                },
            }
        )
    return listed
