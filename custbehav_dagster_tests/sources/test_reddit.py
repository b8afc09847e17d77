"""Posts as rows and files, read over real HTTP from a small Reddit on loopback."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.contract.raw import REDDIT_POSTS
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.reddit import write_posts
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster_tests.sources.loopback_reddit import (
    LoopbackReddit,
    fetch_posts,
    loopback_reddit,
    make_post,
    small_reddit,
)


@pytest.fixture
def reddit() -> Iterator[LoopbackReddit]:
    with small_reddit() as server:
        yield server


BOTH = {"reddit_subreddits": ["handmade", "pottery"]}


def ids(posts: pd.DataFrame) -> list[str]:
    return posts.post_id.tolist()


def test_without_credentials_a_labelled_sample_is_used() -> None:
    fetched = fetch_posts(Settings())
    assert fetched.is_sample
    assert fetched.provenance == "sample"
    assert fetched.problems == []
    assert fetched.rows.is_synthetic.all()
    assert set(fetched.rows.provenance) == {"sample"}
    assert len(fetched.rows) >= 40
    assert fetched.rows.subreddit.nunique() >= 5
    assert fetched.rows.created_at.between("2025-01-01", "2026-12-31T23:59:59Z").all()


@pytest.mark.parametrize("with_credentials", [False, True])
def test_rows_are_what_the_contract_says(con: Any, reddit: LoopbackReddit, with_credentials: bool) -> None:
    rows = fetch_posts(reddit.settings() if with_credentials else Settings()).rows
    assert rows.columns.tolist() == REDDIT_POSTS.column_names
    stored = con.to_pyarrow(REDDIT_POSTS.conform(ibis.memtable(rows)))
    assert stored.schema == REDDIT_POSTS.schema.to_pyarrow()
    for column in REDDIT_POSTS.columns:
        assert column.nullable or stored[column.name].null_count == 0
    moments = con.to_pyarrow(ibis.memtable(rows).created_at.cast("timestamp('UTC')"))
    assert moments.null_count == 0


def test_a_post_becomes_a_row_with_every_field(reddit: LoopbackReddit) -> None:
    row = fetch_posts(reddit.settings()).rows.iloc[3].to_dict()
    assert row == {
        "post_id": "p00003",
        "subreddit": "handmade",
        "query": "",
        "title": "Post number 3 about a handmade gift",
        "body": "Text of post 3.",
        "created_at": "2025-06-15T15:09:40Z",
        "score": 3,
        "num_comments": 3,
        "permalink": "/r/handmade/comments/p00003/",
        "first_seen_at": "2025-07-01T06:00:00Z",
        "last_checked_at": "2025-07-01T06:00:00Z",
        "is_synthetic": False,
        "provenance": "reddit api",
    }


@pytest.mark.parametrize(
    ("limit", "expected_posts", "expected_pages"), [(99, 99, 1), (100, 100, 1), (101, 101, 2), (1000, 230, 3)]
)
def test_a_long_listing_is_read_page_by_page(limit: int, expected_posts: int, expected_pages: int) -> None:
    with loopback_reddit(make_post(number) for number in range(230)) as reddit:
        fetched = fetch_posts(reddit.settings(reddit_post_limit=limit))
    assert len(fetched.rows) == expected_posts
    assert reddit.paths() == ["/api/v1/access_token", *["/r/handmade/new"] * expected_pages]
    assert fetched.rows.post_id.max() == "p00229", "the newest come first"


def test_every_search_word_is_looked_for_in_every_subreddit(reddit: LoopbackReddit) -> None:
    fetch_posts(reddit.settings(**BOTH, reddit_searches=["gift", "kiln", "gift", " "]))
    asked = [
        (path.rstrip("/"), parameters.get("q"), parameters.get("restrict_sr"))
        for path, parameters in reddit.requests
        if path.startswith("/r/")
    ]
    assert asked == [
        ("/r/handmade/new", None, None),
        ("/r/handmade/search", "gift", "true"),
        ("/r/handmade/search", "kiln", "true"),
        ("/r/pottery/new", None, None),
        ("/r/pottery/search", "gift", "true"),
        ("/r/pottery/search", "kiln", "true"),
    ]


def test_a_post_found_twice_is_kept_once_as_listed(reddit: LoopbackReddit) -> None:
    rows = fetch_posts(reddit.settings(**BOTH, reddit_searches=["handmade gift"], reddit_post_limit=4)).rows
    assert ids(rows) == [f"p{number:05d}" for number in (3, 4, 5, 6, 7, 8, 9)]
    assert set(rows["query"]) == {""}


def test_a_post_found_only_by_searching_says_by_which_words() -> None:
    posts = [make_post(0, title="An old handmade gift"), *(make_post(n, title="Other") for n in (1, 2))]
    with loopback_reddit(posts) as reddit:
        rows = fetch_posts(reddit.settings(reddit_searches=["handmade gift"], reddit_post_limit=2)).rows
    assert dict(zip(rows.post_id, rows["query"], strict=True)) == {
        "p00000": "handmade gift",
        "p00001": "",
        "p00002": "",
    }


def test_rows_come_by_time_and_then_by_identifier() -> None:
    posts = [
        make_post(3, created_utc=1_750_001_000.0),
        make_post(1, created_utc=1_750_001_000.0),
        make_post(2, created_utc=1_750_000_005.0),
    ]
    with loopback_reddit(posts) as reddit:
        assert ids(fetch_posts(reddit.settings()).rows) == ["p00002", "p00001", "p00003"]


def test_a_subreddit_named_twice_is_read_once(reddit: LoopbackReddit) -> None:
    fetched = fetch_posts(reddit.settings(reddit_subreddits=["r/handmade", "Handmade", "/r/handmade/"]))
    assert reddit.paths().count("/r/handmade/new") == 1
    assert fetched.problems == []


def test_an_impossible_name_is_a_problem_and_not_an_address(reddit: LoopbackReddit) -> None:
    fetched = fetch_posts(reddit.settings(reddit_subreddits=["hand made", "../api/v1/me", "handmade"]))
    assert len(fetched.rows) == 7
    assert [sentence.split(" in ")[0] for sentence in fetched.problems] == ["'hand made'", "'../api/v1/me'"]
    assert set(reddit.paths()) == {"/api/v1/access_token", "/r/handmade/new"}


def test_no_usable_subreddit_is_a_failure(reddit: LoopbackReddit) -> None:
    with pytest.raises(SourceFailure, match="CUSTBEHAV_REDDIT_SUBREDDITS"):
        fetch_posts(reddit.settings(reddit_subreddits=[]))
    assert reddit.requests == []


def test_nothing_found_is_an_empty_table_with_its_columns(con: Any) -> None:
    with loopback_reddit() as reddit:
        fetched = fetch_posts(reddit.settings())
    assert len(fetched.rows) == 0
    assert fetched.problems == []
    stored = con.to_pyarrow(REDDIT_POSTS.conform(ibis.memtable(fetched.rows)))
    assert stored.schema == REDDIT_POSTS.schema.to_pyarrow()


def test_the_files_hold_the_rows(tmp_path: Path) -> None:
    rows = fetch_posts(Settings()).rows
    table, objects = write_posts(rows, tmp_path)
    assert (table.name, objects.name) == ("reddit_posts.csv", "reddit_posts.json")
    records = json.loads(objects.read_text(encoding="utf-8"))
    assert [list(record) for record in records] == [REDDIT_POSTS.column_names] * len(rows)
    assert [record["post_id"] for record in records] == ids(rows)
    read_back = pd.read_csv(table, keep_default_na=False)
    assert read_back.columns.tolist() == REDDIT_POSTS.column_names
    assert read_back.body.tolist() == rows.body.tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reddit_posts.csv", "reddit_posts.json"]


def test_the_same_posts_give_the_same_bytes_in_any_order(reddit: LoopbackReddit, tmp_path: Path) -> None:
    first = fetch_posts(reddit.settings(**BOTH)).rows
    reddit.posts.reverse()
    again = fetch_posts(reddit.settings(reddit_subreddits=["pottery", "handmade"])).rows
    written = write_posts(first, tmp_path / "1")
    rewritten = write_posts(again.iloc[::-1], tmp_path / "2")
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in rewritten]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_survives_the_files(tmp_path: Path, text: str) -> None:
    rows = fetch_posts(Settings()).rows.head(2).assign(title=[text, "plain"])
    table, objects = write_posts(rows, tmp_path)
    assert [record["title"] for record in json.loads(objects.read_text(encoding="utf-8"))] == [text, "plain"]
    with table.open(encoding="utf-8", newline="") as file:
        assert [record["title"] for record in csv.DictReader(file)] == [text, "plain"]


def test_a_recorded_listing_of_400_real_posts_is_read(real_data: Path, tmp_path: Path) -> None:
    recorded = real_data / "reddit_listing" / "listing.json.gz"
    with gzip.open(recorded, "rt", encoding="utf-8") as file:
        posts = [child["data"] for child in json.load(file)["data"]["children"]]
    subreddits = sorted({post["subreddit"] for post in posts})
    with loopback_reddit(posts) as reddit:
        settings = reddit.settings(
            reddit_subreddits=subreddits, reddit_searches=["reddit"], reddit_retention_days=3650
        )
        fetched = fetch_posts(settings, now=datetime(2013, 4, 1, tzinfo=UTC))
    expected = {
        post["id"]: post
        for post in posts
        if "." not in post["subreddit"] and "<" not in post["subreddit"] and post["selftext"] != "[removed]"
    }
    assert set(ids(fetched.rows)) == set(expected)
    differing = [title for title in fetched.rows.title if title not in {post["title"] for post in posts}]
    assert all("/u/[name]" in title for title in differing)
    assert len(differing) <= 2
    assert fetched.rows.created_at.is_monotonic_increasing
    write_posts(fetched.rows, tmp_path)
