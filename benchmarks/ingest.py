"""A Shopify export of a million order lines: ours against DuckDB alone, and the file both read.

Ours reads the file, sets aside what cannot be read, accounts for rows and money,
writes the raw tables and joins lines with orders. DuckDB reads the same columns
and groups them by order; a second, leaner question reads three columns only.
"""

from __future__ import annotations

import csv
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import measure
from benchmarks.results import Goal, Section, seconds, times
from benchmarks.shop import ROOT

if TYPE_CHECKING:
    from benchmarks.questions import Bench

AT_MOST_TIMES = 3.0
AT_MOST_BYTES = 2 * 2**30
LINES = 1_000_000
SEED = 11
COLUMNS = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at",
    "Accepts Marketing", "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code",
    "Discount Amount",
    "Shipping Method", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price",
    "Lineitem compare at price", "Lineitem sku", "Lineitem requires shipping", "Lineitem taxable",
    "Lineitem fulfillment status", "Billing Name", "Billing Street", "Billing Address1", "Billing Address2",
    "Billing Company", "Billing City", "Billing Zip", "Billing Province", "Billing Country", "Billing Phone",
    "Shipping Name", "Shipping Street", "Shipping Address1", "Shipping Address2", "Shipping Company",
    "Shipping City", "Shipping Zip", "Shipping Province", "Shipping Country", "Shipping Phone", "Notes",
    "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor",
    "Outstanding Balance", "Employee", "Location", "Device ID", "Id", "Tags", "Risk Level", "Source",
    "Lineitem discount", "Tax 1 Name", "Tax 1 Value", "Tax 2 Name", "Tax 2 Value", "Tax 3 Name",
    "Tax 3 Value", "Tax 4 Name", "Tax 4 Value", "Tax 5 Name", "Tax 5 Value", "Phone", "Receipt Number",
    "Duties", "Billing Province Name", "Shipping Province Name", "Payment ID", "Payment Terms Name",
    "Next Payment Due At", "Payment References",
)  # fmt: skip
ONCE_PER_ORDER = {
    "Financial Status": "paid", "Fulfillment Status": "fulfilled", "Accepts Marketing": "no",
    "Currency": "USD", "Shipping": "5.00", "Taxes": "0.00", "Discount Amount": "0.00",
    "Shipping Method": "Standard",
    "Billing Street": "1 High Street", "Billing Address1": "1 High Street", "Billing City": "Portland",
    "Billing Zip": "'97201", "Billing Province": "OR", "Billing Country": "US",
    "Shipping Street": "1 High Street", "Shipping Address1": "1 High Street", "Shipping City": "Portland",
    "Shipping Zip": "'97201", "Shipping Province": "OR", "Shipping Country": "US",
    "Payment Method": "Shopify Payments", "Refunded Amount": "0.00", "Source": "web", "Risk Level": "Low",
}  # fmt: skip
ON_EACH_LINE = {
    "Lineitem requires shipping": "true", "Lineitem taxable": "true",
    "Lineitem fulfillment status": "fulfilled", "Vendor": "Shop",
}  # fmt: skip


def write_export(target: Path, lines: int = LINES, seed: int = SEED) -> Path:
    """Write an export of so many order lines, unless it is there; names and notes hold commas and quotes."""
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_suffix(".part")
        with aside.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(_records(lines, random.Random(seed)))
        aside.replace(target)
    return target


