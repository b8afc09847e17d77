"""A JSON list of objects as rows: a column per name, and for each object the line it starts on.

Where two objects begin on one line, lines tell no objects apart, and each has its number instead.

Numbers stay as they are written; what is nested becomes JSON text again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from custbehav_dagster.sources.converted import Row
from custbehav_dagster.sources.encodings import decode_head

LARGEST_BYTES = 256 << 20
MOST_COLUMNS = 2_000
DEEPEST_LIST = 3
_BLANK = re.compile(r"[ \t\n\r]*")


class UnreadableJsonError(Exception):
    """The message completes "The file …"."""


class _Written(float):
    """A number with the figures it was written in."""

    figures = ""


class JsonRows(NamedTuple):
    """Rows of a file; `is_by_number`: their lines are the objects' numbers, counted from 1."""

    rows: Iterator[Row]
    is_by_number: bool


class _Item(NamedTuple):
    place: int
    value: Any


def _number(figures: str) -> _Written:
    number = _Written(figures)
    number.figures = figures
    return number


_decoder = json.JSONDecoder(parse_float=_number, parse_int=_number, strict=False)


def read_json(path: Path) -> JsonRows:
    """A header of all names in order of their first appearance, then a row per object.

    Accepted are a list of objects, objects one below the other, and an object that
    holds one such list.

    Raises:
        UnreadableJsonError: it is damaged, too large, or holds no list of objects.
        OSError: the file cannot be read.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise UnreadableJsonError(f"is JSON of more than {LARGEST_BYTES >> 20} MiB; export it as CSV")
    text = decode_head(path.read_bytes())
    try:
        items = _items(text)
    except (ValueError, RecursionError) as error:
        place = error.pos if isinstance(error, json.JSONDecodeError) else 0
        line = 1 + text.count("\n", 0, min(place, len(text)))
        raise UnreadableJsonError(
            f"is JSON that is damaged or breaks off at line {line:,}; export it again"
        ) from error
    names: dict[str, None] = {}
    for item in items:
        names.update(dict.fromkeys(item.value if isinstance(item.value, dict) else ("",)))
    if len(names) > MOST_COLUMNS:
        raise UnreadableJsonError(f"is JSON with more than {MOST_COLUMNS:,} names; export it as CSV")
    lines = _lines(text, items)
    is_by_number = len(set(lines)) < len(lines)
    if is_by_number:
        lines = list(range(1, len(items) + 1))
    return JsonRows(_rows(items, lines, list(names)), is_by_number)


def _lines(text: str, items: list[_Item]) -> list[int]:
    lines, line, counted = [], 1, 0
    for item in items:
        line, counted = line + text.count("\n", counted, item.place), item.place
        lines.append(line)
    return lines


def _rows(items: list[_Item], lines: list[int], names: list[str]) -> Iterator[Row]:
    if items:
        yield 1, names
    for line, (_, value) in zip(lines, items, strict=True):
        fields = value if isinstance(value, dict) else {"": value}
        yield line, [_cell(fields.get(name)) for name in names]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.figures if isinstance(value, _Written) else json.dumps(value, ensure_ascii=False)


def _items(text: str) -> list[_Item]:
    """The objects with their places in the text."""
    start = _skip(text, 0)
    if text.startswith("["):
        return _list_at(text, start)
    items = []
    place = start
    while place < len(text):
        value, end = _decoder.raw_decode(text, place)
        items.append(_Item(place, value))
        place = _skip(text, end)
    if len(items) > 1:
        return items
    lists = list(_lists_in(text, start, 1)) if text.startswith("{", start) else []
    if len(lists) != 1:
        found = "no list of records" if not lists else f"{len(lists)} lists of records"
        raise UnreadableJsonError(f"is JSON with {found} in it; give one list, or export it as CSV")
    return _list_at(text, lists[0])


def _list_at(text: str, place: int) -> list[_Item]:
    items: list[_Item] = []
    place = _skip(text, place + 1)
    while not text.startswith("]", place):
        if items:
            place = _skip(text, _expect(text, place, ","))
        value, end = _decoder.raw_decode(text, place)
        items.append(_Item(place, value))
        place = _skip(text, end)
    if items and not any(isinstance(item.value, dict) for item in items):
        raise UnreadableJsonError("is JSON with a list of bare values; records with names are needed")
    return items


def _lists_in(text: str, place: int, depth: int) -> Iterator[int]:
    """Places of the lists of objects in the object at `place`, which is known to be sound."""
    place = _skip(text, place + 1)
    while not text.startswith("}", place):
        if text.startswith(",", place):
            place = _skip(text, place + 1)
        _, end = _decoder.raw_decode(text, place)
        place = _skip(text, _skip(text, end) + 1)
        value, end = _decoder.raw_decode(text, place)
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            yield place
        elif isinstance(value, dict) and depth < DEEPEST_LIST:
            yield from _lists_in(text, place, depth + 1)
        place = _skip(text, end)


def _skip(text: str, place: int) -> int:
    blank = _BLANK.match(text, place)
    assert blank is not None
    return blank.end()


def _expect(text: str, place: int, sign: str) -> int:
    if not text.startswith(sign, place):
        raise json.JSONDecodeError(f"Expecting '{sign}'", text, place)
    return place + 1
