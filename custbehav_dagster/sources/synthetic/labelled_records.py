"""Customer records of which it is known who they are: what identity linking is measured with.

Each person leaves records in several places, as people do: an account, an Etsy
purchase without an address, a card reader's receipt, a newsletter. Names are
mistyped, houses are moved out of, families share a surname, a postcode and a
telephone, and presents go to other people. Nobody in here exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from custbehav_dagster.sources.synthetic.randomness import shares, stream
from custbehav_dagster.sources.synthetic.vocabulary import FIRST_NAMES, SURNAMES

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

COLUMNS = (
    "customer_id", "person", "trace", "email", "name", "postcode", "phone", "country", "platform",
    "signup_date", "recipient_name", "recipient_postcode",
)  # fmt: skip
FIRST_DAY = date(2022, 1, 1)
HISTORY_DAYS = 1_400

_RECORDS_OF_A_PERSON = (0.52, 0.24, 0.12, 0.07, 0.05)
_MIDDLES = ("ber", "den", "fer", "gan", "hal", "kin", "lo", "mar", "nor", "rus", "sel", "tor", "ver", "wen")
_NICKNAMES = {"Beatrix": "Bea", "Isla": "Isi", "George": "Geo", "Theo": "Teddy", "Wilf": "Will"}
_WORDS = ("quilt", "oak", "robin", "tea", "velo", "fern", "moth", "kiln", "loom", "wren", "pebble", "clay")
_DOMAINS = ("gmail.com", "example.com", "example.org", "example.net", "post.example")


class Place(NamedTuple):
    """What a record of this kind holds: the share of records that tell each thing."""

    platform: str
    weight: float
    email: float
    phone: float
    postcode: float
    name: float = 1.0
    is_guest: bool = False


PLACES = (
    Place("shopify", 30, email=0.96, phone=0.55, postcode=0.97),
    Place("woocommerce", 14, email=0.98, phone=0.6, postcode=0.97),
    Place("etsy", 12, email=0.0, phone=0.0, postcode=0.99),
    Place("etsy", 12, email=0.0, phone=0.0, postcode=0.99, is_guest=True),
    Place("square", 6, email=0.6, phone=0.75, postcode=0.0, name=0.9, is_guest=True),
    Place("stripe", 10, email=1.0, phone=0.0, postcode=0.7, name=0.95),
    Place("mailchimp", 8, email=1.0, phone=0.0, postcode=0.3, name=0.6),
)


@dataclass
class Home:
    """A household: where it lives, how it can be rung, and the surname on the door."""

    surname: str
    postcode: str
    phone: str
    country: str
    firsts: set[str] = field(default_factory=set)


@dataclass
class Person:
    """Somebody with an account or without."""

    number: int
    first: str
    home: Home
    phone: str
    emails: list[str] = field(default_factory=list)
    moved_to: Home | None = None


@dataclass(frozen=True)
class Faults:
    """Shares of records (of people, for `moved`, `household` and `shared_email`) with each difficulty."""

    typo: float = 0.06
    initial: float = 0.02
    nickname: float = 0.02
    middle_name: float = 0.04
    swapped: float = 0.03
    mistyped_email: float = 0.02
    moved: float = 0.08
    household: float = 0.25
    shared_email: float = 0.004
    gift: float = 0.10


def labelled_records(count: int, seed: int, faults: Faults | None = None) -> pd.DataFrame:
    """About `count` customer records (the last person's are all kept) with the column `person` beside.

    Args:
        count: records, at least 1.
        seed: same seed, same records.
        faults: how hard it is.

    Returns:
        One row per record with COLUMNS. `trace` is the same for a person's records that
        are connected by a mail address, a telephone or a name with a home, mistyped or not:
        nobody could know of the others that they belong together. A gift order's guest
        record has the buyer's name but the recipient's postcode, as exports have, and
        names the recipient.
    """
    import pandas as pd

    maker = _Maker(stream(seed, "labelled records"), faults or Faults(), count)
    rows: list[dict[str, object]] = []
    while len(rows) < count:
        rows.extend(maker.records_of(maker.person(), len(rows)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


class _Maker:
    """Makes people one after the other, and what they leave behind."""

    def __init__(self, random: np.random.Generator, faults: Faults, count: int) -> None:
        self.random, self.faults, self.count = random, faults, count
        self.people: list[Person] = []
        self.addresses: set[str] = set()
        starts = sorted({name[:-4] for name in SURNAMES if len(name) > 6})
        ends = sorted({name[-4:] for name in SURNAMES})
        rare = [a + m + e for a in starts for m in _MIDDLES for e in ends]
        self.surnames = [*SURNAMES[:60], *rare]
        self.surname_odds = shares([1 / (3 + rank) for rank in range(len(self.surnames))]).cumsum()
        self.first_odds = shares([1 / (5 + rank) for rank in range(len(FIRST_NAMES))]).cumsum()

    def happens(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def below(self, limit: int) -> int:
        return int(self.random.integers(limit))

    def person(self) -> Person:
        first = FIRST_NAMES[int(self.first_odds.searchsorted(self.random.random()))]
        if self.people and self.happens(self.faults.household):
            relative = self.people[-1 - self.below(min(3, len(self.people)))]
            home = relative.home
            is_same_line = self.happens(0.4)
            phone = relative.phone if is_same_line else self.phone(home.country)
            person = Person(len(self.people), first, home, phone)
            while person.first in home.firsts:
                person.first = FIRST_NAMES[(FIRST_NAMES.index(person.first) + 7) % len(FIRST_NAMES)]
            if relative.emails and self.happens(self.faults.shared_email):
                person.emails = relative.emails[:1]
        else:
            home = self.home(self.surnames[int(self.surname_odds.searchsorted(self.random.random()))])
            person = Person(len(self.people), first, home, home.phone)
        while len(person.emails) < 1 + self.happens(0.1):
            person.emails.append(self.email(person))
        if self.happens(self.faults.moved):
            person.moved_to = self.home(home.surname, home.country)
        person.home.firsts.add(person.first)
        self.people.append(person)
        return person

    def home(self, surname: str, country: str = "") -> Home:
        country = country or ("GB", "GB", "GB", "GB", "GB", "GB", "GB", "US", "US", "DE")[self.below(10)]
        if country == "GB":
            letters = "ABDEFGHJLNPQRSTUWXYZ"
            district = f"{letters[self.below(20)]}{letters[self.below(20)]}{1 + self.below(20)}"
            unit = f"{self.below(10)}{letters[self.below(20)]}{letters[self.below(20)]}"
            postcode = f"{district} {unit}"
        else:
            postcode = f"{10_000 + 37 * self.below(max(150, self.count // 40)):05d}"[:5]
        return Home(surname, postcode, self.phone(country), country)

    def phone(self, country: str) -> str:
        code = {"GB": "+447", "US": "+1", "DE": "+4915"}[country]
        return code + "".join(str(figure) for figure in self.random.integers(0, 10, 9 + (country == "US")))

    def email(self, person: Person) -> str:
        first, last = person.first.lower(), person.home.surname.lower()
        year = 1950 + self.below(55)
        style = self.below(6)
        local = (
            f"{first}.{last}", f"{first[0]}{last}",
            f"{first}{last[0]}{year % 100:02d}", f"{first}{last}{year}",
            f"{_WORDS[self.below(12)]}{_WORDS[self.below(12)]}{self.below(10_000)}",
            f"{last}.{first}{self.below(10)}",
        )[style]  # fmt: skip
        address = f"{local}@{_DOMAINS[self.below(len(_DOMAINS))]}"
        if address in self.addresses:
            return self.email(person)
        self.addresses.add(address)
        return address

    def records_of(self, person: Person, so_far: int) -> list[dict[str, object]]:
        how_many = 1 + int(shares(_RECORDS_OF_A_PERSON).cumsum().searchsorted(self.random.random()))
        odds = shares([place.weight for place in PLACES]).cumsum()
        places = [PLACES[int(odds.searchsorted(self.random.random()))] for _ in range(how_many)]
        # A platform knows its own account again; only guests leave several records in one place.
        kept = [place for n, place in enumerate(places) if place.is_guest or place not in places[:n]]
        days = sorted(self.below(HISTORY_DAYS) for _ in kept)
        rows = [
            self.record(person, place, so_far + n, FIRST_DAY + timedelta(days=days[n]), n / len(kept) >= 0.5)
            for n, place in enumerate(kept)
        ]
        _add_traces(rows)
        return rows

    def record(
        self, person: Person, place: Place, number: int, day: date, is_later: bool
    ) -> dict[str, object]:
        has_moved = is_later and person.moved_to is not None
        home = person.moved_to if has_moved and person.moved_to else person.home
        address = self.below(len(person.emails))
        number_here = f"{place.platform}:{number}"
        row: dict[str, object] = {
            "customer_id": f"guest:{number_here}" if place.is_guest else number_here,
            "person": person.number,
            "email": self.written_email(person.emails[address]) if self.happens(place.email) else None,
            "name": self.written_name(person) if self.happens(place.name) else None,
            "postcode": self.written_postcode(home) if self.happens(place.postcode) else None,
            "phone": self.written_phone(person.phone) if self.happens(place.phone) else None,
            "country": home.country if self.happens(0.9) else None,
            "platform": place.platform,
            "signup_date": day,
        }  # fmt: skip
        if place.is_guest and place.postcode and self.happens(self.faults.gift):
            others = [one for one in self.people[-4:] if one is not person] or [person]
            other = self.people[self.below(len(self.people))]
            recipient = others[self.below(len(others))] if self.happens(0.5) else other
            row["recipient_name"] = f"{recipient.first} {recipient.home.surname}"
            row["recipient_postcode"] = row["postcode"] = recipient.home.postcode
        told = {
            f"e-mail {address}": row["email"],
            "telephone": row["phone"],
            f"home {has_moved}": row["name"] and row["postcode"] and "recipient_name" not in row,
        }
        row["told"] = {what for what, is_there in told.items() if is_there}
        return row

    def written_email(self, email: str) -> str:
        local, _, domain = email.partition("@")
        if domain == "gmail.com" and self.happens(0.15):
            local = local + "+shop" if self.happens(0.5) else local.replace(".", "")
        if self.happens(self.faults.mistyped_email):
            return f"{local}@{self.mistyped(domain[:-4])}{domain[-4:]}" if self.happens(0.5) else (
                f"{self.mistyped(local)}@{domain}"
            )  # fmt: skip
        return f"{local}@{domain}"

    def written_name(self, person: Person) -> str:
        first, last = person.first, person.home.surname
        faults = self.faults
        if self.happens(faults.nickname):
            first = _NICKNAMES.get(first, first)
        if self.happens(faults.typo):
            if self.happens(0.5):
                first = self.mistyped(first)
            else:
                last = self.mistyped(last)
        if self.happens(faults.initial):
            first = first[0]
        if self.happens(faults.middle_name):
            first = f"{first} {FIRST_NAMES[self.below(len(FIRST_NAMES))]}"
        return f"{last}, {first}" if self.happens(faults.swapped) else f"{first} {last}"

    def mistyped(self, word: str) -> str:
        """The word with one letter left out, doubled, changed, or two turned round."""
        place = 1 + self.below(max(1, len(word) - 2))
        letter = "abcdefghijklmnopqrstuvwxyz"[self.below(26)]
        return (
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
            word[:place] + letter + word[place + 1 :],
            word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :],
        )[self.below(4)] if len(word) > 2 else word  # fmt: skip

    def written_postcode(self, home: Home) -> str:
        return home.postcode.replace(" ", "").lower() if self.happens(0.1) else home.postcode

    def written_phone(self, phone: str) -> str:
        if phone.startswith("+447") and self.happens(0.5):
            return f"0{phone[3:7]} {phone[7:]}"
        return phone.replace("+", "00") if self.happens(0.1) else phone


def _add_traces(rows: list[dict[str, object]]) -> None:
    """Give the records of one person that are connected by what they tell one `trace`."""
    groups: list[tuple[set[str], list[dict[str, object]]]] = []
    for row in rows:
        told, members = row.pop("told"), [row]
        assert isinstance(told, set)
        for group in [one for one in groups if one[0] & told]:
            groups.remove(group)
            told, members = told | group[0], group[1] + members
        groups.append((told, members))
    for number, (_, members) in enumerate(groups):
        for row in members:
            row["trace"] = f"{row['person']}/{number}"
