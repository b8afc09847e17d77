"""A web site on this machine: it answers as told, also as badly as told, and remembers who asked."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HTML = "text/html; charset=utf-8"
NOW = datetime(2025, 7, 1, 6, tzinfo=UTC)
"""The moment of a refresh."""


@dataclass(frozen=True)
class Reply:
    body: str | bytes = ""
    status: int = 200
    media_type: str | None = HTML
    headers: dict[str, str] = field(default_factory=dict)


def page(title: str = "Mugs", words: str = "Thrown by hand.", head: str = "", body: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body><p>{words}</p>{body}</body></html>"


def redirect(target: str, status: int = 302, body: bytes = b"") -> Reply:
    return Reply(body=body, status=status, headers={"Location": target})


def packed(body: bytes) -> Reply:
    return Reply(body=body, headers={"Content-Encoding": "gzip"})


def bomb(unpacked_bytes: int) -> bytes:
    """Gzip of so many letters, about a thousandth of their size."""
    return gzip.compress(b"a" * unpacked_bytes)


class Site(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, Reply | str | Callable[[Any], None]] = {}
        self.asked: list[str] = []
        self.headers_seen: list[dict[str, str]] = []
        self.is_closing = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Visitors hang up on this site all the time; that is what it is for."""

    def drip(self, handler: BaseHTTPRequestHandler, first: bytes, drop: bytes) -> None:
        """Send `drop` every 50 ms for as long as anyone listens."""
        handler.wfile.write(first)
        while not self.is_closing.wait(0.05):
            handler.wfile.write(drop)


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers_seen.append(dict(self.headers))
        reply = self.server.replies.get(self.path, Reply(status=404))
        if callable(reply):
            reply(self)
            return
        reply = Reply(reply) if isinstance(reply, str) else reply
        version = reply.headers.get("ETag")
        if version and self.headers.get("If-None-Match") == version:
            reply = Reply(status=304, headers={"ETag": version})
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        if reply.media_type is not None:
            self.send_header("Content-Type", reply.media_type)
        for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def running_site() -> Iterator[Site]:
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.is_closing.set()
            site.shutdown()
            thread.join()
