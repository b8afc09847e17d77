"""The owner's page in a real browser: nothing asked of the network, nothing broken, nothing too wide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.browser import keep_screenshot
from custbehav_dagster_tests.end_to_end.conftest import FinishedShop

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE, LAPTOP = 360, 1100


@pytest.fixture
def report(finished_shop: FinishedShop) -> Path:
    return finished_shop.data / "processed" / "report" / "index.html"


@pytest.fixture
def shown(report: Path, page: Page) -> tuple[Page, list[str]]:
    """The page opened, and everything it asked for or complained of."""
    noticed: list[str] = []
    page.on("request", lambda request: noticed.append(request.url))
    page.on("console", lambda message: noticed.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: noticed.append(f"error: {error}"))
    page.goto(report.as_uri())
    return page, noticed


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(
    shown: tuple[Page, list[str]], report: Path
) -> None:
    _, noticed = shown
    assert [what for what in noticed if not what.startswith("data:")] == [report.as_uri()]
    assert report.stat().st_size < 2_000_000


@pytest.mark.parametrize("width", [PHONE, LAPTOP])
def test_nothing_is_wider_than_the_screen(shown: tuple[Page, list[str]], width: int) -> None:
    page, _ = shown
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    keep_screenshot(page, f"page-{width}", wait=200)


def test_every_link_leads_somewhere(shown: tuple[Page, list[str]], report: Path) -> None:
    page, _ = shown
    links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    assert any(link.endswith(".csv") for link in links)
    for link in links:
        parts = urlsplit(link)
        assert not parts.scheme, f"{link} leaves the machine"
        if parts.path:
            assert (report.parent / unquote(parts.path)).is_file(), link
        else:
            assert page.locator(f"#{parts.fragment}").count() == 1, link


def test_the_numbers_are_those_of_the_tables(
    shown: tuple[Page, list[str]], finished_shop: FinishedShop
) -> None:
    page, _ = shown
    snapshot = finished_shop.data / "warehouse" / "snapshot.duckdb"
    ((buyers,),) = state.query(
        snapshot, "SELECT count(DISTINCT customer_id) FROM truth.orders WHERE is_purchase"
    )
    assert f"{buyers:,}" in page.locator(".numbers").inner_text()
    for name in ("win_back", "second_order", "thank_loyal", "never_bought"):
        ((people,),) = state.query(snapshot, f"SELECT count(*) FROM actions.{name} WHERE NOT held_back")
        action = page.locator(f".action:has(a[href$='/{name}.csv'])")
        assert action.count() == (1 if people else 0)
        if people:
            assert action.locator(".value").inner_text().split()[0] == f"{people:,}"


def test_a_picture_says_in_words_what_it_shows(shown: tuple[Page, list[str]]) -> None:
    page, _ = shown
    pictures = page.eval_on_selector_all(
        "img", "all => all.map(one => [one.alt, one.complete && one.naturalWidth])"
    )
    assert len(pictures) >= 10
    assert all(len(words) > 20 and width > 300 for words, width in pictures)
