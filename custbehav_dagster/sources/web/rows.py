"""What a page says as rows of raw.web_content, each with an identifier that stays."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.contract.raw import WEB_CONTENT
from custbehav_dagster.sources.contract_rows import conform_frame

if TYPE_CHECKING:
    import pandas as pd

    from custbehav_dagster.sources.web.extract import Page

Row = dict[str, Any]

SAMPLE = Path(__file__).parents[1] / "samples" / "web_content.json"


def page_rows(url: str, page: Page, fetched_at: str | None, provenance: str) -> Iterator[Row]:
    """The row of the page itself, then one per product and review it declares."""
    common = {"url": url, "fetched_at": fetched_at, "is_synthetic": False, "provenance": provenance}
    if page.title or page.text or page.items:
        yield {
            **common,
            "content_id": content_id(url, "page", "", 0),
            "item_type": "page",
            "title": page.title,
            "text": page.text,
            "published_at": page.published_at,
        }
    met: Counter[tuple[str, str]] = Counter()
    for item in page.items:
        words = f"{item.title or ''}\n{item.text or ''}" if item.item_type == "review" else item.title or ""
        ordinal = met[item.item_type, words]
        met[item.item_type, words] += 1
        yield {
            **common,
            "content_id": content_id(url, item.item_type, words, ordinal),
            "item_type": item.item_type,
            "title": item.title,
            "text": item.text,
            "price": item.price,
            "currency": item.currency,
            "rating": item.rating,
            "published_at": item.published_at,
        }


def content_id(url: str, item_type: str, words: str, ordinal: int) -> str:
    """16 hexadecimal digits, the same for the same item of the same address in every run.

    Made of the item's words and not of its place on the page, where new reviews
    push the old ones down; `ordinal` counts items with the same words.
    """
    return hashlib.sha256("\x00".join((url, item_type, words, str(ordinal))).encode()).hexdigest()[:16]


def sample_rows() -> list[Row]:
    """The pages that ship with this project, marked as made up."""
    records = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return [
        {
            **record,
            "content_id": content_id(record["url"], record["item_type"], record["title"], 0),
            "is_synthetic": True,
            "provenance": "sample",
        }
        for record in records
    ]


def content_frame(rows: list[Row]) -> pd.DataFrame:
    """The rows with the columns of `contract.raw.WEB_CONTENT`, in the order given."""
    import pandas as pd

    return conform_frame(pd.DataFrame(rows, columns=WEB_CONTENT.column_names), WEB_CONTENT)
