"""Measure, print, and write RESULTS.md: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from benchmarks.context import context
from benchmarks.extraction import extraction
from benchmarks.few_data import few_data
from benchmarks.forecast_scale import forecast_scale
from benchmarks.forecasts import forecasts
from benchmarks.identity import identity
from benchmarks.ingest import ingest
from benchmarks.intervals import intervals
from benchmarks.leads import leads
from benchmarks.questions import Bench, growth, overhead, speed
from benchmarks.results import write_results
from benchmarks.segments import segments
from benchmarks.sentiment import sentiment
from benchmarks.shop import ROOT
from benchmarks.text_speed import text_speed
from benchmarks.topics import topics
from benchmarks.uplift import uplift
from benchmarks.worth import worth

QUESTIONS = {
    "speed": speed,
    "growth": growth,
    "overhead": overhead,
    "ingest": ingest,
    "identity": identity,
    "forecasts": forecasts,
    "forecast_scale": forecast_scale,
    "intervals": intervals,
    "few_data": few_data,
    "context": context,
    "segments": segments,
    "sentiment": sentiment,
    "text_speed": text_speed,
    "extraction": extraction,
    "worth": worth,
    "topics": topics,
    "leads": leads,
    "uplift": uplift,
}


def sizes(text: str) -> list[int]:
    """`10000,100000` as numbers, ascending."""
    return sorted({int(part) for part in text.split(",") if part.strip()})


def _without_folders(given: list[str]) -> list[str]:
    """The arguments as anybody would give them, whatever folder was used here."""
    at = {place for place, word in enumerate(given) if word in ("--work", "--results")}
    return [word for place, word in enumerate(given) if place not in at and place - 1 not in at]


def main(arguments: list[str] | None = None) -> int:
    """Answer the chosen questions; give the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--sizes", type=sizes, default=[10_000, 100_000], help="customers, for speed against the script"
    )
    parser.add_argument(
        "--growth", type=sizes, default=[10_000, 100_000, 1_000_000], help="customers, for growth"
    )
    parser.add_argument("--only", choices=QUESTIONS, nargs="+", help="these questions instead of all")
    parser.add_argument(
        "--repeats", type=int, default=3, help="runs of each side up to 100,000 customers; one above"
    )
    parser.add_argument(
        "--work", type=Path, default=ROOT / "benchmarks" / "work", help="folder for shops and runs"
    )
    parser.add_argument(
        "--results", type=Path, default=ROOT / "benchmarks" / "RESULTS.md", help="page to write"
    )
    chosen = parser.parse_args(given)
    bench = Bench(chosen.work.resolve(), chosen.sizes, chosen.growth, chosen.repeats)
    command = shlex.join(["python", "-m", "benchmarks", *_without_folders(given)])
    for name in chosen.only or QUESTIONS:
        load = os.getloadavg()[0]
        page = write_results(chosen.results, [QUESTIONS[name](bench)], command, load)
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
