"""The three questions: how fast against the usual script, how it grows, and what we add to Dagster.

What is promised is in the goals of each section. How one run is measured is in `measure`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from benchmarks.commands import run_empty, run_ours, run_peer
from benchmarks.measure import Usage, median_of
from benchmarks.results import Goal, Section, mebibytes, seconds, times
from benchmarks.shop import ORDERS_PER_CUSTOMER, shop_folder
from benchmarks.steps import slowest_steps

LARGEST_REPEATED = 100_000
FASTER_AT_LEAST = {100_000: 5.0, 1_000_000: 10.0}
MEMORY_LIMIT_AT, MEMORY_LIMIT_BYTES = 1_000_000, 2.5 * 2**30
OVERHEAD_BELOW = 2.0
SLOWEST_SHOWN = 12
SPEED_COLUMNS = (
    "customers", "orders", "script", "ours", "ratio",
    "script CPU", "ours CPU", "ratio", "script peak", "ours peak",
)  # fmt: skip


@dataclass
class Bench:
    """What to measure, and the runs of ours so far by number of customers, so that none is made twice."""

    work: Path
    sizes: Sequence[int]
    growth_sizes: Sequence[int]
    repeats: int
    ours: dict[int, Usage] = field(default_factory=dict)
    steps: dict[int, list[tuple[str, float]]] = field(default_factory=dict)
    profiles: dict[int, list[tuple[str, float]]] = field(default_factory=dict)

    def runs_of(self, count: int) -> int:
        """How often a size is run."""
        return self.repeats if count <= LARGEST_REPEATED else 1

    def measure_ours(self, count: int) -> None:
        """Run ours on that shop as often as its size is run, unless that was done."""
        if count not in self.ours:
            self.ours[count] = median_of([self.run_ours(count) for _ in range(self.runs_of(count))])

    def shop(self, count: int) -> Path:
        """The folder of the shop with so many customers."""
        return shop_folder(count, self.work)

    def run_ours(self, count: int) -> Usage:
        """One run of ours on that shop."""
        used, data = run_ours(self.shop(count), self.work)
        self.steps[count] = slowest_steps(data / "dagster" / "history", SLOWEST_SHOWN)
        return tell(f"ours, {count:,} customers", used)


def speed(bench: Bench) -> Section:
    """Ours against the script, run in turns on the same files.

    Sizes of the growth question that are not measured here are told with the
    script's figures grown in proportion, and say so.
    """
    rows, goals, peers = [], [], {}
    for count in bench.sizes:
        bench.ours[count], peers[count] = _in_turns(
            bench.runs_of(count), partial(bench.run_ours, count), partial(_run_peer, bench, count)
        )
    measured = tuple(peers)
    for count in bench.growth_sizes:
        if count > max(measured):
            peers[count] = _grown(peers[max(measured)], count / max(measured))
            bench.measure_ours(count)
    for count, peer in peers.items():
        ours = bench.ours[count]
        rows.append(_speed_row(count, ours, peer, is_estimate=count not in measured))
        if count in FASTER_AT_LEAST:
            ratio = peer.wall_seconds / ours.wall_seconds
            promise = f"at least {times(FASTER_AT_LEAST[count])} at {count:,} customers"
            found = f"{times(ratio)} by the clock, {times(peer.cpu_seconds / ours.cpu_seconds)} in CPU"
            goals.append(Goal(promise, found, ratio >= FASTER_AT_LEAST[count]))
    notes = _speed_notes(bench, len(peers) > len(measured))
    return Section("Speed against the usual script", SPEED_COLUMNS, rows, goals, notes)


def growth(bench: Bench) -> Section:
    """Ours at sizes ten times apart."""
    for count in bench.growth_sizes:
        bench.measure_ours(count)
    rows, goals = [], []
    for before, count in pairwise([0, *bench.growth_sizes]):
        used, smaller = bench.ours[count], bench.ours.get(before)
        row = [
            f"{count:,}",
            f"{count * ORDERS_PER_CUSTOMER:,}",
            seconds(used.wall_seconds),
            seconds(used.cpu_seconds),
            mebibytes(used),
        ]
        if smaller is None:
            rows.append([*row, "", ""])
            continue
        by_clock, by_cpu = used.wall_seconds / smaller.wall_seconds, used.cpu_seconds / smaller.cpu_seconds
        rows.append([*row, times(by_clock), times(by_cpu)])
        more = count / before
        goals.append(
            Goal(f"{times(more)} the data of {before:,} customers in at most {times(more)} the time",
                 f"{times(by_clock)} by the clock, {times(by_cpu)} in CPU", by_clock <= more)
        )  # fmt: skip
    if MEMORY_LIMIT_AT in bench.growth_sizes:
        peak = bench.ours[MEMORY_LIMIT_AT]
        goals.append(
            Goal(
                "at most 2,560 MiB at 1,000,000 customers",
                mebibytes(peak),
                peak.peak_bytes < MEMORY_LIMIT_BYTES,
            )
        )
    columns = ("customers", "orders", "wall", "CPU", "peak", "wall to the row above", "CPU to the row above")
    return Section("Growth", columns, rows, goals, _step_notes(bench))


def overhead(bench: Bench) -> Section:
    """Our default run, with no files given, against Dagster with twenty-five assets that do nothing."""
    bench.work.mkdir(parents=True, exist_ok=True)

    def ours() -> Usage:
        return tell("ours, the small synthetic shop", run_ours(None, bench.work)[0])

    def empty() -> Usage:
        return tell("25 empty assets", run_empty(bench.work))

    # Once each unmeasured: the first start reads every library from disk.
    ours(), empty()
    our, nothing = _in_turns(bench.repeats, ours, empty)
    by_cpu, by_clock = our.cpu_seconds / nothing.cpu_seconds, our.wall_seconds / nothing.wall_seconds
    rows = [
        ["25 empty assets", seconds(nothing.wall_seconds), seconds(nothing.cpu_seconds), mebibytes(nothing)],
        ["our default run", seconds(our.wall_seconds), seconds(our.cpu_seconds), mebibytes(our)],
        ["ratio", times(by_clock), times(by_cpu), ""],
    ]
    goal = Goal(
        "the default run costs under 2.0× the empty one",
        f"{times(by_cpu)} in CPU, {times(by_clock)} by the clock",
        by_cpu < OVERHEAD_BELOW,
    )
    notes = (
        f"Medians of {bench.repeats} runs of each, in turns, after an unmeasured run of each;"
        " each starts on an empty history."
    )
    return Section("Overhead", ("", "wall", "CPU", "peak"), rows, [goal], notes)


def tell(what: str, used: Usage) -> Usage:
    """Say what a run took as soon as it has ended."""
    print(
        f"{what}: {seconds(used.wall_seconds)}, CPU {seconds(used.cpu_seconds)}, {mebibytes(used)}",
        file=sys.stderr,
        flush=True,
    )
    return used


def _in_turns(repeats: int, ours: Callable[[], Usage], other: Callable[[], Usage]) -> tuple[Usage, Usage]:
    """Medians of both sides, run one after the other so that both meet the same machine."""
    pairs = [(ours(), other()) for _ in range(repeats)]
    return median_of([pair[0] for pair in pairs]), median_of([pair[1] for pair in pairs])


def _run_peer(bench: Bench, count: int) -> Usage:
    used, _ = run_peer(bench.shop(count), bench.work)
    bench.profiles[count] = profile_of(bench.work / "peer.log")
    return tell(f"script, {count:,} customers", used)


def profile_of(log: Path) -> list[tuple[str, float]]:
    """CPU seconds of each stage, from what the script printed."""
    lines = (line.split("\t") for line in log.read_text().splitlines())
    return [(parts[0], float(parts[2])) for parts in lines if len(parts) == 3]


def _grown(used: Usage, factor: float) -> Usage:
    return Usage(used.wall_seconds * factor, used.cpu_seconds * factor, round(used.peak_bytes * factor))


def _speed_row(count: int, ours: Usage, peer: Usage, *, is_estimate: bool) -> list[str]:
    about = "about " if is_estimate else ""
    return [
        f"{count:,}",
        f"{count * ORDERS_PER_CUSTOMER:,}",
        about + seconds(peer.wall_seconds),
        seconds(ours.wall_seconds),
        about + times(peer.wall_seconds / ours.wall_seconds),
        about + seconds(peer.cpu_seconds),
        seconds(ours.cpu_seconds),
        about + times(peer.cpu_seconds / ours.cpu_seconds),
        about + mebibytes(peer),
        mebibytes(ours),
    ]


def _speed_notes(bench: Bench, has_estimate: bool) -> str:
    notes = [
        "The script is `benchmarks/seed_style.py`: pandas, each text by functions applied row by row, one"
        " process. Ours is `dagster asset materialize --select '*' -m custbehav_dagster`, with all its"
        " checks, tables, exports, pictures and the report."
    ]
    if has_estimate:
        notes.append(
            "Figures with *about* were not measured: the largest measured ones, grown in proportion."
        )
    for count, profile in bench.profiles.items():
        told = ", ".join(f"{stage} {seconds(used)}" for stage, used in profile)
        notes.append(f"CPU of the script by stage at {count:,} customers: {told}.")
    return "\n\n".join(notes)


def _step_notes(bench: Bench) -> str:
    told = [
        f"Longest steps of ours at {count:,} customers, by the clock: "
        + ", ".join(f"{name} {seconds(taken)}" for name, taken in steps)
        + "."
        for count, steps in bench.steps.items()
    ]
    return "\n\n".join(told)
