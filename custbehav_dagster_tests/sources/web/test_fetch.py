"""Guards of a single request: where it may go, how long it may take, how much it may bring."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
from collections.abc import Callable

import pytest
import requests

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.http_body import TooSlowError, read_body
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.sources.web import read_pages
from custbehav_dagster_tests.sources.web.site import NOW, Reply, bomb, packed, page, redirect


def failure_of(read, *paths: str, **knobs) -> str:
    with pytest.raises(SourceFailure) as failure:
        read(*paths, **knobs)
    return str(failure.value)


PRIVATE_HOSTS = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[fe80::1]",
    "[fd00::1]",
]


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_an_address_inside_the_local_network_is_never_asked(site, host) -> None:
    settings = Settings(web_urls=[f"http://{host}:{site.server_port}/mug"], web_timeout_seconds=5)
    with pytest.raises(SourceFailure, match="leads into a private network, which is never read"):
        read_pages(settings, now=NOW)
    assert site.asked == []


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00::1]"])
def test_a_redirect_into_the_local_network_is_not_followed(site, host) -> None:
    site.replies["/mug"] = redirect(f"http://{host}/secret")
    settings = Settings(web_urls=[f"{site.address}/mug"], web_timeout_seconds=5)
    with pytest.raises(SourceFailure, match=r"/mug was left out because .* leads into a private network"):
        read_pages(settings, now=NOW, allow_loopback=True)
    assert site.asked == ["/robots.txt", "/mug"]


def test_a_robots_file_that_redirects_into_the_local_network_is_not_followed(site) -> None:
    site.replies["/robots.txt"] = redirect("http://169.254.169.254/latest")
    settings = Settings(web_urls=[f"{site.address}/mug"], web_timeout_seconds=5)
    with pytest.raises(SourceFailure, match="leads into a private network"):
        read_pages(settings, now=NOW, allow_loopback=True)
    assert site.asked == ["/robots.txt"]


def test_a_name_is_connected_to_the_very_address_that_was_checked(site, monkeypatch) -> None:
    site.replies["/mug"] = page("Mugs")
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def changing(host, port, *args, **kwargs):
        if host == "shop.test":
            looked_up.append(host)
            # Two requests, robots.txt and the page; any further look-up would find the private address.
            host = "127.0.0.1" if len(looked_up) <= 2 else "10.0.0.1"
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    settings = Settings(web_urls=[f"http://shop.test:{site.server_port}/mug"], web_timeout_seconds=5)

    rows = read_pages(settings, now=NOW, allow_loopback=True).rows

    assert list(rows.title) == ["Mugs"]
    assert len(looked_up) == 2


def test_a_name_that_turns_private_after_the_robots_file_is_refused(site, monkeypatch) -> None:
    answers = iter(["127.0.0.1", "10.0.0.1"])
    real = socket.getaddrinfo

    def rebinding(host, port, *args, **kwargs):
        address = next(answers) if host == "shop.test" else host
        return real(address, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    settings = Settings(web_urls=[f"http://shop.test:{site.server_port}/mug"], web_timeout_seconds=5)
    with pytest.raises(SourceFailure, match="leads into a private network"):
        read_pages(settings, now=NOW, allow_loopback=True)
    assert site.asked == ["/robots.txt"]


def test_proxies_and_logins_of_the_environment_are_not_used(site, read, monkeypatch, tmp_path) -> None:
    site.replies["/mug"] = page("Mugs")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login shop password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert list(read("/mug").rows.title) == ["Mugs"]
    assert not any("Authorization" in headers for headers in site.headers_seen)


def test_a_site_is_told_who_asks_and_gets_no_cookie_back(site, read) -> None:
    site.replies |= {
        "/one": Reply(page("One"), headers={"Set-Cookie": "visitor=7; Path=/"}),
        "/two": page("Two"),
    }
    read("/one", "/two", web_user_agent="ShopReader/1.0")
    assert {headers["User-Agent"] for headers in site.headers_seen} == {"ShopReader/1.0"}
    assert not any("Cookie" in headers for headers in site.headers_seen)


@pytest.mark.parametrize(("hops", "is_read"), [(1, True), (5, True), (6, False)])
def test_at_most_five_redirects_are_followed(site, read, hops, is_read) -> None:
    site.replies |= {f"/{hop}": redirect(f"/{hop - 1}") for hop in range(1, hops + 1)} | {"/0": page("End")}
    if is_read:
        assert list(read(f"/{hops}").rows.title) == ["End"]
    else:
        assert "comes after more than 5 redirects" in failure_of(read, f"/{hops}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed(site, read, status) -> None:
    site.replies |= {"/old": redirect("new", status), "/new": page("New")}
    assert list(read("/old").rows.title) == ["New"]


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/mug", "javascript:1", "data:text/html,mug"]
)
def test_a_redirect_to_something_that_is_no_web_page_is_refused(site, read, target) -> None:
    site.replies["/mug"] = redirect(target)
    assert "is not an address of a web page" in failure_of(read, "/mug")


@pytest.mark.parametrize(
    "address",
    [
        "mugs.example",
        "www.mugs.example/shop",
        "ftp://mugs.example/",
        "file:///etc/hosts",
        "http://",
        "http:///mug",
        "http://[::1",
        "http://mugs.example:99999/",
        "http://mugs.example:port/",
        "http://.mugs.example/",
        "https://*.example/",
        "mailto:ann@mugs.example",
        "\x00",
    ],
)
def test_what_is_no_web_address_is_told_in_a_sentence(site, read, address) -> None:
    site.replies["/mug"] = page("Mugs")
    settings = Settings(web_urls=[address, f"{site.address}/mug"], web_allow_private=True)

    fetched = read_pages(settings, now=NOW)

    assert list(fetched.rows.title) == ["Mugs"]
    assert len(fetched.problems) == 1
    assert "is not an address of a web page, so it was left out; write it as https://" in fetched.problems[0]


@pytest.mark.parametrize("address", [f"http://{'a' * 64}.example/", "http://no-such-host.invalid/"])
def test_a_name_that_cannot_be_looked_up_is_told_in_a_sentence(read, address) -> None:
    sentence = failure_of(read, address, web_allow_private=False)
    assert "was left out because" in sentence


def test_a_password_in_an_address_is_refused_and_not_repeated(read) -> None:
    sentence = failure_of(read, "http://ann:secret@mugs.example/shop?token=hidden")
    assert "http://mugs.example/shop?… holds a user name or password" in sentence
    assert "secret" not in sentence
    assert "hidden" not in sentence


def test_nothing_listening_is_told_in_a_sentence(site, read) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/mug"
        assert "/robots.txt cannot be reached" in failure_of(read, address)


@pytest.mark.parametrize(
    ("media_type", "is_read"),
    [
        ("text/html", True),
        ("TEXT/HTML;charset=UTF-8", True),
        ("application/xhtml+xml", True),
        ("application/pdf", False),
        ("application/json", False),
        ("text/plain", False),
        ("image/svg+xml", False),
        ("", False),
        (None, False),
    ],
)
def test_only_pages_of_html_and_xhtml_are_read(site, read, media_type, is_read) -> None:
    site.replies["/mug"] = Reply(page("Mugs"), media_type=media_type)
    if is_read:
        assert list(read("/mug").rows.title) == ["Mugs"]
    else:
        assert "not a web page" in failure_of(read, "/mug")


def body_of(size: int) -> bytes:
    start = b"<title>Mugs</title><p>"
    return start + b"a" * (size - len(start))


@pytest.mark.parametrize(("size", "is_read"), [(1_999, True), (2_000, True), (2_001, False)])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_page_may_be_as_large_as_the_limit_and_no_larger(site, read, size, is_read, is_packed) -> None:
    body = body_of(size)
    site.replies["/mug"] = packed(gzip.compress(body)) if is_packed else Reply(body)
    if is_read:
        assert list(read("/mug", web_max_bytes=2_000).rows.title) == ["Mugs"]
    else:
        assert "is larger than 2,000 bytes" in failure_of(read, "/mug", web_max_bytes=2_000)


def endless(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    while not handler.server.is_closing.is_set():
        handler.wfile.write(b"<p>more</p>" * 1000)


def test_a_body_without_end_is_cut_off_at_the_limit(site, read) -> None:
    site.replies["/mug"] = endless
    assert "is larger than 100,000 bytes" in failure_of(read, "/mug", web_max_bytes=100_000)


def peak_bytes_of(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_packed_bomb_takes_hardly_more_memory_than_the_limit(site, read) -> None:
    site.replies |= {"/bomb": packed(bomb(60_000_000)), "/mug": page("Mugs")}
    read("/mug")  # so that no library is imported while memory is counted
    told: list[str] = []

    peak_bytes = peak_bytes_of(lambda: told.append(failure_of(read, "/bomb", web_max_bytes=1_000_000)))

    assert "is larger than 1,000,000 bytes" in told[0]
    assert peak_bytes < 6_000_000


def test_what_comes_with_a_redirect_is_not_even_read(site, read) -> None:
    explosive = Reply(bomb(60_000_000), 302, headers={"Content-Encoding": "gzip", "Location": "/mug"})
    site.replies |= {"/old": explosive, "/mug": page("Mugs")}
    read("/mug")

    peak_bytes = peak_bytes_of(lambda: read("/old"))

    assert site.asked[-1] == "/mug"
    assert peak_bytes < 6_000_000


def test_a_page_packed_in_several_parts_is_read_whole(site, read) -> None:
    whole = page("Mugs", "first second").encode()
    parts = gzip.compress(whole[:30]) + gzip.compress(whole[30:]) + b"\x00" * 8
    site.replies["/mug"] = packed(parts)
    assert list(read("/mug").rows.title) == ["Mugs"]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (packed(gzip.compress(b"<p>Mugs</p>" * 50)[:-12]), "broke off or came damaged"),
        (packed(b"<p>not packed at all</p>"), "broke off or came damaged"),
        (Reply(b"x", headers={"Content-Encoding": "br"}), "packed in a way that was not asked for"),
        (Reply("<p>Mugs", headers={"Content-Length": "5000"}), "broke off or came damaged"),
    ],
    ids=["packed page cut short", "says packed but is not", "other packing", "page cut short"],
)
def test_a_damaged_page_is_told(site, read, reply, told) -> None:
    site.replies["/mug"] = reply
    assert told in failure_of(read, "/mug")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"


def drips_its_body(handler) -> None:
    handler.server.drip(handler, HEAD + b"\r\n", b"a ")


def drips_its_head(handler) -> None:
    handler.server.drip(handler, HEAD + b"X-Slow: ", b"a")


def keeps_saying_continue(handler) -> None:
    handler.server.drip(handler, b"", b"HTTP/1.1 100 Continue\r\n\r\n")


def drips_packed_nothing(handler) -> None:
    handler.server.drip(handler, HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b""))


def keeps_silent(handler) -> None:
    handler.server.is_closing.wait()


@pytest.mark.parametrize(
    "slow", [drips_its_body, drips_its_head, keeps_saying_continue, drips_packed_nothing, keeps_silent]
)
def test_the_time_limit_holds_for_the_whole_page_however_it_is_stretched(site, read, slow) -> None:
    site.replies |= {"/slow": slow, "/mug": page("Mugs")}

    fetched = read("/slow", "/mug", web_timeout_seconds=0.5)

    assert list(fetched.rows.title) == ["Mugs"]
    assert fetched.problems == [
        f"{site.address}/slow did not answer in full within 0.5 seconds, so it was left out; "
        "try again later, or raise CUSTBEHAV_WEB_TIMEOUT_SECONDS."
    ]


@pytest.mark.parametrize("slow", [drips_its_body, drips_packed_nothing])
def test_reading_a_body_stops_by_itself_when_its_time_is_over(site, slow) -> None:
    site.replies["/slow"] = slow
    with (
        requests.get(f"{site.address}/slow", stream=True, timeout=5) as response,
        pytest.raises(TooSlowError),
    ):
        read_body(response, 1_000_000, time.monotonic() + 0.2)


def test_the_time_limit_counts_all_redirects_together(site, read) -> None:
    def slow_redirect(handler) -> None:
        handler.server.is_closing.wait(0.4)
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nConnection: close\r\n\r\n")

    site.replies |= {"/slow": slow_redirect, "/again": slow_redirect}
    assert "did not answer in full within 0.6 seconds" in failure_of(read, "/slow", web_timeout_seconds=0.6)


def test_an_answer_that_is_no_http_is_told(site, read) -> None:
    site.replies["/mug"] = lambda handler: handler.wfile.write(b"220 mail ready\r\n")
    assert "/mug cannot be reached" in failure_of(read, "/mug")
