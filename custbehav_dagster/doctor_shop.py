"""What the doctor looks at in the shop's data: folder, files, sources, warehouse and snapshot.

Each function gives one finding. Nothing is changed, and no other computer is asked.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custbehav_dagster.settings import Settings

MOST_NAMED = 5
NEXT_LINE = "\n           "
"""As far in as the findings themselves."""
LEAST_FREE_BYTES = 500 << 20
COPIES = 3
"""A refresh keeps the tables, the readers' snapshot, and while it works a copy of each changed file."""
OLD_SNAPSHOT = timedelta(days=2)


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was seen, and what to do about it; nothing to do: it is fine."""

    what: str
    seen: str
    advice: str = ""

    def __str__(self) -> str:
        # Names of files come from anywhere; what is no letter could steer the terminal.
        seen = "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in self.seen)
        if not self.advice:
            return f"fine       {self.what}: {seen}"
        return f"look here  {self.what}: {seen}{NEXT_LINE}What to do: {self.advice}"


def data_folder(settings: Settings) -> Finding:
    """Whether the data folder, or what it will be made in, can be written to."""
    place = settings.data_path
    while not place.exists():
        place = place.parent
    for folder in (place, *(p for p in (settings.raw_path, settings.processed_path) if p.exists())):
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            return Finding(
                "data folder",
                f"{folder} cannot be written to ({error.strerror or error})",
                "set CUSTBEHAV_DATA_DIR to a folder you may write to, or make room on the disk",
            )
    later = "" if place == settings.data_path else " (the first refresh makes it)"
    return Finding("data folder", f"{settings.data_path}{later}")


def free_space(settings: Settings) -> Finding:
    """Whether the disk has room for another refresh of this size."""
    place = settings.data_path
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    kept = (settings.warehouse_path, settings.snapshot_path, *settings.raw_path.rglob("*"))
    needed = LEAST_FREE_BYTES + COPIES * sum(path.stat().st_size for path in kept if path.is_file())
    told = f"{_size(free)} free, a refresh may need {_size(needed)}"
    return Finding("free space", told, "" if free >= needed else "make room on the disk of the data folder")


def raw_files(settings: Settings) -> Finding:
    """How many files are recognised by their content; each that is not is named with the reason."""
    from custbehav_dagster.sources.account import IGNORED, UNKNOWN
    from custbehav_dagster.sources.look import look_at_all
    from custbehav_dagster.sources.unpack import Unpacker

    if not settings.raw_path.is_dir():
        return _no_files(settings)
    with tempfile.TemporaryDirectory() as scratch, Unpacker(Path(scratch), is_for_a_look=True) as unpacker:
        accounts = [
            look.account
            for look in look_at_all(settings.raw_path, unpacker)
            if not look.account.is_synthetic and look.account.format != IGNORED
        ]
    unknown = [f"{one.source_file} ({one.note or 'of no known format'})" for one in accounts
               if one.format == UNKNOWN]  # fmt: skip
    formats = Counter(one.format.replace("_", " ") for one in accounts if one.format != UNKNOWN)
    if not accounts:
        return _no_files(settings)
    named = ", ".join(f"{many} {name}" for name, many in sorted(formats.items())) or "none"
    told = f"{sum(formats.values())} of {len(accounts)} recognised: {named}"
    if not unknown:
        return Finding("files in raw", told)
    return Finding(
        "files in raw",
        f"{told}. Not recognised:{NEXT_LINE}{NEXT_LINE.join(unknown[:MOST_NAMED])}{more(unknown)}",
        "compare with docs/formats, write a mapping beside it (docs/mapping.md), or take it away",
    )


def _no_files(settings: Settings) -> Finding:
    return Finding("files in raw", f"none of your own; a synthetic shop stands in until {settings.raw_path} "
                   "holds an export")  # fmt: skip


def reddit(settings: Settings) -> Finding:
    """Whether Reddit is off, or both of its keys are there."""
    given = bool(settings.reddit_client_id), bool(settings.reddit_client_secret)
    if any(given) and not all(given):
        lacking = "REDDIT_CLIENT_SECRET" if given[0] else "REDDIT_CLIENT_ID"
        return Finding("Reddit", f"{lacking} is empty", f"fill in {lacking} in .env, or empty both")
    if not any(given):
        return Finding("Reddit", "off (no keys); a labelled sample stands in")
    asked = settings.reddit_subreddits
    if not asked:
        return Finding("Reddit", "on, but no subreddit is named", "set CUSTBEHAV_REDDIT_SUBREDDITS")
    return Finding("Reddit", f"on, for {some(asked)}")


def web_pages(settings: Settings) -> Finding:
    """Whether the addresses of web pages are addresses."""
    if not settings.web_urls:
        return Finding("web pages", "off (no address); a labelled sample stands in")
    wrong = [url for url in settings.web_urls if not re.match(r"https?://[^\s/]+", url)]
    if wrong:
        return Finding("web pages", f"no addresses: {some(wrong)}", "write them like https://example.org/")
    return Finding("web pages", f"{len(settings.web_urls)} named")


def weather(settings: Settings) -> Finding:
    """Whether the places of the weather are places."""
    from custbehav_dagster.sources.weather import places_of

    try:
        places = places_of(settings.weather_places)
    except ValueError as error:
        return Finding("weather", str(error), "correct CUSTBEHAV_WEATHER_PLACES in .env")
    named = some([place.name for place in places])
    return Finding("weather", f"on, for {named}" if places else "off (no place)")


def public_sentences(settings: Settings) -> Finding:
    """Whether a file of labelled sentences that is named is there."""
    file = settings.public_sentiment_file
    if file and not settings.public_sentiment_url and not Path(file).expanduser().is_file():
        return Finding("public sentences", f"{file} is not there", "correct CUSTBEHAV_PUBLIC_SENTIMENT_FILE")
    named = settings.public_sentiment_url or file
    return Finding("public sentences", named or "none named; a labelled sample stands in")


def warehouse(settings: Settings) -> Finding:
    """Who writes to the warehouse now, and who died while they did."""
    from filelock import FileLock, Timeout

    from custbehav_dagster.warehouse.lock import dead_runs, lock_path, read_holder

    path = settings.warehouse_path
    if not lock_path(path).exists():
        return Finding("warehouse", "free; no refresh has run yet")
    try:
        with FileLock(lock_path(path), thread_local=False).acquire(timeout=0):
            died = dead_runs(path)
    except Timeout:
        return Finding("warehouse", f"in use by {read_holder(path) or 'another process'}; others wait for it")
    if died:
        told = f"free, but {some([str(holder) for holder in died])} died at work"
        return Finding("warehouse", told, "run make run: what was written whole is whole")
    return Finding("warehouse", "free; nobody writes")


def snapshot(settings: Settings, now: datetime) -> Finding:
    """Whether the readers' snapshot opens, and how old it is at `now`."""
    path = settings.snapshot_path
    if not path.is_file():
        return Finding("snapshot", "none yet; make run makes the first one")
    import duckdb

    try:
        with closing(duckdb.connect(str(path), read_only=True)) as opened:
            (tables,) = opened.execute("SELECT count(*) FROM duckdb_tables()").fetchall()[0]
    except duckdb.Error:
        return Finding("snapshot", f"{path} cannot be opened", "make run makes it anew; or restore a backup")
    age = now - datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)  # noqa: UP017 (as above)
    told = f"{tables} tables, {_age(age)} old"
    late = "make run, or keep make ui running for the daily refresh"
    return Finding("snapshot", told, late if age > OLD_SNAPSHOT else "")


def some(names: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    return ", ".join(names[:MOST_NAMED]) + more(names)


def more(names: list[str]) -> str:
    """How many names are left out by `some`, in words; empty when none."""
    return f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""


def _size(many: int) -> str:
    return f"{many / (1 << 30):,.1f} GB" if many >= 1 << 30 else f"{many / (1 << 20):,.0f} MB"


def _age(age: timedelta) -> str:
    hours = max(age.total_seconds(), 0) / 3600
    return f"{hours / 24:,.0f} days" if hours >= 48 else f"{hours:,.0f} hours"
