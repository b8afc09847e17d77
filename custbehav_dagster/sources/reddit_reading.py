"""One refresh of Reddit: what is new in each subreddit and search, and what of the known posts is gone.

Here belongs the order of asking and what a failure leaves. How Reddit is asked is in
`reddit_client`, how a post becomes a row in `reddit_rows`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.pace import Progress
from custbehav_dagster.sources.reddit_client import PAGE_SIZE, newest_posts, posts_by_id
from custbehav_dagster.sources.reddit_etiquette import UnreadableError
from custbehav_dagster.sources.reddit_rows import Row, is_gone, post_row, written

if TYPE_CHECKING:
    import praw

log = logging.getLogger("custbehav_dagster.sources.reddit")

SILENCES_IN_A_ROW = 3
"""After so many subreddits without any answer, the others are not asked."""
FULL_PAGE_FACTOR = 2
"""Reddit's pages are not always full; a list has at most this many times the pages its posts need."""

Place = tuple[str, str, str]
"""What is asked (listing, search or check), in which subreddit, by which words: the key of a read."""


class RedditReading:
    """Reads what is new and checks what is known; keeps whatever it got when Reddit fails.

    `posts` and `reads` hold what is known, before and after, by identifier and by place.
    """

    def __init__(
        self,
        reddit: praw.Reddit,
        settings: Settings,
        now: datetime,
        posts: Iterable[Row],
        reads: Iterable[Row],
        tell: Callable[[str], None],
    ) -> None:
        self._reddit = reddit
        self._limit = settings.reddit_post_limit
        self._now = written(now)
        self.oldest_kept_at = oldest_kept_at(settings, now)
        self.posts: dict[str, Row] = {row["post_id"]: row for row in posts}
        self.reads: dict[Place, Row] = {(r["what"], r["subreddit"], r["query"]): r for r in reads}
        self.problems: list[str] = []
        self.failures: dict[str, UnreadableError] = {}
        self.gone: set[str] = set()
        self._seen: set[str] = set()
        self._ended = False
        self.progress = Progress(tell, "Reddit")

    @property
    def has_read_nothing(self) -> bool:
        """No post was seen, neither new nor known."""
        return not self._seen

    def read_subreddits(self, subreddits: list[str], searches: Iterable[str]) -> None:
        """Read one subreddit after the other; one that fails is left, what it gave is kept."""
        queries = ["", *searches]
        # A list that is asked for again after a while without is read from its start.
        wanted = {(name, query) for name in subreddits for query in queries} | {("", "")}
        self.reads = {place: read for place, read in self.reads.items() if place[1:] in wanted}
        self.progress.expect(len(subreddits) * len(queries) * self._full_pages)
        self.progress.expect(math.ceil(len(self.posts) / PAGE_SIZE))
        silences = 0
        for place, name in enumerate(subreddits):
            seen_before = len(self._seen)
            try:
                for query in queries:
                    self._read_list(name, query)
                silences = 0
            except UnreadableError as fault:
                how = "was read only in part" if len(self._seen) > seen_before else "was not read"
                self._problem(f"r/{name} {how}: {fault}.")
                self.failures[name] = fault
                silences = silences + 1 if fault.unreachable else 0
                self._ended = fault.everywhere or silences >= SILENCES_IN_A_ROW
                unasked = subreddits[place + 1 :]
                if self._ended and unasked:
                    self._problem(f"After that, {_named(unasked)} not asked.")
                    self.failures |= dict.fromkeys(unasked, fault)
                if self._ended:
                    return

    def check_known_posts(self) -> None:
        """Ask for the known posts that no list showed, longest unchecked first; drop what is gone."""
        waiting = [row for post_id, row in self.posts.items() if post_id not in self._seen]
        waiting.sort(key=lambda row: (row["last_checked_at"] or "", row["post_id"]))
        identifiers = [row["post_id"] for row in waiting]
        if not identifiers:
            return
        gone_before = len(self.gone)
        checked, why = 0, "Reddit could not be read any more"
        while checked < len(identifiers) and not self._ended:
            batch = identifiers[checked : checked + PAGE_SIZE]
            try:
                self._check(batch)
            except UnreadableError as fault:
                why, self._ended = str(fault), True
            else:
                checked += len(batch)
                self.progress.step()
        note = ""
        if unchecked := len(identifiers) - checked:
            posts = "known post was" if unchecked == 1 else "known posts were"
            note = f"{unchecked:,} {posts} not checked for deletion: {why}."
            self._problem(note)
        self._note_read(("check", "", ""), checked, len(self.gone) - gone_before, note, is_whole=not note)

    @property
    def _full_pages(self) -> int:
        return math.ceil(self._limit / PAGE_SIZE)

    def _read_list(self, subreddit: str, query: str) -> None:
        """Read a list until what was read the last time, what is too old, or the limit is reached."""
        place = ("search" if query else "listing", subreddit, query)
        read_through = self.reads.get(place, {}).get("read_through_at") or ""
        known_before, gone_before = len(self.posts), len(self.gone)
        newest, found, pages, after, is_through = read_through, 0, 0, None, False
        note = ""
        try:
            while not is_through and found < self._limit and pages < self._full_pages * FULL_PAGE_FACTOR:
                page = newest_posts(self._reddit, subreddit, query, self._limit - found, after)
                pages += 1
                self.progress.step()
                # Each page is taken whole, so that what a filter held back for a while is met too.
                times = [self._take(post, subreddit, query) for post in page.posts]
                newest, found = max([newest, *times]), found + len(page.posts)
                is_through = bool(times) and times[-1] < max(read_through, self.oldest_kept_at)
                if page.after in (None, after):
                    is_through = True
                after = page.after
            if read_through and not is_through:
                note = f"More than {found:,} posts were new; the older of them were not read."
        except UnreadableError as fault:
            note, newest = f"{fault}.", ""
            raise
        finally:
            self.progress.expect(min(0, pages - self._full_pages))
            gone = len(self.gone) - gone_before
            new = len(self.posts) - known_before + gone
            self._note_read(place, new, gone, note, is_whole=bool(newest) or is_through, through=newest)

    def _take(self, post: dict[str, Any], subreddit: str, query: str) -> str:
        """Keep a post as it is now, or drop it if it is gone; give the moment it was posted.

        Listed counts before searched for, and the first search before others.
        """
        row = post_row(post, subreddit, query, self._now)
        if row is None:
            return ""
        post_id = row["post_id"]
        if is_gone(post):
            self._drop(post_id)
        else:
            known = self.posts.get(post_id)
            if known is not None:
                row["first_seen_at"] = known["first_seen_at"]
                row["query"] = query and known["query"]
            self.posts[post_id] = row
            self._seen.add(post_id)
        return row["created_at"] or ""

    def _check(self, identifiers: list[str]) -> None:
        found = {str(post.get("id")): post for post in posts_by_id(self._reddit, identifiers)}
        if not found:
            # That a whole batch is gone is possible, but too much to believe at the first word.
            found = {str(post.get("id")): post for post in posts_by_id(self._reddit, identifiers)}
        for post_id in identifiers:
            if post_id in found:
                known = self.posts[post_id]
                self._take(found[post_id], known["subreddit"], known["query"])
            else:
                self._drop(post_id)

    def _drop(self, post_id: str) -> None:
        if self.posts.pop(post_id, None) is not None:
            self.gone.add(post_id)

    def _problem(self, sentence: str) -> None:
        self.problems.append(sentence)
        log.warning(sentence)

    def _note_read(
        self, place: Place, posts: int, gone: int, note: str, *, is_whole: bool, through: str = ""
    ) -> None:
        what, subreddit, query = place
        earlier = self.reads.get(place, {})
        self.reads[place] = {
            "what": what,
            "subreddit": subreddit,
            "query": query,
            "asked_at": self._now,
            "read_at": self._now if is_whole else earlier.get("read_at"),
            "read_through_at": through or earlier.get("read_through_at"),
            "posts": posts,
            "gone": gone,
            "note": note,
        }


def oldest_kept_at(settings: Settings, now: datetime) -> str:
    """The moment before which posts are deleted."""
    return written(now - timedelta(days=settings.reddit_retention_days))


def _named(subreddits: list[str]) -> str:
    first = ", ".join(f"r/{name}" for name in subreddits[:3])
    more = f" and {len(subreddits) - 3} more" if len(subreddits) > 3 else ""
    return f"{first}{more} {'was' if len(subreddits) == 1 else 'were'}"
