"""From bytes to UTF-8: which encoding a file is in, by evidence, and a UTF-8 copy of it.

Line ends, quotes and separators are left as they are. Bytes that are no text in
the encoding become NUL characters, which the record reader puts in quarantine.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from custbehav_dagster.warehouse.files import atomic_path

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHUNK_BYTES = 1 << 20
LINE_END = re.compile(r"\r\n|\n|\r")
LONGEST_LINE_BYTES = 1 << 20
CP1252_UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")
CP1252_EXTRA = frozenset(range(0x80, 0xA0))
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
}
"""Names as a reader knows them."""


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\0", error.end


codecs.register_error("custbehav_mark", _mark)


def wide_encoding(head: bytes) -> str:
    """Encoding of a file whose first bytes are `head`, when it is not one byte per letter; else ''.

    Told by the byte order mark, or by NUL bytes that stand in every second place.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return "" if name == "utf-8" else name
    pairs = len(head) // 2
    if pairs < 2:
        return ""
    low, high = head[1 : 2 * pairs : 2].count(0) / pairs, head[0 : 2 * pairs : 2].count(0) / pairs
    if low > 0.3 and high < 0.05:
        return "utf-16-le"
    return "utf-16-be" if high > 0.3 and low < 0.05 else ""


def _line_end(text: str) -> int:
    """Where the second line starts."""
    found = LINE_END.search(text)
    return found.end() if found else len(text)


def file_encoding(path: Path) -> str:
    """`wide_encoding` of a file, by its first bytes."""
    with path.open("rb") as file:
        return wide_encoding(file.read(CHUNK_BYTES))


def eight_bit_encoding(path: Path) -> str:
    """Encoding of a file that is neither valid UTF-8 nor UTF-16.

    A file most of whose lines with accents are valid UTF-8 is UTF-8 with damage.
    Otherwise it is cp1252 when it uses that encoding's extra signs and none of its
    holes, else latin-1, in which every byte is a letter.
    """
    valid, invalid = 0, 0
    extra: set[int] = set()
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE_BYTES):
            if line.isascii():
                continue
            try:
                line.decode()
                valid += 1
            except UnicodeDecodeError:
                invalid += 1
                extra |= CP1252_EXTRA.intersection(line)
    if valid and valid >= invalid:
        return "utf-8"
    return "cp1252" if extra and not extra & CP1252_UNDEFINED else "latin-1"


def decode_head(head: bytes) -> str:
    """Text of a file's first bytes, a letter that is cut in two at the end left out."""
    encoding = wide_encoding(head)
    if not encoding:
        try:
            return codecs.getincrementaldecoder("utf-8-sig")().decode(head)
        except UnicodeDecodeError:
            # The mark says what the file means to be, whatever is damaged in it.
            encoding = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "cp1252"
    return codecs.getincrementaldecoder(encoding)("custbehav_mark").decode(head).removeprefix("\ufeff")


def write_utf8(source: Path, encoding: str, target: Path, skip_lines: int = 0, header: str = "") -> None:
    """Write `source` to `target` as UTF-8, a part at a time; what is no text becomes NUL.

    The first `skip_lines` lines are left out, which have to lie in the first part;
    `header` is put before the rest.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)("custbehav_mark")
    with source.open("rb") as file, atomic_path(target) as temporary, temporary.open("wb") as written:
        written.write(header.encode())
        while chunk := file.read(CHUNK_BYTES):
            text = decoder.decode(chunk)
            while skip_lines:
                text, skip_lines = text[_line_end(text) :], skip_lines - 1
            written.write(text.encode())
        written.write(decoder.decode(b"", final=True).encode())
