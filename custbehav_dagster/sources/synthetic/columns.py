"""Columns of whole tables at once: identifiers, words by number, days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd

_DAY = np.timedelta64(86_400, "s")


def joined(*parts: pa.Array | str) -> pa.Array:
    """The parts put together row by row; a row with an empty part becomes empty."""
    arrays = [pa.scalar(part, pa.string()) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*arrays, pa.scalar("", pa.string()))


def picked(words: Iterable[str], numbers: np.ndarray) -> pa.Array:
    """The word at each number, counted from 0."""
    return pa.array(words, pa.string()).take(pa.array(numbers))


def identifiers(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    """Such as C000012: the prefix and the number, padded with zeros to `width` digits."""
    return joined(prefix, pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0"))


def text_column(values: pa.Array) -> pd.api.extensions.ExtensionArray:
    """The values as pandas' text type, without a Python object per row."""
    import pandas as pd

    return pd.array(values.cast(pa.large_string()), dtype="str")


def category_column(words: Iterable[str], numbers: np.ndarray) -> pd.Categorical[str]:
    """The word at each number as a category; number -1 is an empty cell; equal words are one category."""
    import pandas as pd

    named = list(words)
    distinct = list(dict.fromkeys(named))
    # The last place answers for -1.
    codes = np.array([*(distinct.index(word) for word in named), -1], dtype=np.int8)
    return pd.Categorical.from_codes(codes[numbers], categories=pd.Index(distinct))


def moments(first_day: np.datetime64, day_numbers: np.ndarray, seconds: np.ndarray | int = 0) -> np.ndarray:
    """Moments, in seconds, so many days and seconds after midnight of `first_day`."""
    return (
        first_day.astype("datetime64[s]") + day_numbers * _DAY + np.asarray(seconds).astype("timedelta64[s]")
    )


def csv_lines(table: pa.Table) -> memoryview:
    """The rows of a table of text as lines of a CSV file, in UTF-8.

    Arrow's own writer puts every cell in quotes, which no shop's export does.
    """
    cells = [_quoted_where_needed(column.combine_chunks()) for column in table.columns]
    rows = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
    if not len(rows):
        return memoryview(b"")
    # The texts of an array lie in one piece of memory, which is what the file is to hold.
    _, offsets, content = joined(rows, "\n").buffers()
    return memoryview(content)[: np.frombuffer(offsets, dtype=np.int32)[len(rows)]]


def _quoted_where_needed(cells: pa.Array) -> pa.Array:
    needs = pc.fill_null(pc.match_substring_regex(cells, r'[",\r\n]'), False)
    if not pc.any(needs).as_py():
        return cells
    quoted = joined('"', pc.replace_substring(cells.filter(needs), '"', '""'), '"')
    return pc.replace_with_mask(cells, needs, quoted)
