"""The owner's word on who is one person: known, and read when people are matched, not with the orders."""

from __future__ import annotations

from custbehav_dagster.sources.formats.base import Field, Format, Group

WHO_IS_WHO = Format(
    "who_is_who",
    "your list of who is one person and who is not",
    tuple(Field(name, (name,)) for name in ("record", "other_record", "decision")),
    tuple(
        Group(f"the column {name}", (name,), required=True) for name in ("record", "other_record", "decision")
    ),
    build=None,
    is_shop=False,
    when_not_built="It is read when people are matched.",
)
