"""Reports that several tests look at, gathered once: that takes a hundred small queries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis
import pytest

from custbehav_dagster.reporting.content import Report
from custbehav_dagster.reporting.page import render_page
from custbehav_dagster.wording.catalogue import LANGUAGES
from custbehav_dagster_tests.insights.given import small_shop, text
from custbehav_dagster_tests.reporting.shops import gathered, hostile_shop, interesting, made_up


@pytest.fixture(scope="session")
def lasting_con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ibis.BaseBackend]:
    """A DuckDB file for all tests of reports."""
    path: Path = tmp_path_factory.mktemp("reports") / "shop.duckdb"
    connection = ibis.duckdb.connect(path)
    yield connection
    connection.disconnect()


@pytest.fixture(scope="session")
def small(lasting_con: ibis.BaseBackend) -> Report:
    """What is told of the small shop, which has a sample of Reddit beside its own texts."""
    shop = small_shop()
    shop["truth__single_source_of_truth"] += [text(900, "sample", source_type="reddit", is_synthetic=True)]
    return gathered(lasting_con, shop | interesting())


@pytest.fixture(scope="session")
def small_page(small: Report) -> dict[str, str]:
    """The page of the small shop in each language."""
    return {language: render_page(small, language, "run-1234") for language in LANGUAGES}


@pytest.fixture(scope="session")
def hostile(lasting_con: ibis.BaseBackend) -> Report:
    """What is told of a shop whose files and texts mean harm."""
    return gathered(lasting_con, hostile_shop())


@pytest.fixture(scope="session")
def synthetic(lasting_con: ibis.BaseBackend) -> Report:
    """What is told of a made-up shop."""
    return gathered(lasting_con, made_up(small_shop()))


@pytest.fixture(scope="session")
def nothing(lasting_con: ibis.BaseBackend) -> Report:
    """What is told before there is anything."""
    return gathered(lasting_con, {}, as_of=None)
