"""A recognised file is staged: in whatever encoding, once per content, and only when it holds still."""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from custbehav_dagster.sources.encodings import ENCODING_NAMES, eight_bit_encoding, file_encoding, write_utf8
from custbehav_dagster.sources.fast_csv import Places, Shape, Staged, stage
from custbehav_dagster.sources.look import Look, signature_of
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.sources.scan import Scan, scan_file
from custbehav_dagster.sources.totals import ends_with_totals
from custbehav_dagster.sources.walk import why
from custbehav_dagster.warehouse.files import TEMPORARY_MARK

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

READING_TRIES = 2
STILL_WRITTEN = "It was still being written and will be read at the next refresh."
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
        """Stage the columns of a file that are used, or say in its account why not.

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

    def stage_whole(self, look: Look) -> Staged | None:
        """Stage all columns of a file that was staged before; None when it has changed since.

        Raises:
            SourceFailure: its records cannot be written, as on a full disk.
        """
        try:
            scan = scan_file(look.found.path, look.opening.separator, len(look.opening.head.header))
            if scan.sha256 not in self._names_by_hash:
                return None
            return self._stage_text(look, scan, is_whole=True)[1]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SourceFailure(f"{look.account.source_file} could not be staged: {why(error)}.") from error

    def _stage(self, look: Look) -> Staged | None:
        found, account, opening = look.found, look.account, look.opening
        for _ in range(READING_TRIES):
            before = signature_of(found.origin)
            if found.container and before != look.signature:
                break
            scan = scan_file(found.path, opening.separator, len(opening.head.header))
            account.sha256 = found.sha256 or scan.sha256
            if scan.sha256 in self._names_by_hash:
                account.say(f"It is the same as {self._names_by_hash[scan.sha256]} and was not read again.")
                return None
            encoding, staged = self._stage_text(look, scan)
            if signature_of(found.origin) == before:
                self._names_by_hash[scan.sha256] = account.source_file
                if encoding:
                    account.say(f"It was read as {encoding}.")
                return staged
        account.say(STILL_WRITTEN)
        return None

    def _stage_text(self, look: Look, scan: Scan, is_whole: bool = False) -> tuple[str, Staged]:
        """Stage the file's text; also the name of its encoding unless it is sound UTF-8."""
        path, opening = look.found.path, look.opening
        header = opening.head.header
        encoding = file_encoding(path)
        if not encoding and scan.is_utf8:
            if opening.first_line == 1:
                return "", self._stage_utf8(look, path, scan, is_whole)
            encoding = "utf-8"
        encoding = encoding or eight_bit_encoding(path)
        text = self._new_path("txt")
        try:
            made_up = "" if opening.first_line else opening.separator.join(header) + "\n"
            write_utf8(path, encoding, text, max(0, opening.first_line - 1), made_up)
            is_sound = encoding == "utf-8" and scan.is_utf8
            scan = scan_file(text, opening.separator, len(header))
            return "" if is_sound else ENCODING_NAMES[encoding], self._stage_utf8(look, text, scan, is_whole)
        finally:
            text.unlink(missing_ok=True)

    def _stage_utf8(self, look: Look, text: Path, scan: Scan, is_whole: bool) -> Staged:
        opening, match = look.opening, look.match
        width = len(opening.head.header)
        used = range(width) if is_whole or match is None else sorted(set(match.columns.values())) or (0,)
        shape = Shape(
            opening.separator,
            opening.head.header,
            tuple(used),
            opening.surplus,
            ends_with_totals(text, opening.separator),
            _places(look),
        )
        return stage(self._con.con, text, scan, shape, self._new_path("parquet"))

    def _new_path(self, ending: str) -> Path:
        path = self._folder / f".inbox-{next(_numbers)}{TEMPORARY_MARK}{os.getpid()}.{ending}"
        self._paths.append(path)
        self._paths.append(path.with_name(path.name + ".lines"))
        return path


def _places(look: Look) -> Callable[[Places], Places] | None:
    """From lines of the staged text to lines of the original; None where they are the same."""
    shift, lines = look.opening.first_line - 1, look.found.lines
    if lines is not None:
        return lambda numbers: lines[np.clip(numbers + shift, 1, lines.size) - 1]
    return (lambda numbers: np.maximum(numbers + shift, 1)) if shift else None


def _remove(paths: list[Path]) -> None:
    while paths:
        paths.pop().unlink(missing_ok=True)
