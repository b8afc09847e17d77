"""A real shop's export goes through everything, and nothing made up is mixed in."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from custbehav_dagster.forecasting.artifacts import load_model
from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.conftest import MakeShop

SHOP_LAYERS = ("raw", "cleaned", "truth", "features", "churn", "segments", "actions")
MAY_HOLD_SAMPLES = {
    "raw.sentiment_public",
    "raw.reddit_posts",
    "raw.web_content",
    "cleaned.public_texts",
    "truth.single_source_of_truth",
}
"""Texts from outside the shop, for which no source is configured here."""

BROKEN_LINE = [
    "C999999",
    "22423",
    "one cell too many",
    "-1",
    "2011-12-01 10:00:00",
    "9.95",
    "",
    "France",
    "?",
]


@pytest.fixture(scope="module")
def data(real_data: Path, made_once: MakeShop) -> Path:
    """The data directory of a whole run on some of the real lines and a broken one."""
    lines = real_data / "online_retail_ii" / "lines.parquet"
    shop = made_once("real_shop", lambda raw: write_export(lines, raw / "export.csv"))
    assert shop.exit_code == 0, shop.said[-4000:]
    return shop.data


@pytest.fixture(scope="module")
def snapshot(data: Path) -> Path:
    return data / "warehouse" / "snapshot.duckdb"


def write_export(source: Path, target: Path) -> None:
    """Every line of one buyer in twenty, and a like share of the invoices without a buyer."""
    duckdb.execute(
        f"""COPY (
            SELECT * FROM read_parquet('{source}')
            WHERE coalesce("Customer ID", hash(Invoice)) % 20 = 5 ORDER BY ALL
        ) TO '{target}' (HEADER)"""
    )
    with target.open("a", newline="") as file:
        csv.writer(file).writerow(BROKEN_LINE)


def _lines(data: Path) -> list[list[str]]:
    with (data / "raw" / "export.csv").open(newline="") as file:
        return list(csv.reader(file))[1:]


def test_no_row_of_the_shop_is_made_up(snapshot: Path) -> None:
    marked = [
        f"{layer}.{noun}"
        for layer, noun in state.query(
            snapshot,
            "SELECT table_schema, table_name FROM information_schema.columns "
            "WHERE column_name = 'is_synthetic'",
        )
        if layer in SHOP_LAYERS and f"{layer}.{noun}" not in MAY_HOLD_SAMPLES
    ]
    assert {"raw.orders", "cleaned.orders", "truth.customers", "churn.scores"} <= set(marked)
    made_up = {
        name: state.query(snapshot, f"SELECT count(*) FROM {name} WHERE is_synthetic")[0][0]
        for name in marked
    }
    assert {name: rows for name, rows in made_up.items() if rows} == {}
    counts = {name: state.query(snapshot, f"SELECT count(*) FROM {name}")[0][0] for name in marked}
    assert counts["cleaned.orders"] > 300
    assert counts["truth.customers"] > 60


def test_no_generated_shop_file_lies_beside_the_real_one(data: Path) -> None:
    assert not any((data / "raw" / name).exists() for name in ("customers.csv", "orders.csv", "feedback.csv"))


def test_every_line_and_every_penny_of_the_file_is_accounted_for(data: Path, snapshot: Path) -> None:
    lines = _lines(data)
    good = [line for line in lines if line != BROKEN_LINE]
    ((form, variant, rows_in, kept, quarantined, amount),) = state.query(
        snapshot,
        "SELECT format, variant, rows_in, rows_kept, rows_quarantined, amount_kept "
        "FROM raw.ingested_files WHERE source_file = 'export.csv'",
    )
    assert (form, variant) == ("online_retail", "II")
    assert (rows_in, kept, quarantined) == (len(lines), len(good), 1)
    assert amount == pytest.approx(
        sum(Decimal(line[3]) * Decimal(line[5]) for line in good), abs=Decimal("0.01")
    )
    rejected = state.query(snapshot, "SELECT source_line, reason, raw_text FROM raw.quarantine")
    assert [line for line, *_ in rejected] == [1 + len(lines)]
    assert "one cell too many" in rejected[0][2]
    assert rejected[0][1]


@pytest.mark.parametrize("noun", ["customers", "orders", "order_items", "feedback"])
def test_raw_rows_are_cleaned_or_quarantined_with_a_reason(noun: str, snapshot: Path) -> None:
    rejects = f"SELECT count(*) FROM cleaned.quarantine WHERE raw_table = '{noun}'"
    (((raw,),), ((cleaned,),), ((left_out,),), ((unexplained,),)) = (
        state.query(snapshot, f"SELECT count(*) FROM raw.{noun}"),
        state.query(snapshot, f"SELECT count(*) FROM cleaned.{noun}"),
        state.query(snapshot, rejects),
        state.query(snapshot, f"{rejects} AND coalesce(trim(reason), '') = ''"),
    )
    assert raw == cleaned + left_out
    assert unexplained == 0


def test_the_shop_gets_real_models_that_say_what_they_were_trained_on(data: Path) -> None:
    for name in ("churn_logistic", "churn_naive_bayes", "kmeans_segment"):
        bundle = load_model(data / "processed" / "models" / f"{name}.joblib")
        assert {"model", "scaler"} <= set(bundle)
        assert not bundle.get("refused"), bundle["refused"]


def test_the_summary_speaks_of_the_real_buyers_and_calls_only_the_samples_synthetic(data: Path) -> None:
    buyers = {line[6] for line in _lines(data) if line[6] and not line[0].startswith("C")}
    summary = (data / "processed" / "SUMMARY.md").read_text()
    assert f"Buyers so far: **{len(buyers)}**" in summary
    notices = [line for line in summary.splitlines() if line.startswith("> ")]
    assert len(notices) == 1
    assert "samples that ship with this program" in notices[0]
    assert state.broken_files(data / "processed") == {}
