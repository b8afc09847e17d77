"""Public Reddit posts about the trade; without credentials, a labelled sample of ours.

Here belongs which posts are wanted and how they become rows and files. How Reddit is
asked is in `reddit_client`. No person leaves Reddit through here: authors are never
read, names mentioned in texts are blanked, and posts on people's own pages are left out.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.contract.raw import REDDIT_POSTS
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.contract_rows import arrow_rows, conform_frame, write_csv
from custbehav_dagster.sources.reddit_client import UnreadableError, open_reddit, read_listing
from custbehav_dagster.sources.result import Fetched, SourceFailure
from custbehav_dagster.warehouse.files import atomic_write

if TYPE_CHECKING:
    import pandas as pd
    import praw

log = logging.getLogger(__name__)

SAMPLE = Path(__file__).parent / "samples" / "reddit_posts.json"
SILENCES_IN_A_ROW = 3
"""After so many subreddits without any answer, the others are not asked."""
SUBREDDIT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{1,20}")
PERSON = re.compile(
    r"((?:(?:reddit\.com|(?<![\w/]))/(?:u/|user/|r/u_)|(?<![\w/])(?:u/|r/u_)))[\w-]{3,20}", re.IGNORECASE
)
GONE = {"[deleted]", "[removed]"}


def fetch_posts(settings: Settings, *, wait: Callable[[float], None] = time.sleep) -> Fetched:
    """Read the newest posts of each configured subreddit and those found by each search word.

    At most `reddit_post_limit` posts per subreddit and per search in it; every post
    once, ordered by `created_at` and `post_id`. A post both listed and searched for
    counts as listed. `wait` sleeps some seconds between tries. Without credentials
    the rows are the sample that ships with the project, marked `is_synthetic`.

    Returns rows with the columns of `contract.raw.REDDIT_POSTS`, and a sentence for
    each subreddit that could not be read while others could.

    Raises:
        SourceFailure: nothing could be read, or only half of the credentials is set.
    """
    has_id, has_secret = bool(settings.reddit_client_id.strip()), bool(settings.reddit_client_secret.strip())
    if not has_id and not has_secret:
        return _sample()
    if not (has_id and has_secret):
        there, missing = "REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET"
        if has_secret:
            there, missing = missing, there
        raise SourceFailure(f"{there} is set but {missing} is not; set both, or neither to use the sample.")
    subreddits, problems = _usable_names(settings.reddit_subreddits)
    if not subreddits:
        raise SourceFailure(" ".join(problems) or "No subreddit is named in CUSTBEHAV_REDDIT_SUBREDDITS.")
    with open_reddit(settings, wait) as reddit:
        records, failed = _read_subreddits(reddit, subreddits, settings)
    return Fetched(_frame(records), "reddit api", problems=problems + failed)


def write_posts(posts: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `reddit_posts.csv` and `reddit_posts.json` (a list of objects) to `folder`.

    Each file is replaced whole. The same posts give the same bytes, in whatever
    order they come.
    """
    ordered = _ordered(posts)
    table = write_csv(ordered, REDDIT_POSTS, folder / "reddit_posts.csv")
    objects = folder / "reddit_posts.json"
    records = arrow_rows(ordered, REDDIT_POSTS).to_pylist()
    atomic_write(objects, json.dumps(records, ensure_ascii=False, indent=1) + "\n")
    return [table, objects]


def _usable_names(configured: Iterable[str]) -> tuple[list[str], list[str]]:
    """The subreddits to read, each once and without `r/`, and a sentence for each unusable name."""
    names: dict[str, str] = {}
    problems: list[str] = []
    for written in configured:
        name = re.sub(r"^/?r/", "", written.strip(), flags=re.IGNORECASE).strip("/")
        if re.match(r"/?u(ser)?/|u_", name, re.IGNORECASE):
            problems.append(
                "A person's own page in CUSTBEHAV_REDDIT_SUBREDDITS was left out: only subreddits are read."
            )
        elif not SUBREDDIT_NAME.fullmatch(name):
            problems.append(f"'{written}' in CUSTBEHAV_REDDIT_SUBREDDITS is not the name of a subreddit.")
        else:
            names.setdefault(name.casefold(), name)
    return list(names.values()), problems


