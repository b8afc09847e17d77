r"""Raw text to plain words: HTML out, one case, letters and digits only.

Everything is an Ibis expression on a string column, in regular expressions that
RE2 (DuckDB) and Java (Spark) both read. What the words mean belongs elsewhere.

Decisions about characters that are none of the plain kinds:

- Apostrophes are deleted, not made a space: `don't` becomes `dont`, since "don t" loses the negation.
- Invisible joiners and direction marks are deleted. In Persian the zero-width non-joiner
  stands inside a word (`می‌خواهم`), and the same word is often typed without it: both become
  one and the same word. The zero-width space, however, parts words.
- A combining mark belongs to the letter or digit before it; one that stands alone,
  such as the tail of an emoji, is no word.
"""

from __future__ import annotations

import re
from functools import reduce
from html.entities import codepoint2name

import ibis
import ibis.expr.types as ir

VERSION = "1"
"""To be raised when `clean_text` would answer differently; texts cleaned before are cleaned anew then."""

# What people type as an apostrophe; soft hyphen, joiners, direction marks and byte order mark;
# selectors that only pick an emoji's look.
_DELETED = (
    r"['`\x{B4}\x{2BC}\x{2018}\x{2019}\x{201B}\x{2032}\x{FF07}"
    r"\x{AD}\x{200C}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FE00}-\x{FE0F}\x{20E3}]"
)
# From a character outside words (or the start) up to the next letter or digit, stray marks included.
_BETWEEN_WORDS = r"(^|[^\p{L}\p{M}\p{N}])[^\p{L}\p{N}]*"
_NOT_NOISE = r"[\p{L}\p{M}\p{N}\p{Z}\s]+"

# A name right after `<`, then nothing or attributes: `I <3 it`, `5 < 6` and `a <b and c> d` are no tags.
_TAG_END = r"(\s[^<>]*=[^<>]*)?\s*/?>"
_INLINE_TAG = (
    r"(?i)</?(a|abbr|b|big|code|del|em|font|i|ins|mark|s|small|span|strike|strong|sub|sup|tt|u)" + _TAG_END
)
_OTHER_TAG = r"(?i)\s*((</?[a-z][a-z0-9:-]*" + _TAG_END + r"|<!doctype[^<>]*>)\s*)+"
_UNSEEN_PARTS = r"(?is)<!--.*?-->|<script[^<>]*>.*?</script\s*>|<style[^<>]*>.*?</style\s*>"

_ENTITY_CHARACTERS = "<>\"'/=£€©®™°½×•…–—‘’“”éèàáäçñóöüß"


def strip_html(column: ir.StringColumn) -> ir.StringColumn:
    """The text a browser would show: no tags, comments or scripts, common entities read.

    Tags that only style (`<b>`) vanish, all others (`<br>`, `<p>`) part words by one
    space. Entities of punctuation, signs and western letters are read in their
    named, decimal and hexadecimal form; others stay as they are. Text around
    tags keeps its case and spacing; the ends are trimmed. NULL stays NULL.
    """
    return _without_html(column).strip()


def clean_text(column: ir.StringColumn) -> ir.StringColumn:
    """Lower-case words of letters, marks and digits of any script, parted by single spaces.

    A text of punctuation only becomes the empty string; NULL stays NULL.
    Composed and decomposed letters (é) are not brought to one form.
    """
    words = _without_html(column).re_replace(_DELETED, "").lower()
    return words.re_replace(_BETWEEN_WORDS, " ").strip()


def word_count(clean: ir.StringColumn) -> ir.IntegerColumn:
    """Words in a text that `clean_text` made."""
    return ibis.ifelse(clean == "", 0, clean.length() - clean.replace(" ", "").length() + 1)


def noise_share(column: ir.StringColumn) -> ir.FloatingColumn:
    """Share of characters that are neither letter, mark, digit nor white space; 0 for no text."""
    noise = column.re_replace(_NOT_NOISE, "").length().cast("float64")
    return ibis.ifelse(column == "", 0.0, noise / column.length())


def _without_html(column: ir.StringColumn) -> ir.StringColumn:
    untagged = column
    for pattern, replacement in ((_UNSEEN_PARTS, " "), (_INLINE_TAG, ""), (_OTHER_TAG, " ")):
        untagged = untagged.re_replace(pattern, replacement)
    # Most texts hold no markup: they skip the patterns.
    untagged = ibis.ifelse(column.contains("<"), untagged, column)
    return ibis.ifelse(untagged.contains("&"), _read_entities(untagged), untagged)


def _read_entities(column: ir.StringColumn) -> ir.StringColumn:
    read = reduce(
        lambda text, character: text.re_replace(_entity_pattern(character), character),
        _ENTITY_CHARACTERS,
        column,
    )
    # The ampersand last, so that `&amp;lt;` is read once and becomes `&lt;`.
    return read.re_replace(_entity_pattern("\xa0"), " ").re_replace(_entity_pattern("&"), "&")


def _entity_pattern(character: str) -> str:
    """All ways to write `character` as an HTML entity, `&#039;` and `&#X27;` among them."""
    code = ord(character)
    name = "apos" if character == "'" else codepoint2name.get(code)
    forms = [f"#0*{code}", f"#[xX]0*{_any_case(f'{code:x}')}", *([name] if name else [])]
    return f"&({'|'.join(forms)});"


def _any_case(digits: str) -> str:
    return re.sub("[a-f]", lambda match: f"[{match[0]}{match[0].upper()}]", digits)
