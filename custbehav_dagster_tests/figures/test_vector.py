"""Charts inside the page: words for everybody, no style that a strict page forbids, the same letters."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from custbehav_dagster.figures.page_charts import draw_sales, draw_segments
from custbehav_dagster.figures.vector import inline_svg
from custbehav_dagster.wording.words import Words

MONTHS = [date(2024 + place // 12, place % 12 + 1, 1) for place in range(24)]


def chart(name: str = "chart-sales", language: str = "en") -> str:
    net = [100.0 * (place + 1) for place in range(24)]
    figure = draw_sales(MONTHS, net, [*net[:-1], None], [True] * 23 + [False], Words(language))
    return inline_svg(figure, name, "Sales <by> month", 'The best was "December" & so on.')


def test_it_says_in_words_what_it_shows() -> None:
    root = ElementTree.fromstring(chart())
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "chart-sales-title chart-sales-description"
    assert [(part.tag, part.text) for part in list(root)[:2]] == [
        ("title", "Sales <by> month"),
        ("desc", 'The best was "December" & so on.'),
    ]


def test_it_has_no_style_of_its_own_and_takes_the_colours_of_the_page() -> None:
    svg = chart()
    assert "style" not in svg
    assert "<metadata" not in svg
    assert not re.search(r"#[0-9a-f]{6}\b", svg)
    for colour in ("fill-sky", "fill-grey", "stroke-vermillion"):
        assert colour in svg


def test_two_charts_share_no_name() -> None:
    first, second = (set(re.findall(r'\bid="([^"]+)"', chart(name))) for name in ("one", "two"))
    assert first
    assert not first & second
    for reference in re.findall(r"(?:url\(|href=\")#([\w-]+)", chart("one")):
        assert reference in first


def test_the_same_numbers_give_the_same_letters_and_few_of_them() -> None:
    assert chart() == chart()
    assert len(chart()) < 40_000


@pytest.mark.parametrize(
    ("language", "words"), [("en", ">sales after refunds<"), ("fa", ">فروش پس از بازپرداخت<")]
)
def test_words_stay_words(language: str, words: str) -> None:
    assert words in chart(language=language)


def test_a_hostile_name_is_text() -> None:
    rows = [{"share_of_people": 0.5, "share_of_amount": share} for share in (0.2, None)]
    figure = draw_segments(rows, ["<script>x</script>", "$a_b$"], Words())
    svg = inline_svg(figure, "groups", "t", "d")
    assert "<script" not in svg
    assert "$a_b$" in svg
