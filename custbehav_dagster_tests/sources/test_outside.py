"""What a failed or changed source leaves: the rows that may stay, their files, and what went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from custbehav_dagster.contract import raw
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.outside import Outcome, refresh_source
from custbehav_dagster.sources.reddit import fetch_posts, kept_posts, write_posts
from custbehav_dagster.sources.reddit_rows import post_row, posts_frame
from custbehav_dagster.sources.result import Earlier, Fetched, SourceFailure
from custbehav_dagster.warehouse.store import Warehouse, open_warehouse
from custbehav_dagster_tests.sources.loopback_reddit import NOW, make_post


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    return Settings(data_dir=str(tmp_path), reddit_retention_days=30)


@pytest.fixture
def warehouse(shop: Settings) -> Iterator[Warehouse]:
    with open_warehouse(shop.warehouse_path) as opened:
        yield opened


def posts(**days_old: int) -> pd.DataFrame:
    made = [
        make_post(0, id=post_id, created_utc=NOW.timestamp() - days * 86_400)
        for post_id, days in days_old.items()
    ]
    return posts_frame(row for post in made if (row := post_row(post, "handmade", "", "")))


def refresh(warehouse: Warehouse, shop: Settings, answer: Fetched | SourceFailure) -> Outcome:
    def fetch(earlier: Earlier) -> Fetched:
        if isinstance(answer, SourceFailure):
            raise answer
        return answer

    outcome = refresh_source(
        fetch,
        write_posts,
        warehouse,
        raw.REDDIT_POSTS,
        shop,
        may_keep=lambda rows: kept_posts(rows, shop, NOW),
        reads=raw.REDDIT_READS,
    )
    warehouse.write("raw", "reddit_posts", outcome.rows)
    return outcome


def test_a_failure_keeps_the_rows_that_may_still_be_kept(warehouse: Warehouse, shop: Settings) -> None:
    refresh(warehouse, shop, Fetched(posts(new=2, old=31), "reddit api"))
    outcome = refresh(warehouse, shop, SourceFailure("Reddit was not read."))
    assert outcome.failed
    assert list(outcome.rows.post_id) == ["new"]
    assert outcome.gone == {"old"}
    assert outcome.sentence == "Reddit was not read. 1 row of the last good read stayed in use."
    assert "old" not in (shop.raw_path / "reddit_posts.json").read_text()


def test_a_failure_of_the_first_read_leaves_an_empty_table(warehouse: Warehouse, shop: Settings) -> None:
    outcome = refresh(warehouse, shop, SourceFailure("Reddit was not read."))
    assert outcome.rows.empty
    assert outcome.sentence == "Reddit was not read. There are no rows to use."
    assert not (shop.raw_path / "reddit_posts.json").exists()


def test_a_sample_is_neither_kept_nor_missed(warehouse: Warehouse, shop: Settings) -> None:
    sample = refresh(warehouse, shop, fetch_posts(Settings(), now=NOW))
    assert len(sample.rows) >= 40
    outcome = refresh(warehouse, shop, SourceFailure("Reddit was not read."))
    assert (len(outcome.rows), outcome.gone) == (0, frozenset())


def test_rows_that_a_source_no_longer_shows_are_named(warehouse: Warehouse, shop: Settings) -> None:
    refresh(warehouse, shop, Fetched(posts(one=1, two=2), "reddit api"))
    fetched = Fetched(posts(two=2, three=3), "reddit api", notes=["1 post was deleted here too."])
    outcome = refresh(warehouse, shop, fetched)
    assert outcome.gone == {"one"}
    assert outcome.sentence == "Read from reddit api. 1 post was deleted here too."
    assert refresh(warehouse, shop, replace(fetched, failed=True)).gone == frozenset()
