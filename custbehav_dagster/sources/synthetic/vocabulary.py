"""What the made-up shop sells, to whom, where and until when: the lists behind customers and orders."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

LAST_DAY = date(2026, 10, 31)
"""Last day of the history unless told otherwise."""


class Product(NamedTuple):
    """One line of the catalogue; `price` is the usual unit price in pounds, `weight` how often it sells."""

    name: str
    noun: str
    price: float
    weight: float
    is_used_up: bool = False


CATALOGUE = (
    Product("Stoneware Mug", "mug", 18.50, 9),
    Product("Espresso Cup Pair", "pair of cups", 24.00, 4),
    Product("Speckled Bowl", "bowl", 26.00, 4),
    Product("Serving Platter", "platter", 48.00, 2),
    Product("Bud Vase", "vase", 22.50, 3),
    Product("Soy Candle Lavender", "candle", 12.00, 9, True),
    Product("Soy Candle Fig", "candle", 12.00, 7, True),
    Product("Beeswax Candle Set", "candle set", 21.50, 3, True),
    Product("Oat Milk Soap", "soap", 6.50, 6, True),
    Product("Bath Salts", "jar of bath salts", 9.50, 4, True),
    Product("Silver Stud Earrings", "pair of earrings", 28.00, 6),
    Product("Birthstone Necklace", "necklace", 42.00, 4),
    Product("Hammered Ring", "ring", 38.50, 3),
    Product("Charm Bracelet", "bracelet", 34.00, 3),
    Product("Linocut Print Hare", "print", 20.00, 5),
    Product("Botanical Print", "print", 16.00, 5),
    Product("Map Print Framed", "framed print", 55.00, 2),
    Product("Greeting Card Set", "set of cards", 9.00, 6, True),
    Product("Lambswool Scarf", "scarf", 36.00, 4),
    Product("Bobble Hat", "hat", 19.50, 4),
    Product("Baby Blanket", "blanket", 52.00, 2),
    Product("Fingerless Mitts", "pair of mitts", 17.50, 3),
    Product("Oak Chopping Board", "board", 44.00, 2),
    Product("Spoon Rest", "spoon rest", 11.50, 3),
    Product("Leather Key Fob", "key fob", 13.00, 4),
    Product("Linen Tote Bag", "bag", 15.50, 4),
    Product("Felt Christmas Bauble", "bauble", 7.50, 4),
    Product("Personalised Dog Bandana", "bandana", 10.50, 3),
)

CHANNELS = {"etsy": 52, "website": 24, "market stall": 14, "instagram": 10}

PLACES = {
    ("London", "United Kingdom"): 13,
    ("South East", "United Kingdom"): 14,
    ("South West", "United Kingdom"): 11,
    ("East of England", "United Kingdom"): 9,
    ("East Midlands", "United Kingdom"): 7,
    ("West Midlands", "United Kingdom"): 8,
    ("Yorkshire and the Humber", "United Kingdom"): 9,
    ("North West", "United Kingdom"): 10,
    ("North East", "United Kingdom"): 4,
    ("Scotland", "United Kingdom"): 8,
    ("Wales", "United Kingdom"): 5,
    ("Northern Ireland", "United Kingdom"): 2.5,
    ("Leinster", "Ireland"): 1,
    ("California", "United States"): 0.8,
    ("New York", "United States"): 0.7,
    ("Bavaria", "Germany"): 0.5,
    ("Victoria", "Australia"): 0.4,
}

CONSENT_SOURCES = {"checkout tick box": 60, "newsletter form": 28, "market stall sheet": 12}

MAIL_DOMAINS = ("example.com", "example.org", "example.net")

FIRST_NAMES = (
    "Ada", "Agnes", "Alfie", "Amara", "Anjali", "Archie", "Aria", "Arthur", "Beatrix", "Bella", "Callum",
    "Carys", "Chidi", "Clara", "Cormac", "Daisy", "Dylan", "Edith", "Eilidh", "Elodie", "Esme", "Ewan",
    "Farah", "Fergus", "Flora", "Freya", "George", "Gwen", "Hamza", "Harriet", "Hazel", "Hugo", "Imogen",
    "Iris", "Isla", "Ivy", "Jasper", "Jonah", "Kavya", "Kit", "Lachlan", "Leila", "Lowri", "Mabel", "Mei",
    "Mira", "Nadia", "Niamh", "Nora", "Olive", "Omar", "Orla", "Oscar", "Otis", "Pearl", "Poppy", "Priya",
    "Quentin", "Rhys", "Robin", "Rosa", "Rowan", "Ruby", "Saoirse", "Seren", "Silas", "Sunita", "Tamsin",
    "Theo", "Una", "Violet", "Wilf", "Winnie", "Yusuf", "Zadie",
)  # fmt: skip

_SURNAME_STARTS = ("Mock", "Sample", "Fable", "Pretend", "Dummy", "Test", "Madeup", "Placeholder", "Example")
_SURNAME_ENDS = ("bury", "dale", "ford", "ham", "ley", "more", "son", "stead", "ton", "wick", "wood", "worth")
SURNAMES = tuple(start + end for start in _SURNAME_STARTS for end in _SURNAME_ENDS)
"""Surnames that nobody bears, so that no row can be taken for a real person."""
