"""Cleaning, forecasting and reporting for small shops, as Dagster assets.

`defs` is made when it is asked for, so that the plain functions of this package
can be used without Dagster.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "defs":
        from custbehav_dagster.definitions import defs

        return defs
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), "defs"]
