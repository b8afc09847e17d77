"""Raw texts to plain words."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.text.normalize import clean_text, noise_share, strip_html, word_count


def applied(function: Callable[..., ibis.Column], texts: Sequence[str | None]) -> list:
    table = ibis.memtable(pa.table({"text": pa.array(texts, pa.string())}))
    return function(table.text).to_pyarrow().to_pylist()


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("<p>Good</p><p>Bad</p>", "Good Bad"),
        ("one<br>two<BR />three", "one two three"),
        ("un<b>believ</b>able", "unbelievable"),
        ('see <a href="https://shop.example/?a=1" class=x>here</a>', "see here"),
        ("<div\nid='a'>line</div>", "line"),
        ("<!DOCTYPE html><html><body>text", "text"),
        ("<script>if (a < b) alert('x')</script>hi<style>p {color: red}</style>", "hi"),
        ("before<!-- not\nseen -->after", "before after"),
        ("<o:p>from a word processor</o:p>", "from a word processor"),
    ],
)
def test_tags_comments_and_scripts_go_out(raw: str, seen: str) -> None:
    assert applied(strip_html, [raw]) == [seen]


@pytest.mark.parametrize(
    "text",
    [
        "I <3 it",
        "5 < 6",
        "5 < 6 and 7 > 6",
        "a <b and c> d",
        "if a<b then",
        "<me@shop.example>",
        "<3 <3",
        "fish & chips, M&S",
        "&unknown; &#99999; &",
        "two  spaces\nand a line",
    ],
)
def test_what_is_no_markup_stays_as_written(text: str) -> None:
    assert applied(strip_html, [text]) == [text]


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("fish &amp; chips", "fish & chips"),
        ("&lt;3 &gt; &quot;x&quot;", '<3 > "x"'),
        ("don&#39;t", "don't"),
        ("don&#039;t", "don't"),
        ("don&#x27;t", "don't"),
        ("don&apos;t", "don't"),
        ("don&rsquo;t", "don’t"),
        ("a&nbsp;b&#160;c&#xA0;d", "a b c d"),
        ("caf&eacute; &pound;5 &euro;6", "café £5 €6"),
        ("wait&hellip; 3 &ndash; 4", "wait… 3 – 4"),
        ("&amp;lt;", "&lt;"),
        ("<b>don</b>&#39;t", "don't"),
    ],
)
def test_entities_are_read_once(raw: str, seen: str) -> None:
    assert applied(strip_html, [raw]) == [seen]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("This ISN'T good!!!", "this isnt good"),
        ("don’t don`t don´t donʼt don'", "dont dont dont dont don"),
        ("  tabs\tand\n\nlines  ", "tabs and lines"),
        ("well-made, 5/5 (really)", "well made 5 5 really"),
        ("I <3 it", "i 3 it"),
        ("<p>Caf&eacute;</p>", "café"),
        ("cafe\u0301 au lait", "cafe\u0301 au lait"),
        ("love it ❤️ 👩‍👧 1️⃣", "love it 1"),
        ("\u0301 alone \u0301", "alone"),
        ("می‌خواهم! خیلی خوب۵", "میخواهم خیلی خوب۵"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zero width"),
        ("snake_case", "snake case"),
        ("!!! ???", ""),
        ("", ""),
        (None, None),
    ],
)
def test_words_are_letters_and_digits_parted_by_single_spaces(raw: str | None, clean: str | None) -> None:
    assert applied(clean_text, [raw]) == [clean]


@pytest.mark.parametrize(("clean", "words"), [("", 0), ("one", 1), ("one two", 2), (None, None)])
def test_words_are_counted(clean: str | None, words: int | None) -> None:
    assert applied(word_count, [clean]) == [words]


@pytest.mark.parametrize(
    ("text", "noise"),
    [
        ("", 0.0),
        ("good", 0.0),
        ("so good", 0.0),
        ("ab!?", 0.5),
        ("!!!", 1.0),
        ("عالی ۵\u00a0❤", 1 / 8),
        (None, None),
    ],
)
def test_noise_is_the_share_of_what_is_neither_letter_digit_nor_space(
    text: str | None, noise: float | None
) -> None:
    assert applied(noise_share, [text]) == [noise]


TEXTS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cn", "Co"]), max_size=30)
    | st.lists(
        st.sampled_from(
            ["<b>", "</p>", "<br", ">", "&amp;", "&#39;", "<3", "Don't", "É", "é", "\u0301", "❤️", "ی‌خ"]
        )
    ).map("".join),
    min_size=20,
    max_size=60,
)


@settings(max_examples=15)
@given(texts=TEXTS)
def test_clean_texts_hold_words_and_single_spaces_only(texts: list[str]) -> None:
    cleaned = applied(clean_text, texts)
    for clean in cleaned:
        assert clean == " ".join(clean.split(" ")).strip()
        assert "  " not in clean
        for word in clean.split():
            assert {unicodedata.category(character)[0] for character in word} <= {"L", "M", "N"}
            assert unicodedata.category(word[0])[0] != "M"
    assert applied(clean_text, cleaned) == cleaned
    assert all(0 <= noise <= 1 for noise in applied(noise_share, texts))
