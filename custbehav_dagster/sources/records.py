"""Records of a separated text file, none lost: each physical line is accounted for.

Every line ends up in the header, among the blank lines, in a record that fits the
header, or in a record with a problem; the count is checked against the line ends
in the text, and a difference raises. Cells mean what they mean to Python's `csv`
module. What the cells say does not belong here.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

LONGEST_RECORD = 1_000_000
"""Characters; what is longer is no record of a shop but a damaged file."""
LONGEST_SHOWN = 10_000
CHUNK_BYTES = 2 << 20
BLOCK_CHARACTERS = 16 << 10
NO_TEXT = "holds bytes that are no text: the file is damaged here"
_LINE_END = re.compile(r"\r\n|\n|\r")


class LostLinesError(Exception):
    """The reader did not account for each line: a fault of this program, not of the file."""


class Record(NamedTuple):
    """One record, its place, and what is wrong with it.

    `cells` fits the header unless `problem` is set; with a problem it holds the
    cells before the fault, as far as they are certain. A blank line has no cells
    and no problem. `missing_from` is the number of the first missing cell, or -1.
    """

    line: int
    lines: int
    cells: list[str]
    text: str
    problem: str
    missing_from: int


class Run(NamedTuple):
    """Lines that are one record each, of as many cells as the header, without any quote."""

    line: int
    records: int
    text: str

    def columns(self, separator: str, width: int) -> list[list[str]]:
        """The cells, by column."""
        cells = self.text.removesuffix("\n").replace("\n", separator).split(separator)
        return [cells[number::width] for number in range(width)]


def read_runs(stream: BinaryIO, separator: str, surplus: int = 0) -> Iterator[Record | Run]:
    """Split UTF-8 bytes into records; the first that is not blank is the header.

    Records that need no care come many at a time, as runs. Memory stays bounded
    whatever the file holds. A quote that is not closed, or that swallows lines
    which do not fit the header, costs its own line only. So many cells of `surplus`
    may follow those that fit the header, if they are empty.

    Raises:
        LostLinesError: not every line was accounted for.
        UnicodeDecodeError: the bytes are not UTF-8.
    """
    return _Reader(stream, separator, surplus).read()


def read_records(stream: BinaryIO, separator: str, surplus: int = 0) -> Iterator[Record]:
    """`read_runs` with each run taken apart."""
    for part in read_runs(stream, separator, surplus):
        if isinstance(part, Record):
            yield part
        else:
            for number, text in enumerate(part.text.removesuffix("\n").split("\n")):
                yield Record(part.line + number, 1, text.split(separator), text, "", -1)


class _Reader:
    def __init__(self, stream: BinaryIO, separator: str, surplus: int) -> None:
        self._window = _TextWindow(stream)
        self._separator, self._surplus = separator, surplus
        self._cell_end = re.compile(f"[{re.escape(separator)}\r\n]")
        self._width = 0
        self._line = 1

    def read(self) -> Iterator[Record | Run]:
        window = self._window
        while window.advance():
            if window.skipping_rest_of_line:
                self._line += window.skip()
            while window.start < window.safe_start and not window.skipping_rest_of_line:
                block = self._block()
                run = self._run(block)
                if run:
                    window.start += len(block)
                    self._line += run.records
                    yield run
                else:
                    yield from self._records(block)
        if self._line - 1 != window.physical_lines:
            raise LostLinesError(f"{window.physical_lines} lines in the text, {self._line - 1} accounted for")

    def _block(self) -> str:
        """Whole lines from the window's start on, at least one."""
        window = self._window
        start = window.start
        end = window.text.rfind("\n", start, min(start + BLOCK_CHARACTERS, window.safe_start)) + 1
        if not end:
            found = _LINE_END.search(window.text, start)
            end = found.end() if found else len(window.text)
        return window.text[start:end]

    def _run(self, block: str) -> Run | None:
        """The block as a run, if nothing in it needs care."""
        if self._width < 2 or len(block) > LONGEST_RECORD or not block.endswith("\n"):
            return None
        if '"' in block or "\0" in block:
            return None
        if "\r" in block:
            if not block.count("\r") == block.count("\r\n") == block.count("\n"):
                return None
            text = block.replace("\r\n", "\n")
        else:
            text = block
        counts = [line.count(self._separator) for line in text.removesuffix("\n").split("\n")]
        is_fitting = counts.count(self._width - 1) == len(counts)
        return Run(self._line, len(counts), text) if is_fitting else None

    def _records(self, block: str) -> Iterator[Record]:
        """Records that start in the block, one at a time; moves the window behind the last."""
        window = self._window
        text, start = window.text, window.start
        for line in io.StringIO(block, newline=""):
            if start >= window.start and not window.skipping_rest_of_line:
                if len(line) > LONGEST_RECORD and len(line.rstrip("\r\n")) > LONGEST_RECORD:
                    record, window.start = self._too_long(line, start)
                elif '"' in line:
                    record, window.start = self._quoted_record(text, start, line)
                else:
                    record, window.start = self._plain_record(line), start + len(line)
                if "\0" in record.text and record.cells:
                    record = record._replace(cells=[], problem=NO_TEXT)
                self._line += record.lines
                yield record
            start += len(line)

    def _plain_record(self, line: str) -> Record:
        body = line.rstrip("\r\n")
        if not body or (body.isspace() and self._separator not in body):
            return Record(self._line, 1, [], "", "", -1)
        return self._fitted(body.split(self._separator), body, 1)

    def _too_long(self, line: str, start: int) -> tuple[Record, int]:
        window = self._window
        end = start + len(line)
        # A return at the very end of the window may be the first half of a line end.
        is_whole = line.endswith("\n") or (line.endswith("\r") and end < len(window.text))
        window.skipping_rest_of_line = not (is_whole or window.at_end)
        if line.endswith("\r") and not is_whole and not window.at_end:
            end -= 1
        problem = f"is longer than {LONGEST_RECORD:,} characters"
        lines = 0 if window.skipping_rest_of_line else 1
        return Record(self._line, lines, [], line[:LONGEST_SHOWN].rstrip("\r\n"), problem, -1), end

    def _quoted_record(self, text: str, start: int, line: str) -> tuple[Record, int]:
        cells, end, problem = self._split_quoted(text, start)
        lines = 1
        if not problem and end - start > len(line):
            lines = len(_LINE_END.findall(text, start, end)) + (text[end - 1] not in "\r\n")
            if self._width and not self._fits(cells):
                problem = (
                    f"has a quote that is closed {lines - 1} lines below only, which makes "
                    f"{len(cells)} cells where the header has {self._width}"
                )
        if problem:
            shown = line.rstrip("\r\n")[:LONGEST_SHOWN]
            return Record(self._line, 1, [], shown, problem, -1), start + len(line)
        return self._fitted(cells, text[start:end].rstrip("\r\n"), lines), end

    def _split_quoted(self, text: str, start: int) -> tuple[list[str], int, str]:
        """Cells of the record at `start`, where the next one starts, and a problem or ''."""
        cells: list[str] = []
        place, limit = start, min(len(text), start + LONGEST_RECORD)
        while True:
            if text.startswith('"', place):
                close = _closing_quote(text, place + 1, limit)
                if close < 0:
                    return cells, start, "has a quote that is never closed"
                cells.append(text[place + 1 : close].replace('""', '"'))
                place = close + 1
                if place < len(text) and text[place] not in (self._separator, "\r", "\n"):
                    return cells, start, "has a quote inside a quoted cell that is not doubled"
            else:
                found = self._cell_end.search(text, place)
                end = found.start() if found else len(text)
                cells.append(text[place:end])
                place = end
            if text.startswith(self._separator, place):
                place += 1
                continue
            if place - start > LONGEST_RECORD:
                return cells, start, f"is longer than {LONGEST_RECORD:,} characters"
            ending = _LINE_END.match(text, place)
            return cells, ending.end() if ending else place, ""

    def _fitted(self, cells: list[str], text: str, lines: int) -> Record:
        width = self._width
        if not width:
            self._width = width = len(cells)
        if self._fits(cells):
            return Record(self._line, lines, cells[:width], text, "", -1)
        problem = f"has {len(cells)} cells where the header has {width}"
        if len(cells) < width:
            return Record(self._line, lines, cells, text[:LONGEST_SHOWN], problem, len(cells))
        if not any(cells[width:]):
            problem += (
                f" (the last is empty, so that a {self._separator!r} in a cell may have moved the others)"
            )
        return Record(self._line, lines, [], text[:LONGEST_SHOWN], problem, -1)

    def _fits(self, cells: list[str]) -> bool:
        """Whether the cells are those of the header, each in its place.

        Empty cells behind them are accepted only where the file has as many behind all records:
        a single record that ends with one may have come apart at a separator inside a cell.
        """
        width = self._width
        return len(cells) == width or (len(cells) == width + self._surplus and not any(cells[width:]))


