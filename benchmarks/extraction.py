"""What is the text of a page: ours against simpler ways, on saved pages whose article a person marked.

`python -m benchmarks --only extraction`. The pages are found through CUSTBEHAV_REAL_DATA.
The measure is the F1 of words (as often as they come, without case) against the marked
article, averaged over the pages: words too many, such as menus, cost as words missed do.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.results import Goal, Section, seconds
from custbehav_dagster.sources.web.extract import extract_page

if TYPE_CHECKING:
    from benchmarks.questions import Bench

DATA = Path(__file__).parents[2] / "shared" / "data"
F1_FROM = 0.95
COLUMNS = ("method", "pages", "mean F1 of words", "worst page", "CPU")


@dataclass(frozen=True)
class MarkedPage:
    """A saved page and the text of its article, as a person marked it."""

    name: str
    body: bytes
    article: str


def marked_pages(folder: Path) -> Iterator[MarkedPage]:
    """The saved pages below `folder`, in the order of the list of marked texts."""
    marked = json.loads((folder / "ground_truth.json").read_text(encoding="utf-8"))
    for name, entry in marked.items():
        with gzip.open(folder / f"{name}.html.gz") as file:
            yield MarkedPage(name, file.read(), entry["articleBody"])


def word_f1(found: str, marked: str) -> float:
    """Harmonic mean of the share of found words that are right and of right words that are found."""
    ours, theirs = (Counter(re.findall(r"\w+", text.lower())) for text in (found, marked))
    both = sum((ours & theirs).values())
    return 2 * both / (sum(ours.values()) + sum(theirs.values())) if both else 0.0


def ours(body: bytes) -> str:
    """The text that raw.web_content would hold."""
    return extract_page(body).text or ""


def all_text(body: bytes) -> str:
    """Every word of the page but those of its scripts, as a quick script takes it."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(body, "lxml")
    for tag in soup.find_all(["script", "style"]):
        tag.extract()
    return soup.get_text(" ")


def paragraphs(body: bytes) -> str:
    """The text of the page's paragraphs."""
    from bs4 import BeautifulSoup

    return " ".join(tag.get_text(" ") for tag in BeautifulSoup(body, "lxml").find_all("p"))


def trafilatura_alone(body: bytes) -> str:
    """The library that ours calls, with its own defaults."""
    import trafilatura

    return trafilatura.extract(body, include_comments=False) or ""


METHODS: dict[str, Callable[[bytes], str]] = {
    "all text of the page": all_text,
    "its paragraphs only": paragraphs,
    "trafilatura by default": trafilatura_alone,
    "ours": ours,
}


def scores(method: Callable[[bytes], str], pages: list[MarkedPage]) -> list[float]:
    """The F1 of each page."""
    return [word_f1(method(page.body), page.article) for page in pages]


def extraction(bench: Bench) -> Section:
    """Each method on the same saved pages; empty where these are not at hand."""
    title = "Text of a page"
    folder = Path(os.environ.get("CUSTBEHAV_REAL_DATA", DATA)) / "web_pages"
    if not folder.is_dir():
        return Section(title, COLUMNS, [], [], f"Not measured: there are no saved pages in {folder.name}.")
    pages = list(marked_pages(folder))
    rows, mean = [], 0.0
    for name, method in METHODS.items():
        started = time.process_time()
        found = scores(method, pages)
        used = time.process_time() - started
        mean = sum(found) / len(found)
        rows.append([name, f"{len(pages)}", f"{mean:.3f}", f"{min(found):.3f}", seconds(used)])
    goal = Goal(f"mean F1 of words at least {F1_FROM}", f"{mean:.3f}", mean >= F1_FROM)
    notes = (
        "News and blog pages in English, Portuguese and Indonesian, each with the article a person marked."
        " With twelve pages, differences below 0.02 say little."
    )
    return Section(title, COLUMNS, rows, [goal], notes)
