"""Features, contest, training and scores of large shops: time and memory, beside one aggregation of orders.

Run as a module it does the work itself, in the process that is measured:
`python -m benchmarks.forecast_scale make|forecast CUSTOMERS FOLDER`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import ibis

from benchmarks.measure import measure
from benchmarks.questions import Bench, tell
from benchmarks.results import Goal, Section, mebibytes, seconds, times
from benchmarks.shop import ROOT

ORDERS_PER_CUSTOMER = 10
FIRST_DAY, DAYS = date(2023, 1, 1), 1000
MOST_MEMORY = 4 * 2**30
SIZES = (10_000, 100_000, 1_000_000)
STAGES = ("aggregation", "features", "dataset", "evaluation", "models", "scores")
COLUMNS = ("customers", "orders", *STAGES, "all but the aggregation", "ratio", "peak")
PEOPLE = """
CREATE OR REPLACE TEMP TABLE people AS
SELECT number, first, 1 + floor(-{more} * ln(1 - u1) * (0.3 + u2) / 0.8)::INT AS orders,
       least({days} - first, 1 + (-300 * ln(1 - u3))::INT) AS span
FROM (SELECT range AS number, (random() * {days})::INT AS first, random() AS u1, random() AS u2,
             random() AS u3 FROM range({people}))
"""
ORDERS = """
CREATE OR REPLACE TABLE made AS
SELECT 'o' || row_number() OVER () AS order_id, 'c' || lpad(number::VARCHAR, 7, '0') AS customer_id,
       (DATE '{first_day}' + (first + CASE WHEN turn = 0 THEN 0 ELSE floor(random() * span) END)::INT)::DATE
           AS order_date,
       (5 + 40 * random())::DECIMAL(18, 2) AS amount
FROM (SELECT *, unnest(range(orders)) AS turn FROM people)
"""
AGGREGATION = """
CREATE OR REPLACE TABLE summed AS
SELECT customer_id, count(*) AS orders, sum(shop_net_amount) AS amount, min(order_date) AS first,
       max(order_date) AS last, count(DISTINCT order_date) AS days
