"""What was measured, as a page: one section per question, each with its date, machine and command."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Usage

HEADING = "# What was measured\n"
INTRODUCTION = """
Written by `python -m benchmarks`; each section is replaced when it is measured again. Every run is a
whole process, from start-up to the last file. CPU is user and system time of all its processes;
memory is the largest resident sum. On a machine that does other work at the same time the clock
says little; CPU time and ratios say more.
"""


@dataclass(frozen=True)
class Goal:
    """A figure that was promised, and what it came to."""

    promise: str
    found: str
    is_met: bool

    def __str__(self) -> str:
        return f"- {'met' if self.is_met else '**missed**'}: {self.promise}; found {self.found}."


@dataclass(frozen=True)
class Section:
    """One question with its table, goals and notes."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    goals: Sequence[Goal] = ()
    notes: str = ""

    def markdown(self, command: str, load: float, now: datetime) -> str:
        """The section as text, with the day, the machine and the command."""
        machine = f"{os.cpu_count()} CPUs, load {load:.1f} before, Python {platform.python_version()}"
        made = f"{now:%Y-%m-%d}, {machine}: `{command}`"
        table = "\n".join(
            f"| {' | '.join(row)} |" for row in (self.columns, ["---"] * len(self.columns), *self.rows)
        )
        parts = [f"## {self.title}", made, table, "\n".join(map(str, self.goals)), self.notes]
        return "\n\n".join(part for part in parts if part) + "\n"


def write_results(
    path: Path, sections: Sequence[Section], command: str, load: float, now: datetime | None = None
) -> str:
    """Put the sections into the page at `path`, beside those of other questions; give the page.

    Args:
        path: a page written before is read, and sections of other titles are kept.
        sections: what was measured.
        command: how it was measured.
        load: processes that wanted a CPU, on average, in the minute before the measuring.
        now: the day to put down; None: today.
    """
    kept = _sections_of(path.read_text() if path.is_file() else "")
    for section in sections:
        kept[section.title] = section.markdown(command, load, now or datetime.now(UTC))
    page = HEADING + INTRODUCTION + "".join(f"\n{text}" for text in kept.values())
    path.write_text(page)
    return page


def _sections_of(page: str) -> dict[str, str]:
    parts = [f"## {part.strip()}\n" for part in f"\n{page}".split("\n## ")[1:]]
    return {part.splitlines()[0].removeprefix("## "): part for part in parts}


def seconds(value: float) -> str:
    """Such as `12.3 s`."""
    return f"{value:,.1f} s"


def mebibytes(used: Usage) -> str:
    """Such as `311 MiB`."""
    return f"{used.peak_bytes / 2**20:,.0f} MiB"


def times(value: float) -> str:
    """Such as `5.2×`."""
    return f"{value:,.1f}×"
