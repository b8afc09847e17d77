"""A small Reddit on this machine: token, listings and searches in the shape of the real API.

For tests only. It pages by `after`, filters by words, and can be told to fail per subreddit.
"""

from __future__ import annotations

import base64
import json
import socketserver
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources import reddit
from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.result import Fetched

CLIENT_ID, CLIENT_SECRET = "loopback-client", "loopback-secret"
TOKEN = "loopback-token"
NOW = datetime(2025, 7, 1, 6, tzinfo=UTC)
"""The moment of a refresh; the first post below is two weeks old then."""
PAGE_SIZE = 100
WRITER = "Somebody_Real"


def fetch_posts(
    settings: Settings, *, wait: Callable[[float], None] = lambda seconds: None, **options: Any
) -> Fetched:
    """The posts at `NOW`, waiting through `wait` and leaving nothing to chance."""
    pace = Pace(sleep=wait, chance=lambda: 0.0)
    return reddit.fetch_posts(settings, **{"now": NOW, "pace": pace, **options})


def make_post(number: int, subreddit: str = "handmade", **fields: Any) -> dict[str, Any]:
    """One post as Reddit sends it; a higher number is a later post. `fields` replace its fields."""
    post_id = f"p{number:05d}"
    return {
        "id": post_id,
        "name": f"t3_{post_id}",
        "title": f"Post number {number} about a handmade gift",
        "selftext": f"Text of post {number}.",
        "subreddit": subreddit,
        "score": number,
        "num_comments": number % 7,
        "created_utc": 1_750_000_000.0 + 60 * number,
        "permalink": f"/r/{subreddit}/comments/{post_id}/post_number_{number}/",
        "author": WRITER,
        "author_fullname": "t2_secret",
        "is_self": True,
    } | fields


@dataclass(frozen=True)
class Fault:
    """What a subreddit (or the token, or everything) answers instead of posts."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = "{}"
    delay_seconds: float = 0
    seconds_per_byte: float = 0


class LoopbackReddit:
    """State of the server: its posts, its faults, and what it was asked.

    `faults[subreddit]` are used up one per request, so that what follows succeeds;
    `always[subreddit]` stays. `token` and `info` stand for those addresses.
    """

    def __init__(self, posts: Iterable[dict[str, Any]]) -> None:
        self.posts = list(posts)
        self.faults: dict[str, list[Fault]] = {}
        self.always: dict[str, Fault] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.user_agents: set[str] = set()
        self.methods: Counter[str] = Counter()
        self.allowance = {"x-ratelimit-remaining": "99", "x-ratelimit-used": "1", "x-ratelimit-reset": "0"}
        self.closing = threading.Event()
        self.url = ""

    def settings(self, **changes: Any) -> Settings:
        """Settings that lead here, with the right credentials."""
        return Settings(
            **{
                "reddit_client_id": CLIENT_ID,
                "reddit_client_secret": CLIENT_SECRET,
                "reddit_url": self.url,
                "reddit_oauth_url": self.url,
                "reddit_subreddits": ["handmade"],
                "reddit_searches": [],
                "reddit_timeout_seconds": 5,
                **changes,
            }
        )

    def paths(self) -> list[str]:
        """The addresses asked for, without their parameters, in order."""
        return [path for path, _ in self.requests]

    def take_fault(self, place: str) -> Fault | None:
        waiting = self.faults.get(place)
        return waiting.pop(0) if waiting else self.always.get(place)

    def listing(self, subreddit: str, parameters: dict[str, str]) -> dict[str, Any]:
        """One page of the newest posts of a subreddit that contain the words searched for."""
        words = parameters.get("q", "").lower().split()
        found = [
            post
            for post in sorted(self.posts, key=lambda post: -post["created_utc"])
            if post["subreddit"].lower() == subreddit.lower()
            and all(word in f"{post['title']} {post['selftext']}".lower() for word in words)
        ]
        names = [post["name"] for post in found]
        start = names.index(parameters["after"]) + 1 if "after" in parameters else 0
        end = start + min(int(parameters.get("limit", 25)), PAGE_SIZE)
        page = found[start:end]
        after = page[-1]["name"] if page and end < len(found) else None
        children = [{"kind": "t3", "data": post} for post in page]
        return {"kind": "Listing", "data": {"after": after, "before": None, "children": children}}

    def known(self, names: list[str]) -> dict[str, Any]:
        """The posts of these full names that are there."""
        children = [{"kind": "t3", "data": post} for post in self.posts if post["name"] in names]
        return {"kind": "Listing", "data": {"after": None, "before": None, "children": children}}


class _Handler(BaseHTTPRequestHandler):
    reddit: LoopbackReddit
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._note()
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        fault = self.reddit.take_fault("token")
        if fault:
            self._send_fault(fault)
        elif self.headers.get("authorization") != f"Basic {known}":
            self._send(401, json.dumps({"message": "Unauthorized", "error": 401}))
        else:
            token = {"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600, "scope": "*"}
            self._send(200, json.dumps(token))

    def do_GET(self) -> None:
        self._note()
        parts = urlsplit(self.path)
        steps = parts.path.strip("/").split("/")
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        subreddit = steps[1] if len(steps) > 1 else ""  # "info" where posts are asked for by identifier
        fault = self.reddit.take_fault(subreddit)
        if fault:
            self._send_fault(fault)
        elif self.headers.get("authorization", "").lower() != f"bearer {TOKEN}":
            self._send(401, json.dumps({"message": "Unauthorized", "error": 401}))
        elif steps == ["api", "info"]:
            self._send(200, json.dumps(self.reddit.known(parameters["id"].split(","))))
        elif len(steps) != 3 or steps[0] != "r" or steps[2].removesuffix("/") not in ("new", "search"):
            self._send(404, json.dumps({"message": "Not Found", "error": 404}))
        else:
            self._send(200, json.dumps(self.reddit.listing(subreddit, parameters)), self.reddit.allowance)

    def _note(self) -> None:
        parts = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.reddit.requests.append((parts.path, parameters))
        self.reddit.methods[self.command] += 1
        self.reddit.user_agents.add(self.headers.get("user-agent", ""))

    def _send_fault(self, fault: Fault) -> None:
        self.reddit.closing.wait(fault.delay_seconds)
        self._send(fault.status, fault.body, fault.headers, fault.seconds_per_byte)

    def _send(
        self, status: int, body: str, headers: dict[str, str] | None = None, seconds_per_byte: float = 0
    ) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        if self.close_connection:
            # Unsaid, the client would keep the connection for its next request.
            self.send_header("connection", "close")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if not seconds_per_byte:
            self.wfile.write(content)
            return
        for byte in content:
            self.wfile.write(bytes([byte]))
            if self.reddit.closing.wait(seconds_per_byte):
                return

    def log_message(self, format: str, *arguments: Any) -> None:
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that stops waiting hangs up: that is what the tests are about.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            socketserver.BaseServer.handle_error(self, request, client_address)


@contextmanager
def loopback_reddit(posts: Iterable[dict[str, Any]] = ()) -> Iterator[LoopbackReddit]:
    """Run a loopback Reddit with these posts for as long as the block lasts."""
    reddit = LoopbackReddit(posts)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"reddit": reddit}))
    reddit.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield reddit
    finally:
        reddit.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def small_reddit() -> Iterator[LoopbackReddit]:
    """Seven posts in r/handmade (p00000 to p00006) and three in r/pottery (to p00009)."""
    posts = [make_post(number) for number in range(7)]
    posts += [make_post(number, "pottery", title="My kiln") for number in range(7, 10)]
    with loopback_reddit(posts) as reddit:
        yield reddit
