"""What posts hold: no person is stored, and nothing strange loses a post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.reddit import SAMPLE, write_posts
from custbehav_dagster_tests.sources.loopback_reddit import (
    WRITER,
    Fault,
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


def test_no_author_reaches_the_rows_or_the_files(tmp_path: Path) -> None:
    posts = [
        make_post(1, title=f"Thanks u/{WRITER}!", permalink=f"/r/handmade/comments/p00001/thanks_u{WRITER}/"),
        make_post(2, selftext=f"See https://www.reddit.com/user/{WRITER}/comments and /U/{WRITER}."),
        make_post(3, selftext=f"Posted in r/u_{WRITER} (crosspost), either/or, 2/u/3"),
        make_post(4, author_flair_text=WRITER, crosspost_parent_list=[{"author": WRITER}]),
    ]
    with loopback_reddit(posts) as reddit:
        rows = fetch_posts(reddit.settings()).rows
    assert rows.title[0] == "Thanks u/[name]!"
    assert rows.body[1] == "See https://www.reddit.com/user/[name]/comments and /U/[name]."
    assert rows.body[2] == "Posted in r/u_[name] (crosspost), either/or, 2/u/3"
    assert not any("author" in column for column in rows.columns)
    for path in write_posts(rows, tmp_path):
        assert WRITER.lower() not in path.read_text().lower()
        assert "t2_secret" not in path.read_text()


def test_a_column_that_is_not_in_the_contract_is_never_written(tmp_path: Path) -> None:
    rows = fetch_posts(Settings()).rows.assign(author="somebody")
    for path in write_posts(rows, tmp_path):
        assert "author" not in path.read_text()


def test_posts_on_a_persons_own_page_are_left_out() -> None:
    with loopback_reddit([make_post(1), make_post(2, "u_somebody")]) as reddit:
        # A search can lead to posts from elsewhere; here the listing itself holds one.
        reddit.listing = lambda *_: {  # type: ignore[method-assign]
            "kind": "Listing",
            "data": {"after": None, "children": [{"kind": "t3", "data": post} for post in reddit.posts]},
        }
        assert ids(fetch_posts(reddit.settings()).rows) == ["p00001"]


@pytest.mark.parametrize("name", ["u_somebody", "u/somebody", "/user/somebody"])
def test_a_persons_own_page_cannot_be_configured(reddit: LoopbackReddit, name: str) -> None:
    fetched = fetch_posts(reddit.settings(reddit_subreddits=[name, "handmade"]))
    assert len(fetched.problems) == 1
    assert "somebody" not in fetched.problems[0]
    assert "/r/u_somebody/new" not in reddit.paths()


def test_the_sample_names_nobody() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    assert "author" not in text
    assert "u/" not in text
    assert "@" not in text


@pytest.mark.parametrize(
    ("fields", "column", "expected"),
    [
        ({"selftext": "It was [removed] and found again"}, "body", "It was [removed] and found again"),
        ({"selftext": None}, "body", ""),
        ({"title": "half \ud83d pair"}, "title", "half ? pair"),
        ({"title": '🎁, "quoted"\r\nand more'}, "title", '🎁, "quoted"\r\nand more'),
        ({"score": None}, "score", None),
        ({"score": -12}, "score", -12),
        ({"num_comments": 2**70}, "num_comments", None),
        ({"created_utc": 1e30}, "created_at", None),
        ({"created_utc": 1_750_000_000}, "created_at", "2025-06-15T15:06:40Z"),
    ],
)
def test_a_strange_field_never_loses_the_post(
    tmp_path: Path, fields: dict[str, Any], column: str, expected: Any
) -> None:
    with loopback_reddit([make_post(1, **fields)]) as reddit:
        rows = fetch_posts(reddit.settings()).rows
        requests = len(reddit.requests)
    value = rows[column][0]
    assert (None if pd.isna(value) else value) == expected
    written = json.loads(write_posts(rows, tmp_path)[1].read_text(encoding="utf-8"))[0][column]
    assert written == expected
    assert requests == 2, "one for the token, one for the listing"


@pytest.mark.parametrize(
    "fields",
    [
        {"selftext": "[deleted]"},
        {"selftext": "[removed]"},
        {"selftext": "[ Removed by Reddit ]", "title": "[ Removed by Reddit ]"},
        {"title": "[deleted by user]", "selftext": ""},
        {"selftext": "", "removed_by_category": "deleted"},
        {"selftext": "Still sent, but hidden", "removed_by_category": "moderator"},
    ],
)
def test_a_post_that_was_taken_back_is_no_row(fields: dict[str, Any]) -> None:
    with loopback_reddit([make_post(1), make_post(2, **fields)]) as reddit:
        assert ids(fetch_posts(reddit.settings()).rows) == ["p00001"]


def test_a_post_whose_writer_left_reddit_still_stands() -> None:
    with loopback_reddit([make_post(1, author="[deleted]")]) as reddit:
        assert ids(fetch_posts(reddit.settings()).rows) == ["p00001"]


def test_a_missing_field_does_not_make_the_client_ask_for_each_post() -> None:
    posts = [make_post(number) for number in range(3)]
    for post in posts:
        del post["score"], post["selftext"], post["num_comments"]
    with loopback_reddit([]) as reddit:
        reddit.listing = lambda *_: {  # type: ignore[method-assign]
            "kind": "Listing",
            "data": {"after": None, "children": [{"kind": "t3", "data": post} for post in posts]},
        }
        rows = fetch_posts(reddit.settings()).rows
    assert reddit.paths() == ["/api/v1/access_token", "/r/handmade/new"]
    assert rows.score.isna().all()
    assert rows.body.tolist() == ["", "", ""]


@pytest.mark.parametrize(
    "body", ["<html>busy</html>", "[]", "{}", '"text"', "null", '{"kind": "Listing"}', ""]
)
def test_an_answer_that_is_no_listing_is_a_problem_of_that_subreddit(
    reddit: LoopbackReddit, body: str
) -> None:
    reddit.always["pottery"] = Fault(200, body=body)
    fetched = fetch_posts(reddit.settings(**BOTH))
    assert len(fetched.rows) == 7
    assert fetched.problems == ["r/pottery was not read: its answer could not be understood."]
