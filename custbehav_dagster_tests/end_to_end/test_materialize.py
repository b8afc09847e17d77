"""One command makes everything, the same again from the same, and says plainly what is wrong."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import joblib
import pytest

from custbehav_dagster.contract import TABLES
from custbehav_dagster.definitions import build_definitions
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.commands import MATERIALIZE, REFRESH, run
from custbehav_dagster_tests.end_to_end.conftest import SMALL, FinishedShop

MODELS = ("churn_logistic", "churn_naive_bayes", "kmeans_segment")
ORDERS = "order_id,customer_id,order_date,amount\nO1,C1,2024-01-05,12.50\nO2,C2,2024-02-06,3.00\n"
CUSTOMERS = "customer_id,name,email\nC1,Ann Lee,ann@example.org\nC2,Bo Day,bo@example.org\n"


def test_everything_of_the_contract_is_made_by_one_command(finished_shop: FinishedShop) -> None:
    assert finished_shop.exit_code == 0, finished_shop.said[-4000:]
    assert [name for name in state.CONTRACT_FILES if not (finished_shop.data / name).is_file()] == []
    assert state.broken_files(finished_shop.data / "processed") == {}
    assert state.left_behind(finished_shop.data) == []


def test_every_table_of_the_contract_is_in_the_readers_snapshot(finished_shop: FinishedShop) -> None:
    made = set(state.tables(finished_shop.data / "warehouse" / "snapshot.duckdb"))
    assert {f"{layer}.{noun}" for layer, noun in TABLES} - made == set()


def test_the_same_inputs_give_the_same_files_tables_and_predictions(
    finished_shop: FinishedShop, home: Path, tmp_path: Path
) -> None:
    first, second = finished_shop.data, tmp_path / "data"
    assert run(MATERIALIZE, home, second, **SMALL).process.returncode == 0
    assert state.file_prints(second, "*.csv") == state.file_prints(first, "*.csv")
    parquet = "processed/single_source_of_truth.parquet"
    assert state.parquet_rows(second / parquet) == state.parquet_rows(first / parquet)
    for name in MODELS:
        assert _learned(second, name) == _learned(first, name)
    scores = "SELECT * FROM churn.scores ORDER BY customer_id"
    snapshots = [data / "warehouse" / "snapshot.duckdb" for data in (first, second)]
    assert state.query(snapshots[0], scores) == state.query(snapshots[1], scores)


def _learned(data: Path, name: str) -> str:
    """Everything a model file holds, as one hash."""
    return joblib.hash(joblib.load(data / "processed" / "models" / f"{name}.joblib"))


@pytest.mark.parametrize("arguments", [MATERIALIZE, REFRESH], ids=["dagster", "refresh"])
def test_a_wrong_setting_ends_the_command_with_a_sentence_that_names_it(
    arguments: tuple[str, ...], home: Path, tmp_path: Path
) -> None:
    command = run(arguments, home, tmp_path / "data", horizon_days=-5)
    assert command.process.returncode != 0
    assert "Traceback" not in command.said
    assert command.said.splitlines()[-1] == (
        "Wrong settings: horizon_days=-5: Input should be greater than or equal to 1 "
        "(CUSTBEHAV_HORIZON_DAYS, days after the cutoff in which an order counts as returning)"
    )


def test_a_wrong_knob_of_a_run_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    job = build_definitions(settings).resolve_job_def("refresh")
    config = {"resources": {"shop": {"config": {"segment_count": 1, "shop_timezone": "Mars/Olympus"}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
        assert not result.success
        said = " ".join(
            record.get_dagster_event().message + str(record.get_dagster_event().event_specific_data)
            for record in instance.all_logs(result.run_id)
            if record.is_dagster_event
        )
    assert "segment_count=1" in said
    assert "shop_timezone=Mars/Olympus: write it like Europe/London" in said
    assert not settings.snapshot_path.exists()


def test_bad_files_are_named_and_the_good_ones_are_read(home: Path, tmp_path: Path) -> None:
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "sales.csv").write_text(ORDERS)
    (raw / "people.csv").write_text(CUSTOMERS)
    (raw / "broken.csv").write_text('order_id,customer_id,order_date,amount\nO3,C1,2024-03-01,"4.00\nO4,C2')
    (raw / "holiday.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
    command = run(MATERIALIZE, home, tmp_path / "data")
    assert command.process.returncode == 0, command.said[-4000:]
    snapshot = tmp_path / "data" / "warehouse" / "snapshot.duckdb"
    orders = state.query(snapshot, "SELECT order_id, is_synthetic, source_file FROM raw.orders ORDER BY 1")
    assert orders == [("O1", False, "sales.csv"), ("O2", False, "sales.csv")]
    files = state.query(
        snapshot,
        "SELECT source_file, format, rows_in, rows_kept, rows_quarantined FROM raw.ingested_files ORDER BY 1",
    )
    assert files == [
        ("broken.csv", "own_orders", 2, 0, 2),
        ("holiday.jpg", "unknown", 0, 0, 0),
        ("people.csv", "own_customers", 2, 2, 0),
        ("sales.csv", "own_orders", 2, 2, 0),
    ]
    summary = (tmp_path / "data" / "processed" / "SUMMARY.md").read_text()
    assert "broken.csv" in summary
    assert "holiday.jpg" in summary
