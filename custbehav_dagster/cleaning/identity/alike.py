"""Names that are not equal but may be one person's: which of them speak for it, block by block."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from custbehav_dagster.cleaning.identity.evidence import (
    ALIKE_PHONE,
    ALIKE_POSTCODE,
    INITIAL_POSTCODE,
)
from custbehav_dagster.cleaning.identity.names import likeness

if TYPE_CHECKING:
    import pyarrow as pa

REAL_NAME_BEARERS = 3
"""A word borne with so many other names is a name, not another one mistyped."""

EVIDENCE = {
    ("telephone", "typo"): ALIKE_PHONE,
    ("telephone", "surname"): ALIKE_PHONE,
    ("telephone", "initial"): ALIKE_PHONE,
    ("surname", "typo"): ALIKE_POSTCODE,
    ("first name", "typo"): ALIKE_POSTCODE,
    ("first name", "initial"): INITIAL_POSTCODE,
}
"""What each likeness is called by the kind of block; what is not here is no evidence."""


class Pair(NamedTuple):
    """Two records of one block with different names, as `evidence.alike_names` gives them."""

    kind: str
    key: str
    record: str
    first: str | None
    last: str | None
    other_first: str | None
    other_last: str | None
    other: str


def judge_alike(pairs: pa.Table, bearers: dict[tuple[str, str], int]) -> list[tuple[str, str, str]]:
    """The pairs that speak for one person, as `(record, other, evidence)`.

    An initial stands for a name only where its block has no second name that it could
    stand for.

    Args:
        pairs: rows of `evidence.alike_names`.
        bearers: as `evidence.bearers_of_words` counts them.
    """
    found = [(pair, _likeness(pair, bearers)) for pair in map(Pair._make, zip(*(
        pairs.column(name).to_pylist() for name in Pair._fields), strict=True))]  # fmt: skip
    found = [(pair, alike) for pair, alike in found if (pair.kind, alike) in EVIDENCE]
    guesses = Counter(
        (pair.kind, pair.key, one)
        for pair, alike in found
        if alike == "initial"
        for one in (pair.record, pair.other)
    )
    return [
        (pair.record, pair.other, EVIDENCE[pair.kind, alike])
        for pair, alike in found
        if alike != "initial" or guesses[pair.kind, pair.key, _vaguer(pair)] == 1
    ]


def _likeness(pair: Pair, bearers: dict[tuple[str, str], int]) -> str:
    alike = likeness(pair.first, pair.last, pair.other_first, pair.other_last)
    if alike == "typo" and pair.kind in ("surname", "first name"):
        column = "last" if pair.kind == "surname" else "first"
        words = (getattr(pair, column), getattr(pair, f"other_{column}"))
        if all(bearers.get((column, word), 0) >= REAL_NAME_BEARERS for word in words):
            return "different"
    return alike


def _vaguer(pair: Pair) -> str:
    """The record of the two whose name says less."""
    told = [len(first or "") + len(last or "") * 2 for first, last in (
        (pair.first, pair.last), (pair.other_first, pair.other_last))]  # fmt: skip
    return pair.record if told[0] < told[1] else pair.other
