"""One refresh after another: what is new comes once, what was taken back goes, what failed is made up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from custbehav_dagster.cleaning.public_texts import clean_public_texts
from custbehav_dagster.contract import raw
from custbehav_dagster.sources.outside import Outcome, refresh_source
from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.reddit import kept_posts, write_posts
from custbehav_dagster.sources.result import Earlier, Fetched, SourceFailure
from custbehav_dagster.warehouse.forgetting import forget_deleted, note_forgotten, note_path
from custbehav_dagster.warehouse.store import open_warehouse
from custbehav_dagster_tests.sources.loopback_reddit import (
    NOW,
    Fault,
    LoopbackReddit,
    fetch_posts,
    loopback_reddit,
    make_post,
    small_reddit,
)

BOTH = {"reddit_subreddits": ["handmade", "pottery"]}
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def reddit() -> Iterator[LoopbackReddit]:
    with small_reddit() as server:
        yield server


def ids(posts: pd.DataFrame) -> list[str]:
    return posts.post_id.tolist()


def after(fetched: Fetched) -> Earlier:
    return Earlier(fetched.rows, fetched.reads)


def reads_of(fetched: Fetched) -> dict[tuple[str, str], dict[str, Any]]:
    assert fetched.reads is not None
    return {(read["what"], read["subreddit"]): read for read in fetched.reads.to_dict("records")}


def test_only_pages_with_something_new_are_asked_for_again() -> None:
    with loopback_reddit(make_post(number) for number in range(350)) as reddit:
        first = fetch_posts(reddit.settings(reddit_post_limit=1000))
        reddit.posts.append(make_post(350, title="Brand new"))
        reddit.requests.clear()
        second = fetch_posts(reddit.settings(reddit_post_limit=1000), earlier=after(first), now=NEXT_DAY)
    assert ids(second.rows) == [f"p{number:05d}" for number in range(351)]
    assert reddit.paths() == ["/api/v1/access_token", "/r/handmade/new", *["/api/info"] * 3]
    assert reads_of(second)["listing", "handmade"]["posts"] == 1
    assert reads_of(second)["check", ""]["posts"] == 251


def test_rows_say_when_a_post_was_first_met_and_last_there(reddit: LoopbackReddit) -> None:
    first = fetch_posts(reddit.settings())
    reddit.posts[0] |= {"score": 99, "selftext": "Edited."}
    row = fetch_posts(reddit.settings(), earlier=after(first), now=NEXT_DAY).rows.iloc[0]
    assert (row.first_seen_at, row.last_checked_at) == ("2025-07-01T06:00:00Z", "2025-07-02T06:00:00Z")
    assert (row.score, row.body) == (99, "Edited.")


TAKEN_BACK = [
    None,
    {"selftext": "[deleted]"},
    {"selftext": "[removed]"},
    {"removed_by_category": "moderator"},
]


@pytest.mark.parametrize("fields", TAKEN_BACK)
@pytest.mark.parametrize("is_listed", [True, False])
def test_a_post_taken_back_at_reddit_goes(fields: dict[str, Any] | None, is_listed: bool) -> None:
    with loopback_reddit(make_post(number) for number in range(120)) as reddit:
        first = fetch_posts(reddit.settings())
        taken_back = 119 if is_listed else 3
        if fields is None:
            del reddit.posts[taken_back]
        else:
            reddit.posts[taken_back] |= fields
        second = fetch_posts(reddit.settings(), earlier=after(first), now=NEXT_DAY)
    assert set(ids(first.rows)) - set(ids(second.rows)) == {f"p{taken_back:05d}"}
    assert second.notes == ["1 post that was deleted or removed at Reddit was deleted here too."]
    assert second.problems == []


def test_a_whole_batch_that_is_gone_is_asked_for_twice(reddit: LoopbackReddit) -> None:
    first = fetch_posts(reddit.settings(**BOTH))
    reddit.posts.clear()
    second = fetch_posts(reddit.settings(**BOTH), earlier=after(first), now=NEXT_DAY)
    assert ids(second.rows) == []
    assert reddit.paths().count("/api/info") == 2


def test_one_empty_answer_alone_deletes_nothing(reddit: LoopbackReddit) -> None:
    first = fetch_posts(reddit.settings(**BOTH))
    reddit.always["handmade"] = Fault(403)
    reddit.faults["info"] = [Fault(body='{"kind": "Listing", "data": {"children": []}}')]
    second = fetch_posts(reddit.settings(**BOTH), earlier=after(first), now=NEXT_DAY)
    assert ids(second.rows) == ids(first.rows)


def test_a_list_that_broke_off_is_read_to_its_end_the_next_time() -> None:
    with loopback_reddit(make_post(number) for number in range(250)) as reddit:
        settings = reddit.settings(reddit_post_limit=1000)
        whole_listing = reddit.listing

        def fail_after_the_first_page(subreddit: str, parameters: dict[str, str]) -> dict[str, Any]:
            reddit.always["handmade"] = Fault(500)
            return whole_listing(subreddit, parameters)

        reddit.listing = fail_after_the_first_page  # type: ignore[method-assign]
        first = fetch_posts(settings)
        reddit.listing = whole_listing  # type: ignore[method-assign]
        reddit.always.clear()
        second = fetch_posts(settings, earlier=after(first), now=NEXT_DAY)
    assert len(first.rows) == 100
    assert reads_of(first)["listing", "handmade"]["note"] == "Reddit had a fault of its own (500)."
    assert len(second.rows) == 250
    assert reads_of(second)["listing", "handmade"]["note"] == ""


def test_posts_of_a_subreddit_that_fails_stay(reddit: LoopbackReddit) -> None:
    first = fetch_posts(reddit.settings(**BOTH))
    reddit.always["handmade"] = Fault(500)
    reddit.posts.append(make_post(10, "pottery"))
    second = fetch_posts(reddit.settings(**BOTH), earlier=after(first), now=NEXT_DAY)
    assert ids(second.rows) == [*ids(first.rows), "p00010"]
    assert second.problems == ["r/handmade was not read: Reddit had a fault of its own (500)."]
    read = reads_of(second)["listing", "handmade"]
    assert (read["read_at"], read["asked_at"]) == ("2025-07-01T06:00:00Z", "2025-07-02T06:00:00Z")


def test_a_list_left_out_for_a_while_is_read_from_its_start_again(reddit: LoopbackReddit) -> None:
    first = fetch_posts(reddit.settings(**BOTH))
    second = fetch_posts(reddit.settings(), earlier=after(first), now=NEXT_DAY)
    assert set(reads_of(first)) - set(reads_of(second)) == {("listing", "pottery")}
    assert ids(second.rows) == ids(first.rows), "its posts stay until they are too old"


def test_posts_that_could_not_be_checked_are_told_and_checked_first_the_next_time() -> None:
    with loopback_reddit(make_post(number) for number in range(450)) as reddit:
        settings = reddit.settings(reddit_post_limit=1000)
        first = fetch_posts(settings)
        reddit.always["info"] = Fault(503)
        second = fetch_posts(settings, earlier=after(first), now=NEXT_DAY)
    assert second.problems == [
        "350 known posts were not checked for deletion: Reddit had a fault of its own (503)."
    ]
    assert len(second.rows) == 450


@pytest.mark.parametrize(("days", "kept"), [(15, 1), (16, 2), (17, 3)])
def test_posts_older_than_the_retention_window_go(days: int, kept: int) -> None:
    posts = [make_post(n, created_utc=NOW.timestamp() - age * 86_400) for n, age in enumerate((17, 16, 15))]
    with loopback_reddit(posts) as reddit:
        first = fetch_posts(reddit.settings())
        settings = reddit.settings(reddit_retention_days=days)
        second = fetch_posts(settings, earlier=after(first))
    assert len(first.rows) == 3
    assert len(second.rows) == kept
    assert len(kept_posts(first.rows, settings, NOW)) == kept


def test_a_failure_of_everything_tells_what_was_asked(reddit: LoopbackReddit) -> None:
    first = fetch_posts(reddit.settings())
    reddit.always["handmade"] = Fault(500)
    reddit.always["info"] = Fault(500)
    with pytest.raises(SourceFailure) as failure:
        fetch_posts(reddit.settings(), earlier=after(first), now=NEXT_DAY)
    assert failure.value.reads is not None
    assert set(failure.value.reads.asked_at) == {"2025-07-02T06:00:00Z"}
    listing = failure.value.reads[failure.value.reads.what == "listing"].iloc[0]
    assert (listing.read_at, listing.note) == (
        "2025-07-01T06:00:00Z",
        "Reddit had a fault of its own (500).",
    )


class ShakyReddit:
    """2,500 posts over 12 subreddits, behind answers that fail at random, and a shop that reads them."""

    subreddits = tuple(f"craft{number:02d}" for number in range(12))

    def __init__(self, reddit: LoopbackReddit, folder: Path) -> None:
        self.reddit = reddit
        self.seconds = 0.0
        self.faults: Counter[int] = Counter()
        self.shop = reddit.settings(
            data_dir=str(folder),
            reddit_subreddits=list(self.subreddits),
            reddit_searches=["gift", "lamp"],
            reddit_post_limit=1000,
            reddit_timeout_seconds=0.2,
            reddit_total_seconds=7200,
        )
        chance = random.Random(5)
        answers = [Fault(429, {"retry-after": "9"}), Fault(500), Fault(503), Fault(delay_seconds=0.4)]
        whole = reddit.take_fault

        def at_random(place: str) -> Fault | None:
            fault = chance.choices([*answers, None], [10, 6, 6, 3, 75])[0] if place != "token" else None
            if fault:
                self.faults[fault.status] += 1
            return fault or whole(place)

        reddit.take_fault = at_random  # type: ignore[method-assign]

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def refresh(self, day: int) -> Outcome:
        """Read Reddit, write the tables that hold its texts, publish the snapshot."""
        shop, now = self.shop, NOW + timedelta(days=day)
        pace = Pace(self.sleep, lambda: self.seconds, random.Random(day).random)
        with open_warehouse(shop.warehouse_path) as warehouse:
            outcome = refresh_source(
                lambda earlier: fetch_posts(shop, earlier=earlier, now=now, pace=pace),
                write_posts,
                warehouse,
                raw.REDDIT_POSTS,
                shop,
                may_keep=lambda posts: kept_posts(posts, shop, now),
                reads=raw.REDDIT_READS,
            )
            note_forgotten(warehouse.path, {f"reddit:{post_id}" for post_id in outcome.gone})
            warehouse.write("raw", "reddit_posts", outcome.rows)
            assert outcome.reads is not None
            warehouse.write("raw", "reddit_reads", outcome.reads)
            posts = warehouse.table("raw", "reddit_posts")
            texts = clean_public_texts(raw.SENTIMENT_PUBLIC.empty(), posts, raw.WEB_CONTENT.empty())
            warehouse.write("cleaned", "public_texts", texts)
            warehouse.publish(shop.snapshot_path)
        forget_deleted(shop.warehouse_path, shop.snapshot_path, "500MB")
        return outcome

    def holding(self, word: str) -> set[str]:
        """Names of the shop's files in whose bytes the word stands."""
        files = [path for path in Path(self.shop.data_dir).rglob("*") if path.is_file()]
        return {path.name for path in files if word.encode() in path.read_bytes()}


