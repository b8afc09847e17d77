"""One address to bytes: guarded against private networks, endless pages and packed bombs.

What the site allows is `robots.py`; what the bytes mean is `extract.py`.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import Message
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urldefrag, urljoin, urlsplit

from custbehav_dagster.sources.http_body import (
    ACCEPTED_PACKING,
    BrokenOffError,
    TooLargeError,
    TooSlowError,
    UnknownPackingError,
    read_body,
)

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

    from custbehav_dagster.settings import Settings

MAX_REDIRECTS = 5
LONGEST_SHOWN_ADDRESS = 200
TRY_LATER = "try again later, or raise CUSTBEHAV_WEB_TIMEOUT_SECONDS"
TAKE_OUT = "take it out of CUSTBEHAV_WEB_URLS"

Result = TypeVar("Result")
Kind = Literal["passing", "gone", "closed", "silent", "slow"]


class PageFailure(Exception):
    """One address could not be read: which one, why, and what the owner can do.

    `kind` tells what that means for what was read of it earlier: it is "gone" from its
    site, "closed" to programs, its site is "silent" or asks to "slow" down, or all of
    that may pass.
    """

    def __init__(self, url: str, reason: str, advice: str, kind: Kind = "passing") -> None:
        super().__init__(f"{url} {reason}")
        self.url = url
        self.reason = reason
        self.advice = advice
        self.kind = kind


@dataclass(frozen=True)
class Request:
    """What is asked for and how much is taken, for one address and its redirects.

    `media_types` empty takes any; `max_bytes` holds for packed and unpacked bytes;
    `cut` keeps the first `max_bytes` of a longer answer instead of refusing it. With
    `etag` or `last_modified` of a version at hand, a site answers 304 while it is the newest.
    """

    seconds: float
    max_bytes: int
    media_types: tuple[str, ...] = ()
    cut: bool = False
    etag: str = ""
    last_modified: str = ""

    def headers(self, user_agent: str) -> dict[str, str]:
        """What the request says of itself."""
        said = {
            "User-Agent": user_agent,
            "Accept-Encoding": ACCEPTED_PACKING,
            "Accept": ", ".join(self.media_types) or "*/*",
            "If-None-Match": self.etag,
            "If-Modified-Since": self.last_modified,
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Answer:
    """What an address gave: `url` is after redirects, `body` is unpacked and empty unless `status` is 2xx."""

    url: str
    status: int
    media_type: str = ""
    charset: str | None = None
    body: bytes = b""
    redirect: str | None = None
    etag: str = ""
    last_modified: str = ""


def shown(url: str) -> str:
    """The address as it may stand in a sentence: printable, short, without password and query."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        query = "?…" if parts.query else ""
        is_web = parts.scheme and host
        url = f"{parts.scheme}://{host}{parts.path}{query}" if is_web else url.rpartition("@")[2]
    except ValueError:
        url = url.rpartition("@")[2]
    printable = "".join(character if character.isprintable() else "?" for character in url)
    return printable if len(printable) <= LONGEST_SHOWN_ADDRESS else printable[:LONGEST_SHOWN_ADDRESS] + "…"


def normalized(url: str) -> str:
    """The address as it will be sent (dots resolved, escapes in one form), without its fragment.

    Raises:
        PageFailure: it is not an http or https address, or it holds a user name or password.
    """
    import requests

    try:
        parts = urlsplit(url)
        is_web = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
        holds_login = "@" in parts.netloc
        prepared = requests.Request("GET", url).prepare().url if is_web else None
    except (ValueError, requests.RequestException):
        prepared, holds_login = None, False
    if prepared is None:
        advice = "write it as https://… in CUSTBEHAV_WEB_URLS, with a comma inside it as %2C"
        raise PageFailure(shown(url), "is not an address of a web page", advice)
    if holds_login:
        raise PageFailure(shown(url), "holds a user name or password", "only public pages can be read")
    return urldefrag(prepared).url


