"""A look at everything a refresh needs, before it is needed: what is fine, what to look at, what to do.

Nothing is changed, and no other computer is asked. Only the standard library is imported at the
top, so that an old Python or a missing package is told in a sentence instead of failing here.
"""

from __future__ import annotations

import difflib
import os
import socket
import sys
import urllib.request
from contextlib import closing, suppress
from datetime import datetime, timezone
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster import doctor_shop as shop
from custbehav_dagster.doctor_shop import Finding, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from custbehav_dagster.settings import Settings

OLDEST_PYTHON = (3, 11)
LOCK = Path("requirements.lock")
HOME_MARK = Path("dagster.yaml")
PATIENCE_SECONDS = 2.0
OWN_VARIABLES = {"CUSTBEHAV_NOTEBOOK_DATABASE", "CUSTBEHAV_REAL_DATA", "CUSTBEHAV_SCREENSHOTS"}
"""Read by the notebook and the tests, not by the settings."""


def main(port: int = 3000) -> int:
    """Say each finding as it is made; 0 when there is nothing to do, else 1."""
    to_do = 0
    for finding in examine(datetime.now(timezone.utc), port):  # noqa: UP017 (as above)
        print(finding, flush=True)  # noqa: T201
        to_do += bool(finding.advice)
    things = "1 thing" if to_do == 1 else f"{to_do} things"
    print(f"\n{things} to look at." if to_do else "\nAll is well.", flush=True)  # noqa: T201
    return 1 if to_do else 0


def examine(now: datetime, port: int = 3000) -> Iterator[Finding]:
    """Look at one thing after the other, as seen at `now` from the working directory."""
    yield python(sys.version_info[:3])
    yield packages(LOCK)
    yield project()
    found, settings = read_settings()
    yield found
    if settings is None:
        return
    yield variables()
    checks: list[tuple[str, Callable[[Settings], Finding]]] = [
        ("data folder", shop.data_folder),
        ("free space", shop.free_space),
        ("files in raw", shop.raw_files),
        ("Reddit", shop.reddit),
        ("web pages", shop.web_pages),
        ("weather", shop.weather),
        ("public sentences", shop.public_sentences),
        ("warehouse", shop.warehouse),
        ("snapshot", lambda chosen: shop.snapshot(chosen, now)),
    ]
    for what, check in checks:
        yield _tried(what, check, settings)
    yield user_interface(port)


def _tried(what: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return Finding(what, f"could not be looked at: {lines[0]}", "mend what the sentence names")


def python(version: tuple[int, ...]) -> Finding:
    """Whether this Python is new enough."""
    told = ".".join(map(str, version))
    if version >= OLDEST_PYTHON:
        return Finding("Python", told)
    return Finding(
        "Python",
        f"{told} is too old",
        "install Python 3.11 or newer and run make with PYTHON=python3.11",
    )


def packages(lock: Path) -> Finding:
    """Whether what is installed is what `lock` pins, `name==version` a line."""
    from importlib.metadata import PackageNotFoundError, version

    if not lock.is_file():
        return Finding("packages", f"there is no {lock} here", "run this in the project's folder")
    pinned = [line.strip().split("==") for line in lock.read_text().splitlines() if "==" in line]
    missing, other = [], []
    for name, wanted in pinned:
        try:
            if version(name) != wanted:
                other.append(f"{name} is {version(name)}, not {wanted}")
        except PackageNotFoundError:
            missing.append(name)
    advice = "make clean, then make run: it installs the packages of requirements.lock into .venv"
    if missing:
        return Finding("packages", f"not installed: {some(missing)}", advice)
    if other:
        return Finding("packages", f"other versions than tested: {some(other)}", advice)
    return Finding("packages", f"all {len(pinned)} as in {lock}")


def project() -> Finding:
    """Whether this is the project's folder, which the commands and `.env` are read from."""
    if HOME_MARK.is_file():
        return Finding("project", f"{Path.cwd()}")
    return Finding("project", f"{Path.cwd()} has no {HOME_MARK}", "change into the project's folder")


def read_settings() -> tuple[Finding, Settings | None]:
    """The settings of the environment and `.env`, or what is wrong with them."""
    try:
        from pydantic import ValidationError

        from custbehav_dagster.settings import Settings
    except ImportError as error:
        return Finding("settings", f"not looked at: {error.msg}", "install the packages first"), None
    try:
        settings = Settings()
    except ValidationError as error:
        with suppress(ImportError):
            from custbehav_dagster.resources import sentences_of

            return Finding("settings", sentences_of(error), "correct it in .env or the environment"), None
        return Finding("settings", "a value is out of its limits", "install the packages first"), None
    except (OSError, ValueError) as error:
        return Finding("settings", f".env cannot be read ({error})", "save .env as UTF-8 text"), None
    return Finding("settings", f"valid; time zone {settings.shop_timezone}, {settings.currency}"), settings


def variables() -> Finding:
    """Whether each variable with our prefix is one that we know; a misspelt one would do nothing."""
    from dotenv import dotenv_values

    from custbehav_dagster.settings import Settings

    known = {f"CUSTBEHAV_{name.upper()}" for name in Settings.model_fields}
    written = {name.upper() for name in (*os.environ, *dotenv_values(".env"))}
    strange = sorted(
        name for name in written - known - OWN_VARIABLES
        if name.startswith("CUSTBEHAV_") and not name.startswith("CUSTBEHAV_TEST_")
    )  # fmt: skip
    if not strange:
        return Finding("names of settings", "all known")
    nearest = [(name, difflib.get_close_matches(name, known, 1)) for name in strange]
    told = [f"{name} (did you mean {near[0]}?)" if near else name for name, near in nearest]
    return Finding("names of settings", f"not known, so without effect: {some(told)}", "see docs/settings.md")


def user_interface(port: int) -> Finding:
    """Whether the port of the UI is free, or the UI itself is on it."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            pass
        else:
            return Finding("UI", f"port {port} is free")
    if _is_ours(f"http://127.0.0.1:{port}/server_info"):
        return Finding("UI", f"it is served already, on http://127.0.0.1:{port}")
    other = ".venv/bin/python -m custbehav_dagster ui --port 3001"
    return Finding("UI", f"another program uses port {port}", f"end it, or take another port: {other}")


def _is_ours(address: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=PATIENCE_SECONDS) as answer:
            return b"dagster" in answer.read(4096)
    except (OSError, ValueError, HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(main())
