"""The owner's page in a real browser: nothing asked of the network, nothing broken, nothing too wide."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.live import LiveServer
from custbehav_dagster.reporting.live_page import page_from_snapshot, report_from_snapshot
from custbehav_dagster.reporting.ten_questions import DOCUMENT, answers, document
from custbehav_dagster.reporting.this_week import MOST_ACTIONS
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.browser import keep_screenshot, opened_browser
from custbehav_dagster_tests.end_to_end.commands import PROJECT
from custbehav_dagster_tests.end_to_end.conftest import SMALL, FinishedShop, MakeShop
from custbehav_dagster_tests.end_to_end.test_real_input import write_export

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE, LAPTOP = 360, 1100
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def report(finished_shop: FinishedShop) -> Path:
    return finished_shop.data / "processed" / "report" / "index.html"


@pytest.fixture(scope="module")
def in_persian(finished_shop: FinishedShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in Persian."""
    path = tmp_path_factory.mktemp("persian") / "index.html"
    path.write_text(page_from_snapshot(Settings(data_dir=str(finished_shop.data)), "fa"))
    return path


@pytest.fixture(scope="module")
def of_real_shop(real_data: Path, made_once: MakeShop) -> Path:
    """The page of some of the real lines."""
    lines = real_data / "online_retail_ii" / "lines.parquet"
    shop = made_once("real_shop", lambda raw: write_export(lines, raw / "export.csv"))
    return shop.data / "processed" / "report" / "index.html"


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def shown(report: Path, browser_page: Page) -> tuple[Page, list[str]]:
    """The page opened, and everything it asked for or complained of."""
    noticed: list[str] = []
    browser_page.emulate_media(color_scheme="light", media="screen")
    browser_page.set_viewport_size({"width": LAPTOP, "height": 900})
    browser_page.on("request", lambda request: noticed.append(request.url))
    browser_page.on("console", lambda message: noticed.append(f"console: {message.text}"))
    browser_page.on("pageerror", lambda error: noticed.append(f"error: {error}"))
    browser_page.goto(report.as_uri())
    return browser_page, noticed


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(
    shown: tuple[Page, list[str]], report: Path
) -> None:
    page, noticed = shown
    assert noticed == [report.as_uri()]
    keep_screenshot(page, "page", wait=200)
    assert report.stat().st_size < 2_000_000


@pytest.mark.parametrize(
    ("which", "scheme", "width"),
    [
        ("report", "light", PHONE),
        ("report", "dark", LAPTOP),
        ("in_persian", "light", LAPTOP),
        ("in_persian", "dark", PHONE),
        ("of_real_shop", "light", LAPTOP),
    ],
)
def test_anybody_can_read_it_on_any_screen(
    browser_page: Page, request: pytest.FixtureRequest, which: str, scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(request.getfixturevalue(which).as_uri())
    keep_screenshot(page, f"page-{which}-{scheme}-{width}", wait=200)
    # What is behind a line to click is looked at too.
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for narrow in (PHONE, LAPTOP, width):
        page.set_viewport_size({"width": narrow, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= narrow
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SERIOUS] == []


def test_tables_can_be_sorted_by_a_click(shown: tuple[Page, list[str]]) -> None:
    page, noticed = shown
    table = page.locator("section[aria-labelledby=segments] table").first
    people = "rows => rows.map(row => Number(row.cells[1].dataset.value))"
    for how in (lambda values: sorted(values, reverse=True), sorted):
        table.locator("thead button").nth(1).click()
        values = table.locator("tbody tr").evaluate_all(people)
        assert len(values) > 1
        assert values == how(values)
    assert not [what for what in noticed if what.startswith(("console", "error"))]


def test_it_can_be_printed(shown: tuple[Page, list[str]]) -> None:
    page, _ = shown
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    assert not page.locator("nav").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


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
    assert f"{buyers:,}" in page.locator(".numbers").first.inner_text()
    shown_lists = 0
    for name in LIST_NAMES:
        ((people,),) = state.query(snapshot, f"SELECT count(*) FROM actions.{name} WHERE NOT held_back")
        action = page.locator(f".action:has(a[href$='/{name}.csv'])")
        is_shown = bool(people) and shown_lists < MOST_ACTIONS
        assert action.count() == is_shown, name
        if is_shown:
            shown_lists += 1
            assert action.locator(".value").inner_text().split()[0] == f"{people:,}"


def test_where_a_number_comes_from_holds_as_many_rows_as_is_said(
    shown: tuple[Page, list[str]], finished_shop: FinishedShop
) -> None:
    page, _ = shown
    snapshot = finished_shop.data / "warehouse" / "snapshot.duckdb"
    told = page.eval_on_selector_all(
        ".sources tbody tr", "rows => rows.map(row => Array.from(row.cells, cell => cell.textContent))"
    )
    assert len(told) > 30
    for _, table, condition, rows in told:
        ((found,),) = state.query(snapshot, f"SELECT count(*) FROM {table} WHERE {condition}")
        assert f"{found:,}" == rows, (table, condition)


def test_a_picture_says_in_words_what_it_shows(shown: tuple[Page, list[str]]) -> None:
    page, _ = shown
    pictures = page.eval_on_selector_all(
        "svg[role=img]",
        "all => all.map(one => [one.querySelector('desc').textContent, one.getBoundingClientRect().width])",
    )
    assert len(pictures) >= 4
    assert all(len(words) > 20 and width > 300 for words, width in pictures)


def test_a_newcomer_finds_the_answers_to_ten_questions(
    shown: tuple[Page, list[str]], finished_shop: FinishedShop
) -> None:
    page, _ = shown
    report = report_from_snapshot(Settings(data_dir=str(finished_shop.data)))
    found = answers(report)
    assert len(found) == 10
    for question, told in found:
        part = page.locator(f"section[aria-labelledby={question.section}]").inner_text()
        assert told, question.asked
        for words in told:
            assert words in part, question.asked
    written = (PROJECT / DOCUMENT).read_text()
    assert written == document(report, SMALL["synthetic_customers"]), (
        "docs/ten-questions.md is not of this program any more: write it anew with "
        "python -m custbehav_dagster.reporting.ten_questions"
    )


def test_the_live_view_shows_itself_anew_when_a_refresh_has_landed(
    browser_page: Page, finished_shop: FinishedShop, copy_of_shop: Callable[[], Path]
) -> None:
    data = copy_of_shop()
    settings = Settings(data_dir=str(data))
    page, noticed = browser_page, list[str]()
    page.on("console", lambda message: noticed.append(message.text))
    with LiveServer(settings, 0) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/report/"
        page.goto(f"{address}?language=fa")
        assert page.locator("h1").inner_text() != ""
        page.get_by_text("In English").click()
        page.wait_for_url(f"{address}?language=en")
        assert page.locator("html").get_attribute("dir") == "ltr"
        snapshot = settings.snapshot_path
        newer = snapshot.with_name("newer")
        newer.write_bytes(snapshot.read_bytes())
        with page.expect_event("load"):
            newer.replace(snapshot)
        with page.expect_download() as download:
            page.locator("a[href$='/suppression.csv']").click()
        assert download.value.path().read_bytes() == (data / "processed/lists/suppression.csv").read_bytes()
        page.goto("about:blank")
        server.shutdown()
    assert noticed == []