def _closing_quote(text: str, place: int, limit: int) -> int:
    """Place of the quote that closes the cell opened before `place`, or -1 before `limit`."""
    while True:
        place = text.find('"', place, limit)
        if place < 0 or not text.startswith('"', place + 1):
            return place
        place += 2


class _TextWindow:
    """A moving part of the text, with a full record's length of it always in sight.

    Records that start before `safe_start` are wholly in `text` unless they are too long.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._last = ""
        self.text, self.start = "", 0
        self.at_end = self.skipping_rest_of_line = False
        self.physical_lines = 0

    @property
    def safe_start(self) -> int:
        return len(self.text) if self.at_end else len(self.text) - LONGEST_RECORD - 1

    def advance(self) -> bool:
        """Read on; False when all is read and used."""
        if self.at_end:
            self.physical_lines += self._last not in ("", "\r", "\n")
            return False
        data = self._stream.read(CHUNK_BYTES)
        self.at_end = not data
        new = self._decoder.decode(data, final=self.at_end)
        if not self._last:
            new = new.removeprefix("\ufeff")
        self.physical_lines += new.count("\n") + new.count("\r") - new.count("\r\n")
        self.physical_lines -= self._last == "\r" and new.startswith("\n")
        self._last = new[-1:] or self._last
        self.text, self.start = self.text[self.start :] + new, 0
        return True

    def skip(self) -> int:
        """Leave out the rest of a line that is too long; 1 when its end was found, else 0."""
        found = _LINE_END.search(self.text)
        if found and (found.end() < len(self.text) or found.group() != "\r" or self.at_end):
            self.skipping_rest_of_line = False
            self.start = found.end()
            return 1
        self.start = found.start() if found else len(self.text)
        if self.at_end:
            self.skipping_rest_of_line = False
            return 1
        return 0
