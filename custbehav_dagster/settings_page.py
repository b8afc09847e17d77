"""The page of all settings, written from the settings themselves.

`python -m custbehav_dagster.settings_page` writes `docs/settings.md`; a test fails when
the page and the settings differ.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from custbehav_dagster.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
SIGNS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
PLAIN_NAMES = {"reddit_client_id": "REDDIT_CLIENT_ID", "reddit_client_secret": "REDDIT_CLIENT_SECRET"}
"""Variables that also work without the prefix, as other programs call them."""

HEADING = """\
# Settings

Copy `.env.example` to `.env` and write there what you want to be different, a line each, such as
`CUSTBEHAV_CURRENCY=EUR`; variables of the environment win over `.env`. Most settings can be changed for one
run in the Dagster UI too (run config of the resource `shop`). Lists are written `one, two`. A wrong value is
told before anything runs, and `make doctor` names a variable that is misspelt. Written from the settings by
`python -m custbehav_dagster.settings_page`.
"""


def settings_page() -> str:
    """The whole page, as Markdown."""
    parts = [HEADING]
    for group, names in groups().items():
        rows = "\n".join(_row(name, Settings.model_fields[name]) for name in names)
        parts.append(f"## {group}\n\n| variable | default | what it does |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def groups() -> dict[str, list[str]]:
    """The names of the settings under the headings that stand above them in their module."""
    found: dict[str, list[str]] = {}
    for line in inspect.getsource(Settings).splitlines():
        if heading := re.match(r"    # (\w[^.:]*)$", line):
            current = found.setdefault(heading[1].partition(",")[0], [])
        elif (field := re.match(r"    (\w+): ", line)) and field[1] in Settings.model_fields:
            current.append(field[1])
    return found


def _row(name: str, field: FieldInfo) -> str:
    variable = PLAIN_NAMES.get(name, f"CUSTBEHAV_{name.upper()}")
    limits = "; ".join(_limits(field))
    meaning = f"{field.description} ({limits})" if limits else str(field.description)
    return f"| `{variable}` | {_default(field.default)} | {meaning.replace('|', chr(92) + '|')} |"


def _limits(field: FieldInfo) -> list[str]:
    if get_origin(field.annotation) is Literal:
        return [f"one of {', '.join(map(str, get_args(field.annotation)))}"]
    return [
        f"{told} {getattr(limit, name):,}"
        for limit in field.metadata
        for name, told in SIGNS.items()
        if hasattr(limit, name)
    ]


def _default(value: Any) -> str:
    if value is None or value in ("", []):
        return "(empty)"
    if isinstance(value, list):
        return f"`{', '.join(value)}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    PAGE.write_text(settings_page())
