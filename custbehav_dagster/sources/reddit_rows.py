"""One Reddit post as a row of raw.reddit_posts: no person in it, nothing that was taken back.

Here belongs what of a post is kept. Which posts are asked for is in `reddit_reading`.
No person leaves Reddit through here: authors are never read, names mentioned in texts
are blanked, and posts on people's own pages are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from custbehav_dagster.contract.raw import REDDIT_POSTS
from custbehav_dagster.sources.contract_rows import conform_frame

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

PERSON = re.compile(
    r"((?:(?:reddit\.com|(?<![\w/]))/(?:u/|user/|r/u_)|(?<![\w/])(?:u/|r/u_)))[\w-]{3,20}", re.IGNORECASE
)
GONE_WORDS = {"[deleted]", "[removed]", "[deleted by user]", "[removed by reddit]"}


def is_gone(post: dict[str, Any]) -> bool:
    """Whether its writer deleted the post, or a moderator or Reddit removed it.

    A post whose writer's account is gone still stands; no name of theirs is kept here.
    """
    if post.get("removed_by_category"):
        return True
    words = (post.get("title"), post.get("selftext"))
    # Reddit writes "[ Removed by Reddit ]" with spaces inside.
    return any(isinstance(word, str) and _inside(word) in GONE_WORDS for word in words)


def _inside(text: str) -> str:
    return re.sub(r"^\[\s*(.*?)\s*\]$", r"[\1]", text.strip().lower())


def post_row(post: dict[str, Any], subreddit: str, query: str, seen_at: str) -> Row | None:
    """The row of a post found in `subreddit`; None for one on a person's own page."""
    found_in = str(post.get("subreddit") or subreddit)
    if found_in.casefold().startswith("u_"):
        return None
    post_id = str(post["id"])
    return {
        "post_id": post_id,
        "subreddit": found_in,
        "query": query,
        "title": _text(post.get("title")),
        "body": _text(post.get("selftext")),
        "created_at": moment(post.get("created_utc")),
        "score": _whole(post.get("score")),
        "num_comments": _whole(post.get("num_comments")),
        # Reddit's own path ends in words of the title, names among them; it works without.
        "permalink": f"/r/{found_in}/comments/{post_id}/",
        "first_seen_at": seen_at,
        "last_checked_at": seen_at,
        "is_synthetic": False,
        "provenance": "reddit api",
    }


def _text(value: object) -> str:
    """The text without names of people, as something every file format can hold."""
    text = value if isinstance(value, str) else ""
    # Half of a surrogate pair is valid in JSON but nowhere else.
    return PERSON.sub(r"\1[name]", text).encode(errors="replace").decode()


def moment(seconds: object) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC; None when they are no moment."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    try:
        return written(datetime.fromtimestamp(int(seconds), UTC))
    except (ValueError, OverflowError, OSError):
        return None


def written(when: datetime) -> str:
    """A moment as ISO 8601 in UTC, to the second; such texts sort by time."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    return None


def ordered(posts: pd.DataFrame) -> pd.DataFrame:
    """By time and then by identifier."""
    return posts.sort_values(["created_at", "post_id"], kind="stable", ignore_index=True)


def posts_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows with the columns of `contract.raw.REDDIT_POSTS`, in order."""
    import pandas as pd

    return ordered(conform_frame(pd.DataFrame(list(rows), columns=REDDIT_POSTS.column_names), REDDIT_POSTS))


def within_retention(posts: pd.DataFrame, oldest_kept_at: str) -> pd.DataFrame:
    """Without the posts older than that moment; one without a date counts from when it was first met."""
    age = posts.created_at.fillna(posts.first_seen_at)
    return posts[age.isna() | (age >= oldest_kept_at) | posts.is_synthetic].reset_index(drop=True)
