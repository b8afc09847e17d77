"""Only this machine's own browser, on our own pages, may use the UI."""

import pytest

from custbehav_dagster.guard import refusal

OWN = {"host": "127.0.0.1:3000"}
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("kind", "method", "path", "headers"),
    [
        ("http", "GET", "/", OWN),
        ("http", "GET", "/asset-groups", {"host": "localhost:3000"}),
        ("http", "GET", "/", {"host": "[::1]:3000"}),
        ("http", "POST", "/graphql", OWN | JSON | {"origin": "http://127.0.0.1:3000"}),
        ("http", "POST", "/graphql", OWN | JSON),  # a script on this machine has no origin
        ("websocket", "", "/graphql", OWN | {"origin": "http://localhost:3000"}),
        ("http", "GET", "/", OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}),
    ],
)
def test_own_requests_pass(kind: str, method: str, path: str, headers: dict[str, str]) -> None:
    assert refusal(kind, method, path, headers, 3000) is None


@pytest.mark.parametrize(
    ("kind", "method", "path", "headers", "why"),
    [
        ("http", "GET", "/", {}, "this machine"),
        ("http", "GET", "/", {"host": "evil.example:3000"}, "this machine"),  # DNS rebinding
        ("http", "GET", "/", {"host": "127.0.0.1:80"}, "this machine"),
        ("http", "POST", "/graphql", OWN | JSON | {"origin": "https://evil.example"}, "Another web site"),
        ("http", "POST", "/graphql", OWN | JSON | {"origin": "null"}, "Another web site"),
        ("websocket", "", "/graphql", OWN | {"origin": "https://evil.example"}, "Another web site"),
        ("http", "GET", "/graphql", OWN, "POST only"),
        ("http", "GET", "/graphql/", OWN, "POST only"),
        ("http", "POST", "/graphql", OWN | {"content-type": "text/plain"}, "JSON only"),
        ("http", "GET", "/x", OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, "Another"),
    ],
)
def test_others_are_refused_with_the_reason(
    kind: str, method: str, path: str, headers: dict[str, str], why: str
) -> None:
    assert why in (refusal(kind, method, path, headers, 3000) or "")
