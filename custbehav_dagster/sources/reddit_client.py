"""A read-only PRAW client: pages of posts, and posts by their identifiers.

Which posts are wanted and how they become rows is not known here; how often and how
fast Reddit is asked is in `reddit_etiquette`.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.http_body import ACCEPTED_PACKING
from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.reddit_etiquette import NOT_UNDERSTOOD, Etiquette, UnreadableError
from custbehav_dagster.sources.result import SourceFailure

if TYPE_CHECKING:
    import praw
    import prawcore
    import requests

PAGE_SIZE = 100
"""Most posts that Reddit gives, or checks, at once."""
TOKEN_PATH = "/api/v1/access_token"
LOOPBACK_HOSTS = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class PostPage:
    """Posts as the fields that Reddit sent, and the mark of the next page, None after the last."""

    posts: list[dict[str, Any]]
    after: str | None


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
def open_reddit(settings: Settings, pace: Pace) -> Iterator[praw.Reddit]:
    """A client that can only read, for the credentials in `settings`, within `reddit_total_seconds`.

    Raises:
        SourceFailure: an address in the settings is not safe.
    """
    import praw
    import requests

    addresses = {
        "reddit_url": _checked_address(settings.reddit_url, "CUSTBEHAV_REDDIT_URL"),
        "oauth_url": _checked_address(settings.reddit_oauth_url, "CUSTBEHAV_REDDIT_OAUTH_URL"),
    }
    ends_at = pace.clock() + settings.reddit_total_seconds
    etiquette = Etiquette(settings.reddit_timeout_seconds, pace, ends_at)
    with requests.Session() as session:
        session.headers["Accept-Encoding"] = ACCEPTED_PACKING
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
                requestor_class=_polite_requestor(etiquette),
                requestor_kwargs={"session": session},
            )
        except (configparser.Error, ValueError) as fault:
            raise SourceFailure(
                "Reddit's client could not be set up; a file praw.ini in this folder or in the home folder "
                "is malformed, and is not needed here: rename it."
            ) from fault
        yield reddit


def newest_posts(reddit: praw.Reddit, subreddit: str, query: str, limit: int, after: str | None) -> PostPage:
    """One page of the newest posts of a subreddit, or of those found there by `query` when it is not empty.

    Raises:
        UnreadableError: saying why.
    """
    parameters: dict[str, str | int] = {"limit": min(limit, PAGE_SIZE)}
    if query:
        parameters |= {"q": query, "restrict_sr": "true", "sort": "new"}
    if after:
        parameters["after"] = after
    return _page(reddit, f"r/{subreddit}/{'search' if query else 'new'}", parameters)


def posts_by_id(reddit: praw.Reddit, post_ids: list[str]) -> list[dict[str, Any]]:
    """Those of at most 100 posts that Reddit still knows.

    Raises:
        UnreadableError: saying why.
    """
    names = ",".join(f"t3_{post_id}" for post_id in post_ids)
    return _page(reddit, "api/info", {"id": names, "limit": PAGE_SIZE}).posts


def _page(reddit: praw.Reddit, path: str, parameters: dict[str, str | int]) -> PostPage:
    from praw.exceptions import PRAWException
    from praw.models import Submission
    from praw.models.listing.listing import Listing
    from prawcore.exceptions import OAuthException, PrawcoreException

    try:
        listing = reddit.get(path, params=parameters)
        if not isinstance(listing, Listing):
            raise UnreadableError(NOT_UNDERSTOOD)
        # Reading a missing attribute would make PRAW ask Reddit for it, post by post.
        posts = [vars(post) for post in listing.children if isinstance(post, Submission)]
        after = getattr(listing, "after", None)
    except OAuthException as fault:
        raise UnreadableError(f"it refused the credentials ({fault.error})", everywhere=True) from fault
    except (PrawcoreException, PRAWException, LookupError, TypeError, AttributeError, ValueError) as fault:
        # PRAW takes the shape of an answer for granted, so a strange one surfaces as any of these.
        raise UnreadableError(NOT_UNDERSTOOD) from fault
    return PostPage(posts, after if isinstance(after, str) and after else None)
