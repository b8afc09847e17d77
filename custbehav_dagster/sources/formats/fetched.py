"""Files that this project fetched itself and somebody changed since: known, and not read again."""

from __future__ import annotations

from custbehav_dagster.contract import Table, raw
from custbehav_dagster.sources.formats.base import Field, Format, Group


def _own_output(table: Table, *telling: str) -> Format:
    return Format(
        table.noun,
        f"this project's own file {table.noun}.csv, changed since",
        tuple(Field(name, (name,)) for name in telling),
        tuple(Group(f"the column {name}", (name,), required=True) for name in telling),
        build=None,
        is_shop=False,
    )


REDDIT_POSTS = _own_output(raw.REDDIT_POSTS, "post_id", "subreddit", "title", "body")
WEB_CONTENT = _own_output(raw.WEB_CONTENT, "content_id", "url", "item_type", "text")
