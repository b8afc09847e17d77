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
