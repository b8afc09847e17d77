"""The registry of formats: one module each; a new one is added to `FORMATS`."""

from __future__ import annotations

from dataclasses import dataclass

from custbehav_dagster.sources.formats.base import Cells, Format, Head, Match, Records, Rejection
from custbehav_dagster.sources.formats.fetched import REDDIT_POSTS, WEB_CONTENT
from custbehav_dagster.sources.formats.online_retail import ONLINE_RETAIL
from custbehav_dagster.sources.formats.own import CUSTOMERS, FEEDBACK, ORDERS, SENTENCES, SUBSCRIBERS

FORMATS = (ONLINE_RETAIL, ORDERS, CUSTOMERS, FEEDBACK, SUBSCRIBERS, SENTENCES, REDDIT_POSTS, WEB_CONTENT)
"""In order of preference, which decides between formats that fit a file equally well."""


@dataclass(frozen=True)
class Recognition:
    """What a file was taken for.

    `match` is None when no format fits; `nearest` is the one it resembles most,
    None when it resembles nothing. `note` says in a sentence what the reader
    should know, or is empty.
    """

    match: Match | None
    nearest: Match | None
    note: str


def recognise(head: Head, formats: tuple[Format, ...] = FORMATS) -> Recognition:
    """Find the format of a file by its header and first records.

    The highest confidence wins; between equals the format that explains more
    columns, then the earlier in `formats`.
    """
    matches = sorted((one.match(head) for one in formats), key=_rank, reverse=True)
    fitting = [match for match in matches if match.fits]
    if fitting:
        best, *others = fitting
        ties = [other.format.title for other in others if _rank(other) == _rank(best)]
        note = f"It could as well be {' or '.join(ties)}; it was read as {best.format.title}." if ties else ""
        return Recognition(best, best, note)
    nearest = matches[0]
    if not nearest.columns:
        return Recognition(None, None, "It resembles no format that is known; nothing was read from it.")
    lack = (
        f"lacks {' and '.join(nearest.missing)}"
        if nearest.missing
        else f"is none, since {nearest.contradiction}"
    )
    return Recognition(
        None, nearest, f"It looks most like {nearest.format.title} but {lack}; nothing was read from it."
    )


def _rank(match: Match) -> tuple[float, int]:
    return match.confidence, len(match.columns)


__all__ = ["FORMATS", "Cells", "Format", "Head", "Match", "Recognition", "Records", "Rejection", "recognise"]
