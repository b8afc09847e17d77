"""How alike two people's names are, whoever typed them.

What a likeness is worth as evidence is told in `evidence`.
"""

from __future__ import annotations

from typing import Literal

import ibis
import ibis.expr.types as ir

Likeness = Literal["same", "initial", "typo", "surname", "different"]

NICKNAMES = {
    "abby": "abigail", "andy": "andrew", "bea": "beatrix", "becca": "rebecca", "becky": "rebecca",
    "ben": "benjamin", "beth": "elizabeth", "bill": "william", "bob": "robert", "cathy": "catherine",
    "dan": "daniel", "dave": "david", "debbie": "deborah", "ed": "edward", "fred": "frederick",
    "greg": "gregory", "jen": "jennifer", "jenny": "jennifer", "jim": "james", "jo": "joanna",
    "joe": "joseph", "josh": "joshua", "kate": "katherine", "katie": "katherine", "kathy": "katherine",
    "liz": "elizabeth", "lizzie": "elizabeth", "maggie": "margaret", "matt": "matthew",
    "mike": "michael", "nick": "nicholas", "phil": "philip", "rob": "robert", "ron": "ronald",
    "steve": "stephen", "steven": "stephen", "sue": "susan", "teddy": "theodore", "theo": "theodore",
    "tim": "timothy", "tom": "thomas", "tony": "anthony", "vicky": "victoria", "wilf": "wilfred",
    "will": "william",
}  # fmt: skip
"""Short first names that stand for one long name only; Alex, Sam and Chris stand for several."""

TITLES = (
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "mme", "jr", "sr", "ii", "iii",
)  # fmt: skip

_ACCENTS = {
    "a": "àáâãäåāăą", "c": "çćč", "d": "ďđ", "e": "èéêëēėęě", "g": "ğģ", "i": "ìíîïī", "l": "łľ",
    "n": "ñńňņ", "o": "òóôõöøōő", "r": "řŕ", "s": "śšşș", "t": "ťțţ", "u": "ùúûüūůűų", "y": "ýÿ", "z": "źżž",
}  # fmt: skip
_ACCENTED = "".join(_ACCENTS.values())
_PLAIN = "".join(letter * len(accented) for letter, accented in _ACCENTS.items())
_APART = '-._/&+()"\t\n\r:;'
_WITHIN = "'’`´0123456789"
"""Signs that part words, and signs that may stand within one."""

SHORTEST_MISTYPED, SHORTEST_CHANGED = 4, 5
"""Letters from which a slip (a changed letter) is believed: Ann and Ian, Jane and Jade are two names."""


def plain_words(name: ir.StringValue) -> ir.ArrayValue:
    """The words of a name in small letters without accents, signs and titles; `Smith, Jane` turned round."""
    # Signs that have no counterpart at the end of the second text are taken out.
    text = name.lower().translate(_ACCENTED + _APART + _WITHIN, _PLAIN + " " * len(_APART))
    text = text.replace("ß", "ss").replace("æ", "ae").replace("œ", "oe")
    # Most names are plain, and letter by letter is slow.
    text = ibis.ifelse(name.re_search("^[A-Za-z ]*$"), name.lower(), text)
    parts = text.split(",")
    text = ibis.ifelse(text.contains(","), parts[1] + " " + parts[0], text)
    return text.split(" ").filter(lambda word: word.notin(("", *TITLES)))


def first_word(words: ir.ArrayValue) -> ir.StringValue:
    """The first name in its long form; NULL where there is only one word."""
    first = words[0]
    first = ibis.ifelse(first.isin(list(NICKNAMES)), first.substitute(NICKNAMES), first)
    return ibis.ifelse(words.length() > 1, first, ibis.null("string"))


def last_word(words: ir.ArrayValue) -> ir.StringValue:
    """The surname, or the only word."""
    return words[words.length().cast("int32") - 1]


def is_mistyped(one: str, other: str, *, is_first_name: bool = True) -> bool:
    """Whether one word is the other with a single slip: a letter left out, added, changed, or two turned.

    Words that differ in their first letter are two names (Ada and Ida), and so are
    first names that differ in nothing but their end (Simon and Simone, Marie and Maria).
    """
    shorter, longer = sorted((one, other), key=len)
    if one == other or len(longer) < SHORTEST_MISTYPED or len(longer) - len(shorter) > 1:
        return False
    start = _same_at_start(one, other)
    end = _same_at_start(one[::-1], other[::-1])
    if start == 0 or (is_first_name and start >= len(longer) - 1):
        return False
    if len(shorter) < len(longer):
        return start + end >= len(shorter)
    wrong = len(one) - start - end
    is_turned = wrong == 2 and one[start : start + 2] == other[start : start + 2][::-1]
    return is_turned or (wrong == 1 and len(one) >= SHORTEST_CHANGED)


def _same_at_start(one: str, other: str) -> int:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def likeness(
    first: str | None, last: str | None, other_first: str | None, other_last: str | None
) -> Likeness:
    """How two names, as `first_word` and `last_word` give them, can be one person's.

    Returns:
        `same`; `initial` (J. Smith); `typo` (one slip, in first name or surname);
        `surname` (one first name, two surnames, as after a wedding); else `different`.
    """
    if last is None or other_last is None:
        return "different"
    is_last_same = last == other_last
    if first is None or other_first is None:
        return "initial" if is_last_same else "different"
    if first == other_first:
        if is_last_same:
            return "same"
        return "typo" if is_mistyped(last, other_last, is_first_name=False) else "surname"
    if not is_last_same:
        return "different"
    if min(len(first), len(other_first)) == 1 and first[0] == other_first[0]:
        return "initial"
    return "typo" if is_mistyped(first, other_first) else "different"
