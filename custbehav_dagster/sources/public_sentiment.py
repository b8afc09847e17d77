"""Public sentences that people labelled: from an address, else a file, else a small set of ours.

Here belongs which of the three is used, and the rows. How a table of sentences is
recognised and read is in `labelled_texts`. `raw/sentiment_public.csv` is written
here and never read back.
"""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from custbehav_dagster.contract.raw import SENTIMENT_PUBLIC
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.contract_rows import conform_frame, write_csv
from custbehav_dagster.sources.http_body import (
    ACCEPTED_PACKING,
    BrokenOffError,
    TooLargeError,
    TooSlowError,
    read_body,
)
from custbehav_dagster.sources.labelled_texts import read_labelled
from custbehav_dagster.sources.result import Fetched, SourceFailure

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SAMPLE = Path(__file__).parent / "samples" / "sentiment_public.csv"
SAMPLE_SOURCE = "sample sentences about handmade goods"
MOST_REDIRECTS = 5
WHOLE_DOWNLOAD_FACTOR = 10
"""A whole download may take this many times the longest wait for a piece of it."""


def read_public_sentiment(
    settings: Settings, *, timeout_seconds: float = 30.0, max_bytes: int = 50_000_000
) -> Fetched:
    """Read labelled sentences from `public_sentiment_url`, else `public_sentiment_file`, else our sample.

    Labels stay as the source gives them (0/1, words, stars, means). Sentences are
    trimmed and each is kept once per collection, with the label it had first.
    `timeout_seconds` is the longest wait for a piece of a download (ten times that
    for all of it), `max_bytes` its size, decompressed.

    Returns rows with the columns of `contract.raw.SENTIMENT_PUBLIC`, in the order of
    the source, and a sentence for whatever was left out or replaced: when the address
    fails and a file is configured too, the file is used and `problems` says so.

    Raises:
        SourceFailure: what is configured cannot be read; the sample never takes its place.
    """
    address, written_path = settings.public_sentiment_url.strip(), settings.public_sentiment_file.strip()
    if not address:
        return _from_file(Path(written_path).expanduser()) if written_path else _sample()
    try:
        return _from_address(address, settings.web_user_agent, timeout_seconds, max_bytes)
    except SourceFailure as fault:
        if not written_path:
            raise
        path = Path(written_path).expanduser()
        try:
            fetched = _from_file(path)
        except SourceFailure as second_fault:
            raise SourceFailure(f"{fault} {second_fault}") from second_fault
        instead = f"{fault} The file {path.name} was used instead."
        return dataclasses.replace(fetched, problems=[instead, *fetched.problems])