def _records(lines: int, chance: random.Random) -> Iterator[dict[str, str]]:
    order = 1000
    while lines > 0:
        order += 1
        when = (
            f"2023-{chance.randint(1, 12):02}-{chance.randint(1, 28):02} "
            f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:{chance.randint(0, 59):02} -0700"
        )
        person = chance.randrange(200_000)
        shared = {
            "Name": f"#{order}",
            "Email": f"p{person}@example.org" if chance.random() > 0.14 else "",
            "Created at": when,
            **ON_EACH_LINE,
        }
        count = min(lines, chance.choice((1, 1, 1, 2, 2, 3, 4)))
        items = [(chance.randint(1, 3), chance.randint(5, 80), chance.randint(1, 300)) for _ in range(count)]
        goods = sum(quantity * price for quantity, price, _ in items)
        first = ONCE_PER_ORDER | {
            "Paid at": when, "Fulfilled at": when, "Subtotal": f"{goods}.00", "Total": f"{goods + 5}.00",
            "Billing Name": f"Person {person}", "Shipping Name": f"Person {person}",
            "Id": str(5_277_620_000_000 + order),
            "Notes": 'Please wrap,\n"nicely"' if chance.random() < 0.02 else "",
        }  # fmt: skip
        for number, (quantity, price, product) in enumerate(items):
            line = {
                "Lineitem quantity": str(quantity), "Lineitem price": f"{price}.00",
                "Lineitem name": f"Handmade mug, no. {product}", "Lineitem sku": f"SKU{product}",
            }  # fmt: skip
            yield shared | line | (first if number == 0 else {})
        lines -= count


def with_ours(export: Path, work: Path) -> dict[str, int]:
    """Read, check, write and join; what came out."""
    import shutil

    import ibis

    from custbehav_dagster.settings import Settings
    from custbehav_dagster.sources.inbox import read_inbox

    shutil.rmtree(work, ignore_errors=True)
    settings = Settings(data_dir=str(work))
    settings.raw_path.mkdir(parents=True)
    settings.warehouse_path.parent.mkdir()
    (settings.raw_path / export.name).hardlink_to(export)
    con = ibis.duckdb.connect(settings.warehouse_path, memory_limit=settings.warehouse_memory_limit)
    inbox = read_inbox(con, settings)
    (account,) = inbox.files.to_pyarrow().to_pylist()
    assert account["rows_in"] == account["rows_kept"] + account["rows_quarantined"]
    (money,) = inbox.amounts.to_pyarrow().to_pylist()
    assert money["amount_in_file"] == money["amount_kept"] + money["amount_quarantined"]
    for noun in ("orders", "order_items", "customers"):
        con.raw_sql(f"CREATE OR REPLACE TABLE {noun} AS {ibis.to_sql(inbox.tables[noun], dialect='duckdb')}")
    con.raw_sql(
        "CREATE OR REPLACE TABLE joined AS SELECT i.*, o.customer_id, o.ordered_at, o.gross_amount "
        "FROM order_items i LEFT JOIN orders o USING (order_id)"
    )
    counts = {
        noun: con.table(noun).count().to_pyarrow().as_py() for noun in ("orders", "order_items", "joined")
    }
    inbox.close()
    con.disconnect()
    return {"rows_in": account["rows_in"], **counts}


def with_duckdb(export: Path, work: Path) -> dict[str, int]:
    """Read the columns that ours reads, and group them by order; what came out."""
    from custbehav_dagster.settings import Settings
    from custbehav_dagster.sources.formats import Head, recognise

    match = recognise(Head(COLUMNS, ())).match
    assert match is not None
    others = [COLUMNS[number] for name, number in match.columns.items() if name != "order_id"]
    values = ", ".join(f'first("{name}") AS "{name}"' for name in others)
    return _grouped(export, work, values, Settings().warehouse_memory_limit)


def with_duckdb_lean(export: Path, work: Path) -> dict[str, int]:
    """Read three columns, and group them by order: the least that can be called grouping; what came out."""
    from custbehav_dagster.settings import Settings

    values = (
        'max("Total") AS total, sum("Lineitem quantity"::INT * "Lineitem price"::DECIMAL(18, 2)) AS goods'
    )
    return _grouped(export, work, values, Settings().warehouse_memory_limit)