def test_2500_posts_behind_random_faults_come_once_and_those_taken_back_go_everywhere(tmp_path: Path) -> None:
    names = ShakyReddit.subreddits
    posts = [
        make_post(
            n, names[n % 12], selftext=f"{random.Random(n).randbytes(40).hex()} {'lamp' * (n % 50 == 0)}"
        )
        for n in range(2_500)
    ]
    words = {post["id"]: post["selftext"][:60] for post in posts}
    with loopback_reddit(posts) as server:
        shop = ShakyReddit(server, tmp_path)
        first = shop.refresh(0)
        assert sorted(ids(first.rows)) == sorted(words), first.problems
        assert shop.holding(words["p00117"]) == {
            "custbehav.duckdb", "snapshot.duckdb", "reddit_posts.csv", "reddit_posts.json",
        }  # fmt: skip

        gone = {f"p{n:05d}" for n in range(0, 2_500, 39)}
        for post in [post for post in server.posts if post["id"] in gone]:
            how = int(post["id"][1:]) % 3
            if how == 0:
                server.posts.remove(post)
            else:
                post |= {"selftext": "[deleted]"} if how == 1 else {"removed_by_category": "moderator"}
        server.posts += [make_post(n, names[n % 12]) for n in range(2_500, 2_560)]
        second = shop.refresh(1)

        expected = (set(words) - gone) | {f"p{n:05d}" for n in range(2_500, 2_560)}
        assert sorted(ids(second.rows)) == sorted(expected), second.problems
        assert second.gone == gone
        assert {post_id: shop.holding(words[post_id]) for post_id in gone} == {
            post_id: set() for post_id in gone
        }
        assert not note_path(shop.shop.warehouse_path).exists()
        assert min(shop.faults[status] for status in (429, 500, 503, 200)) >= 2, "each kind of fault was met"
    with open_warehouse(shop.shop.snapshot_path, read_only=True) as snapshot:
        told = snapshot.table("cleaned", "public_texts").text_id.to_pyarrow().to_pylist()
    assert sorted(told) == sorted(f"reddit:{post_id}" for post_id in expected)
