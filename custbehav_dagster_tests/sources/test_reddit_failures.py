"""Reddit refuses, is busy, is slow or is gone: what the owner is told, and what is kept."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from time import time
from typing import Any

import pandas as pd
import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.reddit_etiquette import TRIES
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster_tests.sources.loopback_reddit import (
    CLIENT_ID,
    CLIENT_SECRET,
    TOKEN,
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


@pytest.fixture
def waits() -> list[float]:
    """Seconds that the client would have slept: it is handed `waits.append` for a sleep."""
    return []


BOTH = {"reddit_subreddits": ["handmade", "pottery"]}


def ids(posts: pd.DataFrame) -> list[str]:
    return posts.post_id.tolist()


@pytest.mark.parametrize(
    ("fault", "expected_reason"),
    [
        (Fault(403), "private or closed"),
        (Fault(404), "no such subreddit"),
        (Fault(302, {"location": "/subreddits/search?q=pottery"}), "no such subreddit"),
        (Fault(500), "a fault of its own"),
        (Fault(503), "a fault of its own"),
        (Fault(418), "answered 418"),
        (Fault(429), "slow down"),
        (Fault(200, delay_seconds=30), "within 0.3 seconds"),
        (Fault(200, body="{" + " " * 500 + "}", seconds_per_byte=0.05), "within 0.3 seconds"),
    ],
)
def test_a_subreddit_that_fails_is_one_sentence_and_the_others_are_kept(
    reddit: LoopbackReddit, waits: list[float], fault: Fault, expected_reason: str
) -> None:
    reddit.always["handmade"] = fault
    settings = reddit.settings(**BOTH, reddit_searches=["gift", "kiln"], reddit_timeout_seconds=0.3)
    fetched = fetch_posts(settings, wait=waits.append)
    assert ids(fetched.rows) == ["p00007", "p00008", "p00009"]
    assert len(fetched.problems) == 1
    assert fetched.problems[0].startswith("r/handmade was not read: ")
    assert expected_reason in fetched.problems[0]
    assert not fetched.is_sample


def test_pages_read_before_a_failure_are_kept(waits: list[float]) -> None:
    with loopback_reddit(make_post(number) for number in range(150)) as reddit:
        whole_listing = reddit.listing

        def fail_after_the_first_page(subreddit: str, parameters: dict[str, str]) -> dict[str, Any]:
            page = whole_listing(subreddit, parameters)
            reddit.always["handmade"] = Fault(500)
            return page

        reddit.listing = fail_after_the_first_page  # type: ignore[method-assign]
        fetched = fetch_posts(reddit.settings(), wait=waits.append)
    assert len(fetched.rows) == 100
    assert fetched.problems == ["r/handmade was read only in part: Reddit had a fault of its own (500)."]


def test_when_every_subreddit_fails_the_reason_of_each_is_given(reddit: LoopbackReddit) -> None:
    reddit.always |= {"handmade": Fault(403), "pottery": Fault(404)}
    with pytest.raises(SourceFailure) as failure:
        fetch_posts(reddit.settings(**BOTH))
    assert str(failure.value) == (
        "No subreddit was read (r/handmade: it is private or closed to this program (403); "
        "r/pottery: Reddit knows no such subreddit (404))."
    )


def test_wrong_credentials_are_one_clear_sentence_and_asked_once(reddit: LoopbackReddit) -> None:
    with pytest.raises(SourceFailure, match="refused the credentials") as failure:
        fetch_posts(reddit.settings(**BOTH, reddit_client_secret="wrong-secret"))
    assert "REDDIT_CLIENT_ID" in str(failure.value)
    assert "wrong-secret" not in str(failure.value)
    assert reddit.paths() == ["/api/v1/access_token"]


def test_credentials_that_the_token_answer_refuses_are_named_too(reddit: LoopbackReddit) -> None:
    reddit.always["token"] = Fault(200, body='{"error": "invalid_grant"}')
    with pytest.raises(SourceFailure, match=r"refused the credentials \(invalid_grant\)"):
        fetch_posts(reddit.settings(**BOTH))


def test_an_expired_token_is_renewed_once(reddit: LoopbackReddit) -> None:
    reddit.faults["handmade"] = [Fault(401)]
    assert len(fetch_posts(reddit.settings()).rows) == 7
    assert reddit.paths().count("/api/v1/access_token") == 2


def test_an_api_that_refuses_every_token_is_a_matter_of_credentials(reddit: LoopbackReddit) -> None:
    reddit.always["handmade"] = Fault(401)
    with pytest.raises(SourceFailure, match="refused the credentials"):
        fetch_posts(reddit.settings(**BOTH))
    assert "/r/pottery/new" not in reddit.paths()


def test_access_lost_half_way_keeps_what_was_read(reddit: LoopbackReddit) -> None:
    reddit.always["pottery"] = Fault(401)
    fetched = fetch_posts(reddit.settings(reddit_subreddits=["handmade", "pottery", "knitting", "wool"]))
    assert len(fetched.rows) == 7
    assert fetched.problems[0].startswith("r/pottery was not read: it refused the credentials")
    assert fetched.problems[1] == "After that, r/knitting, r/wool were not asked."
    assert "/r/knitting/new" not in reddit.paths()


def test_no_network_is_one_clear_sentence(waits: list[float]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        settings = Settings(
            reddit_client_id="a", reddit_client_secret="b", reddit_url=address, reddit_oauth_url=address
        )
        with pytest.raises(SourceFailure) as failure:
            fetch_posts(settings, wait=waits.append)
    assert str(failure.value) == (
        "Reddit was not read: it could not be reached; check the internet connection."
    )
    assert waits == [1, 2, 4]


def test_a_silent_token_address_ends_everything(reddit: LoopbackReddit, waits: list[float]) -> None:
    reddit.always["token"] = Fault(200, delay_seconds=30)
    with pytest.raises(SourceFailure, match=r"no complete answer came within 0\.2 seconds"):
        fetch_posts(reddit.settings(**BOTH, reddit_timeout_seconds=0.2), wait=waits.append)
    assert reddit.paths() == ["/api/v1/access_token"] * TRIES


def test_after_three_silent_subreddits_the_others_are_not_asked(
    reddit: LoopbackReddit, waits: list[float]
) -> None:
    names = ["handmade", "silent1", "silent2", "silent3", "pottery", "wool"]
    reddit.always |= {name: Fault(200, delay_seconds=30) for name in names[1:4]}
    settings = reddit.settings(reddit_subreddits=names, reddit_timeout_seconds=0.2)
    fetched = fetch_posts(settings, wait=waits.append)
    assert len(fetched.rows) == 7
    assert len(fetched.problems) == 4
    assert fetched.problems[-1] == "After that, r/pottery, r/wool were not asked."


@pytest.mark.parametrize(
    ("headers", "expected_waits"),
    [
        ({"retry-after": "7"}, [7.0]),
        ({"retry-after": "0.5"}, [0.5]),
        ({"retry-after": "-3"}, [0.0]),
        ({"retry-after": "nan"}, [1.0]),
        ({"retry-after": "soon"}, [1.0]),
        ({"x-ratelimit-reset": "11"}, [11.0]),
        ({}, [1.0]),
    ],
)
def test_429_is_waited_out_as_long_as_reddit_asks(
    reddit: LoopbackReddit, waits: list[float], headers: dict[str, str], expected_waits: list[float]
) -> None:
    reddit.faults["handmade"] = [Fault(429, headers)]
    fetched = fetch_posts(reddit.settings(), wait=waits.append)
    assert len(fetched.rows) == 7
    assert fetched.problems == []
    assert waits == expected_waits


def test_a_retry_date_counts_from_the_date_of_the_answer(reddit: LoopbackReddit, waits: list[float]) -> None:
    reddit.faults["handmade"] = [Fault(429, {"retry-after": formatdate(time() + 60, usegmt=True)})]
    assert len(fetch_posts(reddit.settings(), wait=waits.append).rows) == 7
    assert 55 <= waits[0] <= 61


@pytest.mark.parametrize(("failures", "succeeds"), [(1, True), (3, True), (4, False)])
@pytest.mark.parametrize("status", [429, 500])
def test_there_are_four_tries(
    reddit: LoopbackReddit, waits: list[float], failures: int, succeeds: bool, status: int
) -> None:
    reddit.faults["handmade"] = [Fault(status)] * failures
    fetched = fetch_posts(reddit.settings(**BOTH), wait=waits.append)
    assert (len(fetched.rows) == 10) == succeeds
    assert bool(fetched.problems) != succeeds
    assert waits == [1.0, 2.0, 4.0][:failures]


@pytest.mark.parametrize(
    ("asked", "total", "is_waited"), [("300", 900, True), ("301", 900, False), ("60", 30, False)]
)
def test_a_wait_that_is_too_long_is_not_begun_and_ends_the_reading(
    reddit: LoopbackReddit, waits: list[float], asked: str, total: int, is_waited: bool
) -> None:
    reddit.faults["pottery"] = [Fault(429, {"retry-after": asked})]
    settings = reddit.settings(reddit_subreddits=["handmade", "pottery", "wool"], reddit_total_seconds=total)
    fetched = fetch_posts(settings, wait=waits.append)
    assert waits == [float(asked)] * is_waited
    assert len(fetched.rows) == (10 if is_waited else 7)
    assert fetched.problems == ([] if is_waited else [
        "r/pottery was not read: Reddit asked to slow down (429).",
        "After that, r/wool was not asked.",
    ])  # fmt: skip


def test_asking_and_waiting_end_when_the_time_is_used_up(reddit: LoopbackReddit) -> None:
    moment = [0.0]

    def sleep(seconds: float) -> None:
        moment[0] += seconds

    names = [f"busy{number}" for number in range(10)]
    reddit.always = dict.fromkeys(names, Fault(429, {"retry-after": "25"}))
    pace = Pace(sleep, lambda: moment[0], lambda: 0.0)
    settings = reddit.settings(reddit_subreddits=["handmade", *names], reddit_total_seconds=120)
    fetched = fetch_posts(settings, pace=pace)
    assert len(fetched.rows) == 7
    assert 75 <= moment[0] <= 120
    assert fetched.problems[-1].startswith("After that, r/busy2, r/busy3, r/busy4 and 5 more were not asked")


def test_the_allowance_that_reddit_tells_is_kept(reddit: LoopbackReddit, waits: list[float]) -> None:
    reddit.allowance = {"x-ratelimit-remaining": "0.0", "x-ratelimit-used": "100", "x-ratelimit-reset": "42"}
    fetched = fetch_posts(reddit.settings(**BOTH), wait=waits.append)
    assert len(fetched.rows) == 10
    assert [round(wait) for wait in waits] == [42], "between the two pages, not after the last"


def test_chance_adds_up_to_half_to_a_pause_of_our_own(reddit: LoopbackReddit, waits: list[float]) -> None:
    reddit.faults["handmade"] = [Fault(500), Fault(500)]
    fetch_posts(reddit.settings(), pace=Pace(waits.append, chance=lambda: 1.0))
    assert waits == [1.5, 3.0]


def test_reddit_is_only_read_and_told_who_reads(reddit: LoopbackReddit) -> None:
    fetch_posts(reddit.settings(**BOTH, reddit_searches=["gift"], reddit_user_agent="a shop in Leeds"))
    assert reddit.methods["POST"] == 1, "the token"
    assert reddit.methods["GET"] == 4
    assert all(agent.startswith("a shop in Leeds") for agent in reddit.user_agents)


def test_progress_is_told_and_secrets_are_not(
    reddit: LoopbackReddit, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reddit.faults["handmade"] = [Fault(429)]
    reddit.always["pottery"] = Fault(403)
    fetch_posts(reddit.settings(**BOTH, reddit_searches=["gift"]), wait=waits.append)
    progress = [
        record.getMessage() for record in caplog.records if record.name == "custbehav_dagster.sources.reddit"
    ]
    assert progress == [
        "Waiting 1 s before asking again: Reddit asked to slow down (429)",
        "Reddit: 1 of at most 8 pages read.",
        "Reddit: 2 of at most 7 pages read.",
        "r/pottery was not read: it is private or closed to this program (403).",
    ]
    for secret in (CLIENT_SECRET, TOKEN, WRITER):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"reddit_client_id": "a"}, "REDDIT_CLIENT_SECRET is not"),
        ({"reddit_client_secret": "b"}, "REDDIT_CLIENT_ID is not"),
        ({"reddit_client_id": "a", "reddit_client_secret": " "}, "REDDIT_CLIENT_SECRET is not"),
    ],
)
def test_half_of_the_credentials_is_a_mistake_and_not_a_sample(settings: dict[str, str], named: str) -> None:
    with pytest.raises(SourceFailure, match=named):
        fetch_posts(Settings(**settings))


@pytest.mark.parametrize(
    "address",
    ["http://www.reddit.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1", "reddit.com", "http://["],
)
@pytest.mark.parametrize("name", ["reddit_url", "reddit_oauth_url"])
def test_credentials_never_travel_in_the_open(name: str, address: str) -> None:
    settings = Settings(reddit_client_id="a", reddit_client_secret="b", **{name: address})
    with pytest.raises(SourceFailure, match=f"CUSTBEHAV_{name.upper()}"):
        fetch_posts(settings)


def test_a_praw_ini_nearby_changes_nothing(
    reddit: LoopbackReddit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # PRAW reads its files once per process, hence a process of its own.
    (tmp_path / "praw.ini").write_text(
        "[DEFAULT]\nusername=me\npassword=mine\nclient_id=other\n[site]\ntimeout=1\n"
    )
    monkeypatch.setenv("praw_site", "site")
    monkeypatch.setenv("praw_username", "me")
    monkeypatch.setenv("praw_password", "mine")
    program = (
        "import sys; from custbehav_dagster.settings import Settings;"
        "from custbehav_dagster.sources.reddit import fetch_posts;"
        "s = Settings(reddit_client_id=sys.argv[2], reddit_client_secret=sys.argv[3], reddit_url=sys.argv[1],"
        " reddit_oauth_url=sys.argv[1], reddit_subreddits=['handmade'], reddit_searches=[]);"
        "from datetime import UTC, datetime; now = datetime(2025, 7, 1, tzinfo=UTC);"
        "print(len(fetch_posts(s, now=now).rows))"
    )
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", str(root))
    done = subprocess.run(
        [sys.executable, "-c", program, reddit.url, CLIENT_ID, CLIENT_SECRET],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == "7"
