"""A recognised file is staged: in whatever encoding, once per content, and only when it holds still."""

from __future__ import annotations

import itertools
import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.sources.encodings import ENCODING_NAMES, eight_bit_encoding, file_encoding, write_utf8
from custbehav_dagster.sources.fast_csv import Staged, stage
from custbehav_dagster.sources.look import Look
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.sources.scan import Scan, scan_file
from custbehav_dagster.sources.walk import why
from custbehav_dagster.warehouse.files import TEMPORARY_MARK

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

READING_TRIES = 2
_numbers = itertools.count(1)


class Stager:
    """Stages files in a folder until it is closed, or the connection that reads them is gone."""

    def __init__(self, con: Backend, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._con, self._folder = con, folder
        self._paths: list[Path] = []
        self._names_by_hash: dict[str, str] = {}
        # Expressions hold the connection, so what is staged outlives each of them.
        weakref.finalize(con, _remove, self._paths)

    def close(self) -> None:
        """Delete what was staged."""
        _remove(self._paths)

    def stage(self, look: Look) -> Staged | None:
        """Stage a file, or say in its account why not.

        Raises:
            SourceFailure: its records cannot be written, as on a full disk.
        """
        try:
            return self._stage(look)
        except (FileNotFoundError, PermissionError) as error:
            look.account.say(f"The file cannot be read: {why(error)}.")
            return None
        except OSError as error:
            raise SourceFailure(f"{look.account.source_file} could not be staged: {why(error)}.") from error

    def _stage(self, look: Look) -> Staged | None:
        path, account, opening = look.found.path, look.account, look.opening
        for _ in range(READING_TRIES):
            before = _signature(path)
            scan = scan_file(path, opening.separator, len(opening.head.header))
            account.sha256 = scan.sha256
            if scan.sha256 in self._names_by_hash:
                account.say(f"It is the same as {self._names_by_hash[scan.sha256]} and was not read again.")
                return None
            encoding, staged = self._stage_text(look, scan)
            if _signature(path) == before:
                self._names_by_hash[scan.sha256] = account.source_file
                if encoding:
                    account.say(f"It was read as {encoding}.")
                return staged
        account.say("It was still being written and will be read at the next refresh.")
        return None

    def _stage_text(self, look: Look, scan: Scan) -> tuple[str, Staged]:
        """Stage the file's text; also the name of its encoding unless it is sound UTF-8."""
        path, opening = look.found.path, look.opening
        header, target = opening.head.header, self._new_path("parquet")
        encoding = file_encoding(path)
        if not encoding and scan.is_utf8:
            return "", stage(self._con.con, path, scan, opening.separator, header, target)
        encoding = encoding or eight_bit_encoding(path)
        text = self._new_path("txt")
        try:
            write_utf8(path, encoding, text)
            scan = scan_file(text, opening.separator, len(header))
            return ENCODING_NAMES[encoding], stage(
                self._con.con, text, scan, opening.separator, header, target
            )
        finally:
            text.unlink(missing_ok=True)

    def _new_path(self, ending: str) -> Path:
        path = self._folder / f".inbox-{next(_numbers)}{TEMPORARY_MARK}{os.getpid()}.{ending}"
        self._paths.append(path)
        return path


def _signature(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def _remove(paths: list[Path]) -> None:
    while paths:
        paths.pop().unlink(missing_ok=True)
