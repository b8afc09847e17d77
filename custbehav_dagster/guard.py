"""The Dagster UI on this machine only, closed to other web pages.

The stock web server has no login and starts runs for any page that the user's
browser has open. This guard lets through only requests that were typed for this
address (`Host`) and come from its own pages (`Origin`), and no query by GET.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from custbehav_dagster.resources import report_dead_runs
from custbehav_dagster.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PAGE_PORT_AFTER = 100
"""The owner's page has a port so much above the UI's: the next ones are for other shops' UIs."""
OWN_NAMES = ("127.0.0.1", "localhost", "::1")


def refusal(kind: str, method: str, path: str, headers: dict[str, str], port: int) -> str | None:
    """Why a request is refused, in a sentence; None when it may pass.

    `kind` is 'http' or 'websocket'; `headers` have lower-case names.
    """
    if not _is_own(f"//{headers.get('host', '')}", port):
        return "This address is served to this machine's own browser only."
    origin = headers.get("origin")
    if origin is not None and not _is_own(origin, port):
        return "Another web site may not use this server."
    if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
        return "Another web site may not use this server."
    if kind == "http" and path.rstrip("/").endswith("graphql"):
        if method != "POST":
            return "Queries are taken by POST only."
        if not headers.get("content-type", "").startswith(("application/json", "multipart/form-data")):
            return "Queries are taken as JSON only."
    return None


def _is_own(address: str, port: int) -> bool:
    try:
        parts = urlsplit(address)
        return parts.hostname in OWN_NAMES and parts.port == port
    except ValueError:
        return False


class Guard:
    """An ASGI application that passes what may pass to another one."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], port: int) -> None:
        self.app = app
        self.port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 with the reason."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        reason = refusal(scope["type"], scope.get("method", ""), scope["path"], headers, self.port)
        if reason is None:
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008, "reason": reason})
        plain = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": 403, "headers": plain})
        return await send({"type": "http.response.body", "body": reason.encode()})


def serve_guarded(port: int, settings: Settings) -> int:
    """Serve UI and owner's page and run the daemon until interrupted; 1 when UI or daemon stops by itself.

    The owner's page has the port PAGE_PORT_AFTER the UI's, or any free one; it says which.
    """
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        report_dead_runs(instance, settings.warehouse_path)
    workspace = ["-w", "workspace.yaml"]
    commands = [
        ["custbehav_dagster.guard", str(port), *workspace],
        ["dagster._daemon", "run", *workspace],
        ["custbehav_dagster.live", str(port + PAGE_PORT_AFTER)],
    ]
    children = [subprocess.Popen([sys.executable, "-m", *command]) for command in commands]
    needed = children[:2]
    # A terminated parent must not leave its children behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"The UI is on http://127.0.0.1:{port} (stop with Ctrl-C).", flush=True)  # noqa: T201
    try:
        while all(child.poll() is None for child in needed):
            time.sleep(0.5)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children:
            child.send_signal(signal.SIGINT)
        for child in children:
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()


def _serve(port: int, arguments: list[str]) -> None:
    """Run Dagster's own web server with the guard around its application."""
    from dagster_webserver import cli

    make_app = cli.create_app_from_workspace_process_context

    def guarded(*args: Any, **kwargs: Any) -> Any:
        return Guard(make_app(*args, **kwargs), port)

    cli.create_app_from_workspace_process_context = guarded
    cli.dagster_webserver(["-h", "127.0.0.1", "-p", str(port), *arguments])


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2:])