def _read_subreddits(
    reddit: praw.Reddit, subreddits: list[str], settings: Settings
) -> tuple[list[dict[str, Any]], list[str]]:
    """Read one subreddit after the other; one that fails is left, what it gave is kept.

    Raises:
        SourceFailure: every subreddit failed and no post was read.
    """
    queries = ["", *dict.fromkeys(word.strip() for word in settings.reddit_searches if word.strip())]
    listings = len(subreddits) * len(queries)
    records: list[dict[str, Any]] = []
    failures: dict[str, UnreadableError] = {}
    problems: list[str] = []
    silences = 0
    for place, name in enumerate(subreddits):
        kept_before = len(records)
        try:
            for number, query in enumerate(queries, start=1):
                for post in read_listing(reddit, name, query, settings.reddit_post_limit):
                    records += _records(post, name, query)
                log.info("%d of %d listings read", place * len(queries) + number, listings)
            silences = 0
        except UnreadableError as fault:
            how = "was read only in part" if len(records) > kept_before else "was not read"
            problems.append(f"r/{name} {how}: {fault}.")
            log.warning(problems[-1])
            failures[name] = fault
            silences = silences + 1 if fault.unreachable else 0
            unasked = subreddits[place + 1 :]
            if unasked and (fault.everywhere or silences >= SILENCES_IN_A_ROW):
                problems.append(f"After that, {_named(unasked)} not asked.")
                failures |= dict.fromkeys(unasked, fault)
                break
    if len(failures) == len(subreddits) and not records:
        raise SourceFailure(_failure_sentence(failures))
    return records, problems


def _named(subreddits: list[str]) -> str:
    first = ", ".join(f"r/{name}" for name in subreddits[:3])
    more = f" and {len(subreddits) - 3} more" if len(subreddits) > 3 else ""
    return f"{first}{more} {'was' if len(subreddits) == 1 else 'were'}"


def _failure_sentence(failures: dict[str, UnreadableError]) -> str:
    faults = list(failures.values())
    if faults[-1].everywhere or all(fault.unreachable for fault in faults):
        return f"Reddit was not read: {faults[-1]}."
    each = "; ".join(f"r/{name}: {fault}" for name, fault in list(failures.items())[:3])
    return f"No subreddit was read ({each})."


def _records(post: dict[str, Any], subreddit: str, query: str) -> list[dict[str, Any]]:
    """One row of the contract, or none for a post on a person's own page."""
    found_in = str(post.get("subreddit") or subreddit)
    if found_in.casefold().startswith("u_"):
        return []
    post_id = str(post["id"])
    body = _text(post.get("selftext"))
    return [
        {
            "post_id": post_id,
            "subreddit": found_in,
            "query": query,
            "title": _text(post.get("title")),
            "body": "" if body in GONE else body,
            "created_at": _moment(post.get("created_utc")),
            "score": _whole(post.get("score")),
            "num_comments": _whole(post.get("num_comments")),
            # Reddit's own path ends in words of the title, names among them; it works without.
            "permalink": f"/r/{found_in}/comments/{post_id}/",
            "is_synthetic": False,
            "provenance": "reddit api",
        }
    ]


def _text(value: object) -> str:
    """The text without names of people, as something every file format can hold."""
    text = value if isinstance(value, str) else ""
    # Half of a surrogate pair is valid in JSON but nowhere else.
    return PERSON.sub(r"\1[name]", text).encode(errors="replace").decode()


def _moment(seconds: object) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC; None when they are no moment."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    return None


def _ordered(posts: pd.DataFrame) -> pd.DataFrame:
    return posts.sort_values(["created_at", "post_id"], kind="stable", ignore_index=True)


def _frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows, every post once: as it was found first, hence listed before searched for."""
    import pandas as pd

    posts = pd.DataFrame(records, columns=REDDIT_POSTS.column_names)
    return _ordered(conform_frame(posts.drop_duplicates("post_id"), REDDIT_POSTS))


def _sample() -> Fetched:
    posts = json.loads(SAMPLE.read_text(encoding="utf-8"))
    made_up = {"is_synthetic": True, "provenance": "sample"}
    return Fetched(_frame([post | made_up for post in posts]), "sample", is_sample=True)
