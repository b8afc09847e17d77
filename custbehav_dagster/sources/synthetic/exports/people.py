"""Who buys in the made-up shop of the exports: people with accounts, and guests."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from custbehav_dagster.sources.synthetic.vocabulary import FIRST_NAMES, MAIL_DOMAINS, SURNAMES

CUSTOMER_COLUMNS = (
    "customer_id", "username", "first_name", "last_name", "name", "email", "phone", "street", "city",
    "region", "region_code", "postcode", "country", "country_code", "signup_at", "accepts_marketing",
)  # fmt: skip
ADDRESS = ("street", "city", "region", "region_code", "postcode", "country", "country_code")

_TOWNS = ("Samplebury", "Mockton", "Fableham", "Placeholder Bay", "Testwick")
_STREETS = ("Pretend Lane", "Example Road", "Dummy Street", "Model Way")


class _Place(NamedTuple):
    region: str | None
    region_code: str | None
    country: str
    country_code: str
    postcode: str
    phone: str


# '#' is a figure, '@' a letter; the telephone numbers are of the ranges kept free for fiction.
_PLACES = (
    _Place("California", "CA", "United States", "US", "9####", "+14##55501##"),
    _Place("Massachusetts", "MA", "United States", "US", "02###", "+16##55501##"),
    _Place("New York", "NY", "United States", "US", "1####", "+12##55501##"),
    _Place("England", "ENG", "United Kingdom", "GB", "@@# #@@", "+447700900###"),
    _Place(None, None, "Germany", "DE", "0####", "+493023125###"),
)


def make_person(chance: random.Random, number: int) -> dict[str, Any]:
    """A name and an address; `number` makes e-mail and street unlike anybody else's."""
    first, last = chance.choice(FIRST_NAMES), chance.choice(SURNAMES)
    place = chance.choice(_PLACES)
    return {
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}",
        "email": f"{first}.{last}{number}@{chance.choice(MAIL_DOMAINS)}".lower(),
        "phone": _filled_in(chance, place.phone),
        "street": f"{number + 1} {chance.choice(_STREETS)}",
        "city": chance.choice(_TOWNS),
        "region": place.region,
        "region_code": place.region_code,
        "postcode": _filled_in(chance, place.postcode),
        "country": place.country,
        "country_code": place.country_code,
    }


def make_people(
    people: int, seed: int, shop_timezone: str, first_day: date, first_number: int
) -> list[dict[str, Any]]:
    """Buyers, one in four a guest without an account; some give no e-mail or no telephone.

    `customer_id`, `username` and `signup_at` are None for guests.
    """
    chance = random.Random(f"{seed} people")
    start = datetime.combine(first_day, time(9), ZoneInfo(shop_timezone))
    buyers = []
    for number in range(first_number - 1001, first_number - 1001 + people):
        person = make_person(chance, number)
        is_guest = number % 4 == 2
        signup = start + timedelta(days=chance.randrange(0, 60), seconds=chance.randrange(0, 30_000))
        buyers.append(
            person
            | {
                "customer_id": None if is_guest else str(7_210_400_000_000 + number * 1_009),
                "username": None if is_guest else f"{person['first_name']}{number}x{seed}".lower(),
                "email": None if number % 7 == 5 else person["email"],
                "phone": None if number % 3 == 1 else person["phone"],
                "signup_at": None if is_guest else signup.astimezone(UTC),
                "accepts_marketing": chance.random() < 0.4,
            }
        )
    return buyers


def _filled_in(chance: random.Random, pattern: str) -> str:
    letters = "ABCDEFGHJKLMNPRSTUWXY"
    return "".join(
        str(chance.randrange(10)) if sign == "#" else chance.choice(letters) if sign == "@" else sign
        for sign in pattern
    )
