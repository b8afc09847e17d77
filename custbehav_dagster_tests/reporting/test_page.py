"""The page: every number from the tables and traceable, hostile words harmless, nobody named."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.insights.evidence import real_rows, until
from custbehav_dagster.reporting.content import Report
from custbehav_dagster.reporting.doing import Headline, gather_doing
from custbehav_dagster.reporting.page import render_page
from custbehav_dagster.reporting.translated import say_or_english
from custbehav_dagster.reporting.trust import gather_trust
from custbehav_dagster.settings import Settings
from custbehav_dagster.wording.catalogue import LANGUAGES
from custbehav_dagster.wording.words import Message, Words
from custbehav_dagster_tests.insights.given import Rows, file, small_shop, warehouse
from custbehav_dagster_tests.reporting.shops import HOSTILE


class Page(HTMLParser):
    """What a browser would find: elements with their attributes, and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.elements if name == tag)


def worded(headlines: list[Headline]) -> dict[str, tuple[str, str]]:
    words = Words("en", "GBP")
    return {
        words.text(one.label): (words.text(one.value), words.text(one.note) if one.note else "")
        for one in headlines
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_text_wherever_it_stands_and_nobody_is_named(
    hostile: Report, language: str
) -> None:
    html = render_page(hostile, language, HOSTILE, {"keywords": HOSTILE})
    page = Page(html)
    assert {name for name, _ in page.elements}.isdisjoint(
        {"iframe", "object", "form", "link", "base", "img", "foreignobject", "image"}
    )
    assert [attributes for attributes in page.all("script") if attributes] == []
    assert html.count("<script>") == 1
    for name, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on") or key == "style"], name
    # Segment, file name, note, reason, title and run are all told, each as the plain words they are.
    assert page.words.count(HOSTILE.removeprefix("<")) >= 5
    assert not [link["href"] for link in page.all("a") if "javascript" in str(link["href"])]
    assert "secret" not in html.lower()
    assert not re.search(r"\bp1?\d\b", page.words)


@given(st.text(max_size=80))
def test_any_words_reach_the_reader_unchanged(words: str) -> None:
    words = words.replace("\r", " ").replace("\0", "")
    for language in LANGUAGES:
        told = say_or_english(Words(language), "insights.unheard_of.sentence", {}, words)
        assert Page(str(told)).words == words


@pytest.mark.parametrize("live", [False, True])
def test_the_page_asks_nothing_of_anybody_and_knows_its_own_style_and_script(
    small: Report, small_page: dict[str, str], live: bool
) -> None:
    html = render_page(small, live=True) if live else small_page["en"]
    page = Page(html)
    policy = next(
        meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"
    )
    (style,) = re.findall(r"<style>(.*?)</style>", html, flags=re.S)
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.S)
    known = [
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
        for part in (style, *scripts)
    ]
    assert len(scripts) == (2 if live else 1)
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src {known[0]}; script-src {' '.join(known[1:])}; ")
    assert ("connect-src 'self'" in policy) == live
    assert "unsafe" not in policy
    for _, attributes in page.elements:
        for name in ("src", "href", "action", "srcset", "poster", "data"):
            address = attributes.get(name) or "#"
            assert address.startswith(("#", "../lists/", "?language=", "https://www.reddit.com/r/mugs/")), (
                address
            )
    assert not re.search(r"url\(|@import", style)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {link["href"] for link in page.all("a") if str(link["href"]).startswith("#")}
    assert wanted <= {f"#{name}" for name in ids}


@pytest.mark.parametrize(("language", "direction"), LANGUAGES.items())
def test_the_page_can_be_read_aloud(small_page: dict[str, str], language: str, direction: str) -> None:
    page = Page(small_page[language])
    root = next(page.all("html"))
    assert (root["lang"], root["dir"]) == (language, direction)
    pictures = [attributes for name, attributes in page.elements if name == "svg"]
    assert len(pictures) >= 3
    ids = {attributes.get("id") for _, attributes in page.elements}
    for picture in pictures:
        assert picture["role"] == "img"
        assert set(str(picture["aria-labelledby"]).split()) <= ids
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(cell.get("scope") for cell in page.all("th"))


def test_numbers_on_the_page_are_those_of_the_tables(small: Report, small_page: dict[str, str]) -> None:
    values = worded(small.doing.headlines)
    # 2024: 40 orders of 20.00, 4 of 5.00, less 40.00 given back; the year before: 40 of 20.00 and 1.00.
    assert values["Sales of the last 12 months"] == ("£780", "2.6% less than in the 12 months before")
    assert values["Orders of the last 12 months"] == ("44", "7.3% more than in the 12 months before")
    assert values["Buyers so far"] == ("30", "100% bought more than once")
    assert values["Expected back within 120 days"] == (
        "about 7",
        "of 30 buyers; 95% sure: between 3 and 12",
    )
    assert [(row["state"], row["people"]) for row in small.slipping.states] == [("slipping", 15), ("due", 15)]
    assert (small.trust.rows_in, small.trust.rows_unusable, small.trust.rows_repeated) == (140, 2, 3)
    words = Page(small_page["en"]).words
    for value, note in values.values():
        assert value in words
        assert note in words
    for insight in small.told_insights:
        assert insight["sentence"] in words
        assert insight["what_to_do"] in words
        assert insight["evidence_filter"] in words
    assert "its error is 24% below that of the constant guess" in words