def _grouped(export: Path, work: Path, values: str, memory_limit: str) -> dict[str, int]:
    import duckdb

    work.mkdir(parents=True, exist_ok=True)
    database = work / "grouped.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database), config={"memory_limit": memory_limit}) as con:
        con.execute(
            f"CREATE TABLE orders AS SELECT \"Name\", {values} FROM read_csv('{export}', header = true, "
            "all_varchar = true, delim = ',', quote = '\"', escape = '\"') GROUP BY \"Name\""
        )
        (count,) = con.execute("SELECT count(*) FROM orders").fetchone() or (0,)
    return {"orders": count}


SIDES: dict[str, Callable[[Path, Path], dict[str, int]]] = {
    "ours": with_ours,
    "duckdb": with_duckdb,
    "lean": with_duckdb_lean,
}


def ingest(bench: Bench) -> Section:
    """Ours against DuckDB alone on the same export, in turns; seconds without the start of the process."""
    work = (bench.work / "ingest").resolve()
    export = write_export(work / "shopify_orders.csv")
    runs: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for _ in range(bench.repeats):
        for side in SIDES:
            runs[side].append(_run(side, export, work))
    middle = {
        side: {key: statistics.median(run[key] for run in taken) for key in ("wall", "cpu", "peak")}
        for side, taken in runs.items()
    }
    ours, same, lean = middle["ours"], middle["duckdb"], middle["lean"]
    names = {
        "lean": "DuckDB reads three columns and groups them",
        "duckdb": "DuckDB reads the columns that ours takes and groups them",
        "ours": "ours reads, checks, writes three tables and joins",
    }
    rows = [
        [
            names[side],
            seconds(one["wall"]),
            seconds(one["cpu"]),
            f"{one['peak'] / 2**20:,.0f} MiB",
            times(ours["cpu"] / one["cpu"]),
        ]
        for side, one in ((side, middle[side]) for side in names)
    ]
    peak = max(run["peak"] for run in runs["ours"])
    goals = [
        Goal(
            f"at most {times(AT_MOST_TIMES)} of DuckDB reading the same columns and grouping them by order",
            f"{times(ours['wall'] / same['wall'])} by the clock, {times(ours['cpu'] / same['cpu'])} in CPU",
            ours["wall"] <= AT_MOST_TIMES * same["wall"],
        ),
        Goal("under 2,048 MiB", f"{peak / 2**20:,.0f} MiB", peak < AT_MOST_BYTES),
    ]
    notes = (
        f"Medians of {bench.repeats} runs of each, in turns, on one file of "
        f"{export.stat().st_size / 2**20:,.0f} MiB and {LINES:,} order lines. Against DuckDB "
        "reading three of the columns only, ours takes "
        f"{times(ours['wall'] / lean['wall'])} by the clock, {times(ours['cpu'] / lean['cpu'])} in CPU."
    )
    return Section(
        "A Shopify export of a million lines",
        ("", "wall", "CPU", "peak", "ours to this in CPU"),
        rows,
        goals,
        notes,
    )


def _run(side: str, export: Path, work: Path) -> dict[str, float]:
    log = work / f"{side}.log"
    command = [sys.executable, "-m", "benchmarks.ingest", side, str(export), str(work / side)]
    used = measure(command, log, folder=ROOT)
    told: dict[str, float] = json.loads(log.read_text().splitlines()[-1])
    print(f"{side}: {seconds(told['wall'])}, CPU {seconds(told['cpu'])}", file=sys.stderr, flush=True)
    return told | {"peak": used.peak_bytes}


def main() -> None:
    """Run one side in this process, and print what it took once its libraries were there."""
    import ibis

    ibis.duckdb.connect().disconnect()
    side, export, work = sys.argv[1:4]
    started, used = time.perf_counter(), time.process_time()
    counts = SIDES[side](Path(export), Path(work))
    print(json.dumps({"wall": time.perf_counter() - started, "cpu": time.process_time() - used, **counts}))


if __name__ == "__main__":
    main()
