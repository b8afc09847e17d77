"""Debian's Chromium for tests; with CUSTBEHAV_SCREENSHOTS naming a folder, pictures are kept there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Read here, since the tests themselves see no such variables.
SCREENSHOTS = os.environ.get("CUSTBEHAV_SCREENSHOTS", "")
PATIENCE = 120_000
"""Milliseconds for a page to show something."""


@contextmanager
def opened_browser() -> Iterator[Page]:
    """A page of a browser that is closed at the end; the test is skipped where there is none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport={"width": 1600, "height": 900})
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


def keep_screenshot(page: Page, name: str, *, selector: str = "", wait: int = 3_000) -> None:
    """Keep a picture of the page, or of the part at `selector`, where pictures are asked for."""
    if not SCREENSHOTS:
        return
    page.wait_for_timeout(wait)
    path = Path(SCREENSHOTS) / f"{name}.png"
    if selector:
        page.locator(selector).first.screenshot(path=path)
    else:
        page.screenshot(path=path)
