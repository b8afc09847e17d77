"""Configured web pages to rows of raw.web_content; without any, this project's labelled sample."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.contract.raw import WEB_CONTENT
from custbehav_dagster.sources.contract_rows import write_csv
from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.result import Earlier, Fetched, SourceFailure
from custbehav_dagster.sources.web.crawl import Crawl
from custbehav_dagster.sources.web.rows import content_frame, sample_rows

if TYPE_CHECKING:
    import pandas as pd

    from custbehav_dagster.settings import Settings

log = logging.getLogger(__name__)


def read_pages(
    settings: Settings,
    *,
    now: datetime,
    earlier: Earlier | None = None,
    pace: Pace | None = None,
    tell: Callable[[str], None] = log.info,
    allow_loopback: bool = False,
) -> Fetched:
    """Read the pages of `web_urls`, and with `web_max_pages` those of the same sites they lead to.

    One row per page, product and review, in the shape of raw.web_content. A page that
    has not changed since it was read (304), or cannot be read today, keeps its earlier
    rows; one that is gone (404, 410) or closed to programs by its site loses them.
    `now` (with a time zone) is written as `fetched_at`, `tell` hears how far the reading
    has come, and everything ends after `web_total_seconds`. A page that fails is a
    sentence in `problems`; what was asked and answered is in `reads`, in the shape of
    raw.web_reads. `allow_loopback` is for tests of what is refused.

    Raises:
        SourceFailure: no page at all could be read and none was read earlier.
    """
    if not settings.web_urls:
        return Fetched(content_frame(sample_rows()), provenance="sample", is_sample=True)
    _check_user_agent(settings.web_user_agent)
    crawl = Crawl(settings, now, earlier or Earlier(), pace or Pace(), tell, allow_loopback=allow_loopback)
    return crawl.read()


def write_pages(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """Write the rows to `web_content.csv` in `folder` (UTF-8), replaced whole; same rows, same bytes."""
    return [write_csv(rows, WEB_CONTENT, folder / "web_content.csv")]


def _check_user_agent(name: str) -> None:
    if not (name.isascii() and name.isprintable() and name == name.strip()):
        raise SourceFailure("CUSTBEHAV_WEB_USER_AGENT may hold only plain letters, digits, spaces and signs.")
