"""The generated shop that both sides read, made once per size: `python -m benchmarks.shop COUNT FOLDER`.

It runs as a process of its own, so that the one that measures stays small.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOP_FILES = ("customers.csv", "orders.csv", "feedback.csv")
SEED = 7
ORDERS_PER_CUSTOMER = 10
FEEDBACK_PER_CUSTOMER = 1


def shop_folder(count: int, work: Path) -> Path:
    """The folder with the three files of a shop of `count` customers; made when it is not there.

    Args:
        count: people; each has ten orders and one feedback on average.
        work: folder for everything that benchmarks leave behind.
    """
    folder = work / "shops" / f"{count}-customers-seed-{SEED}"
    if not folder.is_dir():
        aside = folder.with_name(f"{folder.name}.making")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        subprocess.run(
            [sys.executable, "-m", "benchmarks.shop", str(count), str(aside.resolve())], check=True, cwd=ROOT
        )
        aside.rename(folder)
    return folder


def lay_out(shop: Path, data: Path) -> None:
    """Make `data` a fresh data directory with the shop's files in raw/, as if an owner had put them there."""
    shutil.rmtree(data, ignore_errors=True)
    (data / "raw").mkdir(parents=True)
    for name in SHOP_FILES:
        # The same file under a second name: copying a gigabyte would only fill the disk.
        os.link(shop / name, data / "raw" / name)


def make(count: int, folder: Path) -> None:
    """Generate the shop and write its files into `folder`."""
    from custbehav_dagster.sources.synthetic.shop import generate_shop, write_shop

    shop = generate_shop(
        count, SEED, orders_per_customer=ORDERS_PER_CUSTOMER, feedback_per_customer=FEEDBACK_PER_CUSTOMER
    )
    write_shop(shop, folder)


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
