"""Public Reddit posts about the trade; without credentials, a labelled sample of ours.

Here belongs which posts are wanted, what a refresh keeps of the last one, and the
files. How a refresh asks is in `reddit_reading`, how Reddit is asked in
`reddit_client`, and what of a post is kept in `reddit_rows`.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.contract.raw import REDDIT_POSTS, REDDIT_READS
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.contract_rows import arrow_rows, conform_frame, plain_rows, write_csv
from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.reddit_client import open_reddit
from custbehav_dagster.sources.reddit_etiquette import UnreadableError
from custbehav_dagster.sources.reddit_reading import RedditReading, oldest_kept_at
from custbehav_dagster.sources.reddit_rows import ordered, posts_frame, within_retention
from custbehav_dagster.sources.result import Earlier, Fetched, SourceFailure
from custbehav_dagster.warehouse.files import atomic_write

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

SAMPLE = Path(__file__).parent / "samples" / "reddit_posts.json"
SUBREDDIT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{1,20}")


def fetch_posts(
    settings: Settings,
    *,
    now: datetime,
    earlier: Earlier | None = None,
    pace: Pace | None = None,
    tell: Callable[[str], None] = log.info,
) -> Fetched:
    """Read what is new in each configured subreddit and search; check the earlier posts for deletion.

    At most `reddit_post_limit` posts per subreddit and per search in it, down to those
    of the last whole read; every post once, ordered by `created_at` and `post_id`. A
    post both listed and searched for counts as listed. Posts that are deleted or
    removed at Reddit, or older than `reddit_retention_days` at `now`, are left out.
    All waiting and asking ends after `reddit_total_seconds`; `tell` hears how far it
    has come. Without credentials the rows are the sample that ships with the project,
    marked `is_synthetic`.

    Returns the rows of `contract.raw.REDDIT_POSTS` to use from now on, earlier ones
    among them, `reads` for `contract.raw.REDDIT_READS`, and a sentence for each
    subreddit that could not be read while others could.

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
    earlier = earlier or Earlier()
    searches = dict.fromkeys(word.strip() for word in settings.reddit_searches if word.strip())
    with open_reddit(settings, pace or Pace()) as reddit:
        reading = RedditReading(
            reddit, settings, now, plain_rows(earlier.rows), plain_rows(earlier.reads), tell
        )
        reading.read_subreddits(subreddits, searches)
        reading.check_known_posts()
        reading.progress.end()
    reads = conform_frame(_reads_frame(reading.reads.values()), REDDIT_READS)
    if len(reading.failures) == len(subreddits) and reading.has_read_nothing:
        raise SourceFailure(_failure_sentence(reading.failures), reads)
    rows = within_retention(posts_frame(reading.posts.values()), reading.oldest_kept_at)
    notes = _notes(len(reading.gone), len(reading.posts) - len(rows), settings)
    return Fetched(rows, "reddit api", problems=problems + reading.problems, notes=notes, reads=reads)


def kept_posts(posts: pd.DataFrame, settings: Settings, now: datetime) -> pd.DataFrame:
    """Those of the earlier posts that may still be kept when Reddit cannot be asked."""
    return within_retention(posts, oldest_kept_at(settings, now))


def write_posts(posts: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `reddit_posts.csv` and `reddit_posts.json` (a list of objects) to `folder`.

    Each file is replaced whole. The same posts give the same bytes, in whatever
    order they come.
    """
    posts = ordered(posts)
    table = write_csv(posts, REDDIT_POSTS, folder / "reddit_posts.csv")
    objects = folder / "reddit_posts.json"
    records = arrow_rows(posts, REDDIT_POSTS).to_pylist()
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


def _failure_sentence(failures: dict[str, UnreadableError]) -> str:
    faults = list(failures.values())
    if faults[-1].everywhere or all(fault.unreachable for fault in faults):
        return f"Reddit was not read: {faults[-1]}."
    each = "; ".join(f"r/{name}: {fault}" for name, fault in list(failures.items())[:3])
    return f"No subreddit was read ({each})."


def _notes(gone: int, too_old: int, settings: Settings) -> list[str]:
    notes = []
    if gone:
        posts = (
            "post that was deleted or removed at Reddit was"
            if gone == 1
            else ("posts that were deleted or removed at Reddit were")
        )
        notes.append(f"{gone:,} {posts} deleted here too.")
    if too_old:
        posts = "post was" if too_old == 1 else "posts were"
        notes.append(
            f"{too_old:,} {posts} left out as older than {settings.reddit_retention_days:,} days "
            "(CUSTBEHAV_REDDIT_RETENTION_DAYS)."
        )
    return notes


def _reads_frame(reads: Iterable[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(list(reads), columns=REDDIT_READS.column_names)
    return frame.sort_values(list(REDDIT_READS.key), ignore_index=True)


def _sample() -> Fetched:
    posts = json.loads(SAMPLE.read_text(encoding="utf-8"))
    made_up = {"is_synthetic": True, "provenance": "sample"}
    return Fetched(posts_frame([post | made_up for post in posts]), "sample", is_sample=True)
