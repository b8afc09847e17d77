"""Bytes to text to a tree of elements, and an element to its words; nothing is run or loaded."""

from __future__ import annotations

import codecs
import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import PageElement, Tag

MAX_TAGS = 60_000
MAX_VISITS = 1_000_000
CHARACTERS_PER_VISIT = 100

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Python also knows encodings that are no character sets (idna, unicode_escape); a page must not choose those.
_CHARACTER_SET = re.compile(
    r"utf-8(-sig)?|utf-16(-[lb]e)?|cp(125\d|8\d\d|9\d\d|10\d\d)|iso8859-\d+|koi8-[rut]|gb2312|gbk|gb18030|hz|"
    r"big5(hkscs)?|shift_ji\w+|euc_\w+|iso2022_\w+|johab|mac-\w+|tis-620|ptcp154"
)
_LATIN = re.compile(r"utf-8|cp(125[02478]|437|85\d|86[013])|iso8859-([1-4]|9|10|1[3-6])|mac-(?!cyr|greek)\w+")
_DETECTION_BYTES = 100_000
_TOLERATED_DAMAGE = 0.1
_BLOCK = re.compile(
    "address|article|aside|blockquote|body|br|caption|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_UNSEEN = re.compile("script|style|template|noscript|svg|head|title|iframe|object|select|textarea")


def decode(body: bytes, charset: str | None) -> str:
    """Text of a page: by byte order mark, HTTP header, the page's own word, else by what fits.

    A declared encoding that does not fit the bytes is passed over, unless only
    a few characters of it are damaged. Never raises.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    declared = _known(_declared(body))
    # A page that could name UTF-16 in plain letters is not in UTF-16.
    declared = None if declared and declared.startswith("utf-16") else declared
    candidates = [name for name in (_known(charset), declared, "utf-8") if name]
    for name in candidates:
        try:
            return body.decode(name)
        except ValueError:
            continue
    for name in candidates:
        text = body.decode(name, "replace")
        foreign = sum(character > "\x7f" for character in text)
        if text.count("\ufffd") <= _TOLERATED_DAMAGE * foreign:
            return text
    return _detected(body)


def _known(label: str | None) -> str | None:
    try:
        name = codecs.lookup(label or "").name
    except (LookupError, ValueError):
        return None
    # Pages that say Latin-1 or ASCII mean Windows-1252, as every browser takes it.
    if name in ("iso8859-1", "ascii"):
        return "cp1252"
    return name if _CHARACTER_SET.fullmatch(name) else None


def _declared(body: bytes) -> str | None:
    from bs4.dammit import EncodingDetector

    return EncodingDetector.find_declared_encoding(body[:_DETECTION_BYTES], is_html=True)


def _detected(body: bytes) -> str:
    """Text in the encoding its bytes look like, Windows-1252 if they look like any Latin one.

    Detection tells scripts apart, but takes French for Baltic and English for
    Polish.
    """
    from bs4.dammit import UnicodeDammit

    guess = _known(UnicodeDammit(body[:_DETECTION_BYTES], is_html=True).original_encoding)
    return body.decode("cp1252" if guess is None or _LATIN.fullmatch(guess) else guess, "replace")


def parse(text: str) -> BeautifulSoup | None:
    """The page as a tree; None when it holds more tags than a page for people.

    XHTML is read as HTML too, so that one broken tag does not lose the page and
    no entity or document type is ever looked up.
    """
    from bs4 import BeautifulSoup

    if text.count("<") > MAX_TAGS:
        return None
    with warnings.catch_warnings():
        # They advise a developer; there is none to read them.
        warnings.simplefilter("ignore")
        return BeautifulSoup(text, "lxml")


def tidy(text: str) -> str:
    """`text` without what no table or file can hold: NUL, half characters, foreign line ends."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "ignore").decode("utf-8").strip()


def in_lines(text: str) -> str:
    """`text` with single spaces, without blank lines."""
    lines = (" ".join(line.split()) for line in tidy(text).split("\n"))
    return "\n".join(line for line in lines if line)


def text_of(element: Tag, visits: list[int] | None = None) -> str:
    """The words a reader sees in `element`, one line per block.

    `visits` is a one-number purse of nodes that may still be looked at; when it
    is empty the text ends. It keeps pages that nest thousands of properties
    around one text from being read thousands of times.
    """
    from bs4.element import NavigableString, PreformattedString, Tag

    purse = visits if visits is not None else [MAX_VISITS]
    parts: list[str] = []
    # A stack of our own, as pages can be nested deeper than Python may call.
    stack: list[PageElement | str] = [element]
    while stack and purse[0] > 0:
        node = stack.pop()
        purse[0] -= 1
        if isinstance(node, Tag):
            if _UNSEEN.fullmatch(node.name) and node is not element:
                continue
            edge = "\n" if _BLOCK.fullmatch(node.name) else ""
            parts.append(edge)
            stack.append(edge)
            stack.extend(reversed(node.contents))
        elif not isinstance(node, NavigableString):
            parts.append(str(node))
        elif not isinstance(node, PreformattedString):
            purse[0] -= len(node) // CHARACTERS_PER_VISIT
            # Comments and declarations are preformatted strings; a line break in the others is a space.
            parts.append(node.replace("\n", " ").replace("\r", " "))
    return in_lines("".join(parts))
