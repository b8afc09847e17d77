"""Words with a fixed meaning: yes and no, names of places and people, channels.

Repairs spelling by case and spaces only; nothing is guessed from the meaning.
"""

from __future__ import annotations

import re

import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import single_spaced, trimmed

_YES = (
    "yes", "y", "true", "t", "1", "1.0", "on", "x", "subscribed", "opted in", "opted-in", "opt-in", "opt in",
    "accepted", "accepts", "agreed", "granted",
)  # fmt: skip
_LOWER_IN_PLACES = {
    "of", "and", "the", "on", "upon", "under", "in", "by", "de", "la", "del", "du", "des", "le", "les",
}  # fmt: skip
_LOWER_IN_NAMES = {
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "ter", "ten", "zu", "zur",
}  # fmt: skip
_PLACE_CODE = re.compile(r"^(?:[A-Za-z]{2}|[A-Z]{1,3}|(?:[A-Za-z]\.)+)$")
_OWN_CAPITALS = re.compile(r"^(?:Mc|Mac|De|Du|La|Le|Fitz)[A-Z][a-z]+$")


def says_yes(column: ir.StringValue) -> ir.BooleanValue:
    """True only for a clear yes; an empty, unclear or negative cell is False, never NULL."""
    return trimmed(column).lower().isin(_YES).fill_null(False)


def is_yes(text: str) -> bool:
    """The same as `says_yes` for one text."""
    return text.strip().lower() in _YES


def lower_word(column: ir.StringValue) -> ir.StringValue:
    """A category such as a channel: lower case, single spaces; NULL when empty."""
    return single_spaced(column).lower()


def plain_word(text: str) -> str | None:
    """The same as `lower_word` for one text."""
    return " ".join(text.lower().split()) or None


def _is_one_case(word: str) -> bool:
    return word == word.lower() or word == word.upper()


def _capital(word: str) -> str:
    """One word with a capital at its start, after each hyphen, and where O'Brien and McDonald have one."""
    parts = []
    for part in re.split(r"(-)", word):
        part = part[:1].upper() + part[1:].lower()
        if match := re.match(r"^([ODLN])(['’])(\w{2,})$", part):
            part = match[1] + match[2] + _capital(match[3])
        elif re.match(r"^Mc\w{2,}$", part):
            part = "Mc" + part[2:3].upper() + part[3:]
        parts.append(part)
    return "".join(parts)


def repair_name(text: str) -> str | None:
    """A person's name with its case repaired where it has none; None when nothing is left.

    Only names all in capitals or all in small letters are touched: who writes both
    cases knows how the name is written. Particles (van, de, …) become small except
    at the start.
    """
    words = text.split()
    if not words or not _is_one_case(text):
        return " ".join(words) or None
    repaired = [_capital(word) for word in words]
    return " ".join(
        word.lower() if place and word.lower() in _LOWER_IN_NAMES and place < len(words) - 1 else word
        for place, word in enumerate(repaired)
    )


def place_name(text: str) -> str | None:
    """A region or country in title case: `kent`, `KENT` and ` kENT` are one place; None when nothing is left.

    Codes stand in capitals (GB, gb, USA, NSW, U.K.), and words such as McLean keep
    their own. `of`, `and`, `upon` and the like become small except at the start.
    """
    words = text.split()
    if not words:
        return None
    if len(words) == 1 and _PLACE_CODE.match(words[0]):
        return words[0].upper()
    repaired = [word if _OWN_CAPITALS.match(word) else _capital(word) for word in words]
    parts = re.split(r"([ -])", " ".join(repaired))
    return "".join(
        part.lower() if place and part.lower() in _LOWER_IN_PLACES else part
        for place, part in enumerate(parts)
    )