def test_every_small_number_leads_to_its_table_rows_and_run(small_page: dict[str, str]) -> None:
    html = small_page["en"]
    page = Page(html)
    marks = [link for link in page.all("a") if link.get("class") == "ref"]
    assert len(marks) > 15
    rows = {attributes["id"] for name, attributes in page.elements if name == "tr" and "id" in attributes}
    assert {str(mark["href"]) for mark in marks} == {f"#{row}" for row in rows}
    assert all("where" in str(mark["title"]) for mark in marks)
    (told,) = re.findall(r'<tr id="source-1">.*?</tr>', html)
    assert "truth.orders" in told
    assert "(is_purchase OR status = &#39;refund&#39;)" in told
    assert "run-1234" in page.words.partition("Where the numbers come from")[2]


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("en", ["glaze and handle", "matte", "plate", "Founders' Fair", "market stall", "Looking for a mug",
                "Since 30 November 2024, 3 people moved", "9 of 50", "1.5× (1.1 to 2.0)", "+50%"]),
        ("fa", ["glaze and handle", "matte", "plate", "کریسمس", "Founders' Fair", "راه فروش", "قطعی"]),
    ],
)  # fmt: skip
def test_what_moves_interest_is_told_with_topics_moves_and_leads(
    small_page: dict[str, str], language: str, parts: list[str]
) -> None:
    words = Page(small_page[language]).words
    assert [part for part in parts if part not in words] == []


def test_a_finding_without_persian_words_stands_in_english_by_itself(small: Report) -> None:
    strange = {
        **small.insights[0],
        "insight_id": "of_tomorrow",
        "sentence": "Foxes <buy> more.",
        "topic": "new",
    }
    html = render_page(replace(small, insights=[strange]), "fa")
    assert '<span class="foreign" lang="en" dir="ltr">Foxes &lt;buy&gt; more.</span>' in html


def test_a_finding_whose_numbers_are_missing_is_told_in_english() -> None:
    told = say_or_english(Words("fa"), "insights.bought_once.sentence", {}, "Most bought once.")
    assert 'lang="en"' in told
    assert "Most bought once." in told


def test_synthetic_data_are_announced_at_the_top_and_at_each_number(synthetic: Report) -> None:
    html = render_page(synthetic)
    assert "Synthetic data." in html.partition("<main")[0]
    assert html.count('<span class="tag">synthetic</span>') >= len(synthetic.told_insights)


def test_a_real_shop_is_told_which_texts_are_samples_and_nothing_else_is_marked(
    small: Report, small_page: dict[str, str]
) -> None:
    assert (small.is_synthetic, small.samples) == (False, ["reddit"])
    assert "The texts of Reddit are samples" in small_page["en"]
    assert "Synthetic data." not in small_page["en"]


def test_an_empty_warehouse_gives_a_page_that_says_so(nothing: Report) -> None:
    words = Page(render_page(nothing)).words
    assert "There are no orders yet." in words
    assert "No buyers yet." in words
    assert "No file was read." in words
    later = Message("empty.all_later", {"orders": 3, "day": date(2020, 1, 1)})
    words = Page(render_page(replace(nothing, why_empty=later))).words
    assert "All 3 orders lie after 1 January 2020" in words
    assert "There are no orders yet." not in words


def doing(con: ibis.BaseBackend, orders: Rows, day: date) -> dict[str, tuple[str, str]]:
    tables = warehouse(con, truth__orders=orders)
    seen = until(real_rows("truth.orders", tables["truth.orders"]), day)
    scores = real_rows("churn.scores", tables["churn.scores"])
    return worded(gather_doing(seen, scores, day, Settings()).headlines)


def test_a_year_known_in_part_only_is_not_compared(con: ibis.BaseBackend) -> None:
    orders = [row for row in small_shop()["truth__orders"] if row["order_date"] >= date(2023, 3, 1)]
    notes = doing(con, orders, date(2024, 12, 31))
    assert notes["Sales of the last 12 months"][1] == "after refunds"
    assert notes["Orders of the last 12 months"][1] == ""


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2023, 2, 28)])
def test_a_leap_day_has_a_year_before_it(con: ibis.BaseBackend, day: date) -> None:
    assert doing(con, small_shop()["truth__orders"], day)


def test_many_files_are_cut_short_and_counted(con: ibis.BaseBackend, nothing: Report) -> None:
    names = ("raw.ingested_files", "raw.quarantine", "cleaned.quarantine", "cleaned.repairs")
    tables = warehouse(con, raw__ingested_files=[file(f"{n:03d}.csv", 10) for n in range(45)])
    trust = gather_trust(*(tables[name] for name in names))
    assert (len(trust.files), trust.more_files, trust.rows_in) == (40, 5, 450)
    assert "And 5 more files" in Page(render_page(replace(nothing, trust=trust))).words
