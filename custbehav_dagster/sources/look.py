"""A look at the first part of each file: what it is taken for, before any of it is read."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from custbehav_dagster.sources.account import FileAccount
from custbehav_dagster.sources.formats import Match, Recognition, recognise
from custbehav_dagster.sources.head import Opening, read_opening
from custbehav_dagster.sources.manifest import known_hashes
from custbehav_dagster.sources.walk import Found, walk, why
from custbehav_dagster.warehouse.files import sha256_of


@dataclass(frozen=True)
class Look:
    """A file after a look at its first part; `match` is None when it will not be read."""

    found: Found
    account: FileAccount
    opening: Opening = field(default_factory=Opening)
    match: Match | None = None

    @property
    def is_shop_file(self) -> bool:
        """Whether it holds a shop's records."""
        return self.match is not None and self.match.format.is_shop

    @property
    def is_real_shop_file(self) -> bool:
        """Whether it holds a shop's records and was not generated here."""
        return self.is_shop_file and not self.account.is_synthetic


def look_at_all(folder: Path) -> list[Look]:
    """Look at each file below `folder`, in order of their names.

    Raises:
        SourceFailure: the manifest of generated files is damaged.
    """
    generated = frozenset(itertools.chain.from_iterable(known_hashes(folder).values()))
    return [_look(found, generated) for found in walk(folder)]


def _look(found: Found, generated: frozenset[str]) -> Look:
    account = FileAccount(found.name)
    try:
        opening = Opening(problem=found.problem) if found.problem else read_opening(found.path)
        recognition = Recognition(None, None, "") if opening.problem else recognise(opening.head)
        match = recognition.match
        is_read = match is not None and match.format.build is not None
        if not found.problem and (generated or not is_read):
            account.sha256 = sha256_of(found.path)
    except OSError as error:
        account.say(f"The file cannot be read: {why(error)}.")
        return Look(found, account)
    account.is_synthetic = account.sha256 in generated
    account.say(f"The file {opening.problem}." if opening.problem else recognition.note)
    if recognition.nearest:
        account.confidence = recognition.nearest.confidence
    if match:
        account.recognised_as(match)
    return Look(found, account, opening, match)
