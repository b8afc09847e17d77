"""Turning clean tables into the text of the files, dirt and all, some rows at a time.

Which cells are struck is decided apart from how they change, so that the list of
struck cells can be had without making the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from custbehav_dagster.sources.synthetic.columns import joined, picked
from custbehav_dagster.sources.synthetic.dirt import CELL_DIRT, REPLACING, Dirt
from custbehav_dagster.sources.synthetic.randomness import stream

if TYPE_CHECKING:
    import pandas as pd

ROWS_AT_A_TIME = 500_000
_HAPPY_EMOJI = ("😀", "😍", "👍", "❤️", "🎁", "✨", "🕯️", "🥰", "👏", "🧡")
_SAD_EMOJI = ("😡", "👎", "😞", "💔", "🙄")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_ABSURD_AMOUNTS, _ABSURD_COUNTS = ("-12.50", "-1.00", "999999.99"), ("-1", "0", "99")
_EMPTY = pa.scalar(None, pa.string())

Struck = dict[tuple[str, str], np.ndarray]
"""For each column and kind of dirt, a flag per row."""
Change = Callable[[pa.Array, np.ndarray, np.random.Generator], pa.Array]
"""From the text of the struck cells and what they stand for to their new text."""


def file_blocks(name: str, clean: pd.DataFrame, dirt: Dirt, seed: int) -> Iterator[pa.Table]:
    """The rows of a file, all text, an empty cell being null; `name` is customers, orders or feedback.

    After every `ROWS_AT_A_TIME` rows of the clean table stand the duplicates among them.
    """
    for number, rows in _slices(clean):
        struck, is_twice = strike(name, rows, dirt, stream(seed, f"strike {name}", number))
        random = stream(seed, f"soil {name}", number)
        block = pa.table({column: _soiled(rows, column, struck, random) for column in CELL_DIRT[name]})
        yield pa.concat_tables([block, block.filter(pa.array(is_twice))]) if is_twice.any() else block


def struck_cells(name: str, clean: pd.DataFrame, dirt: Dirt, seed: int) -> pd.DataFrame:
    """Every struck cell of a file.

    Returns:
        One row per cell and kind: `table`, `row` (in the file, from 0, header not
        counted), `clean_row` (in the clean table), `column` (empty for
        duplicate rows), `kind`. What was struck in the first of two duplicates is
        not listed again for the second.
    """
    import pandas as pd

    lists, before = [], 0
    for number, rows in _slices(clean):
        struck, is_twice = strike(name, rows, dirt, stream(seed, f"strike {name}", number))
        start = number * ROWS_AT_A_TIME
        for (column, kind), mask in struck.items():
            place = np.flatnonzero(mask) + start
            lists.append(_listed(name, place + before, place, column, kind))
        twice = np.flatnonzero(is_twice) + start
        copies = np.arange(len(twice)) + start + len(rows) + before
        lists.append(_listed(name, copies, twice, None, "duplicate_row"))
        before += len(twice)
    table = pd.concat(lists, ignore_index=True)
    return table.astype({"table": "category", "column": "category", "kind": "category"})


def strike(
    name: str, rows: pd.DataFrame, dirt: Dirt, random: np.random.Generator
) -> tuple[Struck, np.ndarray]:
    """Decide which cells of these rows are struck by what, and which rows stand there twice."""
    struck: Struck = {}
    for column, kinds in CELL_DIRT[name].items():
        is_open = rows[column].notna().to_numpy()
        for kind in kinds:
            # Drawn also at a rate of zero: one rate does not move the dirt of another.
            mask = is_open & (random.random(len(rows)) < getattr(dirt, kind))
            struck[column, kind] = mask
            if kind in REPLACING:
                is_open = is_open & ~mask
    return struck, random.random(len(rows)) < dirt.duplicate_row


def _slices(clean: pd.DataFrame) -> Iterator[tuple[int, pd.DataFrame]]:
    # One empty slice for an empty table: its columns still make a header.
    for number, start in enumerate(range(0, max(len(clean), 1), ROWS_AT_A_TIME)):
        yield number, clean.iloc[start : start + ROWS_AT_A_TIME]


def _listed(name: str, row: np.ndarray, clean_row: np.ndarray, column: str | None, kind: str) -> pd.DataFrame:
    import pandas as pd

    count = len(row)
    return pd.DataFrame(
        {
            "table": pd.Categorical.from_codes(np.zeros(count, np.int8), pd.Index([name])),
            "row": row,
            "clean_row": clean_row,
            "column": column,
            "kind": kind,
        }
    )


def _soiled(rows: pd.DataFrame, column: str, struck: Struck, random: np.random.Generator) -> pa.Array:
    """A column as it stands in the file."""
    text = _as_text(rows[column])
    for (struck_column, kind), mask in struck.items():
        if struck_column != column or not mask.any():
            continue
        meant = rows["rating" if kind == "emoji" else column].to_numpy()[mask]
        flags = pa.array(mask)
        text = pc.replace_with_mask(text, flags, _CHANGES[kind](text.filter(flags), meant, random))
    return text


def _as_text(values: pd.Series) -> pa.Array:
    """Clean text: 2025-03-09, 12.50, yes and no, and words as they are."""
    kind = values.dtype.kind
    if kind == "M":
        return _days_as_text(values.to_numpy(), "iso")
    if kind == "f":
        pence = np.round(values.to_numpy() * 100).astype(np.int64)
        return joined(_digits(pence // 100), ".", pc.utf8_lpad(_digits(pence % 100), 2, "0"))
    if kind == "b":
        return picked(("no", "yes"), values.to_numpy().astype(np.int8))
    if kind in "iu":
        return _digits(values.to_numpy())
    array = pa.Array.from_pandas(values.array)
    return (array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array).cast(pa.string())


def _digits(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _days_as_text(moments: np.ndarray, form: str) -> pa.Array:
    """The days of the moments in one of the forms iso, day first, named month or slashes."""
    days = moments.astype("datetime64[D]").astype(np.int64)
    if not len(days):
        return pa.array([], pa.string())
    # Written once per distinct day.
    first = int(days.min())
    every = np.arange(first, int(days.max()) + 1).astype("datetime64[D]").astype(object)
    write = {
        "iso": lambda day: f"{day:%Y-%m-%d}",
        "day first": lambda day: f"{day:%d/%m/%Y}",
        "named month": lambda day: f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
        "slashes": lambda day: f"{day:%Y/%m/%d}",
    }[form]
    return picked([write(day) for day in every], days - first)


def _choose(random: np.random.Generator, choices: list[pa.Array]) -> pa.Array:
    """Row by row one of the arrays, all equally likely."""
    return pc.choose(pa.array(random.integers(0, len(choices), len(choices[0]))), *choices)


def _emptied(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    return pa.nulls(len(text), pa.string())


def _orphaned(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    """Identifiers of a former system, which no other file knows."""
    return joined("OLD-", text)


def _reformatted(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    return _choose(random, [_days_as_text(meant, form) for form in ("day first", "named month", "slashes")])


def _with_time(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    minutes = meant.astype("datetime64[m]").astype(np.int64) % 1_440
    return joined(text, " ", picked([f"{m // 60:02d}:{m % 60:02d}" for m in range(1_440)], minutes))


def _recased(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    capitals = pc.utf8_upper(text)
    return pc.if_else(pc.equal(capitals, text), pc.utf8_lower(text), capitals)


def _spaced(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    return _choose(random, [joined("  ", text), joined(text, " "), joined(" ", text, "  ")])


def _with_sign(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    return joined("£", text)


def _absurd(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    values = _ABSURD_AMOUNTS if meant.dtype.kind == "f" else _ABSURD_COUNTS
    return picked(values, random.integers(0, len(values), len(text)))


def _tagged(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    return _choose(
        random,
        [
            joined("<p>", text, "</p>"),
            joined('<div class="review">', pc.replace_substring(text, ". ", ".<br/>"), "</div>"),
            joined(
                "&quot;",
                pc.replace_substring(pc.replace_substring(text, "'", "&#39;"), " and ", " &amp; "),
                "&quot;",
            ),
            joined(pc.replace_substring(text, " ", "&nbsp;", max_replacements=1), "<br>"),
        ],
    )


def _with_emoji(text: pa.Array, meant: np.ndarray, random: np.random.Generator) -> pa.Array:
    happy = random.integers(0, len(_HAPPY_EMOJI), len(text))
    sad = random.integers(0, len(_SAD_EMOJI), len(text)) + len(_HAPPY_EMOJI)
    return joined(text, " ", picked((*_HAPPY_EMOJI, *_SAD_EMOJI), np.where(meant > 2, happy, sad)))


_CHANGES: dict[str, Change] = {
    "missing_value": _emptied,
    "missing_key": _emptied,
    "guest_order": _emptied,
    "orphan_order": _orphaned,
    "orphan_feedback": _orphaned,
    "other_date_format": _reformatted,
    "date_with_time": _with_time,
    "odd_case": _recased,
    "stray_space": _spaced,
    "currency_sign": _with_sign,
    "absurd_value": _absurd,
    "html": _tagged,
    "emoji": _with_emoji,
}
