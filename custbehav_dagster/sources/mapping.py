"""What the owner says of a file in a YAML file beside it: `orders.csv.yaml`, or `mapping.yaml` for a folder.

A mistake in one is a sentence that names the file, the key and what is allowed.
What the words mean for reading is in `formats/base.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from custbehav_dagster.contract import raw
from custbehav_dagster.contract.table import provenance_columns
from custbehav_dagster.sources.formats import FORMATS, Head, Hints
from custbehav_dagster.sources.formats.base import plain_name
from custbehav_dagster.sources.walk import Found, why

ENDINGS = (".yaml", ".yml")
FOLDER_MAPPINGS = tuple(f"mapping{ending}" for ending in ENDINGS)
LARGEST_BYTES = 1 << 20
NAMES_SHOWN = 30
_OURS = {column.name for column in provenance_columns()}
RAW_COLUMNS = frozenset(
    column.name
    for table in (raw.CUSTOMERS, raw.ORDERS, raw.ORDER_ITEMS, raw.FEEDBACK, raw.SUBSCRIBERS, raw.LISTINGS)
    for column in table.columns
    if column.name not in _OURS
)
_FORMATS = {one.name: one for one in FORMATS}


class FileMapping(BaseModel):
    """What can be said of one file."""

    model_config = ConfigDict(extra="forbid")

    format: str = ""
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    date_order: Literal["day_first", "month_first"] | None = None
    decimal: Literal[",", "."] | None = None
    ignore: bool = False


class FolderMapping(BaseModel):
    """What can be said of the files of a folder, by a pattern of their names."""

    model_config = ConfigDict(extra="forbid")

    files: dict[str, FileMapping]


@dataclass(frozen=True)
class Told:
    """What a mapping says of a file, and which mapping; `problem` is its mistakes in a sentence."""

    by: str
    hints: Hints = field(default_factory=Hints)
    is_ignored: bool = False
    problem: str = ""

    def contradicts(self, head: Head) -> str:
        """Why what it says cannot be true of a file with this head, else ''."""
        header = {plain_name(name) for name in head.header}
        lacking = {key: name for key, name in self.hints.columns.items() if plain_name(name) not in header}
        if not lacking:
            return ""
        named = "; ".join(f"columns.{key} names the column '{name}'" for key, name in lacking.items())
        return f"{self.by}: {named}, which the file lacks. It has: {_listed(head.header)}."


class Mappings:
    """All mappings below a folder."""

    def __init__(self, found: Iterable[Found]) -> None:
        """Read the mappings among `found`; the others are in `files`."""
        everything = list(found)
        names = {one.name for one in everything}
        self.files: list[Found] = []
        self.troubles: list[tuple[Found, str]] = []
        """Mappings that are of no use to any file, with the reason."""
        self._beside: dict[str, Told] = {}
        self._folders: dict[str, list[tuple[str, Told]]] = {}
        self._unused: dict[tuple[str, str], Found] = {}
        for one in everything:
            ending = PurePosixPath(one.name).suffix
            if one.problem or ending not in ENDINGS:
                self.files.append(one)
            elif PurePosixPath(one.name).name in FOLDER_MAPPINGS:
                self._take_folder(one)
            elif one.name.removesuffix(ending) in names:
                self._beside[one.name.removesuffix(ending)] = _told_beside(one)
            else:
                of = PurePosixPath(one.name.removesuffix(ending)).name
                self.troubles.append((one, f"It looks like a mapping for {of}, which is not beside it."))

    def _take_folder(self, found: Found) -> None:
        folder = str(PurePosixPath(found.name).parent)
        model, problem = _read(found, FolderMapping)
        if not isinstance(model, FolderMapping):
            self.troubles.append((found, problem))
            return
        for pattern, said in model.files.items():
            told = _checked(said, found.name, f"files.{pattern}.")
            self._folders.setdefault(folder, []).append((pattern, told))
            self._unused[found.name, pattern] = found

    def of(self, name: str) -> Told | None:
        """What is said of the file, or of something taken out of one, of this name; the nearest counts."""
        for path in (name, *_parents(name)):
            if path in self._beside:
                return self._beside[path]
        for folder in (*_parents(name), "."):
            inner = name if folder == "." else name[len(folder) + 1 :]
            for pattern, told in self._folders.get(folder, ()):
                if any(fnmatchcase(one, pattern) for one in (inner, *_parents(inner))):
                    self._unused.pop((told.by, pattern), None)
                    return told
        return None

    def unused(self) -> Iterator[tuple[Found, str]]:
        """Patterns that fitted no file so far, with a sentence."""
        for (_, pattern), found in self._unused.items():
            yield found, f"Its pattern '{pattern}' fits no file."


def _parents(name: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(name).parents if str(parent) != "."]


def _told_beside(found: Found) -> Told:
    model, problem = _read(found, FileMapping)
    return (
        _checked(model, found.name, "")
        if isinstance(model, FileMapping)
        else Told(found.name, problem=problem)
    )


def _checked(said: FileMapping, by: str, place: str) -> Told:
    if said.format and said.format not in _FORMATS:
        return Told(
            by, problem=f"{by}: {place}format '{said.format}' is not known; allowed are {_listed(_FORMATS)}."
        )
    formats = [_FORMATS[said.format]] if said.format else list(FORMATS)
    fields = {name for one in formats for name in one.field_names}
    for key, given, allowed in (
        ("columns", said.columns, fields),
        ("constants", said.constants, fields | RAW_COLUMNS),
    ):
        unknown = [name for name in given if name not in allowed]
        if unknown:
            known = _listed(sorted(allowed))
            return Told(by, problem=f"{by}: {place}{key}.{unknown[0]} is no field; allowed are {known}.")
    hints = Hints(said.format, said.columns, said.constants, said.date_order or "", said.decimal or "")
    return Told(by, hints, said.ignore)


def _read(found: Found, kind: type[BaseModel]) -> tuple[BaseModel | None, str]:
    """The mapping, or None and a sentence."""
    import yaml

    try:
        if found.path.stat().st_size > LARGEST_BYTES:
            return None, f"{found.name} is too large to be a mapping."
        # Everything is text to this loader: no 'yes' becomes true, no 007 a number.
        content = yaml.load(found.path.read_text(encoding="utf-8-sig"), yaml.BaseLoader)
        return kind.model_validate(content if content is not None else {}), ""
    except OSError as error:
        return None, f"{found.name} cannot be read: {why(error)}."
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        return None, f"{found.name} is no valid YAML{line}; write one `key: value` a line."
    except ValidationError as error:
        return None, f"{found.name}: {'; '.join(_mistake(one, kind) for one in error.errors())}."


def _mistake(error: Any, kind: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        is_top = len(error["loc"]) == 1
        allowed = kind.model_fields if is_top else FileMapping.model_fields
        return f"{key} is not known; allowed are {_listed(allowed)}"
    if error["type"] == "missing":
        return f"{key} is missing; it holds a pattern of file names for each mapping"
    if error["type"] == "literal_error":
        return f"{key} has to be {error['ctx']['expected']}"
    meanings = {
        "string_type": "has to be one word or text",
        "dict_type": "has to hold lines `name: value`",
        "bool_parsing": "has to be true or false",
        "bool_type": "has to be true or false",
    }
    return f"{key or 'the whole'} {meanings.get(error['type'], error['msg'])}"


def _listed(names: Iterable[str]) -> str:
    everything = [name for name in names if name]
    more = len(everything) - NAMES_SHOWN
    return ", ".join(everything[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