def write_sentiment(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `sentiment_public.csv` to `folder`, replaced whole; same rows, same bytes in any order."""
    ordered = rows.sort_values("text_id", ignore_index=True)
    return [write_csv(ordered, SENTIMENT_PUBLIC, folder / "sentiment_public.csv")]


def _sample() -> Fetched:
    import pyarrow as pa

    table, _ = read_labelled(lambda: pa.memory_map(str(SAMPLE)), SAMPLE.name)
    rows, _ = _rows(table, SAMPLE_SOURCE, "sample")
    return Fetched(rows.assign(is_synthetic=True), "sample", is_sample=True)


def _from_file(path: Path) -> Fetched:
    import pyarrow as pa

    called = f"The file {path.name} named in CUSTBEHAV_PUBLIC_SENTIMENT_FILE"
    try:
        if not path.is_file():
            raise SourceFailure(f"{called} was not found, or is not a file.")
        if not path.stat().st_size:
            raise SourceFailure(f"{called} is empty.")
        table, problems = read_labelled(lambda: pa.memory_map(str(path)), called)
    except OSError as fault:
        raise SourceFailure(f"{called} may not be read; check who is allowed to.") from fault
    return _fetched(table, problems, called, path.stem, path.name)


def _from_address(address: str, user_agent: str, timeout_seconds: float, max_bytes: int) -> Fetched:
    import pyarrow as pa

    shown = _without_secrets(address)
    called = f"The table at {shown} (CUSTBEHAV_PUBLIC_SENTIMENT_URL)"
    body = _download(address, called, user_agent, timeout_seconds, max_bytes)
    table, problems = read_labelled(lambda: pa.BufferReader(body), called)
    collection = Path(urlsplit(address).path).stem or urlsplit(address).hostname or shown
    return _fetched(table, problems, called, collection, shown)


def _without_secrets(address: str) -> str:
    """The address as it may be shown and stored: without password, query and fragment."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the configured address"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _download(address: str, called: str, user_agent: str, timeout_seconds: float, max_bytes: int) -> bytes:
    """The body of the page; faults are raised without their cause, since that quotes the address."""
    import requests

    if not address.lower().startswith(("http://", "https://")):
        raise SourceFailure(f"{called} has to be an address that starts with https:// or http://.")
    try:
        with requests.Session() as session:
            session.max_redirects = MOST_REDIRECTS
            session.headers.update({"User-Agent": user_agent, "Accept-Encoding": ACCEPTED_PACKING})
            with session.get(address, stream=True, timeout=timeout_seconds) as answer:
                if answer.status_code != 200:
                    raise SourceFailure(f"{called} was not read: its server answered {answer.status_code}.")
                deadline = time.monotonic() + timeout_seconds * WHOLE_DOWNLOAD_FACTOR
                return read_body(answer, max_bytes, deadline)
    except TooLargeError:
        raise SourceFailure(
            f"{called} is larger than {max_bytes / 1e6:g} MB; download it and name the file in "
            "CUSTBEHAV_PUBLIC_SENTIMENT_FILE."
        ) from None
    except (requests.Timeout, TooSlowError):
        raise SourceFailure(f"{called} was not read: its server took too long to answer.") from None
    except BrokenOffError:
        raise SourceFailure(f"{called} was not read: the download broke off.") from None
    except (requests.RequestException, ValueError):
        raise SourceFailure(f"{called} was not read: its server could not be reached.") from None


def _fetched(table: pa.Table, problems: list[str], called: str, collection: str, provenance: str) -> Fetched:
    rows, more_problems = _rows(table, collection, provenance)
    if rows.empty:
        raise SourceFailure(f"{called} holds no sentences.")
    is_sample = bool(rows.is_synthetic.all())
    return Fetched(rows, provenance, is_sample, problems + more_problems)


def _rows(table: pa.Table, collection: str, provenance: str) -> tuple[pd.DataFrame, list[str]]:
    """Rows of the contract from the columns that were found, and a sentence for what was left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    records = len(table)
    table = table.set_column(table.column_names.index("text"), "text", _trimmed(table["text"]))
    table = table.filter(pc.is_valid(table["text"]))
    source = _filled(table, "source", collection)
    created_at, unread_dates = _moments(table)
    made_up = pa.array(["true", "1"])
    rows = pa.table(
        {
            "text_id": _text_ids(source, table["text"]),
            "text": table["text"],
            "label": _trimmed(table["label"]),
            "source": source,
            "created_at": created_at,
            "is_synthetic": pc.is_in(pc.utf8_lower(_filled(table, "is_synthetic", "")), made_up),
            "provenance": pa.repeat(pa.scalar(provenance), len(table)),
        }
    ).to_pandas()
    kept = rows.drop_duplicates("text_id", ignore_index=True)
    problems = [
        _sentence(
            records - len(rows),
            "record without a sentence was left out.",
            "records without a sentence were left out.",
        ),
        _sentence(
            len(rows) - len(kept), "repeated sentence was left out.", "repeated sentences were left out."
        ),
        _sentence(
            unread_dates,
            "date was left empty: it is not written as 2024-12-31.",
            "dates were left empty: they are not written as 2024-12-31.",
        ),
    ]
    return conform_frame(kept, SENTIMENT_PUBLIC), [problem for problem in problems if problem]


def _sentence(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}" if count else ""


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without blanks at both ends; what is blank altogether becomes NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _filled(table: pa.Table, column: str, filling: str) -> pa.ChunkedArray:
    """A column that the source may not have, with `filling` where it says nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column not in table.column_names:
        return pa.chunked_array([pa.repeat(pa.scalar(filling), len(table))])
    return pc.fill_null(_trimmed(table[column]), filling)


def _text_ids(source: pa.ChunkedArray, text: pa.ChunkedArray) -> pa.ChunkedArray:
    """First 16 hexadecimal digits of SHA-256 over source, unit separator (U+001F) and text."""
    import duckdb
    import pyarrow as pa

    with duckdb.connect() as connection:
        connection.register("sentences", pa.table({"source": source, "text": text}))
        query = "SELECT substr(sha256(source || chr(31) || text), 1, 16) AS text_id FROM sentences"
        return connection.sql(query).to_arrow_table()["text_id"]


def _moments(table: pa.Table) -> tuple[pa.ChunkedArray, int]:
    """`created_at` as ISO 8601 in UTC, and how many dates could not be read as such."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if "created_at" not in table.column_names:
        return pa.chunked_array([pa.nulls(len(table), pa.string())]), 0
    written = _trimmed(table["created_at"])
    parsed = pd.to_datetime(written.to_pandas(), format="ISO8601", utc=True, errors="coerce")
    moments = pa.chunked_array([pa.Array.from_pandas(parsed).cast(pa.timestamp("s", "UTC"), safe=False)])
    return pc.strftime(moments, "%Y-%m-%dT%H:%M:%SZ"), moments.null_count - written.null_count
