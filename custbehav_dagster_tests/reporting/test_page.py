import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custbehav_dagster.figures.render import RenderedPicture
from custbehav_dagster.insights.practical import practical_insights
from custbehav_dagster.reporting.content import Report, gather_report
from custbehav_dagster.reporting.page import render_page
from custbehav_dagster.reporting.translated import say_or_english
from custbehav_dagster.settings import Settings
from custbehav_dagster.wording.catalogue import LANGUAGES
from custbehav_dagster.wording.words import Words
from custbehav_dagster_tests.insights.given import Rows, file, segment, small_shop, text, warehouse

AS_OF = date(2024, 12, 31)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>\'"&amp;{{ 7*7 }}'


def gathered(
    con: ibis.BaseBackend, rows: dict[str, Rows], as_of: date | None = AS_OF, last_day: date | None = None
) -> Report:
    tables = warehouse(con, **rows)
    if as_of is not None:
        tables["insights.practical_insights"] = practical_insights(
            orders=tables["truth.orders"],
            customers=tables["truth.customers"],
            texts=tables["truth.single_source_of_truth"],
            scores=tables["churn.scores"],
            evaluation=tables["churn.evaluation"],
            segments=tables["segments.segment_profiles"],
            keywords=tables["insights.keywords"],
            files=tables["raw.ingested_files"],
            quarantine=tables["cleaned.quarantine"],
            as_of=as_of,
            settings=Settings(),
        )
    return gather_report(tables, as_of, Settings(as_of=last_day))


def picture(alt_text: str = "A picture.", rows: int = 5) -> RenderedPicture:
    return RenderedPicture("keywords", "Words said most", PNG, alt_text, False, rows)


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


def hostile_shop() -> dict[str, Rows]:
    shop = small_shop()
    shop["raw__ingested_files"] = [file(f"{HOSTILE}.csv", 100, note=HOSTILE)]
    shop["raw__quarantine"] = [
        {"source_file": HOSTILE, "source_line": 4, "reason": HOSTILE, "raw_text": "a-secret@example.com"}
    ]
    shop["segments__segment_profiles"] = [segment(0, HOSTILE, 20, 0.6, 0.1), segment(1, "b", 10, 0.4, 0.9)]
    shop["insights__keywords"][1]["keyword"] = HOSTILE
    shop["truth__single_source_of_truth"] += [text(999, HOSTILE, -0.9)]
    return shop


def worded(report: Report) -> dict[str, tuple[str, str]]:
    words = Words("en", report.currency)
    return {
        words.text(one.label): (words.text(one.value), words.text(one.note) if one.note else "")
        for one in report.doing.headlines
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_text_wherever_it_stands(con: ibis.BaseBackend, language: str) -> None:
    html = render_page(gathered(con, hostile_shop()), language, HOSTILE, {"keywords": HOSTILE})
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


@given(st.text(max_size=80))
@settings(max_examples=15)
def test_any_words_reach_the_reader_unchanged(words: str) -> None:
    words = words.replace("\r", " ").replace("\0", "")
    for language in LANGUAGES:
        told = say_or_english(Words(language), "insights.unheard_of.sentence", {}, words)
        # A parser makes of a form feed and the like what HTML says it should; the words are kept.
        assert Page(str(told)).words == words
        assert Page(str(Words(language).html("lists.win_back.title") + told)).words.endswith(words)


@pytest.mark.parametrize("live", [False, True])
def test_the_page_asks_nothing_of_anybody_and_knows_its_own_style_and_script(
    con: ibis.BaseBackend, live: bool
) -> None:
    html = render_page(gathered(con, small_shop()), live=live)
    page = Page(html)
    policy = next(
        meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"
    )
    (style,) = re.findall(r"<style>(.*?)</style>", html, flags=re.S)
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.S)
    known = [f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
             for part in (style, *scripts)]  # fmt: skip
    assert len(scripts) == (2 if live else 1)
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src {known[0]}; script-src {' '.join(known[1:])}; ")
    assert ("connect-src 'self'" in policy) == live
    assert "unsafe" not in policy
    for _, attributes in page.elements:
        for name in ("src", "href", "action", "srcset", "poster", "data"):
            address = attributes.get(name) or "#"
            assert address.startswith(("#", "../lists/", "?language=")), address
    assert not re.search(r"url\(|@import", style)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {link["href"] for link in page.all("a") if str(link["href"]).startswith("#")}
    assert wanted <= {f"#{name}" for name in ids}


@pytest.mark.parametrize(("language", "direction"), LANGUAGES.items())
def test_the_page_can_be_read_aloud(con: ibis.BaseBackend, language: str, direction: str) -> None:
    page = Page(render_page(gathered(con, small_shop()), language))
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


