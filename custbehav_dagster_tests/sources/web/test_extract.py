"""What a page says: title, main text, date, encoding; also of broken and hostile pages."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources.web.extract import extract_page

GOAL = 0.95


def token_f1(found: str, wanted: str) -> float:
    """Harmonic mean of precision and recall over words, counted with repetition."""
    found_words, wanted_words = (Counter(re.findall(r"\w+", text.lower())) for text in (found, wanted))
    shared = sum((found_words & wanted_words).values())
    return 2 * shared / (found_words.total() + wanted_words.total())


def test_the_main_text_of_saved_pages_is_what_a_person_marked(real_data) -> None:
    folder = real_data / "web_pages"
    marked = json.loads((folder / "ground_truth.json").read_text(encoding="utf-8"))
    scores = {
        name: token_f1(
            extract_page(gzip.decompress((folder / f"{name}.html.gz").read_bytes())).text or "",
            entry["articleBody"],
        )
        for name, entry in marked.items()
    }
    mean = sum(scores.values()) / len(scores)
    print(f"mean token F1 on {len(scores)} saved pages: {mean:.4f}; lowest {min(scores.values()):.4f}")  # noqa: T201
    assert mean >= 0.98
    assert min(scores.values()) >= 0.9


@pytest.mark.parametrize(
    ("file", "name", "price", "currency", "described"),
    [
        (
            "microdata-with-description.html",
            "Johnsons 4 Fleas Cats & Kittens Tablets",
            "5.29",
            "GBP",
            "easy to use oral treatment to kill adult fleas",
        ),
        (
            "opengraph_ns_product_test.html",
            "Better Off Dead [Exclusive Blu-ray Steelbook]",
            "17.99",
            "USD",
            "1980's classic starring John Cusack",
        ),
    ],
)
def test_the_product_of_a_real_shop_page_is_found_once(
    real_data, file, name, price, currency, described
) -> None:
    page = extract_page((real_data / "web_pages" / file).read_bytes())

    (product,) = page.items
    assert (product.item_type, product.title) == ("product", name)
    assert (product.price, product.currency) == (price, currency)
    assert described in (product.text or "")


def test_menus_scripts_and_footers_are_not_part_of_the_text() -> None:
    page = extract_page(
        b"""<title>Mugs</title><nav><a href=/>Home</a></nav><script>var price = 1</script>
        <style>p {color: red}</style><main><h1>Our mugs</h1><p>Thrown by hand in Leeds.</p></main>
        <footer>Imprint</footer>"""
    )
    assert "Thrown by hand in Leeds." in (page.text or "")
    for word in ("Home", "var price", "color", "Imprint"):
        assert word not in (page.text or "")


@pytest.mark.parametrize("finding", ["nothing", "an error"])
def test_where_no_main_text_is_found_the_words_of_the_page_are_taken(monkeypatch, finding) -> None:
    import trafilatura

    def extract(*args: object, **kwargs: object) -> None:
        if finding == "an error":
            raise RecursionError

    monkeypatch.setattr(trafilatura, "extract", extract)
    page = extract_page(
        b"""<body><nav>Home</nav><div>Hand<b>made</b><!-- in haste --><div>in
        Leeds</div>since&nbsp;2009<br>and <script>x()</script>still</div><footer>Imprint</footer></body>"""
    )
    assert page.text == "Handmade\nin Leeds\nsince 2009\nand still"


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title> Our\n mugs </title>", "Our mugs"),
        ("<h1>Our <i>mugs</i></h1>", "Our mugs"),
        ("<title></title><meta property='og:title' content='Our mugs'>", "Our mugs"),
        ("<body><svg><title>icon</title></svg><h1>Our mugs</h1>", "Our mugs"),
        ("<p>words</p>", None),
    ],
)
def test_the_title_is_the_pages_own_else_its_heading(html, title) -> None:
    assert extract_page(html.encode()).title == title


JSON_LD = '<script type="application/ld+json">'
PUBLISHED = "<meta property=article:published_time"


@pytest.mark.parametrize(
    ("html", "date"),
    [
        (f"{PUBLISHED} content=2024-05-06>", "2024-05-06"),
        (f"{PUBLISHED} content=2024-05-06T23:30:00-02:00>", "2024-05-07T01:30:00+00:00"),
        (f'{JSON_LD}{{"@type":"BlogPosting","datePublished":"2024-05-06"}}</script>', "2024-05-06"),
        ("<b itemscope itemtype=Article><meta itemprop=datepublished content=2024-05-06></b>", "2024-05-06"),
        ("<span itemprop=datePublished content=2024-05-06>6 May</span>", "2024-05-06"),
        (
            "<time datetime=2024-01-01></time><article><time datetime=2024-05-06></time></article>",
            "2024-05-06",
        ),
        ("<time datetime='2024-05-06 10:00'>now</time>", "2024-05-06T10:00:00"),
        (f'{JSON_LD}{{"@type":"Review","datePublished":"2024-05-06"}}</script>', None),
        ("<time datetime=soon>now</time>", None),
        ("<p>6 May 2024</p>", None),
    ],
)
def test_the_date_is_the_one_the_page_declares_for_itself(html, date) -> None:
    assert extract_page(f"<body><p>words</p>{html}</body>".encode()).published_at == date


META = "<meta charset={}><p>{}</p>"


@pytest.mark.parametrize(
    ("body", "charset", "words"),
    [
        ("<p>café ☕</p>".encode(), None, "café ☕"),
        ("<p>café ☕</p>".encode(), "utf-8", "café ☕"),
        ("<p>café “mug”</p>".encode("cp1252"), "iso-8859-1", "café “mug”"),
        (META.format("windows-1252", "café €5").encode("cp1252"), None, "café €5"),
        (META.format("shift_jis", "手作り").encode("shift_jis"), None, "手作り"),
        (META.format("iso-8859-1", "café ☕").encode(), "utf-8", "café ☕"),
        (META.format("utf-8", "café zum Mitnehmen").encode("cp1252"), "utf-8", "café zum Mitnehmen"),
        ("<p>Прекрасная кружка ручной работы</p>".encode("cp1251"), None, "Прекрасная кружка ручной работы"),
        (
            "<p>tasses à café façonnées à la main</p>".encode("cp1252"),
            None,
            "tasses à café façonnées à la main",
        ),
        (META.format("utf-16", "café ☕").encode(), None, "café ☕"),
        (META.format("utf-16", "café ☕ ").encode(), None, "café ☕"),
        ("\ufeff<p>café ☕</p>".encode(), "iso-8859-1", "café ☕"),
        ("\ufeff<p>café ☕</p>".encode("utf-16-le"), None, "café ☕"),
        ("<p>café ☕</p>".encode(), "no-such-encoding", "café ☕"),
        (b"<p>plain \\x41 words</p>", "unicode_escape", "plain \\x41 words"),
        (("<p>" + "é" * 30).encode() + b"\xff</p>", "utf-8", "é" * 30 + "\ufffd"),
        (b"<p>one\x00two</p>", "utf-8", "onetwo"),
    ],
)
def test_letters_are_read_in_the_encoding_that_fits(body, charset, words) -> None:
    assert (
        extract_page(
            b"<body>" + body if not body.startswith((b"\xef", b"\xff")) else body, charset=charset
        ).text
        == words
    )


def test_xhtml_with_elements_closed_at_once_is_read_whole() -> None:
    body = b"""<?xml version="1.0" encoding="utf-8"?>
    <!DOCTYPE html [<!ENTITY secret SYSTEM "file:///etc/passwd"><!ENTITY a "aaaa">]>
    <html xmlns="http://www.w3.org/1999/xhtml"><head><title>Mugs</title><script src="x.js"/></head>
    <body><a id="top"/><div class="line"/><p>Thrown by hand &amp; fired. &secret; &a;</p></body></html>"""
    page = extract_page(body)
    assert page.title == "Mugs"
    assert "Thrown by hand & fired." in (page.text or "")
    assert "root:" not in (page.text or "")
    assert "aaaa" not in (page.text or "")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + "words",
        "<b itemprop=name itemscope>" * 8_000 + "words",
        "<b itemprop=name>" * 8_000 + "words",
        JSON_LD + "[" * 100_000 + "</script><p>words",
        JSON_LD + '{"review":' * 900 + "1" + "}" * 900 + "</script><p>words",
        "<div itemscope id=a itemref=a itemtype=Product><b itemprop=name itemscope itemref=a>words",
        JSON_LD + '{"@type":"Product","name":"\\ud800 words"}</script><p>words',
        "<" * 59_000 + "words",
        "<!--" * 20_000 + "--><p>words",
        "<table><tr><td>" * 6_000 + "words",
        "<p " + "".join(f"a{number} " for number in range(30_000)) + ">words",
        "<b itemscope itemref=a></b>" * 3_000 + "<i id=a>" + "<b itemprop=name>x</b>" * 3_000 + "words",
    ],
    ids=lambda html: html[:30],
)
def test_a_hostile_page_is_read_without_an_error(html) -> None:
    page = extract_page(html.encode())
    (page.title or "").encode()
    for item in page.items:
        (item.title or "").encode()


def test_an_element_of_thousands_of_attributes_is_kept_from_the_parser_that_compares_them(
    monkeypatch,
) -> None:
    import trafilatura

    given: list[str] = []
    monkeypatch.setattr(trafilatura, "extract", lambda text, **knobs: given.append(text))
    attributes = "".join(f"a{number} " for number in range(2_000))

    assert extract_page(f"<p {attributes}>words".encode()).text == "words"
    assert given == []


def test_a_page_of_too_many_elements_is_told_and_not_taken_apart() -> None:
    page = extract_page(b"<b>" * 60_001)
    assert (page.title, page.text, page.items) == (None, None, [])
    assert "more parts than a page for people" in page.problems[0]


PIECES = st.sampled_from(
    [
        *(
            "<div itemscope itemtype='http://schema.org/Product'>",
            "</div>",
            "<span itemprop=name>",
            "</span>",
        ),
        *("<div itemprop=offers itemscope>", "<meta itemprop=price content=5>", "<table>", "<title>", "<!--"),
        *("<meta property=og:type content=product>", "<meta property=og:title content=mug>", "-->", "<"),
        *(JSON_LD, '{"@type":"Review","reviewBody":"Good"}', '{"@graph":[', "]}", "</script>", "<![CDATA["),
        *("&#xD800;", "&amp", "\x00", "\ufeff", "mug", "é"),
    ]
)
CHARACTER_SETS = st.sampled_from(["utf-8", "utf-16", "cp1252", "shift_jis", "iso2022_jp", "x", None])


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30), CHARACTER_SETS)
def test_no_page_however_broken_raises_an_error(pieces, charset) -> None:
    body = "".join(pieces).encode("utf-8", "replace")
    page = extract_page(body, charset)
    for text in (page.title, page.text, *(item.text for item in page.items)):
        assert text is None or (text == text.strip() and "\x00" not in text and text.encode())


@given(st.binary(max_size=200), CHARACTER_SETS)
def test_no_bytes_whatever_raise_an_error(body, charset) -> None:
    extract_page(body, charset=charset)
