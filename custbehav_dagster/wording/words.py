"""Saying a text of the catalogue in one language: values written as that language writes them.

In a right-to-left page each value is isolated, so that a number, a name or a file name
keeps its own direction and leaves the sentence around it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import Any

from markupsafe import Markup, escape

from custbehav_dagster.insights import wording as english
from custbehav_dagster.wording import persian
from custbehav_dagster.wording.catalogue import LANGUAGES, UNITS, NoSuchText, catalogue, sentence_of

FIRST_STRONG, END = english.ISOLATES[0], english.ISOLATES[1]


@dataclass(frozen=True)
class Message:
    """A text by its key, with the values it is said with, in no language yet."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


Said = Message | str
"""A message, or the key of a text without values."""


@dataclass(frozen=True)
class Words:
    """One language: `words.text("week.title")`, or `html` for a page, where values are escaped."""

    language: str = "en"
    currency: str = "GBP"

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return LANGUAGES[self.language]

    @property
    def is_persian(self) -> bool:
        """Whether Persian is spoken."""
        return self.language == "fa"

    def has(self, key: str) -> bool:
        """Whether the catalogue knows the key."""
        return key in catalogue(self.language)

    def text(self, said: Said, /, **values: Any) -> str:
        """Say it as plain text.

        Raises:
            NoSuchText: the key is not known, or a value is missing.
        """
        return self._say(said, values, str, self._isolated)

    def html(self, said: Said, /, **values: Any) -> Markup:
        """Say it as markup: values are escaped, and isolated where the page runs right to left.

        Raises:
            NoSuchText: the key is not known, or a value is missing.
        """
        return Markup(self._say(said, values, escape, self._bdi))

    def name(self, section: str, word: str | None) -> str:
        """A word that tables hold, such as a verdict, in this language; unknown words stay as they are."""
        key = f"{section}.{str(word).replace('.', ' ')}"
        return self.text(key) if self.has(key) else str(word).replace("_", " ")

    def write(self, value: Any, form: str = "") -> str:
        """Write one value: `number 1`, `percent`, `money`, `day`, `month`, `count person`, `of verdicts` …

        Raises:
            NoSuchText: there is no such form or unit.
        """
        kind, _, detail = form.partition(" ")
        if isinstance(value, Message):
            return self.text(value)
        if value is None:
            return self.text("unknown")
        if kind == "":
            return (
                self._number(value, 0)
                if isinstance(value, int) and not isinstance(value, bool)
                else str(value)
            )
        if kind == "count":
            return self._count(value, detail)
        if kind == "of":
            return self.name(detail, value)
        if kind not in self._forms:
            raise NoSuchText(f"There is no form of writing {form!r}.")
        return self._forms[kind](value, detail)

    def cell(self, value: Any, form: str = "") -> Markup:
        """Write one value as markup for a place of its own, isolated where the page runs right to left."""
        return Markup(self._bdi(self.write(value, form)))

    def _say(
        self,
        said: Said,
        values: Mapping[str, Any],
        outside: Callable[[str], str],
        inside: Callable[[str], str],
    ) -> str:
        message = said if isinstance(said, Message) else Message(said)
        given = {**message.values, **values}
        texts = catalogue(self.language)
        if message.key not in texts:
            raise NoSuchText(f"The catalogue {self.language} has no text {message.key!r}.")
        parts: list[str] = []
        for before, name, form, _ in Formatter().parse(sentence_of(texts[message.key], given)):
            parts.append(outside(before))
            if name is None:
                continue
            if name not in given:
                raise NoSuchText(f"The text {message.key!r} needs the value {name!r}.")
            parts.append(inside(self.write(given[name], form or "")))
        return "".join(parts)

    def _isolated(self, value: str) -> str:
        return f"{FIRST_STRONG}{value}{END}" if self.is_persian else value

    def _bdi(self, value: str) -> str:
        return f"<bdi>{escape(value)}</bdi>" if self.is_persian else str(escape(value))

    def _count(self, value: float, unit: str) -> str:
        names = catalogue(self.language).get(f"{UNITS}.{unit}")
        if names is None:
            raise NoSuchText(f"The catalogue {self.language} has no unit {unit!r}.")
        forms = names.split(" | ")
        return f"{self._number(value, 0)} {forms[0] if value == 1 else forms[-1]}"

    def _number(self, value: float, decimals: int) -> str:
        return persian.number(value, decimals) if self.is_persian else english.number(value, decimals)

    @property
    def _forms(self) -> dict[str, Callable[[Any, str], str]]:
        say = persian if self.is_persian else english
        return {
            "number": lambda value, detail: self._number(value, int(detail or 0)),
            "signed": lambda value, _: self._signed(value),
            "percent": lambda value, _: say.percent(value),
            "signed_percent": lambda value, _: self._signed_percent(value),
            "percent_size": lambda value, _: say.percent(abs(value)),
            "money": lambda value, _: self._money(value),
            "short_money": lambda value, _: (
                persian.short_amount(value) if self.is_persian else english.short_money(value, self.currency)
            ),
            "day": lambda value, _: say.day(_as_day(value)),
            "month": lambda value, _: say.month_and_year(_as_day(value)),
            "short_month": lambda value, _: (
                f"{persian.month_name(value.month)}\n{persian.digits(str(value.year))}"
                if self.is_persian
                else f"{value:%b}\n{value:%Y}"
            ),
            "month_name": lambda value, _: say.month_name(int(value)),
            "quoted": lambda value, _: f"«{value}»" if self.is_persian else english.quoted(str(value)),
            "listed": lambda value, _: say.listed(map(str, value)),
            "capitalized": lambda value, _: english.capitalized(str(value)),
        }

    def _money(self, amount: float) -> str:
        told = (
            persian.amount(amount, self.currency) if self.is_persian else english.money(amount, self.currency)
        )
        # Nothing needs no pence.
        return told if round(amount, 2) else told.replace("0.00", "0").replace("۰٫۰۰", "۰")

    def _signed(self, value: float) -> str:
        text = f"{value:+,.0f}".replace("-", english.MINUS)
        return persian.signed_first(persian.digits(text)) if self.is_persian else text

    def _signed_percent(self, share: float) -> str:
        size = self.write(share, "percent_size")
        sign = english.MINUS if share < 0 else "+"
        return persian.signed_first(f"{sign}{size}") if self.is_persian else f"{sign}{size}"


def _as_day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
