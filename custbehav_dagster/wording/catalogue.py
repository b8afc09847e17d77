"""The texts of one language, read from its JSON file.

A text has a dotted key. Its value is a sentence with places for values, such as
`{people:count person} wait`; a list of pieces that are put together without a space;
or a choice, `{"by": "people", "none": "Nobody waits.", "some": "…"}`, which takes the
alternative named by the value (`some` and `none` when no alternative is named so).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from string import Formatter
from typing import Any

LANGUAGES = {"en": "ltr", "fa": "rtl"}
"""Direction of writing of each language that there is a catalogue for."""
UNITS = "units"
"""Names of what is counted: for one of it, where the language tells them apart, and for many."""


class NoSuchText(LookupError):
    """The catalogue has no text of that key, or the text needs a value that was not given."""


@functools.cache
def catalogue(language: str) -> dict[str, Any]:
    """All texts of a language by their dotted key.

    Raises:
        NoSuchText: there is no catalogue of that language.
    """
    if language not in LANGUAGES:
        raise NoSuchText(f"There is no catalogue of the language {language!r}.")
    found = resources.files(__package__).joinpath(f"{language}.json").read_text(encoding="utf-8")
    return dict(_flat(json.loads(found), ""))


def _flat(texts: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, value in texts.items():
        key = f"{above}.{name}" if above else name
        if isinstance(value, Mapping) and "by" not in value:
            yield from _flat(value, key)
        else:
            yield key, value


def sentence_of(entry: Any, values: Mapping[str, Any]) -> str:
    """The sentence of an entry for these values, its places still open.

    Raises:
        NoSuchText: a choice has no alternative for the value.
    """
    if isinstance(entry, str):
        return entry
    if isinstance(entry, list):
        return "".join(sentence_of(piece, values) for piece in entry)
    chosen = values.get(entry["by"])
    named = str(chosen).lower() if isinstance(chosen, bool) else str(chosen)
    alternative = named if named in entry else "some" if chosen else "none"
    if alternative not in entry:
        raise NoSuchText(f"No alternative for {entry['by']} = {named}.")
    return sentence_of(entry[alternative], values)


def places(entry: Any) -> set[tuple[str, str]]:
    """Names and formats of all values that an entry may need; names it chooses by have the format 'by'."""
    if isinstance(entry, str):
        return {(name, form or "") for _, name, form, _ in Formatter().parse(entry) if name is not None}
    if isinstance(entry, list):
        return set().union(*map(places, entry))
    alternatives = [value for name, value in entry.items() if name != "by"]
    return {(entry["by"], "by")}.union(*map(places, alternatives))


def sentences(entry: Any) -> Iterator[str]:
    """Every piece of text of an entry."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list):
        for piece in entry:
            yield from sentences(piece)
    else:
        for name, value in entry.items():
            if name != "by":
                yield from sentences(value)