FROM truth.orders WHERE is_purchase GROUP BY customer_id
"""


def forecast_scale(bench: Bench, sizes: tuple[int, ...] = SIZES) -> Section:
    """One process per size; the goal is memory, the table shows how time grows."""
    rows, goals, ratios = [], [], []
    for count in sizes:
        folder = bench.work / f"forecast-{count}"
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "benchmarks.forecast_scale"]
        measure([*command, "make", str(count), str(folder)], folder / "make.log", folder=ROOT)
        used = tell(
            f"forecasts, {count:,} customers",
            measure([*command, "forecast", str(count), str(folder)], folder / "log", folder=ROOT),
        )
        told = json.loads((folder / "times.json").read_text())
        ours = sum(told[stage] for stage in STAGES[1:])
        ratios.append(ours / told["aggregation"])
        stages = [f"{told[stage]:.2f} s" for stage in STAGES]
        rows.append(
            (f"{count:,}", f"{told['orders']:,}", *stages, seconds(ours), times(ratios[-1]), mebibytes(used))
        )
        goals.append(
            Goal(f"{count:,} customers: under 4 GiB", mebibytes(used), used.peak_bytes < MOST_MEMORY)
        )
    grown = f"The ratio at the largest size is {ratios[-1] / ratios[0]:.2f} times that at the smallest."
    notes = (
        f"Times are of CPU. Ratio: to one DuckDB aggregation of the same orders, in the same process. {grown}"
        " Above 20,000 customers a sample is judged; everybody is scored."
    )
    return Section("Forecasts of large shops", COLUMNS, rows, goals, notes)


def make(count: int, folder: Path) -> None:
    """Write truth.orders and truth.customers of so many customers with ten orders each."""
    from custbehav_dagster import contract
    from custbehav_dagster.warehouse.store import open_warehouse

    with open_warehouse(folder / "shop.duckdb") as warehouse:
        warehouse.run("SET threads = 1")  # random numbers are the same each time on one thread only
        warehouse.run("SELECT setseed(0.5)")
        warehouse.run(PEOPLE.format(people=count, days=DAYS, more=ORDERS_PER_CUSTOMER))
        warehouse.run(ORDERS.format(first_day=FIRST_DAY))
        made = warehouse.backend.table("made")
        text, flag, none = "string", ibis.literal(False), ibis.literal(0).cast("decimal(18, 2)")
        orders = made.mutate(
            record_customer_id=made.customer_id,
            ordered_at=made.order_date.cast("timestamp(6)"),
            gross_amount=made.amount,
            refund_amount=none,
            net_amount=made.amount,
            shop_gross_amount=made.amount,
            shop_net_amount=made.amount,
            currency=ibis.literal("GBP", text),
            shop_currency=ibis.literal("GBP", text),
            channel=ibis.literal("web", text),
            status=ibis.literal("completed", text),
            is_purchase=ibis.literal(True),
            is_gift=flag,
            is_synthetic=ibis.literal(True),
        )
        warehouse.write("truth", "orders", orders)
        warehouse.run("DROP TABLE made")
        people = warehouse.table("truth", "orders").select("customer_id").distinct()
        customers = people.mutate(
            accepts_marketing=flag, record_count=ibis.literal(1), is_synthetic=ibis.literal(True)
        )
        warehouse.write("truth", "customers", customers)
        warehouse.write("truth", "single_source_of_truth", contract.truth.SINGLE_SOURCE_OF_TRUTH.empty())


def forecast(folder: Path) -> None:
    """Everything from features to scores, as the assets do it; CPU seconds per stage go to times.json."""
    from custbehav_dagster.forecasting.evaluation import evaluate_models
    from custbehav_dagster.forecasting.features import customer_features, resolve_as_of
    from custbehav_dagster.forecasting.labels import churn_dataset, rolling_cutoffs
    from custbehav_dagster.forecasting.order_days import EVALUATION_PEOPLE
    from custbehav_dagster.forecasting.scores import score_people
    from custbehav_dagster.forecasting.training import train_models
    from custbehav_dagster.settings import Settings
    from custbehav_dagster.warehouse.store import open_warehouse

    took: dict[str, float] = {}

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        started = time.process_time()
        yield
        took[stage] = time.process_time() - started

    shop = Settings()
    with open_warehouse(folder / "shop.duckdb", shop.warehouse_memory_limit) as warehouse:
        orders, customers, texts = (
            warehouse.table("truth", noun) for noun in ("orders", "customers", "single_source_of_truth")
        )
        with timed("aggregation"):
            warehouse.run(AGGREGATION)
        as_of = resolve_as_of(orders, shop)
        with timed("features"):
            features = customer_features(orders, customers, texts, as_of, shop)
            warehouse.write("features", "customer_features", features)
        with timed("dataset"):
            cutoffs = rolling_cutoffs(orders, as_of, shop)
            dataset = churn_dataset(orders, customers, texts, as_of, shop, cutoffs, EVALUATION_PEOPLE)
            warehouse.write("churn", "dataset", dataset)
        dataset = warehouse.table("churn", "dataset")
        with timed("evaluation"):
            warehouse.write("churn", "evaluation", evaluate_models(dataset, shop, orders))
        evaluation = warehouse.table("churn", "evaluation")
        with timed("models"):
            warehouse.write("churn", "models", train_models(dataset, evaluation, shop, folder))
        with timed("scores"):
            features = warehouse.table("features", "customer_features")
            scores = score_people(features, dataset, evaluation, folder, shop, orders)
            warehouse.write("churn", "scores", scores)
        ((count,),) = warehouse.run("SELECT count(*) FROM truth.orders")
    (folder / "times.json").write_text(json.dumps({**took, "orders": count}))


if __name__ == "__main__":
    what, size, place = sys.argv[1:]
    if what == "make":
        make(int(size), Path(place))
    else:
        forecast(Path(place))
