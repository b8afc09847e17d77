"""A read-only PRAW client with manners: bounded waits, bounded tries, one plain reason per failure.

Here belongs how Reddit is asked. Which posts are wanted and how they become rows is in
`reddit`. PRAW 8 leaves 429 to its caller, ignores its own `timeout` setting and raises
`KeyError` for a 401 without a header, so every answer passes through `Etiquette` first.
"""

from __future__ import annotations

import configparser
import io
import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.http_body import BrokenOffError, TooLargeError, TooSlowError, read_body
from custbehav_dagster.sources.result import SourceFailure

if TYPE_CHECKING:
    import praw
    import prawcore
    import requests

log = logging.getLogger("custbehav_dagster.sources.reddit")

TRIES = 3
LONGEST_WAIT_SECONDS = 120.0
"""Waiting between tries, added up over everything asked of one client."""
LARGEST_ANSWER_BYTES = 50_000_000
PASSING_STATUSES = {408, 429, 500, 502, 503, 504, 520, 522}
NOT_UNDERSTOOD = "its answer could not be understood"
TOKEN_PATH = "/api/v1/access_token"
LOOPBACK_HOSTS = {"127.0.0.1", "::1", "localhost"}


class UnreadableError(Exception):
    """Something on Reddit could not be read; the message completes "... was not read: ".

    `everywhere` says that nothing else can be read either, `unreachable` that no
    answer came at all.
    """

    def __init__(self, reason: str, *, everywhere: bool = False, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.everywhere = everywhere
        self.unreachable = unreachable


@dataclass
class Etiquette:
    """How often to try, how long to wait, and what an answer means."""

    timeout_seconds: float
    wait: Callable[[float], None]
    waited_seconds: float = 0.0
    refusals_in_a_row: int = 0

    def ask(self, send: Callable[[], requests.Response], is_token: bool) -> requests.Response:
        """Send until there is an answer worth handing on; passing faults are tried three times.

        Raises:
            UnreadableError: saying why, when it is final.
        """
        for tries_left in reversed(range(TRIES)):
            fault, asked_seconds = self._try(send, is_token)
            if not isinstance(fault, UnreadableError):
                return fault
            pause = asked_seconds if asked_seconds is not None else float(2 ** (TRIES - 1 - tries_left))
            if not tries_left or self.waited_seconds + pause > LONGEST_WAIT_SECONDS:
                raise fault
            log.info("Waiting %g s before asking again: %s", pause, fault)
            self.waited_seconds += pause
            self.wait(pause)
        raise AssertionError("the last try returns or raises")

    def _try(
        self, send: Callable[[], requests.Response], is_token: bool
    ) -> tuple[requests.Response | UnreadableError, float | None]:
        """One try: the answer, or a fault that may pass with the pause that Reddit asks for."""
        from prawcore.exceptions import RequestException
        from requests.exceptions import Timeout

        silence = UnreadableError(
            f"no complete answer came within {self.timeout_seconds:g} seconds",
            everywhere=is_token,
            unreachable=True,
        )
        no_connection = UnreadableError(
            "it could not be reached; check the internet connection", everywhere=is_token, unreachable=True
        )
        try:
            answer = send()
            body = read_body(answer, self.timeout_seconds, LARGEST_ANSWER_BYTES)
        except RequestException as fault:
            return (silence if isinstance(fault.original_exception, Timeout) else no_connection), None
        except TooSlowError:
            return silence, None
        except BrokenOffError:
            return no_connection, None
        except TooLargeError as fault:
            raise UnreadableError("its answer was too large to be a page of posts") from fault
        # The body was read off the wire above; requests reads it again from here.
        answer.raw = io.BytesIO(body)
        if answer.status_code in PASSING_STATUSES:
            return UnreadableError(_reason(answer.status_code), everywhere=is_token), _asked_pause(answer)
        return self._judge(answer, is_token), None

    def _judge(self, answer: requests.Response, is_token: bool) -> requests.Response:
        """Hand on a good answer and the first 401, after which PRAW asks for a new token."""
        status = answer.status_code
        if status == 401:
            self.refusals_in_a_row += 1
            if is_token or self.refusals_in_a_row > 1:
                raise UnreadableError(
                    "it refused the credentials (401); check REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET "
                    "against reddit.com/prefs/apps",
                    everywhere=True,
                )
            return answer
        if not 200 <= status < 300:
            raise UnreadableError(
                f"it refused to let this program in ({status})" if is_token else _reason(status),
                everywhere=is_token,
            )
        if not is_token:
            self.refusals_in_a_row = 0
            # PRAW takes an empty answer for an empty listing.
            if not answer.content.lstrip().startswith(b"{"):
                raise UnreadableError(NOT_UNDERSTOOD)
        return answer


def _reason(status: int) -> str:
    """Why, for the owner, by the status of the answer."""
    if status == 429:
        return "Reddit asked to slow down (429)"
    if status == 403:
        return "it is private or closed to this program (403)"
    if status == 404 or 300 <= status < 400:
        return f"Reddit knows no such subreddit ({status})"
    if status >= 500:
        return f"Reddit had a fault of its own ({status})"
    return f"Reddit answered {status}"


def _asked_pause(answer: requests.Response) -> float | None:
    """Seconds that Reddit asks to wait: a number, or a date counted from the answer's own date."""
    asked = answer.headers.get("retry-after") or (
        answer.headers.get("x-ratelimit-reset") if answer.status_code == 429 else None
    )
    if asked is None:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        try:
            until, since = parsedate_to_datetime(asked), parsedate_to_datetime(answer.headers["date"])
            seconds = (until - since).total_seconds()
        except (KeyError, ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _checked_address(address: str, name: str) -> str:
    """The address without a slash at its end; credentials travel over https or within this machine.

    Raises:
        SourceFailure: naming the setting.
    """
    try:
        scheme, host = urlsplit(address).scheme, urlsplit(address).hostname
    except ValueError:
        scheme, host = "", None
    if not host or not (scheme == "https" or (scheme == "http" and host in LOOPBACK_HOSTS)):
        raise SourceFailure(f"The setting {name} has to start with https://, since passwords travel over it.")
    return address.rstrip("/")


def _polite_requestor(etiquette: Etiquette) -> type[prawcore.Requestor]:
    """PRAW's sender of requests, made here since PRAW is imported only when it is used."""
    import prawcore

    class PoliteRequestor(prawcore.Requestor):
        def request(self, *args: Any, timeout: float | None = None, **options: Any) -> requests.Response:
            # A redirected listing means that there is none; a redirected token could reach a stranger.
            options |= {"stream": True, "allow_redirects": False, "timeout": etiquette.timeout_seconds}
            ask_once = super().request
            return etiquette.ask(lambda: ask_once(*args, **options), is_token=args[1].endswith(TOKEN_PATH))

    return PoliteRequestor


@contextmanager
def open_reddit(settings: Settings, wait: Callable[[float], None]) -> Iterator[praw.Reddit]:
    """A client that can only read, for the credentials in `settings`; `wait` sleeps some seconds.

    Raises:
        SourceFailure: an address in the settings is not safe.
    """
    import praw
    import requests

    addresses = {
        "reddit_url": _checked_address(settings.reddit_url, "CUSTBEHAV_REDDIT_URL"),
        "oauth_url": _checked_address(settings.reddit_oauth_url, "CUSTBEHAV_REDDIT_OAUTH_URL"),
    }
    with requests.Session() as session:
        # Everything that a praw.ini or an environment variable could turn is given here.
        try:
            reddit = praw.Reddit(
                "DEFAULT",
                client_id=settings.reddit_client_id.strip(),
                client_secret=settings.reddit_client_secret.strip(),
                user_agent=settings.reddit_user_agent,
                **addresses,
                **dict.fromkeys(("username", "password", "refresh_token", "redirect_uri")),
                check_for_updates=False,
                check_for_async=False,
                requestor_class=_polite_requestor(Etiquette(settings.reddit_timeout_seconds, wait)),
                requestor_kwargs={"session": session},
            )
        except (configparser.Error, ValueError) as fault:
            raise SourceFailure(
                "Reddit's client could not be set up; a file praw.ini in this folder or in the home folder "
                "is malformed, and is not needed here: rename it."
            ) from fault
        yield reddit


def read_listing(reddit: praw.Reddit, subreddit: str, query: str, limit: int) -> Iterator[dict[str, Any]]:
    """The newest `limit` posts of a subreddit, or those found there by `query` when it is not empty.

    Each is a dict of the fields that Reddit sent. They are handed out as they come,
    so that those before a failure are kept.

    Raises:
        UnreadableError: saying why.
    """
    from praw.exceptions import PRAWException
    from praw.models import Submission
    from prawcore.exceptions import OAuthException, PrawcoreException

    try:
        place = reddit.subreddit(subreddit)
        posts = place.search(query, sort="new", limit=limit) if query else place.new(limit=limit)
        for post in posts:
            if isinstance(post, Submission):
                # Reading a missing attribute would make PRAW ask Reddit for it, post by post.
                yield vars(post)
    except OAuthException as fault:
        raise UnreadableError(f"it refused the credentials ({fault.error})", everywhere=True) from fault
    except (PrawcoreException, PRAWException, LookupError, TypeError, AttributeError, ValueError) as fault:
        # PRAW takes the shape of an answer for granted, so a strange one surfaces as any of these.
        raise UnreadableError(NOT_UNDERSTOOD) from fault