class Fetcher:
    """Gets addresses over HTTP, following at most five redirects.

    Names are resolved once per request, the result is checked, and the
    connection goes to that very result, so a name cannot turn into a private
    address between check and use. Proxies, logins and certificates from the
    environment are not used, since each would lead around that check.
    """

    def __init__(self, settings: Settings, *, allow_loopback: bool = False) -> None:
        self._user_agent = settings.web_user_agent
        self._allow_private = settings.web_allow_private
        self._allow_loopback = allow_loopback

    def get(self, url: str, request: Request, before: Callable[[str], None] = lambda url: None) -> Answer:
        """Get `url`; `before` is called with each address (also of redirects) and may refuse it.

        The time limit is for everything but `before`.

        Raises:
            PageFailure: the address, or one it leads to, cannot or may not be read.
        """
        seconds_left = request.seconds
        for _ in range(MAX_REDIRECTS + 1):
            url = normalized(url)
            before(url)
            started = time.monotonic()
            answer = self._get_once(url, request, seconds_left)
            seconds_left -= time.monotonic() - started
            if answer.redirect is None:
                return answer
            url = answer.redirect
        raise PageFailure(shown(url), f"comes after more than {MAX_REDIRECTS} redirects", "check the address")

    def _get_once(self, url: str, request: Request, seconds: float) -> Answer:
        reason = f"did not answer in full within {request.seconds:g} seconds"
        slow = PageFailure(shown(url), reason, TRY_LATER, "silent")
        if seconds <= 0:
            raise slow
        try:
            return _within(seconds, lambda: self._exchange(url, request, seconds))
        except (TimeoutError, TooSlowError):
            raise slow from None
        except PageFailure:
            raise
        except Exception as error:
            # Whatever a site can make a library raise is a page that failed, not a run that failed.
            raise _explained(url, error, slow) from error

    def _exchange(self, url: str, request: Request, seconds: float) -> Answer:
        import requests

        deadline = time.monotonic() + seconds
        prepared = requests.Request("GET", url, headers=request.headers(self._user_agent)).prepare()
        adapter = self._adapter(url)
        try:
            # Not through a session: it reads the whole body of a redirect, whatever its size.
            response = adapter.send(prepared, stream=True, timeout=(seconds, seconds))
            with response:
                return _answer(url, response, request, deadline)
        finally:
            adapter.close()

    def _adapter(self, url: str) -> HTTPAdapter:
        if self._allow_private:
            from requests.adapters import HTTPAdapter

            return HTTPAdapter()
        from requests_hardened.ip_filter_adapter import IPFilterAdapter

        # What it refuses is told in a sentence; its own line would only repeat it.
        logging.getLogger("requests_hardened").setLevel(logging.ERROR)
        return IPFilterAdapter(is_https_proto=url.startswith("https:"), allow_loopback=self._allow_loopback)


def _within(seconds: float, work: Callable[[], Result]) -> Result:
    """Run `work`, giving up on it after `seconds`.

    Time-outs of sockets start anew with each byte and do not cover the look-up
    of names, so a slow server could hold a plain call for ever. Work given up
    on ends with its socket, at the latest with the process.
    """
    outcome: queue.SimpleQueue[tuple[Result | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((work(), None))
        except BaseException as error:
            outcome.put((None, error))

    threading.Thread(target=run, daemon=True, name="web page").start()
    try:
        result, error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def _answer(url: str, response: requests.Response, request: Request, deadline: float) -> Answer:
    if response.is_redirect:
        location = response.headers["location"].encode("latin-1").decode("utf-8", "replace")
        return Answer(url, response.status_code, redirect=urljoin(url, location))
    header = Message()
    header["content-type"] = response.headers.get("content-type", "")
    media_type = header.get_content_type() if response.headers.get("content-type") else ""
    answer = Answer(
        url,
        response.status_code,
        media_type,
        header.get_content_charset(),
        etag=_mark(response, "etag"),
        last_modified=_mark(response, "last-modified"),
    )
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer
    if request.media_types and media_type not in request.media_types:
        reason = f"is of type '{media_type or 'unknown'}', not a web page"
        raise PageFailure(shown(url), reason, "give the address of a page with text")
    try:
        body = read_body(response, request.max_bytes, deadline, cut=request.cut)
    except TooLargeError:
        reason = f"is larger than {request.max_bytes:,} bytes"
        raise PageFailure(shown(url), reason, "raise CUSTBEHAV_WEB_MAX_BYTES if you want it") from None
    except UnknownPackingError:
        raise PageFailure(shown(url), "is packed in a way that was not asked for", TAKE_OUT) from None
    return replace(answer, body=body)


def _mark(response: requests.Response, name: str) -> str:
    """A mark of the version, as far as it can be sent back as it came."""
    mark = str(response.headers.get(name, ""))
    return mark if mark.isascii() and mark.isprintable() and len(mark) <= LONGEST_SHOWN_ADDRESS else ""


def _explained(url: str, error: Exception, slow: PageFailure) -> PageFailure:
    """The failure to tell the owner for what the HTTP library raised."""
    import requests
    from requests_hardened.ip_filter import InvalidIPAddress

    if isinstance(error, requests.Timeout):
        return slow
    if isinstance(error, InvalidIPAddress):
        return PageFailure(shown(url), "leads into a private network, which is never read", TAKE_OUT)
    if isinstance(error, requests.exceptions.SSLError):
        return PageFailure(shown(url), "has no certificate that can be trusted", TAKE_OUT)
    if isinstance(error, requests.ConnectionError):
        advice = "check the address and the internet connection"
        return PageFailure(shown(url), "cannot be reached", advice, "silent")
    if isinstance(error, BrokenOffError):
        return PageFailure(shown(url), "broke off or came damaged", "try again later")
    return PageFailure(shown(url), "gave an answer that cannot be understood", "check the address")
