"""One pass over a file's bytes: its hash, whether it is UTF-8, and whether it is plain.

A plain file can be read by a fast CSV reader, since nothing in it can be
understood in two ways: no NUL, one kind of line end, each quote at the edge of a
cell or doubled, no blank line between records, and as many separators as the
header tells. Reading the records does not belong here.
"""

from __future__ import annotations

import codecs
import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from custbehav_dagster.sources.records import LONGEST_RECORD

CHUNK_BYTES = 1 << 20
NUL, LINE_FEED, RETURN, QUOTE = 0, 10, 13, 34

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scan:
    """What one pass over the bytes showed.

    Attributes:
        records: records below the header; only of meaning when `is_plain`.
        inner_lines: for each line end inside a cell, the number of its record
            (the header is 0), ascending; only of meaning when `is_plain`.
    """

    sha256: str
    is_utf8: bool
    is_plain: bool
    records: int
    inner_lines: Places


def scan_file(path: Path, separator: str, width: int) -> Scan:
    """Scan a file whose header has `width` cells parted by `separator`.

    Raises:
        OSError: the file cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    shape = _Shape(ord(separator), width)
    is_utf8, window = True, b"\n"
    with path.open("rb") as file, _Digest() as digest:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            if is_utf8 and not (chunk.isascii() and not decoder.getstate()[0]):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
            window += chunk if window != b"\n" else chunk.removeprefix(codecs.BOM_UTF8)
            if is_utf8 and shape.is_plain:
                shape.feed(np.frombuffer(window, np.uint8))
            window = window[-2:]
    is_utf8 = is_utf8 and not decoder.getstate()[0]
    if shape.is_plain:
        shape.finish(window)
    return Scan(digest.hexadecimal, is_utf8, is_utf8 and shape.is_plain, shape.records, shape.inner_lines)


class _Digest:
    """The SHA-256 of chunks, reckoned on another core while this one looks at them."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._worker: ThreadPoolExecutor | None = None
        self._pending: Future[None] | None = None
        self.hexadecimal = ""

    def __enter__(self) -> _Digest:
        return self

    def __exit__(self, *_: object) -> None:
        if self._worker is not None:
            self._worker.shutdown()
        self.hexadecimal = self._digest.hexdigest()

    def update(self, chunk: bytes) -> None:
        """Take in the next chunk; waits for the one before it."""
        if len(chunk) < CHUNK_BYTES and self._worker is None:
            # A small file is hashed sooner than a thread is started.
            self._digest.update(chunk)
            return
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1)
        if self._pending is not None:
            self._pending.result()
        self._pending = self._worker.submit(self._digest.update, chunk)


class _Shape:
    """Counts kept from window to window; `is_plain` turns false at the first doubt."""

    def __init__(self, separator: int, width: int) -> None:
        self.is_plain = width > 1
        self._separator, self._width = separator, width
        self._quotes = self._separators = self._ends = self._trailing_blanks = 0
        self._returns = self._return_ends = 0
        self._open_bytes = 0
        self._opening, self._closing = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
        self._opening[[separator, LINE_FEED, QUOTE]] = True
        self._closing[[separator, LINE_FEED, RETURN, QUOTE]] = True
        self._inner: list[Places] = []

    @property
    def records(self) -> int:
        return self._ends - self._trailing_blanks - 1

    @property
    def inner_lines(self) -> Places:
        return np.concatenate(self._inner) if self._inner else np.empty(0, np.int64)

    def feed(self, window: Bytes) -> None:
        """Take in all of `window` but its first and last byte, which are there as neighbours."""
        body = window[1:-1]
        if not body.size:
            return
        if (body == NUL).any():
            self.is_plain = False
            return
        quotes = np.flatnonzero(body == QUOTE)
        line_feeds = np.flatnonzero(body == LINE_FEED)
        if not self._quotes_at_edges(window, quotes):
            self.is_plain = False
            return
        self._separators += self._count_outside(body == self._separator, quotes)
        if not quotes.size and not self._quotes % 2:
            ends = line_feeds
        else:
            outside = self._outside(line_feeds, quotes)
            ends, inside = line_feeds[outside], line_feeds[~outside]
            if inside.size:
                self._inner.append(self._ends + np.searchsorted(ends, inside))
        self._quotes += quotes.size
        self._count_returns(window, ends)
        self._count_records(window, ends)

    def finish(self, tail: bytes) -> None:
        """Take in the last byte, and judge the whole."""
        closing = tail + b"\n"
        self.feed(np.frombuffer(closing, np.uint8))
        self.is_plain &= closing[-2] != RETURN
        if closing[-2] != LINE_FEED or self._quotes % 2:
            # The last record has no line end of its own: count it as if it had.
            self._ends += 1
            self._return_ends += self._return_ends > 0
            self.is_plain &= not self._trailing_blanks
        self.is_plain &= (
            self._quotes % 2 == 0
            and self._return_ends in (0, self._ends)
            and self._separators == (self.records + 1) * (self._width - 1)
            and not (self._inner and self.inner_lines[0] == 0)
            and self.records >= 0
        )

    def _count_outside(self, marks: npt.NDArray[np.bool_], quotes: Places) -> int:
        """How many of `marks` lie outside quotes."""
        if not quotes.size:
            return 0 if self._quotes % 2 else int(np.count_nonzero(marks))
        # The parts between quotes are by turns outside and inside; a quote itself is never marked.
        counts = np.add.reduceat(marks.view(np.uint8), np.concatenate(([0], quotes)), dtype=np.int64)
        return int(counts[self._quotes % 2 :: 2].sum())

    def _outside(self, places: Places, quotes: Places) -> npt.NDArray[np.bool_]:
        return (np.searchsorted(quotes, places) + self._quotes) % 2 == 0

    def _quotes_at_edges(self, window: Bytes, quotes: Places) -> bool:
        first_opening = self._quotes % 2
        before = window[quotes[first_opening::2]]
        after = window[quotes[1 - first_opening :: 2] + 2]
        return bool(self._opening[before].all() and self._closing[after].all())

    def _count_returns(self, window: Bytes, ends: Places) -> None:
        returns = np.flatnonzero(window[1:-1] == RETURN)
        if returns.size and (window[returns + 2] != LINE_FEED).any():
            self.is_plain = False
        self._return_ends += int(np.count_nonzero(window[ends] == RETURN))

    def _count_records(self, window: Bytes, ends: Places) -> None:
        size = window.size - 2
        if not ends.size:
            self._open_bytes += size
        else:
            lengths = np.diff(ends, prepend=-1 - self._open_bytes) - 1
            blanks = lengths <= (window[ends] == RETURN)
            first_blank = (
                0 if self._trailing_blanks else int(np.argmax(blanks)) if blanks.any() else ends.size
            )
            if not blanks[first_blank:].all() or lengths.max() > LONGEST_RECORD:
                self.is_plain = False
            self._trailing_blanks += int(blanks.sum())
            self._ends += ends.size
            self._open_bytes = size - 1 - int(ends[-1])
        # A return alone may be the first half of one more blank line.
        is_filled = self._open_bytes > (window[-2] == RETURN)
        if self._open_bytes > LONGEST_RECORD or (is_filled and self._trailing_blanks):
            self.is_plain = False
