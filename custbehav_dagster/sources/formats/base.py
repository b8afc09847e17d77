"""What a format declares: the columns it knows, how it is told apart, and its raw tables.

A format is data and three small functions; adding one is a new module and a line
in the registry. Reading bytes does not belong here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number
from custbehav_dagster.sources.rewriting import with_iso_dates, with_point_decimals

PLACE = ("is_synthetic", "source_file", "source_line")
"""Columns of the staged records that say where each comes from."""
ENOUGH_FITTING = 0.5

Predicate = Callable[[str], bool]


@dataclass(frozen=True)
class Hints:
    """What the owner says of a file in a mapping beside it; nothing where there is none.

    Attributes:
        format: name of the format; '' leaves it to recognition.
        columns: field -> name of the column in the header.
        constants: field, or column of a raw table -> value where the file has none.
        date_order: 'day_first' or 'month_first' for dates in figures; '' by evidence.
        decimal: ',' or '.', the sign that parts the decimals; '' by evidence.
    """

    format: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    date_order: str = ""
    decimal: str = ""


NO_HINTS = Hints()


@dataclass(frozen=True)
class Head:
    """Header and first records of a file; each record has as many cells as the header."""

    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]

    def values(self, number: int) -> list[str]:
        """Cells of a column of the sample that are not blank."""
        return [record[number] for record in self.sample if record[number].strip()]


@dataclass(frozen=True)
class Field:
    """One thing a column can mean: its names, the preferred first, and what its cells look like."""

    name: str
    aliases: tuple[str, ...]
    looks: Predicate | None = None
    looks_like: str = ""


@dataclass(frozen=True)
class Group:
    """One part of a format's signature: found when any of its fields is."""

    label: str
    any_of: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class Match:
    """How a file fits a format.

    Attributes:
        confidence: share of the signature's groups found, 0 to 1.
        columns: field -> number of the column, from 0.
        missing: what the format needs and the file lacks, in words.
        contradiction: why it is another format's file after all; '' when it is not.
        named: how many fields the header names, whatever their cells hold.
        needed_named: how many of the groups that are required it names.
    """

    format: Format
    confidence: float
    columns: Mapping[str, int]
    missing: tuple[str, ...]
    contradiction: str = ""
    variant: str = ""
    hints: Hints = NO_HINTS
    named: int = 0
    needed_named: int = 0

    @property
    def fits(self) -> bool:
        """Whether the file can be read as this format."""
        return not self.missing and not self.contradiction

    def cells(self, records: ir.Table, learned: Mapping[str, Lesson] | None = None) -> Cells:
        """Staged records with their columns by meaning, as the file and its mapping say."""
        return Cells(records, self.columns, self.hints, self.format.dates, self.format.numbers, learned or {})


@dataclass(frozen=True)
class Lesson:
    """What the records of one file, or its name, tell of how it is to be read.

    Attributes:
        kind: which of the ways the format knows.
        note: the same as a sentence for the file's account.
        variant: variant of the format, where it is told by this and not by the columns.
    """

    kind: str
    note: str
    variant: str = ""


@dataclass(frozen=True)
class Rejection:
    """Records that the format cannot place: where `condition` holds, for `reason`."""

    condition: ir.BooleanValue
    field: str
    reason: str


