from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.result import Fetched
from custbehav_dagster.sources.web import read_pages
from custbehav_dagster_tests.sources.web.site import NOW, Site, running_site

OPTIONS = ("now", "earlier", "pace", "tell", "allow_loopback")
"""What `read_pages` is told besides its settings."""


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
def read(site: Site) -> Callable[..., Fetched]:
    """Read paths of the site (or whole addresses), with loopback allowed and small limits."""

    def read_paths(*paths: str, **knobs: Any) -> Fetched:
        urls = [path if "://" in path else site.address + path for path in paths]
        knobs = {"web_allow_private": True, "web_timeout_seconds": 5, **knobs}
        options = {name: knobs.pop(name) for name in OPTIONS if name in knobs}
        return read_pages(Settings(web_urls=urls, **knobs), **{"now": NOW, **options})

    return read_paths
