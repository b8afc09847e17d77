"""The owner's page served on this machine, always as the last good refresh left it.

It is made from the readers' snapshot, which is replaced in one step when a refresh has
succeeded: a page is never half of one refresh and half of another, and no run waits for a
reader. The page asks now and then whether there is a new snapshot, and shows itself anew.
"""

from __future__ import annotations

import hashlib
import re
import threading
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from custbehav_dagster.guard import refusal
from custbehav_dagster.reporting.live_page import NoRefreshYet, page_from_snapshot
from custbehav_dagster.settings import Settings
from custbehav_dagster.wording.catalogue import LANGUAGES

PAGE_PATHS = ("/", "/report/", "/report/index.html")
FOLDERS = ("lists", "plots")
"""Folders of data/processed whose files the page links to."""
KINDS = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
}
HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Answer:
    """What is sent back: status, what kind of content, a mark that changes with it, and the content."""

    status: HTTPStatus
    kind: str
    mark: str
    body: bytes


class LivePage:
    """The page in each language, made once for each snapshot and kept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._made: dict[str, tuple[str, bytes]] = {}

    def mark(self, language: str) -> str:
        """Changes when a refresh has landed; known without making the page."""
        try:
            found = self.settings.snapshot_path.stat()
        except FileNotFoundError:
            return f'"none-{language}"'
        told = f"{found.st_ino}-{found.st_mtime_ns}-{found.st_size}-{language}"
        return f'"{hashlib.sha256(told.encode()).hexdigest()[:20]}"'

    def body(self, language: str) -> tuple[str, bytes]:
        """The page's mark and content.

        Raises:
            NoRefreshYet: there is no snapshot to read.
        """
        with self._lock:
            mark = self.mark(language)
            if self._made.get(language, ("", b""))[0] != mark:
                self._made[language] = mark, page_from_snapshot(self.settings, language).encode()
            return self._made[language]


def answer(page: LivePage, target: str, *, with_body: bool = True) -> Answer:
    """Answer a request for `target`, a path with perhaps `?language=fa` behind it."""
    parts = urlsplit(target)
    path = unquote(parts.path)
    if path == "/report":
        path = "/report/"
    if path in PAGE_PATHS:
        wanted = re.search(r"(?:^|&)language=(\w+)", parts.query)
        language = wanted.group(1) if wanted and wanted.group(1) in LANGUAGES else page.settings.language
        return _page(page, language, with_body)
    file = _file(page.settings.processed_path, path)
    if file is None:
        return _plain(HTTPStatus.NOT_FOUND, "There is no such page here.")
    body = file.read_bytes()
    return Answer(HTTPStatus.OK, KINDS[file.suffix], f'"{hashlib.sha256(body).hexdigest()[:20]}"', body)


def _page(page: LivePage, language: str, with_body: bool) -> Answer:
    kind = "text/html; charset=utf-8"
    if not with_body:
        return Answer(HTTPStatus.OK, kind, page.mark(language), b"")
    try:
        mark, body = page.body(language)
    except NoRefreshYet as why:
        return Answer(HTTPStatus.OK, kind, page.mark(language), why.page.encode())
    return Answer(HTTPStatus.OK, kind, mark, body)


def _plain(status: HTTPStatus, sentence: str) -> Answer:
    return Answer(status, "text/plain; charset=utf-8", "", sentence.encode())


def _file(processed: Path, path: str) -> Path | None:
    """A file that the page links to; None for anything else, wherever a path may lead."""
    names = path.strip("/").split("/")
    if len(names) < 2 or names[0] not in FOLDERS or any(name.startswith(".") or not name for name in names):
        return None
    if "\\" in path or "\0" in path:
        return None
    file = processed.joinpath(*names)
    folder = (processed / names[0]).resolve()
    try:
        is_inside = file.resolve().is_relative_to(folder)
        return file if is_inside and file.suffix in KINDS and file.is_file() else None
    except OSError:
        # A name longer than a file may have is the name of no file.
        return None


class Handler(BaseHTTPRequestHandler):
    """Takes GET and HEAD that were typed for this address."""

    protocol_version = "HTTP/1.1"
    server_version = "custbehav_dagster"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        """Answer with the content."""
        self._reply(with_body=True)

    def do_HEAD(self) -> None:
        """Answer without it: is there news?"""
        self._reply(with_body=False)

    def _reply(self, with_body: bool) -> None:
        server = cast(LiveServer, self.server)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reason = refusal("http", self.command, "/", headers, server.server_address[1])
        told = _plain(HTTPStatus.FORBIDDEN, reason) if reason else self._answer(server.page, with_body)
        is_known = bool(told.mark) and headers.get("if-none-match") == told.mark
        self.send_response(HTTPStatus.NOT_MODIFIED if is_known else told.status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if told.mark:
            self.send_header("ETag", told.mark)
        if is_known or not with_body:
            self.end_headers()
            return
        self.send_header("Content-Type", told.kind)
        self.send_header("Content-Length", str(len(told.body)))
        self.end_headers()
        self.wfile.write(told.body)

    def _answer(self, page: LivePage, with_body: bool) -> Answer:
        try:
            return answer(page, self.path, with_body=with_body)
        except Exception:
            # Whatever went wrong, the browser is told so and the terminal shows why.
            traceback.print_exc()
            saved = page.settings.processed_path / "report" / "index.html"
            sentence = f"This page could not be made. The one of the last refresh is {saved}."
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, sentence)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: who looked at what is nobody's business."""


class LiveServer(ThreadingHTTPServer):
    """A server of the page on 127.0.0.1, not yet running; port 0 takes any free one.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True

    def __init__(self, settings: Settings, port: int) -> None:
        self.page = LivePage(settings)
        super().__init__(("127.0.0.1", port), Handler)


def main(port: int) -> None:
    """Serve until interrupted, on a free port when this one is taken; say the address."""
    settings = Settings()
    try:
        serving = LiveServer(settings, port)
    except (OSError, OverflowError):
        serving = LiveServer(settings, 0)
    with serving as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/report/"
        print(f"The owner's page is on {address}", flush=True)  # noqa: T201
        try:
            server.serve_forever(poll_interval=0.5)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    import sys

    main(int(sys.argv[1]))
