"""What the made-up shop of the exports offers."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from custbehav_dagster.sources.synthetic.vocabulary import CATALOGUE

LISTING_COLUMNS = (
    "listing_id", "product_id", "title", "description", "price", "currency", "quantity", "tags",
    "materials", "variation",
)  # fmt: skip
ODD_TITLES = (
    "Mug, “Mum & Dad”",
    'Botanical Print 12" x 8"',
    "Crème Brûlée Candle",
    "Dog's Bandana <Small>",
    "Näh-Set für Anfänger",
)
"""Titles with what exports stumble over: commas, quotes, entities, letters beyond ASCII."""

VARIATIONS = (
    "Colour:Sea Green",
    "Size:Large, Colour:Sand",
    "Personalization:For Ann,\nwith love & joy",
    None,
)
_MATERIALS = ("clay", "soy wax", "linen", "oak", "silver", "wool")


def make_listings(seed: int, currency: str) -> list[dict[str, Any]]:
    """Twelve products, the five odd titles among them; one in five has no stock code."""
    chance = random.Random(f"{seed} goods")
    titles = [*ODD_TITLES, *(product.name for product in chance.sample(CATALOGUE, 7))]
    return [
        {
            "listing_id": str(912_000_000 + number * 7919),
            "product_id": None if number % 5 == 3 else f"SKU-{number:03d}",
            "title": title,
            "description": f'Made by hand.\nEach {title} is one of a kind, "signed" & dated.',
            "price": Decimal(chance.randrange(450, 9000)).scaleb(-2),
            "currency": currency,
            "quantity": chance.randrange(0, 40),
            "tags": "handmade,gift for her" if number % 2 else "handmade",
            "materials": ",".join(chance.sample(_MATERIALS, 2)),
            "variation": VARIATIONS[number % len(VARIATIONS)],
        }
        for number, title in enumerate(titles)
    ]
