"""The commands that are measured: ours, the peer, and Dagster with nothing to do.

Each gets a fresh folder, and none sees the settings of this machine.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from benchmarks.measure import Usage, measure
from benchmarks.shop import ROOT, lay_out

MATERIALIZE = [sys.executable, "-m", "dagster", "asset", "materialize", "--select", "*", "-m"]
MADE_BY_BOTH = (
    "customers_clean.csv",
    "orders_clean.csv",
    "feedback_clean.csv",
    "single_source_of_truth.csv",
    "single_source_of_truth.parquet",
    "customers_with_segments.csv",
    "models/churn_logistic.joblib",
    "models/churn_naive_bayes.joblib",
    "models/kmeans_segment.joblib",
    *(
        f"plots/{name}.png"
        for name in (
            "sentiment_distribution",
            "word_count_distribution",
            "source_type_counts",
            "feedback_by_month",
            "trend_line",
            "scatter_wordcount_sentiment",
            "boxplot_sentiment_noise",
            "segment_distribution",
        )
    ),
)
EMPTY_HISTORY = """\
storage:
  sqlite:
    base_dir: {folder}/history
local_artifact_storage:
  module: dagster._core.storage.root
  class: LocalArtifactStorage
  config:
    base_dir: {folder}
telemetry:
  enabled: false
nux:
  enabled: false
"""


class NotTheSameWorkError(Exception):
    """A side left out what the other made; the message says what."""


def run_ours(shop: Path | None, work: Path) -> tuple[Usage, Path]:
    """Materialize every asset for a shop's files, or for none: then the small synthetic shop is made.

    Returns what it took, and the data directory.
    """
    data = work / "ours"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    if shop is not None:
        lay_out(shop, data)
    used = _run(
        [*MATERIALIZE, "custbehav_dagster"], work, "ours", ROOT, CUSTBEHAV_DATA_DIR=str(data.resolve())
    )
    expect_files(data / "processed")
    return used, data


def run_peer(shop: Path, work: Path) -> tuple[Usage, Path]:
    """Run the script on the shop's files; give what it took, and its output folder."""
    out = work / "peer"
    shutil.rmtree(out, ignore_errors=True)
    script = str(ROOT / "benchmarks" / "seed_style.py")
    used = _run([sys.executable, script, str(shop.resolve()), str(out.resolve())], work, "peer")
    expect_files(out)
    return used, out


def run_empty(work: Path) -> Usage:
    """Materialize the assets that do nothing, with a history of their own of the same kind."""
    home = work / "empty"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / "dagster.yaml").write_text(EMPTY_HISTORY.format(folder=home.resolve()))
    return _run([*MATERIALIZE, "benchmarks.empty_assets"], work, "empty", home)


def _run(
    command: list[str], work: Path, name: str, dagster_home: Path | None = None, **variables: str
) -> Usage:
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("CUSTBEHAV_", "REDDIT_", "DAGSTER_"))
    }
    environment = {**kept, "PYTHONPATH": str(ROOT), **variables}
    if dagster_home is not None:
        environment["DAGSTER_HOME"] = str(dagster_home.resolve())
    # Not the project's folder: a .env there would be read.
    return measure(command, work / f"{name}.log", folder=work, environment=environment)


def expect_files(folder: Path) -> None:
    """Raise NotTheSameWorkError unless `folder` holds every file that both sides make."""
    missing = [name for name in MADE_BY_BOTH if not (folder / name).is_file()]
    if missing:
        raise NotTheSameWorkError(f"{folder} lacks {', '.join(missing)}")