def test_numbers_on_the_page_are_those_of_the_tables(con: ibis.BaseBackend) -> None:
    report = gathered(con, small_shop())
    values = worded(report)
    # 2024: 40 orders of 20.00, 4 of 5.00, less 40.00 given back; the year before: 40 of 20.00 and 1.00.
    assert values["Sales of the last 12 months"] == ("£780", "2.6% less than in the 12 months before")
    assert values["Orders of the last 12 months"] == ("44", "7.3% more than in the 12 months before")
    assert values["Buyers so far"] == ("30", "100% bought more than once")
    assert values["Expected back within 120 days"] == (
        "about 7",
        "of 30 buyers; 95% sure: between 3 and 12",
    )
    assert [(row["verdict"], row["people"]) for row in report.slipping.verdicts] == [
        ("may come back", 15),
        ("slipping away", 15),
    ]
    assert (report.trust.rows_in, report.trust.rows_unusable, report.trust.rows_repeated) == (140, 2, 3)
    words = Page(render_page(report)).words
    for value, note in values.values():
        assert value in words
        assert note in words
    for insight in report.insights:
        assert insight["sentence"] in words
        assert insight["what_to_do"] in words
        assert insight["evidence_filter"] in words
    assert "its error is 24% below that of the constant guess" in words


def test_every_small_number_leads_to_its_table_rows_and_run(con: ibis.BaseBackend) -> None:
    html = render_page(gathered(con, small_shop()), run="run-1234")
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


def test_no_person_is_named(con: ibis.BaseBackend) -> None:
    shop = small_shop()
    for number, person in enumerate(shop["truth__customers"]):
        person |= {"email": f"secret{number}@example.com", "name": f"Secret Name {number}"}
    html = render_page(gathered(con, shop))
    assert "secret" not in html.lower()
    assert not re.search(r"\bp1?\d\b", Page(html).words)


def made_up(rows: dict[str, Rows]) -> dict[str, Rows]:
    return {
        name: [{**row, "is_synthetic": True} for row in given] if not name.endswith("quarantine") else given
        for name, given in rows.items()
    }


def test_synthetic_data_are_announced_at_the_top_and_at_each_number(con: ibis.BaseBackend) -> None:
    report = gathered(con, made_up(small_shop()))
    html = render_page(report)
    assert "Synthetic data." in html.partition("<main>")[0]
    assert html.count('<span class="tag">synthetic</span>') >= len(report.insights)


def test_a_real_shop_is_told_which_texts_are_samples_and_nothing_else_is_marked(
    con: ibis.BaseBackend,
) -> None:
    shop = small_shop()
    shop["truth__single_source_of_truth"] += [text(900, "sample", source_type="reddit", is_synthetic=True)]
    report = gathered(con, shop)
    assert (report.is_synthetic, report.samples) == (False, ["reddit"])
    html = render_page(report)
    assert "The texts of Reddit are samples" in html
    assert "Synthetic data." not in html
    assert gathered(con, small_shop()).samples == []


def test_an_empty_warehouse_gives_a_page_that_says_so(con: ibis.BaseBackend) -> None:
    report = gathered(con, {}, as_of=None)
    words = Page(render_page(report)).words
    assert "There are no orders yet." in words
    assert "No buyers yet." in words
    assert "No file was read." in words


def test_a_last_day_before_all_orders_is_said_to_be_the_reason(con: ibis.BaseBackend) -> None:
    orders = {"truth__orders": small_shop()["truth__orders"]}
    words = Page(render_page(gathered(con, orders, as_of=None, last_day=date(2020, 1, 1)))).words
    assert "lie after 1 January 2020" in words
    assert "There are no orders yet." not in words


def test_a_year_known_in_part_only_is_not_compared(con: ibis.BaseBackend) -> None:
    shop = small_shop()
    shop["truth__orders"] = [row for row in shop["truth__orders"] if row["order_date"] >= date(2023, 3, 1)]
    notes = worded(gathered(con, shop))
    assert notes["Sales of the last 12 months"][1] == "after refunds"
    assert notes["Orders of the last 12 months"][1] == ""


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2023, 2, 28)])
def test_a_leap_day_has_a_year_before_it(con: ibis.BaseBackend, day: date) -> None:
    assert gathered(con, small_shop(), as_of=day).doing.headlines


def test_many_files_are_cut_short_and_counted(con: ibis.BaseBackend) -> None:
    report = gathered(con, {"raw__ingested_files": [file(f"{n:03d}.csv", 10) for n in range(45)]})
    assert (len(report.trust.files), report.trust.more_files, report.trust.rows_in) == (40, 5, 450)
    assert "And 5 more files" in Page(render_page(report)).words