Records = dict[str, ir.Table]


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes:
        build: staged records, which may be of several files -> raw tables by noun,
            with the columns of `PLACE`; None for files that are known and not read.
        amount: money of a record, for the account of the file.
        currency: code or sign of that money; by default the field `currency`.
        reject: records that have no place in the raw tables.
        is_shop: whether such a file is the shop's own, so that no shop is generated.
        learn: what the records tell of how their files are to be read, by file; a file that
            is read in the usual way is left out.
        when_not_built: what becomes of a file without `build`, in a sentence.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    groups: tuple[Group, ...]
    build: Callable[[Cells], Records] | None
    amount: Callable[[Cells], ir.DecimalValue] | None = None
    reject: Callable[[Cells], Rejection] | None = None
    contradiction: Callable[[Mapping[str, int], Head], str] = field(default=lambda columns, head: "")
    variant: Callable[[Mapping[str, int], Head], str] = field(default=lambda columns, head: "")
    is_shop: bool = True
    currency: Callable[[Cells], ir.StringValue] = field(default=lambda cells: cells["currency"])
    learn: Callable[[Cells], Mapping[str, Lesson]] = field(default=lambda cells: {})
    when_not_built: str = "It was not read, since this project fetches it anew."

    @property
    def field_names(self) -> frozenset[str]:
        """Names of the fields."""
        return frozenset(one.name for one in self.fields)

    @property
    def dates(self) -> frozenset[str]:
        """Names of the fields that hold dates."""
        return frozenset(one.name for one in self.fields if one.looks is looks_like_date)

    @property
    def numbers(self) -> frozenset[str]:
        """Names of the fields that hold amounts or quantities."""
        return frozenset(
            one.name
            for one in self.fields
            if one.looks is looks_like_number
            or one.name.endswith(("_amount", "_price"))
            or one.name == "quantity"
        )

    def match(self, head: Head, hints: Hints = NO_HINTS) -> Match:
        """Compare a file's head with this format, in the light of what the owner says of the file."""
        columns, doubts = find_columns(self.fields, head, hints.columns)
        known = columns.keys() | hints.constants.keys()
        found = [any(name in known for name in group.any_of) for group in self.groups]
        missing = tuple(
            next((f"{group.label} ({doubts[name]})" for name in group.any_of if name in doubts), group.label)
            for group, is_found in zip(self.groups, found, strict=True)
            if group.required and not is_found
        )
        named = known | doubts.keys()
        needed = [group for group in self.groups if group.required]
        return Match(
            self,
            sum(found) / len(found),
            columns,
            missing,
            "" if hints.format else self.contradiction(columns, head),
            self.variant(columns, head),
            hints,
            len(named),
            sum(1 for group in needed if not named.isdisjoint(group.any_of)),
        )


@dataclass(frozen=True)
class Cells:
    """Staged records of a file, or of several alike, with their columns by meaning."""

    records: ir.Table
    columns: Mapping[str, int]
    hints: Hints = NO_HINTS
    dates: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    learned: Mapping[str, Lesson] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.columns or name in self.hints.constants

    def __getitem__(self, name: str) -> ir.StringValue:
        """The column that means `name`; NULL where the file has none."""
        if name not in self.columns:
            constant = self.hints.constants.get(name)
            return ibis.null("string") if constant is None else ibis.literal(constant)
        column = self.records[f"c{self.columns[name]}"]
        if self.hints.date_order and name in self.dates:
            column = with_iso_dates(column, self.hints.date_order)
        if self.hints.decimal and name in self.numbers:
            column = with_point_decimals(column, self.hints.decimal)
        return column.fill_null(self.hints.constants[name]) if name in self.hints.constants else column

    def select(self, *names: str, **more: ir.Value) -> ir.Table:
        """The records with the columns `names` and `more`, and their place."""
        place = {name: self.records[name] for name in PLACE}
        return self.records.select(**{name: self[name] for name in names}, **more, **place)


def plain_name(name: str) -> str:
    """A header name without case, spaces, underscores and other signs."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def find_columns(
    fields: tuple[Field, ...], head: Head, told: Mapping[str, str] | None = None
) -> tuple[dict[str, int], dict[str, str]]:
    """Column of each field that the header names and whose cells do not contradict it.

    `told` says of some fields which column is meant, whatever its cells look like.
    Also returns, for the fields that were named but contradicted, the doubt in words.
    Of several columns with one meaning the one with the preferred name is taken,
    of several with one name the first.
    """
    places: dict[str, int] = {}
    for number, name in enumerate(head.header):
        places.setdefault(plain_name(name), number)
    known = {one.name for one in fields}
    columns: dict[str, int] = {
        name: place
        for name, header in (told or {}).items()
        if name in known and (place := places.get(plain_name(header))) is not None
    }
    doubts: dict[str, str] = {}
    for one in fields:
        if one.name in columns:
            continue
        for alias in one.aliases:
            number = places.get(plain_name(alias), -1)
            if number < 0 or number in columns.values():
                continue
            if _looks_right(one, head, number):
                columns[one.name] = number
                doubts.pop(one.name, None)
                break
            doubts[one.name] = f"the column '{head.header[number]}' does not hold {one.looks_like}"
    return columns, doubts


def _looks_right(one: Field, head: Head, number: int) -> bool:
    values = head.values(number)
    if one.looks is None or not values:
        return True
    return sum(map(one.looks, values)) >= ENOUGH_FITTING * len(values)
