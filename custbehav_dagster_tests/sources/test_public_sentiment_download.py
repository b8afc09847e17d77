"""Public sentences from an address, over real HTTP on loopback."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.public_sentiment import read_public_sentiment
from custbehav_dagster.sources.result import Fetched, SourceFailure

TABLE = b"text,label\nGood,1\nBad,0\n"


class Site:
    """A web site of one handler: `answer` is called with each request."""

    def __init__(self) -> None:
        self.url = ""
        self.user_agents: list[str | None] = []
        self.closing = threading.Event()
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = TABLE
        self.seconds_per_byte = 0.0
        self.announced_bytes: int | None = None
        self.moved_to: dict[str, str] = {}

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.user_agents.append(handler.headers.get("user-agent"))
        target = self.moved_to.get(urlsplit(handler.path).path)
        handler.send_response(302 if target else self.status)
        for name, value in ({"location": target} if target else self.headers).items():
            handler.send_header(name, value)
        body = b"" if target else self.body
        length = len(body) if self.announced_bytes is None else self.announced_bytes
        handler.send_header("content-length", str(length))
        handler.end_headers()
        pieces = (body[i : i + 1] for i in range(len(body))) if self.seconds_per_byte else (body,)
        for piece in pieces:
            if self.closing.wait(self.seconds_per_byte):
                return
            handler.wfile.write(piece)


@contextmanager
def run(site: Site) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.answer(self)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up in the middle is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    with run(made):
        yield made


def read(address: str, **limits: Any) -> Fetched:
    return read_public_sentiment(Settings(public_sentiment_url=address), **limits)


def test_a_table_is_downloaded_and_named_by_its_address(site: Site) -> None:
    fetched = read(f"{site.url}/collections/reviews.csv")
    assert fetched.rows.text.tolist() == ["Good", "Bad"]
    assert not fetched.rows.is_synthetic.any()
    assert set(fetched.rows.source) == {"reviews"}
    assert set(fetched.rows.provenance) == {fetched.provenance} == {f"{site.url}/collections/reviews.csv"}
    assert fetched.problems == []


def test_an_address_goes_before_a_file(site: Site, tmp_path: Any) -> None:
    (tmp_path / "mine.csv").write_text("text,label\nMine,1\n")
    settings = Settings(
        public_sentiment_url=f"{site.url}/a", public_sentiment_file=str(tmp_path / "mine.csv")
    )
    fetched = read_public_sentiment(settings)
    assert fetched.rows.text.tolist() == ["Good", "Bad"]
    assert fetched.problems == []


def test_the_site_is_told_who_reads(site: Site) -> None:
    read(f"{site.url}/a.csv")
    assert site.user_agents == ["custbehav_dagster"]


def test_redirects_are_followed_a_few_times(site: Site) -> None:
    site.moved_to = {f"/{step}": f"/{step - 1}" for step in range(1, 10)}
    assert len(read(f"{site.url}/5").rows) == 2
    with pytest.raises(SourceFailure, match="could not be reached"):
        read(f"{site.url}/6")


def test_a_redirect_cannot_lead_to_a_file_of_this_machine(site: Site) -> None:
    site.moved_to = {"/a.csv": "file:///etc/hostname"}
    with pytest.raises(SourceFailure, match="could not be reached"):
        read(f"{site.url}/a.csv")


def test_passwords_in_an_address_are_neither_stored_nor_told(site: Site) -> None:
    secret = site.url.replace("http://", "http://me:mine@") + "/a.csv?token=hidden#part"
    fetched = read(secret)
    assert fetched.provenance == f"{site.url}/a.csv"
    site.status = 403
    with pytest.raises(SourceFailure, match="answered 403") as failure:
        read(secret)
    shown = f"{fetched.rows.to_csv()} {failure.value} {failure.value.__cause__}"
    assert not any(word in shown for word in ("mine", "hidden"))


@pytest.mark.parametrize("status", [204, 401, 404, 429, 500])
def test_any_other_status_is_one_sentence(site: Site, status: int) -> None:
    site.status = status
    with pytest.raises(SourceFailure, match=f"answered {status}"):
        read(f"{site.url}/a.csv")


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize(("max_bytes", "fits"), [(4_999, False), (5_000, True), (5_001, True)])
def test_a_table_may_be_as_large_as_the_limit(
    site: Site, is_compressed: bool, max_bytes: int, fits: bool
) -> None:
    site.body = b"text,label\n" + b"x" * 4_986 + b",1\n"
    if is_compressed:
        site.headers = {"content-encoding": "gzip"}
        site.body = gzip.compress(site.body)
    if fits:
        assert len(read(f"{site.url}/a.csv", max_bytes=max_bytes).rows) == 1
    else:
        with pytest.raises(SourceFailure, match=r"is larger than 0\.004999 MB"):
            read(f"{site.url}/a.csv", max_bytes=max_bytes)


def test_a_small_download_that_unfolds_to_a_huge_one_is_refused(site: Site) -> None:
    site.headers = {"content-encoding": "gzip"}
    site.body = gzip.compress(b"text,label\n" + bytes(60_000_000))
    assert len(site.body) < 100_000
    with pytest.raises(SourceFailure, match="is larger than 50 MB"):
        read(f"{site.url}/a.csv")


def test_a_download_that_breaks_off_is_not_half_a_table(site: Site) -> None:
    site.announced_bytes = len(TABLE) + 100
    with pytest.raises(SourceFailure, match="broke off"):
        read(f"{site.url}/a.csv")


def test_a_damaged_compression_is_a_failure(site: Site) -> None:
    site.headers = {"content-encoding": "gzip"}
    with pytest.raises(SourceFailure, match="broke off"):
        read(f"{site.url}/a.csv")


def test_a_server_that_says_nothing_is_not_waited_for(site: Site) -> None:
    site.body, site.seconds_per_byte = TABLE, 30
    with pytest.raises(SourceFailure, match="took too long"):
        read(f"{site.url}/a.csv", timeout_seconds=0.2)


def test_a_server_that_drips_is_not_waited_for_either(site: Site) -> None:
    site.body, site.seconds_per_byte = b"text,label\n" + b"x" * 10_000, 0.01
    with pytest.raises(SourceFailure, match="took too long"):
        read(f"{site.url}/a.csv", timeout_seconds=0.1)


def test_a_web_page_is_not_taken_for_a_table(site: Site) -> None:
    site.body = b"<!doctype html><title>Please log in: text,label</title>"
    with pytest.raises(SourceFailure, match="is a web page"):
        read(f"{site.url}/a.csv")


def test_a_table_without_rows_is_a_failure(site: Site) -> None:
    site.body = b"text,label\n"
    with pytest.raises(SourceFailure, match="holds no sentences"):
        read(f"{site.url}/a.csv")


@pytest.mark.parametrize(
    "address",
    ["ftp://example.com/a.csv", "file:///etc/hostname", "a.csv", "http://", "https://[", "http://\x00/a"],
)
def test_an_impossible_address_is_one_sentence(address: str) -> None:
    with pytest.raises(SourceFailure, match="CUSTBEHAV_PUBLIC_SENTIMENT_URL"):
        read(address)
